//! The status of the live connection, as text and icon.

use domain::Timestamp;
use leptos::prelude::*;

use super::{Icon, Sign};
use crate::{
    i18n,
    live::{ConnectionStatus, use_live},
};

/// A banner that appears when the page may be out of date.
#[component]
pub(crate) fn ConnectionBanner(
    /// What the reader can do meanwhile.
    advice: &'static str,
    /// Other announcements for screen readers. A page has one live region.
    #[prop(optional, into)]
    also: Option<Signal<String>>,
) -> impl IntoView {
    let live = use_live();
    let t = i18n::messages();
    let text = move || match live.status.get() {
        ConnectionStatus::Connecting | ConnectionStatus::Live => None,
        ConnectionStatus::Polling => Some(t.common_line_slow_sentence().to_owned()),
        ConnectionStatus::Stale { since } => {
            let since = t.common_line_silent_since(&i18n::local_time(Timestamp(since)));
            Some(format!("{since} {advice}"))
        }
    };
    view! {
        <div class="line-banner" role="status" data-line=move || live.status.get().name()>
            {move || text().map(|text| view! { <p><Icon sign=Sign::Offline />{text}</p> })}
            {also.map(|also| view! { <p class="visually-hidden">{also}</p> })}
        </div>
    }
}

/// A dot with a word: live, connecting, not live.
#[component]
pub(crate) fn LiveDot() -> impl IntoView {
    let live = use_live();
    let t = i18n::messages();
    let text = move || match live.status.get() {
        ConnectionStatus::Connecting => t.common_line_starting(),
        ConnectionStatus::Live => t.common_line_live(),
        ConnectionStatus::Polling => t.common_line_slow(),
        ConnectionStatus::Stale { .. } => t.common_line_silent(),
    };
    view! {
        <span class="live-dot" data-line=move || live.status.get().name()>
            {text}
        </span>
    }
}
