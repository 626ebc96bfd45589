//! Texts of the display, in one or two languages.

use domain::PauseReason;
use leptos::prelude::*;

use crate::i18n::Messages;

/// A text in each language, separated by dots: "Ready · Bereit".
pub(super) fn in_each_language<T: Fn(Messages) -> String>(messages: &[Messages], text: T) -> impl IntoView + use<T> {
    let mut texts: Vec<(Messages, String)> = Vec::new();
    for t in messages {
        let text = text(*t);
        if !texts.iter().any(|(_, known)| *known == text) {
            texts.push((*t, text));
        }
    }
    let spans = texts.into_iter().enumerate().map(|(place, (t, text))| {
        let language = t.language();
        let (lang, dir) = if place == 0 { (None, None) } else { (Some(language.tag()), Some(language.direction())) };
        view! {
            {(place > 0).then(|| view! { <span class="dot">" · "</span> })}
            <span class="say" lang=lang dir=dir>{text}</span>
        }
    });
    spans.collect_view()
}

/// The same as a string, for the scripts.
pub(super) fn join_languages(messages: &[Messages], text: impl Fn(Messages) -> String) -> String {
    let mut texts: Vec<String> = messages.iter().map(|t| text(*t)).collect();
    texts.dedup();
    texts.join(" · ")
}

/// The reason of a pause: the translation of a code, or the barista's own text.
pub(super) fn reason_text(reason: &PauseReason, t: Messages) -> String {
    match reason {
        PauseReason::CatchingUp => t.common_reason_catching_up().to_owned(),
        PauseReason::ShortBreak => t.common_reason_short_break().to_owned(),
        PauseReason::Machine => t.common_reason_machine().to_owned(),
        PauseReason::Restocking => t.common_reason_restocking().to_owned(),
        PauseReason::Custom(text) => text.clone(),
    }
}

/// The places of a number on the display (`data-place`), with their texts.
pub(super) fn place_texts(t: Messages) -> [(&'static str, &'static str); 4] {
    [
        ("preparing", t.display_mine_preparing()),
        ("ready", t.display_mine_ready()),
        ("left", t.display_mine_left()),
        ("gone", t.display_mine_gone()),
    ]
}

/// Whether a number has more than three digits.
pub(super) const fn is_long(number: u32) -> bool {
    number > 999
}
