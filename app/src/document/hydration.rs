//! The scripts of a document: loading the WebAssembly, and watching that it runs.

use leptos::{nonce::use_nonce, prelude::*};

use super::assets::Bundle;
use crate::{
    i18n::messages,
    page_data::{PAGE_DATA_ID, RENDERED_AT},
};

/// Shows a banner when the WebAssembly has rendered nothing for fifteen seconds, and at once when it has failed.
///
/// The signal is the attribute `data-now` of the element [`RENDERED_AT`], which is rendered once a second. It goes
/// through the reactive graph, so it also stops when hydration did not reach the end of the page or the WebAssembly
/// renders to removed nodes. The script counts its own seconds, so a page in a hidden tab or on a sleeping phone, where
/// both are slow, is not reported.
///
/// A panic (event `failed`, see `failure.rs`) or any other trap stops the WebAssembly for good: its event handlers are
/// disabled, so links and forms work as without JavaScript. If the page has never been hydrated it would probably fail
/// again, so the pages of this tab do not load their WebAssembly for one minute. Elements with `data-plain` then show
/// that text, which is right whatever is selected.
///
/// A page with a number of seconds in `data-refresh` is reloaded: after that time if no script can be loaded, after
/// thirty seconds if one may still come. The script first requests the page, because a browser that fails to reload
/// shows an error page for good. It aborts that request before the next, because a browser has few connections to a
/// server. The script uses only what the oldest supported browser has.
const LIVENESS: &str = include_str!("liveness.js");

/// Keeps the page hydrated while a browser translates it.
///
/// A translator replaces text nodes by `<font>` elements. The WebAssembly keeps the removed text node, and writing to
/// it would have no effect. This script defines `nodeValue`, `parentNode` and `remove` on such nodes: when the
/// WebAssembly uses one of them, the node is put back, and the translator translates it again. Before hydration (event
/// `hydrating`) all text nodes are put back.
const PAGE_TRANSLATION: &str = include_str!("page_translation.js");

/// Reloads a page that a newer server has replaced, whose WebAssembly is no longer there (`live::browser` dispatches
/// `renew` when a server has restarted), and a page that cannot show a change (event `outdated`). It waits until no
/// input, dialog or request is in progress.
const CHECK_VERSION: &str = "function renew(file){var old,look=function(){\
    if(old){if(!document.querySelector('[role=dialog],details[open],.sending,[aria-busy=true],input:focus'))location.reload()}\
    else fetch(file,{method:'HEAD',cache:'no-store'}).then(function(a){\
    if(a.status==404&&!old){old=1;setInterval(look,2000);look()}},function(){})};addEventListener('renew',look);\
    addEventListener('outdated',function(){if(!old){old=1;setInterval(look,2000);look()}})}";

/// Loads the WebAssembly two frames after `load`, so that the page is painted first. A hidden page is not painted, so
/// it does not wait.
///
/// Leptos's own component cannot be used: it computes other file names, and its preload has the nonce in place of
/// `crossorigin` (leptos#4843).
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
    // The JSON must not contain the end of the script element.
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
