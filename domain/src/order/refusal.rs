//! Why a command has no effect, in words that say what to do next.

use serde::{Deserialize, Serialize};

use crate::{
    id::{BaristaId, BaristaName},
    menu::MenuRefusal,
    order::{Ending, Party, PauseReason},
};

/// Why a command was refused. The order is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "camelCase")]
pub enum Refusal {
    /// No such order, or somebody else's: a stranger cannot tell the two apart.
    #[error("We can't find that order on this phone. Go to the menu to start a new one.")]
    NotFound,
    /// The choice cannot be met.
    #[error("{0}")]
    Menu(MenuRefusal),
    /// This phone has an order under way.
    #[error("You already have an order under way. Wait until it is collected, or cancel it.")]
    OneAtATime,
    /// The bar is closed.
    #[error("The bar is closed. Nothing has been ordered.")]
    Closed,
    /// The bar takes no orders for a while.
    #[error("The bar takes no new orders right now: {reason}")]
    Paused {
        /// Why.
        reason: PauseReason,
    },
    /// Only baristas may do this.
    #[error("Only the bar can do that.")]
    StaffOnly,
    /// Only the customer may do this.
    #[error("Only the customer can do that.")]
    CustomerOnly,
    /// The customer has not chosen yet.
    #[error("This order has not been placed yet. Wait until the customer has chosen.")]
    NotPlaced,
    /// The workflow is between its two waits: a moment in which nobody can move it.
    #[error("The order is on its way to the bar. Try again in a moment.")]
    OnItsWay,
    /// The time to choose has been extended as often as it may be.
    #[error("We cannot keep your place any longer. Choose now, or come back later: it only takes two taps.")]
    NoMoreTime,
    /// A choice has been made already and cannot be changed.
    #[error("This order has been placed already. To change it, cancel it and order again.")]
    AlreadyPlaced,
    /// A barista has it.
    #[error("{barista} is already making it. Ask at the bar if something is wrong.")]
    BeingMade {
        /// Who.
        barista: BaristaName,
    },
    /// It is nobody's.
    #[error("Nobody has claimed this order. Claim it first.")]
    NotClaimed,
    /// A barista has finished it.
    #[error("{barista} has already made it.")]
    AlreadyMade {
        /// Who.
        barista: BaristaName,
    },
    /// It is on the counter.
    #[error("It is already on the counter.")]
    AlreadyReady,
    /// It is not on the counter.
    #[error("It is not ready yet.")]
    NotReady,
    /// There is nothing to take back, or it is too late for that.
    #[error("It is too late to take that back: the customer has been told.")]
    NothingToUndo,
    /// It is over.
    #[error("{}", ended(.ending))]
    AlreadyEnded {
        /// How it ended.
        #[serde(flatten)]
        ending: Ending<BaristaName>,
    },
}

impl Refusal {
    /// That this barista has the order.
    pub fn being_made(barista: &BaristaId) -> Self {
        Self::BeingMade { barista: barista.into() }
    }

    /// That this barista has finished the order.
    pub fn already_made(barista: &BaristaId) -> Self {
        Self::AlreadyMade { barista: barista.into() }
    }

    /// That the order ended like this.
    pub fn already_ended(ending: &Ending) -> Self {
        Self::AlreadyEnded { ending: ending.by_name() }
    }
}

/// How an order ended, as a sentence.
fn ended(ending: &Ending<BaristaName>) -> String {
    match ending {
        Ending::Collected => "This order has been collected.".to_owned(),
        Ending::Uncollected => "Nobody came for this order, so it was cleared away. Ask at the bar.".to_owned(),
        Ending::CancelledByCustomer => "The customer has cancelled this order.".to_owned(),
        Ending::CancelledByBarista { reason, .. } => format!("The bar has cancelled this order: {reason}"),
        Ending::TimedOut { who: Party::Customer } => {
            "Time to choose ran out on this order. Start a new one.".to_owned()
        }
        Ending::TimedOut { who: Party::Barista } => {
            "This order waited too long at the bar and was ended. Ask at the bar or order again.".to_owned()
        }
        Ending::Refused { reason } => format!("The bar could not take this order: {reason}"),
    }
}
