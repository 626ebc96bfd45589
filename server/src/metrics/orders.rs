//! Metrics of orders and of their workflows.

use domain::Ending;
use prometheus_client::metrics::{counter::Counter, family::Family};

use super::labels::Labels;

/// Counts calls to Step Functions.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallbackMetrics(pub(super) Family<Labels<2>, Counter>);

impl CallbackMetrics {
    pub(crate) fn called(&self, call: &'static str, outcome: &'static str) {
        self.0.get_or_create(&[("call", call), ("outcome", outcome)]).inc();
    }
}

/// Counts changes that other processes have written.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeedMetrics {
    pub(crate) changes: Counter,
    pub(crate) failures: Counter,
}

/// Counts started and ended orders. The difference is the number of open ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct OrderCountMetrics {
    pub(super) started: Counter,
    pub(super) ended: Family<Labels<1>, Counter>,
}

impl OrderCountMetrics {
    /// An order was written for the first time.
    pub(crate) fn started(&self) {
        self.started.inc();
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
