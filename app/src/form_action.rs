//! Commands, sent by the script instead of the browser. A form is plain HTML that works without a script; with one, it is
//! taken here and sent in the same shape, so a command is written once.

use domain::view::OrderView;
use leptos::{ev::SubmitEvent, prelude::*};

use crate::error::{CommandError, Failed};
#[cfg(feature = "hydrate")]
use crate::fetch::{form_fields, submit};

/// A command of a guest, and what became of it. Every one of them answers with the order.
#[derive(Clone, Copy)]
pub(crate) struct FormAction {
    path: &'static str,
    pending: RwSignal<bool>,
    answer: RwSignal<Option<Result<OrderView, CommandError>>>,
}

impl FormAction {
    /// The command at this address. One that came back without JavaScript has its answer already.
    pub(crate) fn new(path: &'static str) -> Self {
        let failed = use_context::<Failed>().filter(|failed| failed.path == path);
        Self { path, pending: RwSignal::new(false), answer: RwSignal::new(failed.map(|failed| Err(failed.error))) }
    }

    /// Where its forms are sent to.
    pub(crate) const fn path(self) -> &'static str {
        self.path
    }

    /// Whether it is on its way.
    pub(crate) const fn pending(self) -> RwSignal<bool> {
        self.pending
    }

    /// The last answer.
    pub(crate) const fn answer(self) -> RwSignal<Option<Result<OrderView, CommandError>>> {
        self.answer
    }

    /// Whether the last one had its effect.
    pub(crate) fn succeeded(self) -> bool {
        self.answer.with(|answer| matches!(answer, Some(Ok(_))))
    }

    /// Why the last one had no effect.
    pub(crate) fn error(self) -> Option<CommandError> {
        self.answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned()))
    }

    /// Takes a form that the browser is about to send.
    pub(crate) fn on_submit(self, event: &SubmitEvent) {
        #[cfg(feature = "hydrate")]
        if let Some((_, fields)) = form_fields(event) {
            event.prevent_default();
            self.send(String::from(fields.to_string()));
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// Sends it, with these fields as a form has them. Not while it is on its way: that would be the second half of a
    /// trembling touch.
    pub(crate) fn send(self, fields: String) {
        #[cfg(feature = "hydrate")]
        if !self.pending.get_untracked() {
            self.pending.set(true);
            leptos::task::spawn_local(async move {
                use crate::json::FromJson as _;
                let answer = submit(self.path, &fields).await;
                let answer = answer.and_then(|json| OrderView::from_json(&json).ok_or(CommandError::Unavailable));
                // The page may have been left meanwhile.
                self.pending.try_set(false);
                self.answer.try_set(Some(answer));
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = fields;
    }
}
