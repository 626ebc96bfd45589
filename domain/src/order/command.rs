//! What people can ask of an order.

use serde::{Deserialize, Serialize};

use crate::{
    id::{BaristaId, CustomerId},
    menu::DrinkOrder,
    order::CancelReason,
};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A phone.
    Customer(CustomerId),
    /// A barista at a tablet.
    Barista(BaristaId),
}

/// A command on an order that exists. (Starting one is not among them: it makes the order.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderCommand {
    /// The customer has chosen this drink.
    Submit(DrinkOrder),
    /// The customer needs more time to choose.
    Extend,
    /// Call it off. A barista gives the reason for the customer; a customer gives none.
    Cancel {
        /// Why.
        reason: CancelReason,
    },
    /// Start making it. `take_over` takes it from the barista who has it.
    Claim {
        /// True to take it from another barista.
        take_over: bool,
    },
    /// Give it back to the queue.
    Release,
    /// It is made.
    Complete,
    /// It is not made yet after all.
    UndoComplete,
    /// It has been taken from the counter.
    Collect,
    /// Bring it back to be made again, from the counter or after it was taken.
    Recall,
    /// The bar has seen that it ended.
    Acknowledge,
}
