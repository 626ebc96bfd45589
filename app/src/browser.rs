//! What the two bundles begin with: they take over the page that the server has rendered.

use crate::{
    app::{self, Page},
    failure, location,
};

/// The pages of guests.
pub fn guest() {
    hydrate(app::hydrate_guest);
}

/// The pages of the bar.
pub fn bar() {
    hydrate(app::hydrate_barista);
}

fn hydrate(page: fn(Page)) {
    failure::report_panics();
    let (path, _) = location::current();
    page(Page::at(&path));
}
