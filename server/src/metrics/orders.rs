//! What is counted of the orders and of the calls that move their workflows.

use domain::Ending;
use prometheus_client::metrics::{counter::Counter, family::Family};

use super::labels::Labels;

/// What is counted of the calls that move workflows.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallbackMetrics(pub(super) Family<Labels<2>, Counter>);

impl CallbackMetrics {
    pub(crate) fn called(&self, call: &'static str, outcome: &'static str) {
        self.0.get_or_create(&[("call", call), ("outcome", outcome)]).inc();
    }
}

/// What is counted of the changes by others.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeedMetrics {
    pub(crate) changes: Counter,
    pub(crate) failures: Counter,
}

/// How many orders began and how each ended: those that began are those that have ended and those under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct BalanceMetrics {
    pub(super) begun: Counter,
    pub(super) ended: Family<Labels<1>, Counter>,
}

impl BalanceMetrics {
    /// An order is written for the first time.
    pub(crate) fn begun(&self) {
        self.begun.inc();
    }

    /// An order has ended for the first time.
    pub(crate) fn ended(&self, ending: &Ending) {
        let ending = match ending {
            Ending::Collected => "collected",
            Ending::Uncollected => "uncollected",
            Ending::CancelledByCustomer | Ending::CancelledByBarista { .. } => "cancelled",
            Ending::TimedOut { .. } => "timed_out",
            Ending::Refused { reason } => match reason.as_str() {
                "full" => "refused_full",
                "closed" => "refused_closed",
                "not set up" => "refused_not_set_up",
                _ => "refused_other",
            },
        };
        self.ended.get_or_create(&[("ending", ending)]).inc();
    }
}
