//! Whether the page is live, in words and with a sign.

use domain::Timestamp;
use leptos::prelude::*;

use super::{Icon, Sign};
use crate::{
    live::{Line, use_live},
    words,
};

/// A banner that appears when the page may be out of date.
#[component]
pub(crate) fn LineBanner(
    /// What to do meanwhile.
    advice: &'static str,
) -> impl IntoView {
    let live = use_live();
    let words = move || match live.line.get() {
        Line::Starting | Line::Live => None,
        Line::Slow => Some("Slower updates: every few seconds.".to_owned()),
        Line::Silent { since } => Some(format!("Not live since {}. {advice}", words::wall_time(Timestamp(since)))),
    };
    view! {
        <div class="line-banner" role="status">
            {move || words().map(|words| view! { <p><Icon sign=Sign::NoLine />{words}</p> })}
        </div>
    }
}

/// A dot with a word: live, connecting, not live.
#[component]
pub(crate) fn LiveDot() -> impl IntoView {
    let live = use_live();
    let state = move || match live.line.get() {
        Line::Starting => ("starting", "Connecting"),
        Line::Live => ("live", "Live"),
        Line::Slow => ("slow", "Slower updates"),
        Line::Silent { .. } => ("silent", "Not live"),
    };
    view! {
        <span class="live-dot" data-line=move || state().0>
            {move || state().1}
        </span>
    }
}
