//! The document of every page: head, styles, and the script that hydrates it.

mod assets;
mod hydration;
mod install;

use std::sync::Arc;

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

pub use self::assets::{Assets, Bundle, Style};
pub(crate) use self::install::REGISTER;
use self::{hydration::Hydration, install::Installable};
use crate::{
    app::{self, Page},
    i18n::messages,
    location,
    page_data::ROOT,
    preferences::theme,
};

/// Renders the document of the requested page.
#[expect(clippy::needless_pass_by_value, reason = "the server passes a closure that owns it")]
pub fn document(assets: Arc<Assets>) -> impl IntoView {
    let t = messages();
    let language = t.language();
    let page = Page::at(&location::current().0);
    let nonce = use_nonce();
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() dir=language.direction() data-theme=theme()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#FFFBF5" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1B1310" />
                <meta name="format-detection" content="telephone=no" />
                <meta name="description" content=t.common_description() />
                <link rel="icon" type="image/svg+xml" href="/pkg/icon.svg" />
                <link
                    rel="preload"
                    href="/pkg/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <style nonce=nonce.clone() inner_html=assets.css_of(page)></style>
                <noscript><style nonce=nonce.clone() inner_html=NO_SCRIPT_STYLE></style></noscript>
                <script type="application/json" id="words" inner_html=t.json(page.parts().messages)></script>
                {assets.bundle_of(page).map(|bundle| view! { <Hydration bundle=bundle.clone() /> })}
                <Installable page=page />
                <MetaTags />
            </head>
            <body><div id=ROOT>{app::render(page)}</div></body>
        </html>
    }
}

/// Without scripts, hides the place that is reserved for what a script renders. The media feature `scripting` is not
/// used, because browsers have had it only since 2023.
const NO_SCRIPT_STYLE: &str = ".tell:empty{display:none}";
