//! The headline and the sentence for the stage of an order.

use domain::{
    estimate::Delay,
    view::{OrderView, Stage},
};

use crate::i18n::{self, Messages, in_a_sentence};

const MINUTE_MILLIS: i64 = 60_000;
/// When the guest is reminded, in milliseconds after the drink was put on the counter.
pub(super) const REMINDERS: [i64; 2] = [3 * MINUTE_MILLIS, 6 * MINUTE_MILLIS];
/// How long a drink stays on the counter, in milliseconds.
const COUNTER_MILLIS: i64 = 10 * MINUTE_MILLIS;

/// A headline and a sentence. `waited` is how long the drink has been on the counter, in milliseconds.
pub(super) fn status_text(t: Messages, order: &OrderView, waited: i64) -> (String, String) {
    let drink = in_a_sentence(order.drink.as_ref().map(|drink| drink.drink.as_str()));
    let plain = |headline: &str, sentence: &str| (headline.to_owned(), sentence.to_owned());
    match &order.stage {
        Stage::Choosing => plain(t.order_choosing_headline(), t.order_choosing_sentence()),
        Stage::Submitted => plain(t.order_submitted_headline(), t.order_submitted_sentence()),
        Stage::Waiting => {
            let ahead = order.ahead.map_or_else(|| t.order_state_waiting().to_owned(), i18n::orders_ahead);
            let sentence = match order.delay {
                None => t.order_waiting_sentence(),
                Some(Delay::MoreBefore) => t.order_delay_more_before(),
                Some(Delay::FewerBaristas) => t.order_delay_fewer_baristas(),
                Some(Delay::Slower) => t.order_delay_slower(),
            };
            (ahead, sentence.to_owned())
        }
        Stage::Making => (t.order_making_headline().to_owned(), t.order_making_sentence(&drink)),
        Stage::Ready => {
            let [first, second] = REMINDERS;
            let minutes_left =
                u32::try_from((COUNTER_MILLIS - waited + MINUTE_MILLIS - 1) / MINUTE_MILLIS).unwrap_or(1).max(1);
            match waited {
                late if late >= second => {
                    (t.order_still_headline().to_owned(), t.order_last_sentence(minutes_left, &drink))
                }
                late if late >= first => (t.order_still_headline().to_owned(), t.order_still_sentence(&drink)),
                _ => (t.order_ready_headline().to_owned(), t.order_ready_sentence(&drink)),
            }
        }
        Stage::Ended { outcome } => i18n::outcome_text(outcome, order.drink.as_ref().map(|drink| drink.drink.as_str())),
    }
}

/// One word for the stage.
pub(super) fn state(t: Messages, stage: &Stage) -> &'static str {
    match stage {
        Stage::Choosing => t.order_state_choosing(),
        Stage::Submitted => t.order_state_submitted(),
        Stage::Waiting => t.order_state_waiting(),
        Stage::Making => t.order_state_making(),
        Stage::Ready => t.order_state_ready(),
        Stage::Ended { .. } => t.order_state_ended(),
    }
}

/// The name of the stage in the style sheet.
pub(super) const fn name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Choosing => "choosing",
        Stage::Submitted => "submitted",
        Stage::Waiting => "waiting",
        Stage::Making => "making",
        Stage::Ready => "ready",
        Stage::Ended { .. } => "ended",
    }
}
