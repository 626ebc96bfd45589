//! The web app manifest, the service worker, and the note for the offline page.

use leptos::{nonce::use_nonce, prelude::*};

use crate::app::{Page, PageParts};

/// The web app manifest and the service worker. Browsers support them on secure origins only.
#[component]
pub(super) fn Installable(page: Page) -> impl IntoView {
    let nonce = use_nonce();
    let PageParts { manifest, installed_name, .. } = page.parts();
    let store_title =
        (page == Page::Order).then(|| view! { <script nonce=nonce.clone() inner_html=STORE_TITLE></script> });
    view! {
        <link rel="manifest" href=manifest />
        <link rel="apple-touch-icon" href="/pkg/install/apple-touch-icon.png" />
        <meta name="apple-mobile-web-app-title" content=installed_name />
        {store_title}
        <script nonce=nonce inner_html=REGISTER></script>
    }
}

/// Registers the service worker after the page has loaded.
pub(crate) const REGISTER: &str = "if(navigator.serviceWorker)addEventListener('load',function(){\
    navigator.serviceWorker.register('/pkg/service-worker.js',{scope:'/'}).catch(function(){})})";

/// Stores the title of the order page with the time. The page `/offline` shows both.
const STORE_TITLE: &str = "addEventListener('DOMContentLoaded',function(){\
    function note(){try{localStorage.setItem('doppio.last',JSON.stringify({title:document.title,at:Date.now()}))}catch(e){}}\
    note();new MutationObserver(note).observe(document.querySelector('title'),{childList:true,characterData:true,subtree:true})})";
