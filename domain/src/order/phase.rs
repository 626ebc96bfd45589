//! Where an order stands.

use serde::{Deserialize, Serialize};

use crate::{
    id::{BaristaId, BaristaName},
    order::CancelReason,
    time::Timestamp,
};

/// The phases of an order, by rank. A higher rank never goes back to a lower one, except that a barista may give an
/// order back (making to waiting), take a tap back (finishing to making), or recall a drink that was made (ready or
/// collected to making).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "camelCase")]
pub enum Phase {
    /// Rank 0: the workflow waits until the customer has chosen.
    Choosing,
    /// Rank 1: the customer has chosen; the workflow is on its way to the bar.
    Submitted,
    /// Rank 2: in the queue; the workflow waits for a barista.
    Waiting,
    /// Rank 3: a barista makes it.
    Making {
        /// Who.
        barista: BaristaId,
    },
    /// Rank 4: the barista says it is done and may still take that back.
    Finishing {
        /// Who.
        barista: BaristaId,
        /// When the workflow and the customer are told.
        ready_due: Timestamp,
    },
    /// Rank 5: on the counter.
    Ready,
    /// Rank 6: over.
    Ended(Ending),
}

impl Phase {
    /// 0 to 6, as in the table of the design.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Choosing => 0,
            Self::Submitted => 1,
            Self::Waiting => 2,
            Self::Making { .. } => 3,
            Self::Finishing { .. } => 4,
            Self::Ready => 5,
            Self::Ended(_) => 6,
        }
    }

    /// The value of `ORDERSTATE` on the order table.
    pub const fn order_state(&self) -> &'static str {
        match self {
            Self::Choosing | Self::Submitted | Self::Waiting | Self::Making { .. } | Self::Finishing { .. } => {
                "CREATED"
            }
            Self::Ready => "COMPLETED",
            Self::Ended(ending) => ending.order_state(),
        }
    }
}

/// For whom an order waited in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Party {
    /// 300 s without a choice.
    Customer,
    /// 900 s without a drink.
    Barista,
}

/// How an order ended. Every order ends in one of these ways and says why.
///
/// The record has the id of the barista; what leaves the server in a refusal has the name only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "camelCase")]
pub enum Ending<Barista = BaristaId> {
    /// The guest has it.
    Collected,
    /// Nobody came for it.
    Uncollected,
    /// Called off by the customer.
    CancelledByCustomer,
    /// Called off by the bar.
    CancelledByBarista {
        /// Who.
        barista: Barista,
        /// Why, for the customer.
        reason: CancelReason,
    },
    /// Nobody acted in time.
    TimedOut {
        /// Who was waited for.
        who: Party,
    },
    /// The workflow did not take it.
    Refused {
        /// `closed`, `full` or what the workflow gave as the reason.
        reason: String,
    },
}

impl Ending {
    /// The same with the name of the barista in place of the id.
    #[must_use]
    pub fn by_name(&self) -> Ending<BaristaName> {
        match self {
            Self::Collected => Ending::Collected,
            Self::Uncollected => Ending::Uncollected,
            Self::CancelledByCustomer => Ending::CancelledByCustomer,
            Self::CancelledByBarista { barista, reason } => {
                Ending::CancelledByBarista { barista: barista.into(), reason: reason.clone() }
            }
            Self::TimedOut { who } => Ending::TimedOut { who: *who },
            Self::Refused { reason } => Ending::Refused { reason: reason.clone() },
        }
    }

    /// The value of `ORDERSTATE` on the order table.
    pub const fn order_state(&self) -> &'static str {
        match self {
            Self::Collected => "COLLECTED",
            Self::Uncollected => "UNCOLLECTED",
            Self::CancelledByCustomer | Self::CancelledByBarista { .. } => "CANCELLED",
            Self::TimedOut { .. } => "TIMED_OUT",
            Self::Refused { .. } => "REFUSED",
        }
    }
}
