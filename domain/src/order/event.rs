//! What can become known of an order.

use crate::{
    id::{BaristaId, CustomerId, OrderNumber},
    menu::DrinkOrder,
    order::{Ending, TaskToken},
    time::Timestamp,
};

/// A fact about one order. Facts from the workflow come over the event bus (late, twice, in any order); facts from
/// people are written by the command that they gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// A phone has asked for an order.
    Started {
        /// Whose it is.
        customer: CustomerId,
        /// When.
        at: Timestamp,
    },
    /// `OrderProcessor.WorkflowStarted`: the workflow waits for the customer.
    WorkflowStarted {
        /// Whose it is.
        customer: CustomerId,
        /// Token 1.
        token: TaskToken,
        /// When the workflow gives up.
        choose_by: Timestamp,
    },
    /// The customer has chosen.
    Submitted {
        /// What.
        drink: DrinkOrder,
        /// When.
        at: Timestamp,
    },
    /// The customer has asked for more time to choose, and the workflow has given it.
    Extended(Extension),
    /// Token 1 has been sent back.
    CustomerTokenSpent,
    /// `OrderProcessor.WaitingCompletion`: the workflow waits for the bar.
    WaitingCompletion {
        /// Whose it is.
        customer: CustomerId,
        /// The number to call.
        number: OrderNumber,
        /// Token 2.
        token: TaskToken,
        /// When it joined the queue.
        at: Timestamp,
        /// When the workflow gives up.
        make_by: Timestamp,
    },
    /// A barista took it, gave it back, finished it, took that back or recalled it.
    BarMoved(BarMove),
    /// `OrderProcessor.orderFinished`: the drink is on the counter.
    Finished {
        /// When.
        at: Timestamp,
    },
    /// It is over, until it is recalled.
    Ended {
        /// How often it had been recalled before; 0 for whatever the workflow says.
        round: u32,
        /// How and why.
        ending: Ending,
        /// When.
        at: Timestamp,
    },
    /// The bar has seen the end of this round.
    Acknowledged {
        /// How often it had been recalled before.
        round: u32,
    },
}

impl OrderEvent {
    /// Whose order it is, where the fact says so.
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

/// More time to choose. Extensions are counted, so that the last one wins whatever order they arrive in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extension {
    /// 1 for the first extension of an order, then one more each.
    pub times: u32,
    /// When the workflow gives up now.
    pub choose_by: Timestamp,
}

/// One move at the bar. Moves are counted, so that the last one wins whatever order they arrive in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BarMove {
    /// 1 for the first move of an order, then one more each.
    pub turn: u32,
    /// How often the order had been recalled, this move included. It never falls from one turn to the next.
    pub round: u32,
    /// What it moved to.
    pub state: BarState,
    /// When.
    pub at: Timestamp,
}

/// In whose hands a submitted order is at the bar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BarState {
    /// Nobody's: in the queue.
    Unclaimed,
    /// A barista makes it.
    Making {
        /// Who.
        barista: BaristaId,
    },
    /// A barista has finished it; the workflow is told at `ready_due`.
    Finishing {
        /// Who.
        barista: BaristaId,
        /// Until when the tap can be taken back.
        ready_due: Timestamp,
    },
    /// On the counter again, after a recall: the workflow has told the first time, and is over.
    Served {
        /// Who made it.
        barista: BaristaId,
    },
}
