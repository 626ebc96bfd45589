//! `/display`: the wall, its set-up, and the same board on a guest's phone. Numbers that can be read from the back of the
//! room, and nothing that could be missed.
//!
//! These pages have no WebAssembly (docs/adr/0008): the server renders them whole, and the scripts in `public/display` keep
//! them true. Reading order: [`settings`] is what one screen wants, [`scale`] how large that makes the numbers, `layout`
//! which of them are shown; `wall`, `setup` and `companion` are the three pages, and `shell` is what stands around each.

mod companion;
mod layout;
mod qr_code;
mod request;
mod scale;
mod script_data;
mod settings;
mod setup;
mod shell;
mod text;
mod wall;

use leptos::prelude::*;

pub use self::{
    request::{Board, DisplayFiles, DisplayRequest, OwnOrder},
    settings::Settings,
};

/// The page `/display`.
pub fn wall(request: &DisplayRequest<'_>, board: &Board) -> String {
    Owner::new().with(|| wall::page(request, board).to_html())
}

/// The page `/display/setup`.
pub fn setup(request: &DisplayRequest<'_>) -> String {
    Owner::new().with(|| {
        provide_context(request.messages);
        setup::page(request).to_html()
    })
}

/// The page `/display/mine`.
pub fn mine(request: &DisplayRequest<'_>, board: &Board, order: Option<&OwnOrder>) -> String {
    Owner::new().with(|| companion::page(request, board, order).to_html())
}

/// The page in the place of one that could not be made; it tries again by itself.
pub fn trouble(request: &DisplayRequest<'_>) -> String {
    Owner::new().with(|| shell::trouble(request).to_html())
}
