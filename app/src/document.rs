//! The document around every page: head, style sheets, and the script that brings the page to life.

use std::sync::Arc;

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{App, words::words};

/// Where the browser finds what Trunk has built. Paths begin with `/pkg/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The style sheets, in the order of their layers.
    pub styles: Vec<String>,
    /// The script that loads the WebAssembly.
    pub script: String,
    /// The WebAssembly.
    pub wasm: String,
}

/// Renders the whole document.
#[expect(clippy::needless_pass_by_value, reason = "the server calls it as a closure that owns its copy")]
pub fn document(assets: Arc<Assets>) -> impl IntoView {
    let t = words();
    let language = t.language();
    let styles = assets.styles.iter().map(|href| view! { <link rel="stylesheet" href=href.clone() /> }).collect_view();
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() dir=language.direction()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#FFFBF5" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1B1310" />
                <meta name="format-detection" content="telephone=no" />
                <link rel="icon" type="image/svg+xml" href="/pkg/icon.svg" />
                <link
                    rel="preload"
                    href="/pkg/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                {styles}
                <script type="application/json" id="words" inner_html=t.json(areas())></script>
                <Hydration script=assets.script.clone() wasm=assets.wasm.clone() />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The messages that the browser needs on this page and on those it leads to without loading a document.
fn areas() -> &'static [&'static str] {
    let bar = use_context::<http::request::Parts>().is_some_and(|parts| parts.uri.path().starts_with("/barista"));
    if bar { &["common", "barista"] } else { &["common", "customer", "order", "display"] }
}

/// Loads the WebAssembly. Where that fails (an old television, a lost connection), a page that names a number of seconds
/// in `data-refresh` is loaded again after that time, so that it still shows what is true.
///
/// Leptos's own component cannot be used: it computes other file names, and its preload carries the nonce where
/// `crossorigin` belongs (leptos#4843).
#[component]
fn Hydration(script: String, wasm: String) -> impl IntoView {
    let nonce = use_nonce();
    let load = format!(
        "import({script:?}).then(function(m){{return m.default({{module_or_path:{wasm:?}}})}}).catch(function(e){{\
         console.error(e);{RELOAD}}})"
    );
    view! {
        <link rel="modulepreload" href=script nonce=nonce.clone() />
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=nonce.clone() inner_html=load></script>
        <script nomodule=true nonce=nonce inner_html=format!("window.onload=function(){{{RELOAD}}}")></script>
    }
}

const RELOAD: &str = "var r=document.querySelector('[data-refresh]');\
                      if(r)setTimeout(function(){location.reload()},r.getAttribute('data-refresh')*1000)";
