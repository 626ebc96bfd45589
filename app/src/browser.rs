//! What the two bundles begin with: they take over the page that the server has rendered.

use crate::{
    app::{self, Page},
    failure, location,
};

/// The pages of guests.
pub fn guest() {
    take_over(app::guest);
}

/// The pages of the bar.
pub fn bar() {
    take_over(app::bar);
}

fn take_over(page: fn(Page)) {
    failure::report_panics();
    let (path, _) = location::address();
    page(Page::at(&path));
}
