//! The entry points of the two bundles. They hydrate the page that the server has rendered.

use crate::{
    app::{self, Page},
    failure, location,
};

/// Hydrates a page of guests.
pub fn guest() {
    hydrate(app::hydrate_guest);
}

/// Hydrates the page of the bar.
pub fn bar() {
    hydrate(app::hydrate_barista);
}

fn hydrate(page: fn(Page)) {
    failure::report_panics();
    let (path, _) = location::current();
    page(Page::at(&path));
}
