//! What a page of the display is made from.

use domain::{
    OrderId, OrderNumber, Timestamp,
    live::TopicState,
    view::{BoardEntry, ShopView},
};

use crate::{i18n::Messages, loaders::Snapshot};

/// Where the browser finds the parts of these pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayFiles {
    /// The text of the style sheet. It stands in the page itself: one journey less before anything is seen.
    pub style: String,
    /// The scripts of the wall, in the order in which they are needed.
    pub wall: Vec<String>,
    /// The scripts of the board on a phone.
    pub mine: Vec<String>,
}

/// What a page is made of beside its address.
#[derive(Debug, Clone)]
pub struct DisplayRequest<'a> {
    /// The parts.
    pub files: &'a DisplayFiles,
    /// What lets our scripts and styles run, and no others.
    pub nonce: &'a str,
    /// The part of the address after the question mark.
    pub query: &'a str,
    /// The messages in the language that the browser asks for.
    pub messages: Messages,
    /// The address under which guests reach the bar: `https://coffee.example`.
    pub origin: &'a str,
}

/// What the board shows now.
#[derive(Debug, Clone)]
pub struct Board {
    /// The server's time.
    pub now: Timestamp,
    /// The topic `board`.
    pub board: Snapshot,
    /// The topic `shop`.
    pub shop: Snapshot,
}

impl Board {
    pub(super) fn entries(&self) -> &[BoardEntry] {
        match &self.board.state {
            TopicState::Board(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn shop(&self) -> Option<&ShopView> {
        match &self.shop.state {
            TopicState::Shop(shop) => Some(shop),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> String {
        self.shop().map(|shop| shop.name.clone()).unwrap_or_default()
    }
}

/// The guest's own order, if their phone has one under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOrder {
    /// Its id, for the way back.
    pub id: OrderId,
    /// Its number, once it has one.
    pub number: Option<OrderNumber>,
}
