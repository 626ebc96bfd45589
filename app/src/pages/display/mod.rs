//! `/display`: the wall, its set-up, and the same board on a guest's phone. Numbers that can be read from the back of the
//! room, and nothing that could be missed.
//!
//! These pages have no WebAssembly (docs/adr/0008): the server renders them whole, and the scripts in `public/display` keep
//! them true. Reading order: [`settings`] is what one screen wants, [`scale`] how large that makes the numbers, `layout`
//! which of them are shown; `wall`, `setup` and `companion` are the three pages, and `shell` is what stands around each.

mod companion;
mod layout;
mod qr_code;
mod scale;
mod script_data;
mod settings;
mod setup;
mod shell;
mod wall;

use domain::{
    OrderId, OrderNumber, Timestamp,
    live::TopicState,
    view::{BoardEntry, ShopView},
};
use leptos::prelude::*;

pub use self::settings::Settings;
use crate::{i18n::Words, loaders::Snapshot};

/// Where the browser finds the parts of these pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The text of the style sheet. It stands in the page itself: one journey less before anything is seen.
    pub style: String,
    /// The scripts of the wall, in the order in which they are needed.
    pub wall: Vec<String>,
    /// The scripts of the board on a phone.
    pub mine: Vec<String>,
}

/// What a page is made of beside its address.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The parts.
    pub files: &'a Files,
    /// What lets our scripts and styles run, and no others.
    pub nonce: &'a str,
    /// The part of the address after the question mark.
    pub query: &'a str,
    /// The messages in the language that the browser asks for.
    pub words: Words,
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
    fn entries(&self) -> &[BoardEntry] {
        match &self.board.state {
            TopicState::Board(entries) => entries,
            _ => &[],
        }
    }

    fn shop(&self) -> Option<&ShopView> {
        match &self.shop.state {
            TopicState::Shop(shop) => Some(shop),
            _ => None,
        }
    }

    fn name(&self) -> String {
        self.shop().map(|shop| shop.name.clone()).unwrap_or_default()
    }
}

/// The guest's own order, if their phone has one under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mine {
    /// Its id, for the way back.
    pub id: OrderId,
    /// Its number, once it has one.
    pub number: Option<OrderNumber>,
}

/// The page `/display`.
pub fn wall(request: &Request<'_>, board: &Board) -> String {
    Owner::new().with(|| wall::page(request, board).to_html())
}

/// The page `/display/setup`.
pub fn setup(request: &Request<'_>) -> String {
    Owner::new().with(|| {
        provide_context(request.words);
        setup::page(request).to_html()
    })
}

/// The page `/display/mine`.
pub fn mine(request: &Request<'_>, board: &Board, order: Option<&Mine>) -> String {
    Owner::new().with(|| companion::page(request, board, order).to_html())
}

/// The page in the place of one that could not be made; it tries again by itself.
pub fn trouble(request: &Request<'_>) -> String {
    Owner::new().with(|| shell::trouble(request).to_html())
}
