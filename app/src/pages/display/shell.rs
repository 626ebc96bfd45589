//! The document around each page of the display.

use leptos::prelude::*;

use super::request::DisplayRequest;
use crate::{document::REGISTER, i18n::Messages};

/// How often a screen without JavaScript reloads the page, in seconds.
pub(super) const REFRESH: u8 = 8;

/// Reloads a page whose scripts do not run, as on old televisions. It first requests the page, because a browser that
/// fails to reload shows an error page for good.
const RELOAD_WITHOUT_SCRIPTS: &str = "setInterval(function(){var d=document.documentElement;if(d.hasAttribute('data-alive'))return;\
    var r=new XMLHttpRequest();r.open('GET',location.href);\
    r.onload=function(){if(r.status===200&&!d.hasAttribute('data-alive'))location.reload()};r.send()},8000)";

/// The parts of a document that differ.
pub(super) struct Shell<'a> {
    pub(super) request: &'a DisplayRequest<'a>,
    /// The messages in the language of the page.
    pub(super) messages: Messages,
    /// `wall`, `setup` or `mine`.
    pub(super) class: &'static str,
    pub(super) title: String,
    /// A style sheet for this screen only.
    pub(super) own_style: Option<String>,
    pub(super) scripts: &'a [String],
    /// The data for the scripts, as JSON.
    pub(super) start: Option<String>,
    /// Whether the page changes while it is open.
    pub(super) changes: bool,
}

impl Shell<'_> {
    /// The document around the body of a page.
    pub(super) fn around(self, body: impl IntoView + 'static) -> impl IntoView {
        let nonce = self.request.nonce.to_owned();
        let language = self.messages.language();
        let scripts = self.scripts.iter().map({
            let nonce = nonce.clone();
            move |src| view! { <script src=src.clone() nonce=nonce.clone() defer=true></script> }
        });
        let refresh = format!("<meta http-equiv=\"refresh\" content=\"{REFRESH}\">");
        view! {
            <!DOCTYPE html>
            <html lang=language.tag() dir=language.direction() data-line="starting">
                <head>
                    <meta charset="utf-8" />
                    <title>{self.title}</title>
                    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                    <meta name="color-scheme" content=if self.class == "wall" { "dark" } else { "dark light" } />
                    <meta name="theme-color" content="#1B1310" />
                    <meta name="format-detection" content="telephone=no" />
                    <link rel="icon" type="image/svg+xml" href="/pkg/icon.svg" />
                    <link rel="preload" href="/pkg/display/board-800.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous" />
                    <style nonce=nonce.clone() inner_html=self.request.files.style.clone()></style>
                    {(self.class == "wall").then(|| view! {
                        <link rel="manifest" href="/pkg/install/wall.webmanifest" />
                        <link rel="apple-touch-icon" href="/pkg/install/apple-touch-icon.png" />
                        <meta name="apple-mobile-web-app-title" content="Display" />
                        <script nonce=nonce.clone() inner_html=REGISTER></script>
                    })}
                    {self.own_style.map(|css| view! { <style nonce=nonce.clone() inner_html=css></style> })}
                    {self.changes.then(|| view! { <noscript inner_html=refresh></noscript> })}
                </head>
                <body class=self.class>
                    {body}
                    {self.start.map(|json| {
                        view! {
                            <script type="application/json" id="start" inner_html=json></script>
                            <script nonce=nonce inner_html=RELOAD_WITHOUT_SCRIPTS></script>
                        }
                    })}
                    {scripts.collect_view()}
                </body>
            </html>
        }
    }
}

/// The error page.
pub(super) fn trouble(request: &DisplayRequest<'_>) -> impl IntoView {
    let t = request.messages;
    let shell = Shell {
        request,
        messages: t,
        class: "setup",
        title: t.display_trouble().to_owned(),
        own_style: None,
        scripts: &[],
        start: None,
        changes: false,
    };
    let refresh = format!("<meta http-equiv=\"refresh\" content=\"{REFRESH}\">");
    shell.around(view! {
        <main class="sheet">
            <h1>{t.display_trouble()}</h1>
            <p>{t.display_trouble_sentence()}</p>
            <div hidden inner_html=refresh></div>
        </main>
    })
}
