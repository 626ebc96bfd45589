//! The WebAssembly entry: takes over the page that the server has rendered.

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
