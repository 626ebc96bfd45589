//! What the bar reads of ends.

use domain::{Ending, order::Waiter};

use crate::words::{reason as said, words};

/// How an order ended.
pub(super) fn ended(ending: &Ending) -> String {
    let t = words();
    match ending {
        Ending::Collected => t.barista_ended_collected().to_owned(),
        Ending::Uncollected => t.barista_ended_uncollected().to_owned(),
        Ending::CancelledByCustomer => t.barista_ended_by_guest().to_owned(),
        Ending::CancelledByBarista { barista, reason } => {
            t.barista_ended_by_bar(barista.name(), &said(reason.as_str()))
        }
        Ending::TimedOut { who: Waiter::Customer } => t.barista_ended_no_choice().to_owned(),
        Ending::TimedOut { who: Waiter::Barista } => t.barista_ended_too_late().to_owned(),
        Ending::Refused { reason } => t.barista_ended_refused(&said(reason)),
    }
}
