//! Error messages in the reader's language.

use domain::{
    BaristaName, Ending, Refusal,
    menu::MenuRefusal,
    order::{Party, REASON_LIMIT},
};

use super::{
    catalogue::{Messages, messages},
    menu::menu_names,
};
use crate::error::{CommandError, Invalid};

/// The sentence for an error.
pub fn error_text(error: &CommandError) -> String {
    let t = messages();
    match error {
        CommandError::Refused(refusal) => refusal_text(refusal),
        CommandError::StaffOnly => t.common_error_staff_only().to_owned(),
        CommandError::CookiesBlocked => t.common_error_cookies().to_owned(),
        CommandError::Invalid(why) => invalid_text(t, *why),
        CommandError::TooMany(seconds) => t.common_error_too_many(&seconds.to_string()),
        CommandError::Unavailable => t.common_error_unavailable().to_owned(),
        CommandError::Offline => t.common_error_offline().to_owned(),
    }
}

/// The sentence for a malformed request.
pub fn invalid_text(t: Messages, why: Invalid) -> String {
    match why {
        Invalid::Form => t.common_error_invalid(),
        Invalid::WhichOrder => t.common_error_which_order(),
        Invalid::WhichItem => t.common_error_which_item(),
        Invalid::NotOnTheMenu => t.common_error_not_on_the_menu(),
        Invalid::OutOfDate => t.common_error_out_of_date(),
        Invalid::ReasonMissing => t.common_error_reason_missing(),
        Invalid::ReasonLong => return t.common_error_reason_long(&REASON_LIMIT.to_string()),
        Invalid::ShopState => t.common_error_shop_state(),
        Invalid::PauseLong => t.common_error_pause_long(),
        Invalid::Preference => t.common_error_look(),
        Invalid::TooLarge => t.common_error_too_large(),
        Invalid::TooSlow => t.common_error_too_slow(),
        Invalid::OtherPage => t.common_error_other_page(),
        Invalid::UnknownHost => t.common_host_unknown(),
    }
    .to_owned()
}

/// The sentence for a reason: the translation of a code, or the barista's own text.
pub fn reason_text(code: &str) -> String {
    let t = messages();
    match code {
        "sold_out" => t.common_reason_sold_out(),
        "machine_down" => t.common_reason_machine_down(),
        "closing" => t.common_reason_closing(),
        "ordered_twice" => t.common_reason_ordered_twice(),
        "one_each" => t.common_reason_one_each(),
        "catching_up" => t.common_reason_catching_up(),
        "short_break" => t.common_reason_short_break(),
        "machine" => t.common_reason_machine(),
        "restocking" => t.common_reason_restocking(),
        "closed" => t.common_reason_closed(),
        "full" => t.common_reason_full(),
        own => own,
    }
    .to_owned()
}

fn refusal_text(refusal: &Refusal) -> String {
    let t = messages();
    match refusal {
        Refusal::NotFound => t.common_refused_not_found(),
        Refusal::OneAtATime => t.common_refused_one_at_a_time(),
        Refusal::Closed => t.common_refused_closed(),
        Refusal::StaffOnly => t.common_refused_staff_only(),
        Refusal::CustomerOnly => t.common_refused_customer_only(),
        Refusal::NotPlaced => t.common_refused_not_placed(),
        Refusal::OnItsWay => t.common_refused_on_its_way(),
        Refusal::NoMoreTime => t.common_refused_no_more_time(),
        Refusal::AlreadyPlaced => t.common_refused_already_placed(),
        Refusal::NotClaimed => t.common_refused_not_claimed(),
        Refusal::AlreadyReady => t.common_refused_already_ready(),
        Refusal::NotReady => t.common_refused_not_ready(),
        Refusal::NothingToUndo => t.common_refused_nothing_to_undo(),
        Refusal::Paused { reason: why } => return t.common_refused_paused(&reason_text(why.as_str())),
        Refusal::BeingMade { barista } => return t.common_refused_being_made(barista.as_str()),
        Refusal::AlreadyMade { barista } => return t.common_refused_already_made(barista.as_str()),
        Refusal::Menu(refusal) => return menu_refusal_text(refusal),
        Refusal::AlreadyEnded { ending } => return ending_text(ending),
    }
    .to_owned()
}

fn menu_refusal_text(refusal: &MenuRefusal) -> String {
    let (t, m) = (messages(), menu_names());
    match refusal {
        MenuRefusal::NoDrink => t.common_menu_no_drink().to_owned(),
        // The requested name is not on the menu, so it has no translation.
        MenuRefusal::UnknownDrink { drink } => t.common_menu_unknown_drink(drink),
        MenuRefusal::DrinkSoldOut { drink } => t.common_menu_drink_sold_out(&m.translate(drink)),
        MenuRefusal::UnknownModifier { drink, modifier } => {
            t.common_menu_unknown_modifier(&m.translate(drink), &m.translate(modifier))
        }
        MenuRefusal::ModifierSoldOut { modifier } => t.common_menu_modifier_sold_out(&m.translate(modifier)),
        MenuRefusal::OnlyOne { group } => t.common_menu_only_one(&m.translate(group)),
    }
}

fn ending_text(ending: &Ending<BaristaName>) -> String {
    let t = messages();
    match ending {
        Ending::Collected => t.common_ended_collected(),
        Ending::Uncollected => t.common_ended_uncollected(),
        Ending::CancelledByCustomer => t.common_ended_cancelled_by_customer(),
        Ending::TimedOut { who: Party::Customer } => t.common_ended_customer_late(),
        Ending::TimedOut { who: Party::Barista } => t.common_ended_bar_late(),
        Ending::CancelledByBarista { reason: why, .. } => {
            return t.common_ended_cancelled_by_bar(&reason_text(why.as_str()));
        }
        Ending::Refused { reason: why } if matches!(why.as_str(), "closed" | "full") => {
            return t.common_ended_refused(&reason_text(why));
        }
        // The error of a broken workflow is only for the log.
        Ending::Refused { .. } => return t.common_ended_refused(t.common_error_unavailable()),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use domain::BaristaId;

    use super::*;

    #[test]
    fn codes_are_translated_and_own_texts_unchanged() {
        for code in ["sold_out", "machine_down", "closing", "ordered_twice", "one_each", "catching_up", "short_break"] {
            assert!(reason_text(code).ends_with('.'), "{code} is {:?}", reason_text(code));
        }
        assert_eq!(reason_text("The oat milk fell down."), "The oat milk fell down.");
    }

    #[test]
    fn english_error_texts_equal_the_log() {
        let barista = BaristaId::new("Ana", "tablet").unwrap();
        let refusals = [
            Refusal::NotFound,
            Refusal::Closed,
            Refusal::being_made(&barista),
            Refusal::already_made(&barista),
            Refusal::Menu(MenuRefusal::DrinkSoldOut { drink: "Mocha".to_owned() }),
            Refusal::already_ended(&Ending::TimedOut { who: Party::Barista }),
        ];
        for refusal in refusals {
            assert_eq!(error_text(&refusal.clone().into()), refusal.to_string());
        }
    }
}
