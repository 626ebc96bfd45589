//! Commands of people on an order.

use serde::{Deserialize, Serialize};

use crate::{
    id::{BaristaId, CustomerId},
    menu::DrinkOrder,
    order::CancelReason,
};

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A guest.
    Customer(CustomerId),
    /// A barista at a tablet.
    Barista(BaristaId),
}

/// A command on an existing order. Starting an order is not one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderCommand {
    /// Submit this choice.
    Submit(DrinkOrder),
    /// Extend the time to choose.
    Extend,
    /// Cancel the order. A guest gives no reason.
    Cancel {
        /// The reason, for the customer.
        reason: CancelReason,
    },
    /// Claim the order.
    Claim {
        /// Whether to take it over from another barista.
        take_over: bool,
    },
    /// Return the order to the queue.
    Release,
    /// The drink is made.
    Complete,
    /// Undo [`OrderCommand::Complete`].
    UndoComplete,
    /// The drink has been handed over.
    Collect,
    /// Make the drink again, from the counter or after it was collected.
    Recall,
    /// The bar has seen that the order ended.
    Acknowledge,
}
