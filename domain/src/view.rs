//! What each reader sees of an order. None of these types can hold a task token or a customer id; only those of the bar
//! can hold the id of a barista.

use serde::{Deserialize, Serialize};

use crate::{
    estimate::{Delay, WaitRange},
    id::{BaristaId, OrderId, OrderNumber},
    menu::{DrinkOrder, SoldOut},
    order::{CancelReason, Ending, MAX_EXTENSIONS, Order, Party, Phase},
    shop::ShopState,
    time::Timestamp,
};

/// An order, for its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// The id of the order.
    pub id: OrderId,
    /// The stage of the order.
    pub stage: Stage,
    /// The number to listen for, once it is assigned.
    pub number: Option<OrderNumber>,
    /// The drink, once it is submitted.
    pub drink: Option<DrinkOrder>,
    /// How many orders are made before this one, while it is in the queue.
    pub ahead: Option<u32>,
    /// The estimated wait, while the order is in the queue and there are enough drinks for an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitRange>,
    /// Why the wait is longer than its first quote, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Delay>,
    /// When the order was started.
    pub started_at: Option<Timestamp>,
    /// When the time to choose ends, while the customer chooses.
    pub choose_by: Option<Timestamp>,
    /// Whether that time can be extended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub extendable: bool,
    /// When the drink was put on the counter.
    pub ready_at: Option<Timestamp>,
}

/// The stage of an order, for its customer. While a barista can undo "ready", the stage is still [`Stage::Making`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "camelCase")]
pub enum Stage {
    /// The customer chooses a drink.
    Choosing,
    /// The workflow takes the order to the queue.
    Submitted,
    /// In the queue.
    Waiting,
    /// A barista makes the drink.
    Making,
    /// The drink is on the counter.
    Ready,
    /// The order has ended.
    Ended {
        /// How it ended.
        outcome: Outcome,
    },
}

/// How an order ended, for its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum Outcome {
    /// The customer has the drink.
    Collected,
    /// The drink was not collected.
    Uncollected,
    /// The customer cancelled the order.
    CancelledByYou,
    /// The bar cancelled the order.
    CancelledByBar {
        /// The reason.
        reason: CancelReason,
    },
    /// Somebody did not act in time.
    TimedOut {
        /// Who did not.
        who: Party,
    },
    /// The bar did not accept the order.
    Refused {
        /// `closed`, `full` or another reason.
        reason: String,
    },
}

impl From<&Ending> for Outcome {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Collected => Self::Collected,
            Ending::Uncollected => Self::Uncollected,
            Ending::CancelledByCustomer => Self::CancelledByYou,
            Ending::CancelledByBarista { reason, .. } => Self::CancelledByBar { reason: reason.clone() },
            Ending::TimedOut { who } => Self::TimedOut { who: *who },
            Ending::Refused { reason } => Self::Refused { reason: reason.clone() },
        }
    }
}

/// The position of an order in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePosition {
    /// How many orders are made before it.
    pub ahead: u32,
    /// The estimated wait.
    pub wait: Option<WaitRange>,
    /// Why the wait is longer than its first quote, if it is.
    pub delay: Option<Delay>,
}

impl OrderView {
    /// The view of an order at this position in the queue.
    pub fn of(order: &Order, place: Option<QueuePosition>) -> Self {
        let stage = match order.phase() {
            Phase::Choosing => Stage::Choosing,
            Phase::Submitted => Stage::Submitted,
            Phase::Waiting => Stage::Waiting,
            Phase::Making { .. } | Phase::Finishing { .. } => Stage::Making,
            Phase::Ready => Stage::Ready,
            Phase::Ended(ending) => Stage::Ended { outcome: Outcome::from(&ending) },
        };
        let place = place.filter(|_| stage == Stage::Waiting);
        let choosing = stage == Stage::Choosing;
        Self {
            id: order.id.clone(),
            ahead: place.map(|place| place.ahead),
            wait: place.and_then(|place| place.wait),
            delay: place.and_then(|place| place.delay),
            choose_by: order.choose_until().filter(|_| choosing),
            extendable: choosing && order.extended.is_none_or(|last| last.times < MAX_EXTENSIONS),
            stage,
            number: order.number,
            drink: order.submitted.as_ref().map(|(drink, _)| drink.clone()),
            started_at: order.started_at,
            ready_at: order.ready_since(),
        }
    }
}

/// The maximum number of orders that are made together.
pub const MAX_BATCH: usize = 4;

/// A ticket: the card of an order on the barista's tablet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The id of the order.
    pub id: OrderId,
    /// The number to call. `None` for an order that ended without a number.
    pub number: Option<OrderNumber>,
    /// The drink to make.
    pub drink: Option<DrinkOrder>,
    /// The lane of the ticket.
    pub lane: Lane,
    /// When the order joined the queue. Its age counts from here, also after a recall.
    pub waiting_since: Option<Timestamp>,
    /// When the workflow gives the order up.
    pub make_by: Option<Timestamp>,
    /// True for an order that was placed at the bar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub walk_in: bool,
    /// True for an order that was made and recalled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalled: bool,
    /// When the drink was put on the counter, for an order that ended afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Timestamp>,
}

/// The lane of a ticket on the tablet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lane", rename_all = "camelCase")]
pub enum Lane {
    /// In the queue.
    UpNext,
    /// A barista makes the drink.
    Making {
        /// The barista who has claimed the order.
        barista: BaristaId,
    },
    /// The drink is made, and the barista can undo that until `ready_due`.
    Finishing {
        /// The barista who has made it.
        barista: BaristaId,
        /// When the customer is notified.
        ready_due: Timestamp,
    },
    /// Ready to hand over.
    HandOver {
        /// When the drink was put on the counter.
        since: Timestamp,
    },
    /// Ended. Tickets that ended in another way than by being collected stay for a while, so that nobody makes them. In
    /// the list of past orders, every end.
    Ended {
        /// How and why the order ended.
        ending: Ending,
        /// When it ended.
        at: Timestamp,
    },
}

impl Ticket {
    /// The ticket of an order. `None` while the bar has nothing to do with it, and after the bar has acknowledged its
    /// end.
    pub fn of(order: &Order) -> Option<Self> {
        let lane = match order.phase() {
            Phase::Choosing | Phase::Submitted | Phase::Ended(Ending::Collected | Ending::Refused { .. }) => {
                return None;
            }
            Phase::Waiting => Lane::UpNext,
            Phase::Making { barista } => Lane::Making { barista },
            Phase::Finishing { barista, ready_due } => Lane::Finishing { barista, ready_due },
            Phase::Ready => Lane::HandOver { since: order.ready_since().unwrap_or_default() },
            Phase::Ended(_) if order.is_acknowledged() => return None,
            Phase::Ended(ending) => Lane::Ended { ending, at: ended_at(order) },
        };
        Some(Self::in_lane(order, lane))
    }

    /// The ticket of an ended order for the list of past orders.
    pub fn past(order: &Order) -> Option<Self> {
        match order.phase() {
            Phase::Ended(ending) if order.number.is_some() => {
                Some(Self::in_lane(order, Lane::Ended { ending, at: ended_at(order) }))
            }
            _ => None,
        }
    }

    /// How long the guest waited, in milliseconds: from joining the queue to the counter. `None` for an open order, for
    /// a drink that was never made, and for a recalled one.
    pub fn waited(&self) -> Option<i64> {
        let ready_at = self.ready_at.filter(|_| !self.recalled)?;
        Some(ready_at.millis_since(self.waiting_since?))
    }

    fn in_lane(order: &Order, lane: Lane) -> Self {
        Self {
            ready_at: order.ready_since().filter(|_| matches!(lane, Lane::Ended { .. })),
            id: order.id.clone(),
            number: order.number,
            drink: order.submitted.as_ref().map(|(drink, _)| drink.clone()),
            lane,
            waiting_since: order.waiting_at,
            make_by: order.give_up_at(),
            walk_in: order.customer.is_walk_in(),
            recalled: order.round() > 0,
        }
    }
}

fn ended_at(order: &Order) -> Timestamp {
    order.ended().map(|(_, at)| at).unwrap_or_default()
}

/// A number on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BoardEntry {
    /// The number.
    pub number: OrderNumber,
    /// The column of the board.
    pub column: Column,
    /// When the order joined the queue, or when its drink was put on the counter.
    pub since: Timestamp,
}

/// A column of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Column {
    /// In the queue or being made.
    Preparing,
    /// On the counter.
    Ready,
}

impl BoardEntry {
    /// The entry of an order. `None` while it is not on the board.
    pub fn of(order: &Order) -> Option<Self> {
        let number = order.number?;
        let (column, since) = match order.phase() {
            Phase::Waiting | Phase::Making { .. } | Phase::Finishing { .. } => (Column::Preparing, order.waiting_at),
            Phase::Ready => (Column::Ready, order.ready_since()),
            Phase::Choosing | Phase::Submitted | Phase::Ended(_) => return None,
        };
        Some(Self { number, column, since: since.unwrap_or_default() })
    }
}

/// The state of the bar, for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopView {
    /// The name of the bar.
    pub name: String,
    /// Open, paused or closed.
    pub state: ShopState,
    /// How many orders are in the queue or being made.
    pub in_queue: u32,
    /// The estimated wait of a new order, if there are enough drinks for an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitRange>,
    /// What is sold out.
    #[serde(default)]
    pub sold_out: SoldOut,
    /// The version of the menu and its translations. An open page reads them again when it changes.
    #[serde(default)]
    pub menu: u32,
}
