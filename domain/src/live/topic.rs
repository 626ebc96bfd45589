//! Topics, their states and their changes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{OrderId, OrderNumber},
    view::{BoardEntry, OrderView, ShopView, Ticket},
};

/// A topic of the live connection. As text: `board`, `queue`, `shop`, `order/<id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Topic {
    /// Numbers and phases, for everybody.
    Board,
    /// The tickets, for staff.
    Queue,
    /// The state of the bar, for everybody.
    Shop,
    /// One order, for its customer.
    Order(OrderId),
}

impl Topic {
    /// The kinds of topics, for metrics. The kind of [`Topic::Order`] does not name the order.
    pub const KINDS: [&'static str; 4] = ["board", "queue", "shop", "order"];

    /// The kind, one of [`Self::KINDS`].
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        let [board, queue, shop, order] = Self::KINDS;
        match self {
            Self::Board => board,
            Self::Queue => queue,
            Self::Shop => shop,
            Self::Order(_) => order,
        }
    }
}

/// A text that names no topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such topic: use board, queue, shop or order/<id>")]
pub struct UnknownTopic;

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Board => f.write_str("board"),
            Self::Queue => f.write_str("queue"),
            Self::Shop => f.write_str("shop"),
            Self::Order(id) => write!(f, "order/{id}"),
        }
    }
}

impl FromStr for Topic {
    type Err = UnknownTopic;
    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        match text {
            "board" => Ok(Self::Board),
            "queue" => Ok(Self::Queue),
            "shop" => Ok(Self::Shop),
            _ => {
                let id = text.strip_prefix("order/").ok_or(UnknownTopic)?;
                OrderId::try_from(id).map(Self::Order).map_err(|_| UnknownTopic)
            }
        }
    }
}

impl TryFrom<String> for Topic {
    type Error = UnknownTopic;
    fn try_from(text: String) -> Result<Self, UnknownTopic> {
        text.parse()
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.to_string()
    }
}

/// The state of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", content = "is", rename_all = "camelCase")]
pub enum TopicState {
    /// The state of [`Topic::Board`], by number.
    Board(Vec<BoardEntry>),
    /// The state of [`Topic::Queue`], oldest first.
    Queue(Vec<Ticket>),
    /// The state of [`Topic::Shop`].
    Shop(ShopView),
    /// The state of [`Topic::Order`].
    Order(Box<OrderView>),
}

/// A change of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", content = "to", rename_all = "camelCase")]
pub enum Change {
    /// A number appears on the board or moves.
    BoardPut(BoardEntry),
    /// A number leaves the board.
    BoardRemove(OrderNumber),
    /// A ticket appears or changes.
    TicketPut(Box<Ticket>),
    /// A ticket leaves.
    TicketRemove(OrderId),
    /// The state of the bar has changed.
    Shop(ShopView),
    /// The order has changed.
    Order(Box<OrderView>),
}

impl TopicState {
    /// Applies a change. A change of another topic is ignored.
    pub fn apply(&mut self, change: &Change) {
        match (self, change) {
            (Self::Board(entries), Change::BoardPut(entry)) => {
                entries.retain(|each| each.number != entry.number);
                let at = entries.partition_point(|each| each.number < entry.number);
                entries.insert(at, *entry);
            }
            (Self::Board(entries), Change::BoardRemove(number)) => entries.retain(|each| each.number != *number),
            (Self::Queue(tickets), Change::TicketPut(ticket)) => {
                let key = |each: &Ticket| (each.waiting_since, each.number, each.id.clone());
                tickets.retain(|each| each.id != ticket.id);
                let at = tickets.partition_point(|each| key(each) < key(ticket));
                tickets.insert(at, (**ticket).clone());
            }
            (Self::Queue(tickets), Change::TicketRemove(id)) => tickets.retain(|each| each.id != *id),
            (Self::Shop(shop), Change::Shop(to)) => shop.clone_from(to),
            (Self::Order(order), Change::Order(to)) => order.clone_from(to),
            (Self::Board(_) | Self::Queue(_) | Self::Shop(_) | Self::Order(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_topic_can_be_parsed() {
        for kind in Topic::KINDS {
            let topic: Topic = if kind == "order" { "order/a".parse() } else { kind.parse() }.unwrap();
            assert_eq!(topic.kind(), kind);
        }
    }
}
