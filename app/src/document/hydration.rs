//! What brings a page to life, and what says so when it is not.

use leptos::{nonce::use_nonce, prelude::*};

use super::assets::Bundle;
use crate::{
    i18n::messages,
    page_data::{PAGE_DATA_ID, RENDERED_AT},
};

/// Says that the page is not live when its WebAssembly has rendered nothing for fifteen seconds, and at once when it has
/// failed.
///
/// The signal is the attribute `data-now` of the element [`RENDERED_AT`], which the WebAssembly renders once a second. It
/// comes only if hydration has reached the end of the page, and only as long as the WebAssembly writes to the document
/// that is shown. The script counts its own seconds, so that a page in a hidden tab or on a sleeping phone, whose
/// WebAssembly is as slow as this, is not taken for dead.
///
/// A panic (event `failed`, see `failure.rs`) and every other trap of the WebAssembly end it for good: its event handlers
/// are not called any more, so links and forms do what they do without JavaScript. If the page has never been live, it
/// is likely to fail again, so for one minute the pages of this tab do not load their WebAssembly. An element with
/// `data-plain` then shows that text: one that stays true whatever is chosen.
///
/// A page that names a number of seconds in `data-refresh` is loaded again, so that it still shows what is true: after that
/// time where no script can come, and after thirty seconds where one might. It asks first whether there is a page, because
/// a browser that fails to load one shows an error from then on; and it gives up a question in time for the next, because
/// a browser has few connections to a server. It is written for the oldest browser that shows the page.
const LIVENESS: &str = include_str!("liveness.js");

/// Keeps the page live while a browser translates it.
///
/// A translator replaces a text node with `<font>` elements. The WebAssembly keeps the text node, which is no longer in the
/// document, and would write to it without any effect. This script gives such a node three properties of its own
/// (`nodeValue`, `parentNode`, `remove`): before the WebAssembly uses the node, it takes its place in the document again.
/// The translator then translates the new text. Before hydration (event `hydrating`) all text nodes are put back.
const PAGE_TRANSLATION: &str = include_str!("page_translation.js");

/// Loads a page again that a newer server has replaced (`live::browser` says `renew` when a server has begun anew): its
/// WebAssembly is there no more. Also one of which something has changed that it does not follow (event `outdated`). Nothing that somebody types, chooses or sends is lost by it, so it waits for that.
const CHECK_VERSION: &str = "function renew(file){var old,look=function(){\
    if(old){if(!document.querySelector('[role=dialog],details[open],.sending,[aria-busy=true],input:focus'))location.reload()}\
    else fetch(file,{method:'HEAD',cache:'no-store'}).then(function(a){\
    if(a.status==404&&!old){old=1;setInterval(look,2000);look()}},function(){})};addEventListener('renew',look);\
    addEventListener('outdated',function(){if(!old){old=1;setInterval(look,2000);look()}})}";

/// Loads the WebAssembly when the page has been shown and its pictures are there: two frames after `load`, so that what
/// has come is painted before the processor is wanted for anything else; a page in a hidden tab paints nothing, and does
/// not wait. Nothing can come where that fails (an old television, a lost connection), or where the server could not read
/// what the page should show.
///
/// Leptos's own component cannot be used: it computes other file names, and its preload carries the nonce where
/// `crossorigin` belongs (leptos#4843).
#[component]
pub(super) fn Hydration(bundle: Bundle) -> impl IntoView {
    let nonce = use_nonce();
    let t = messages();
    let Bundle { script, wasm } = bundle;
    let settings = serde_json::json!({
        "seed": PAGE_DATA_ID,
        "rendered": RENDERED_AT,
        "stopped": t.common_line_stopped("{time}"),
        "failed": t.common_line_failed(),
        "refreshes": t.common_line_failed_refreshes("{seconds}"),
        "again": t.common_line_again(),
    });
    // Inside of a script nothing may look like its end.
    let settings = settings.to_string().replace('<', "\\u003c");
    let liveness = format!("({PAGE_TRANSLATION})();var life=({LIVENESS})({settings})");
    let load = format!(
        "function go(){{if(!document.getElementById({PAGE_DATA_ID:?}))return life.without();if(life.failedBefore())return;\
         import({script:?}).then(function(m){{return m.default({{module_or_path:{wasm:?}}})}})\
         .catch(function(e){{console.error(e);life.broken(e)}})}}\
         function soon(){{if(document.hidden)go();else requestAnimationFrame(function(){{requestAnimationFrame(go)}})}}\
         if(document.readyState=='complete')soon();else addEventListener('load',soon);{CHECK_VERSION}renew({wasm:?})"
    );
    view! {
        <script nonce=nonce.clone() inner_html=liveness></script>
        <script type="module" nonce=nonce.clone() inner_html=load></script>
        <script nomodule=true nonce=nonce inner_html="window.onload=life.without"></script>
    }
}
