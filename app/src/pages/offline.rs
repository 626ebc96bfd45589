//! `/offline`: what an installed app shows without a connection. The service worker stores it.

use leptos::{nonce::use_nonce, prelude::*};

use crate::{
    components::{Logo, set_title},
    i18n::messages,
};

/// Says that there is no connection, and what was last known about an order.
#[component]
pub(crate) fn OfflinePage() -> impl IntoView {
    let t = messages();
    set_title(move || t.common_offline_headline().to_owned());
    let known = t.common_offline_known("{time}", "{what}");
    view! {
        <main class="page trouble">
            <Logo />
            <h1>{t.common_offline_headline()}</h1>
            <p>{t.common_offline_sentence()}</p>
            <p data-known=known role="status"></p>
            <p><a class="button primary" href="">{t.common_offline_again()}</a></p>
        </main>
        <script nonce=use_nonce() inner_html=SCRIPT></script>
    }
}

/// Shows what `document::install::STORE_TITLE` has stored, if that was within a day, and reloads when the server answers.
const SCRIPT: &str = "(function(){\
    try{var k=document.querySelector('[data-known]'),l=JSON.parse(localStorage.getItem('doppio.last'));\
    if(l&&Date.now()-l.at<864e5){var t=new Date(l.at).toLocaleTimeString(document.documentElement.lang,{hour:'2-digit',minute:'2-digit'});\
    k.textContent=k.getAttribute('data-known').replace('{time}',function(){return t}).replace('{what}',function(){return l.title})}}catch(e){}\
    function again(){fetch(location.href,{method:'HEAD',cache:'no-store'}).then(function(){location.reload()},function(){})}\
    addEventListener('online',again);setInterval(again,10000)})()";
