//! The WebAssembly of the guests' pages.

fn main() {
    app::browser::guest();
}
