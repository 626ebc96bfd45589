//! What each reader may see of an order. None of these types can hold a task token, a customer id or, outside the bar,
//! a barista.

use serde::{Deserialize, Serialize};

use crate::{
    estimate::{Delay, WaitRange},
    id::{BaristaId, OrderId, OrderNumber},
    menu::{DrinkOrder, SoldOut},
    order::{CancelReason, EXTENSIONS, Ending, Order, Party, Phase},
    shop::ShopState,
    time::Timestamp,
};

/// An order as its customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Its id.
    pub id: OrderId,
    /// Where it stands.
    pub stage: Stage,
    /// The number to listen for, once there is one.
    pub number: Option<OrderNumber>,
    /// What was ordered, once it is.
    pub drink: Option<DrinkOrder>,
    /// How many orders are made before this one, while it waits.
    pub ahead: Option<u32>,
    /// How long it will probably take until it is ready, while it waits and there is something to tell it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitRange>,
    /// Why it takes longer than was told before, while it waits and does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Delay>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When the time to choose runs out, while the customer chooses.
    pub choose_by: Option<Timestamp>,
    /// Whether that time can be extended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub extendable: bool,
    /// When it was put on the counter.
    pub ready_at: Option<Timestamp>,
}

/// Where an order stands, for its customer. While a barista can still take "ready" back it is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "camelCase")]
pub enum Stage {
    /// The customer chooses.
    Choosing,
    /// On its way to the bar.
    Submitted,
    /// In the queue.
    Waiting,
    /// A barista makes it.
    Making,
    /// On the counter.
    Ready,
    /// Over.
    Ended {
        /// How.
        outcome: Outcome,
    },
}

/// How an order ended, for its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum Outcome {
    /// The customer has it.
    Collected,
    /// Nobody came for it.
    Uncollected,
    /// The customer called it off.
    CancelledByYou,
    /// The bar called it off.
    CancelledByBar {
        /// Why.
        reason: CancelReason,
    },
    /// Nobody acted in time.
    TimedOut {
        /// Who was waited for.
        who: Party,
    },
    /// The bar did not take it.
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

/// Where an order is in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePosition {
    /// How many orders are made before it.
    pub ahead: u32,
    /// How long it will probably take.
    pub wait: Option<WaitRange>,
    /// Why that is longer than was told before, if it is.
    pub delay: Option<Delay>,
}

impl OrderView {
    /// The order as its customer may see it, at its place in the queue.
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
            extendable: choosing && order.extended.is_none_or(|last| last.times < EXTENSIONS),
            stage,
            number: order.number,
            drink: order.submitted.as_ref().map(|(drink, _)| drink.clone()),
            started_at: order.started_at,
            ready_at: order.ready_since(),
        }
    }
}

/// So many orders are made together at most.
pub const BATCH: usize = 4;

/// An order card on the barista's tablet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id.
    pub id: OrderId,
    /// The number to call; `None` for an order that ended before it got one.
    pub number: Option<OrderNumber>,
    /// What to make.
    pub drink: Option<DrinkOrder>,
    /// Where it stands.
    pub lane: Lane,
    /// Since when it waits; its age counts from here, whatever happens to it.
    pub waiting_since: Option<Timestamp>,
    /// When it is given up.
    pub make_by: Option<Timestamp>,
    /// True for an order that was placed at the bar, without a phone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub walk_in: bool,
    /// True for one that was made and came back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalled: bool,
    /// When it came to the counter, for an order that has ended after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Timestamp>,
}

/// The part of the tablet's screen that a card is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lane", rename_all = "camelCase")]
pub enum Lane {
    /// Up next.
    UpNext,
    /// A barista makes it.
    Making {
        /// Who.
        barista: BaristaId,
    },
    /// Made; can be taken back until `ready_due`.
    Finishing {
        /// Who.
        barista: BaristaId,
        /// When the customer is told.
        ready_due: Timestamp,
    },
    /// Ready to hand over.
    HandOver {
        /// Since when it is on the counter.
        since: Timestamp,
    },
    /// Ended otherwise than by being collected: shown for a while so that nobody goes on making it. In the list of the
    /// last orders, however it ended.
    Ended {
        /// How and why.
        ending: Ending,
        /// When.
        at: Timestamp,
    },
}

impl Ticket {
    /// The card of an order, if the bar has anything to do with it or should know of its end.
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

    /// An order that has ended, whether it still has a card or not; for the list of the last ones.
    pub fn past(order: &Order) -> Option<Self> {
        match order.phase() {
            Phase::Ended(ending) if order.number.is_some() => {
                Some(Self::in_lane(order, Lane::Ended { ending, at: ended_at(order) }))
            }
            _ => None,
        }
    }

    /// How long its guest waited for it, in milliseconds: from the queue to the counter. `None` while it is open, for one
    /// that never came to the counter, and for one that was made twice.
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

/// A number on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BoardEntry {
    /// The number.
    pub number: OrderNumber,
    /// Which side of the board it is on.
    pub column: Column,
    /// Since when.
    pub since: Timestamp,
}

/// A side of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Column {
    /// In the queue or being made.
    Preparing,
    /// On the counter.
    Ready,
}

impl BoardEntry {
    /// The number of an order on the wall, while it belongs there.
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

/// The bar, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopView {
    /// Its name.
    pub name: String,
    /// Open, paused or closed.
    pub state: ShopState,
    /// How many orders wait or are being made.
    pub in_queue: u32,
    /// How long an order would probably take that came now, when there is something to tell it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitRange>,
    /// What has run out since the menu was read.
    #[serde(default)]
    pub sold_out: SoldOut,
    /// Another number whenever the menu or its translations have changed: an open page then reads them again.
    #[serde(default)]
    pub menu: u32,
}
