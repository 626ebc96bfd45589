//! `/display`: the board on a wall, its set-up, and the board on a guest's phone.
//!
//! These pages have no WebAssembly (docs/adr/0008): the server renders them, and the scripts in `public/display` update
//! them. Reading order: `settings` is the configuration of a screen, `scale` the size of the numbers, and `layout`
//! which of them are shown. `wall`, `setup` and `companion` are the three pages, and `shell` is the document around
//! each.

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

/// Renders the page `/display`.
pub fn wall(request: &DisplayRequest<'_>, board: &Board) -> String {
    Owner::new().with(|| wall::page(request, board).to_html())
}

/// Renders the page `/display/setup`.
pub fn setup(request: &DisplayRequest<'_>) -> String {
    Owner::new().with(|| {
        provide_context(request.messages);
        setup::page(request).to_html()
    })
}

/// Renders the page `/display/mine`.
pub fn mine(request: &DisplayRequest<'_>, board: &Board, order: Option<&OwnOrder>) -> String {
    Owner::new().with(|| companion::page(request, board, order).to_html())
}

/// Renders the error page, which reloads itself.
pub fn trouble(request: &DisplayRequest<'_>) -> String {
    Owner::new().with(|| shell::trouble(request).to_html())
}
