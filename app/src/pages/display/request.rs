//! The input of the display's pages.

use domain::{
    OrderId, OrderNumber, Timestamp,
    live::TopicState,
    view::{BoardEntry, ShopView},
};

use crate::{i18n::Messages, loaders::Snapshot};

/// The files of the display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayFiles {
    /// The text of the style sheet. It is inlined, which saves a round trip before the first paint.
    pub style: String,
    /// The paths of the wall's scripts, in order.
    pub wall: Vec<String>,
    /// The paths of the companion's scripts, in order.
    pub mine: Vec<String>,
}

/// The parts of a request that the pages need.
#[derive(Debug, Clone)]
pub struct DisplayRequest<'a> {
    /// The files of the display.
    pub files: &'a DisplayFiles,
    /// The nonce of the content security policy.
    pub nonce: &'a str,
    /// The part of the address after the question mark.
    pub query: &'a str,
    /// The messages in the preferred language of the browser.
    pub messages: Messages,
    /// The origin of the bar for guests: `https://coffee.example`.
    pub origin: &'a str,
}

/// The state of the board.
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

/// The open order of the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOrder {
    /// The id, for the link to the order.
    pub id: OrderId,
    /// The number, once it is assigned.
    pub number: Option<OrderNumber>,
}
