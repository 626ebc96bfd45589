//! What makes a page installable, and what is left of it without a connection.

use leptos::{nonce::use_nonce, prelude::*};

use crate::app::{Page, PageParts};

/// The manifest of the page's readers, and the service worker. Browsers offer one on secure origins only.
#[component]
pub(super) fn Installable(page: Page) -> impl IntoView {
    let nonce = use_nonce();
    let PageParts { manifest, installed_name, .. } = page.parts();
    let note = (page == Page::Order).then(|| view! { <script nonce=nonce.clone() inner_html=NOTE></script> });
    view! {
        <link rel="manifest" href=manifest />
        <link rel="apple-touch-icon" href="/pkg/install/apple-touch-icon.png" />
        <meta name="apple-mobile-web-app-title" content=installed_name />
        {note}
        <script nonce=nonce inner_html=REGISTER></script>
    }
}

/// After the page has been shown, like everything that it does not need for that.
pub(crate) const REGISTER: &str = "if(navigator.serviceWorker)addEventListener('load',function(){\
    navigator.serviceWorker.register('/pkg/service-worker.js',{scope:'/'}).catch(function(){})})";

/// Writes down where the order stands, and when that was: the page `/offline` says it, with the time.
const NOTE: &str = "addEventListener('DOMContentLoaded',function(){\
    function note(){try{localStorage.setItem('doppio.last',JSON.stringify({title:document.title,at:Date.now()}))}catch(e){}}\
    note();new MutationObserver(note).observe(document.querySelector('title'),{childList:true,characterData:true,subtree:true})})";
