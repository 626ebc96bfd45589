//! Facts about an order.

use crate::{
    id::{BaristaId, CustomerId, OrderNumber},
    menu::DrinkOrder,
    order::{Ending, TaskToken},
    time::Timestamp,
};

/// A fact about one order. Facts from the workflow come over the event bus: late, twice, in any order. Facts from
/// people are written by their commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// A guest has started the order.
    Started {
        /// The customer.
        customer: CustomerId,
        /// When it happened.
        at: Timestamp,
    },
    /// `OrderProcessor.WorkflowStarted`: the workflow waits for the customer.
    WorkflowStarted {
        /// The customer.
        customer: CustomerId,
        /// The token of the customer's step.
        token: TaskToken,
        /// When the workflow stops waiting.
        choose_by: Timestamp,
    },
    /// The customer has submitted a choice.
    Submitted {
        /// The drink.
        drink: DrinkOrder,
        /// When it happened.
        at: Timestamp,
    },
    /// The workflow has extended the time to choose.
    Extended(Extension),
    /// The token of the customer's step has been used.
    CustomerTokenSpent,
    /// `OrderProcessor.WaitingCompletion`: the workflow waits for the bar.
    WaitingCompletion {
        /// The customer.
        customer: CustomerId,
        /// The number to call.
        number: OrderNumber,
        /// The token of the barista's step.
        token: TaskToken,
        /// When the order joined the queue.
        at: Timestamp,
        /// When the workflow stops waiting.
        make_by: Timestamp,
    },
    /// A barista has claimed, returned, completed, undone or recalled the order.
    BarMoved(BarMove),
    /// `OrderProcessor.orderFinished`: the drink is on the counter.
    Finished {
        /// When it happened.
        at: Timestamp,
    },
    /// The order has ended, until it is recalled.
    Ended {
        /// How often it had been recalled before. 0 for every end that the workflow reports.
        round: u32,
        /// How and why.
        ending: Ending,
        /// When it happened.
        at: Timestamp,
    },
    /// The bar has acknowledged the end of a round.
    Acknowledged {
        /// How often the order had been recalled before.
        round: u32,
    },
}

impl OrderEvent {
    /// The customer, for the facts that name one.
    pub const fn customer(&self) -> Option<&CustomerId> {
        match self {
            Self::Started { customer, .. }
            | Self::WorkflowStarted { customer, .. }
            | Self::WaitingCompletion { customer, .. } => Some(customer),
            Self::Submitted { .. }
            | Self::Extended(_)
            | Self::CustomerTokenSpent
            | Self::BarMoved(_)
            | Self::Finished { .. }
            | Self::Ended { .. }
            | Self::Acknowledged { .. } => None,
        }
    }
}

/// An extension of the time to choose. Extensions are counted, so that the last one wins in whatever order they arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extension {
    /// 1 for the first extension of an order, then one more each.
    pub times: u32,
    /// When the workflow stops waiting now.
    pub choose_by: Timestamp,
}

/// A move at the bar. Moves are counted, so that the last one wins in whatever order they arrive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BarMove {
    /// 1 for the first move of an order, then one more each.
    pub turn: u32,
    /// How often the order has been recalled, including this move. It never decreases.
    pub round: u32,
    /// The state after the move.
    pub state: BarState,
    /// When it happened.
    pub at: Timestamp,
}

/// The state of a submitted order at the bar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BarState {
    /// In the queue.
    Unclaimed,
    /// A barista makes the drink.
    Making {
        /// The barista who has claimed it.
        barista: BaristaId,
    },
    /// A barista has made the drink. The workflow is called at `ready_due`.
    Finishing {
        /// The barista who has made it.
        barista: BaristaId,
        /// Until when the barista can undo it.
        ready_due: Timestamp,
    },
    /// On the counter again after a recall. The workflow has ended by then.
    Served {
        /// The barista who has made it.
        barista: BaristaId,
    },
}
