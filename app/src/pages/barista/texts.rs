//! Texts for the bar about errors, ends of orders and the wake lock.

use domain::{BaristaName, Ending, OrderNumber, Refusal, order::Party};

use crate::{
    device::WakeState,
    error::CommandError,
    i18n::{error_text, messages, reason_text},
};

/// Why a command had no effect, with the number of the order and the name of the colleague.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "without a script the page is loaded again"))]
pub(super) fn command_error_text(error: &CommandError, number: Option<OrderNumber>) -> String {
    let t = messages();
    let why = match error {
        CommandError::Refused(Refusal::BeingMade { barista }) => t.barista_already_making(barista.as_str()),
        CommandError::Refused(Refusal::AlreadyEnded { ending }) => ending_text(ending),
        other => error_text(other),
    };
    match number {
        Some(number) => t.barista_about_order(&number.to_string(), &why),
        None => why,
    }
}

/// How an order ended.
pub(super) fn ending_text(ending: &Ending<BaristaName>) -> String {
    let t = messages();
    match ending {
        Ending::Collected => t.barista_ended_collected().to_owned(),
        Ending::Uncollected => t.barista_ended_uncollected().to_owned(),
        Ending::CancelledByCustomer => t.barista_ended_by_guest().to_owned(),
        Ending::CancelledByBarista { barista, reason } => {
            t.barista_ended_by_bar(barista.as_str(), &reason_text(reason.as_str()))
        }
        Ending::TimedOut { who: Party::Customer } => t.barista_ended_no_choice().to_owned(),
        Ending::TimedOut { who: Party::Barista } => t.barista_ended_too_late().to_owned(),
        Ending::Refused { reason } => t.barista_ended_refused(&reason_text(reason)),
    }
}

/// The state of the wake lock: its name in the style sheet, and a text.
pub(super) fn wake_text(state: WakeState) -> (&'static str, &'static str) {
    let t = messages();
    match state {
        WakeState::On => ("on", t.barista_awake()),
        WakeState::Off => ("off", t.barista_awake_off()),
        WakeState::Unavailable => ("impossible", t.barista_awake_impossible()),
    }
}
