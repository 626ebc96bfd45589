//! The WebAssembly of the bar's pages.

fn main() {
    app::browser::bar();
}
