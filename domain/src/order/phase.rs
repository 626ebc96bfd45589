//! The phase of an order.

use serde::{Deserialize, Serialize};

use crate::{
    id::{BaristaId, BaristaName},
    order::CancelReason,
    time::Timestamp,
};

/// The phases of an order, by rank. The rank never decreases, except that a barista may return an order to the queue
/// (making to waiting), undo (finishing to making) or recall it (ready or collected to making).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "camelCase")]
pub enum Phase {
    /// Rank 0: the workflow waits for the customer's choice.
    Choosing,
    /// Rank 1: the choice is submitted, and the workflow takes the order to the queue.
    Submitted,
    /// Rank 2: in the queue. The workflow waits for the bar.
    Waiting,
    /// Rank 3: a barista makes the drink.
    Making {
        /// The barista who has claimed it.
        barista: BaristaId,
    },
    /// Rank 4: the drink is made, and the barista can undo that until `ready_due`.
    Finishing {
        /// The barista who has made it.
        barista: BaristaId,
        /// When the workflow is called and the customer is notified.
        ready_due: Timestamp,
    },
    /// Rank 5: the drink is on the counter.
    Ready,
    /// Rank 6: the order has ended.
    Ended(Ending),
}

impl Phase {
    /// The rank, 0 to 6.
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

    /// The value of `ORDERSTATE` in the order table.
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

/// Somebody who did not act in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Party {
    /// The customer made no choice within 300 s.
    Customer,
    /// The bar made no drink within 900 s.
    Barista,
}

/// How an order ended.
///
/// The record has the id of the barista. A refusal that leaves the server has only the name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "camelCase")]
pub enum Ending<Barista = BaristaId> {
    /// The customer has the drink.
    Collected,
    /// The drink was not collected.
    Uncollected,
    /// The customer cancelled the order.
    CancelledByCustomer,
    /// The bar cancelled the order.
    CancelledByBarista {
        /// The barista who cancelled it.
        barista: Barista,
        /// The reason, for the customer.
        reason: CancelReason,
    },
    /// Somebody did not act in time.
    TimedOut {
        /// Who did not.
        who: Party,
    },
    /// The workflow did not accept the order.
    Refused {
        /// `closed`, `full` or the reason that the workflow gave.
        reason: String,
    },
}

impl Ending {
    /// The same end with the name of the barista in place of the id.
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

    /// The value of `ORDERSTATE` in the order table.
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
