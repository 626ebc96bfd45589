//! Refusals of commands.

use serde::{Deserialize, Serialize};

use crate::{
    id::{BaristaId, BaristaName},
    menu::MenuRefusal,
    order::{Ending, Party, PauseReason},
};

/// Why a command was refused. The order is unchanged. `Display` is an English sentence that says what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "camelCase")]
pub enum Refusal {
    /// No such order, or an order of another customer. The two cannot be distinguished.
    #[error("We can't find that order on this phone. Go to the menu to start a new one.")]
    NotFound,
    /// The menu does not have the choice.
    #[error("{0}")]
    Menu(MenuRefusal),
    /// The customer has an open order.
    #[error("You already have an order under way. Wait until it is collected, or cancel it.")]
    OneAtATime,
    /// The bar is closed.
    #[error("The bar is closed. Nothing has been ordered.")]
    Closed,
    /// The bar is paused.
    #[error("The bar takes no new orders right now: {reason}")]
    Paused {
        /// The reason of the pause.
        reason: PauseReason,
    },
    /// Only staff may do this.
    #[error("Only the bar can do that.")]
    StaffOnly,
    /// Only the customer may do this.
    #[error("Only the customer can do that.")]
    CustomerOnly,
    /// The customer has not chosen yet.
    #[error("This order has not been placed yet. Wait until the customer has chosen.")]
    NotPlaced,
    /// The workflow is between its two waits, so that it cannot be called.
    #[error("The order is on its way to the bar. Try again in a moment.")]
    OnItsWay,
    /// The time to choose has been extended as often as is allowed.
    #[error("We cannot keep your place any longer. Choose now, or come back later: it only takes two taps.")]
    NoMoreTime,
    /// The choice has been submitted and cannot be changed.
    #[error("This order has been placed already. To change it, cancel it and order again.")]
    AlreadyPlaced,
    /// A barista makes the drink.
    #[error("{barista} is already making it. Ask at the bar if something is wrong.")]
    BeingMade {
        /// The barista who has claimed it.
        barista: BaristaName,
    },
    /// Nobody has claimed the order.
    #[error("Nobody has claimed this order. Claim it first.")]
    NotClaimed,
    /// A barista has made the drink.
    #[error("{barista} has already made it.")]
    AlreadyMade {
        /// The barista who has made it.
        barista: BaristaName,
    },
    /// The drink is on the counter.
    #[error("It is already on the counter.")]
    AlreadyReady,
    /// The drink is not on the counter.
    #[error("It is not ready yet.")]
    NotReady,
    /// There is nothing to undo, or it is too late.
    #[error("It is too late to take that back: the customer has been told.")]
    NothingToUndo,
    /// The order has ended.
    #[error("{}", ended(.ending))]
    AlreadyEnded {
        /// How it ended.
        #[serde(flatten)]
        ending: Ending<BaristaName>,
    },
}

impl Refusal {
    /// The refusal for an order that this barista makes.
    pub fn being_made(barista: &BaristaId) -> Self {
        Self::BeingMade { barista: barista.into() }
    }

    /// The refusal for an order that this barista has made.
    pub fn already_made(barista: &BaristaId) -> Self {
        Self::AlreadyMade { barista: barista.into() }
    }

    /// The refusal for an order that has ended.
    pub fn already_ended(ending: &Ending) -> Self {
        Self::AlreadyEnded { ending: ending.by_name() }
    }
}

/// An English sentence about the end of an order.
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
