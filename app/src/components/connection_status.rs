//! Whether the page is live, in words and with a sign.

use domain::Timestamp;
use leptos::prelude::*;

use super::{Icon, Sign};
use crate::{
    i18n,
    live::{Line, use_live},
};

/// A banner that appears when the page may be out of date.
#[component]
pub(crate) fn LineBanner(
    /// What to do meanwhile.
    advice: &'static str,
    /// What else a screen reader hears: a page has one place for announcements.
    #[prop(optional, into)]
    also: Option<Signal<String>>,
) -> impl IntoView {
    let live = use_live();
    let t = i18n::words();
    let said = move || match live.line.get() {
        Line::Starting | Line::Live => None,
        Line::Slow => Some(t.common_line_slow_sentence().to_owned()),
        Line::Silent { since } => {
            let since = t.common_line_silent_since(&i18n::wall_time(Timestamp(since)));
            Some(format!("{since} {advice}"))
        }
    };
    view! {
        <div class="line-banner" role="status" data-line=move || live.line.get().name()>
            {move || said().map(|said| view! { <p><Icon sign=Sign::NoLine />{said}</p> })}
            {also.map(|also| view! { <p class="visually-hidden">{also}</p> })}
        </div>
    }
}

/// A dot with a word: live, connecting, not live.
#[component]
pub(crate) fn LiveDot() -> impl IntoView {
    let live = use_live();
    let t = i18n::words();
    let said = move || match live.line.get() {
        Line::Starting => t.common_line_starting(),
        Line::Live => t.common_line_live(),
        Line::Slow => t.common_line_slow(),
        Line::Silent { .. } => t.common_line_silent(),
    };
    view! {
        <span class="live-dot" data-line=move || live.line.get().name()>
            {said}
        </span>
    }
}
