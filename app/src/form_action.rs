//! Commands of a guest. A form is plain HTML that works without a script. With one, the script sends the same fields,
//! so each command is implemented once.

use domain::view::OrderView;
use leptos::{ev::SubmitEvent, prelude::*};

use crate::error::{CommandError, Failed};
#[cfg(feature = "hydrate")]
use crate::fetch::{form_fields, submit};

/// A command and the state of its last request. Each command of a guest answers with the order.
#[derive(Clone, Copy)]
pub(crate) struct FormAction {
    path: &'static str,
    pending: RwSignal<bool>,
    answer: RwSignal<Option<Result<OrderView, CommandError>>>,
}

impl FormAction {
    /// The command at this path. If the page was loaded again after a form without JavaScript, it has that error.
    pub(crate) fn new(path: &'static str) -> Self {
        let failed = use_context::<Failed>().filter(|failed| failed.path == path);
        Self { path, pending: RwSignal::new(false), answer: RwSignal::new(failed.map(|failed| Err(failed.error))) }
    }

    /// The path that its forms are sent to.
    pub(crate) const fn path(self) -> &'static str {
        self.path
    }

    /// Whether a request is in flight.
    pub(crate) const fn pending(self) -> RwSignal<bool> {
        self.pending
    }

    /// The last answer.
    pub(crate) const fn answer(self) -> RwSignal<Option<Result<OrderView, CommandError>>> {
        self.answer
    }

    /// Whether the last request succeeded.
    pub(crate) fn succeeded(self) -> bool {
        self.answer.with(|answer| matches!(answer, Some(Ok(_))))
    }

    /// The error of the last request.
    pub(crate) fn error(self) -> Option<CommandError> {
        self.answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned()))
    }

    /// Sends a form in place of the browser.
    pub(crate) fn on_submit(self, event: &SubmitEvent) {
        #[cfg(feature = "hydrate")]
        if let Some((_, fields)) = form_fields(event) {
            event.prevent_default();
            self.send(String::from(fields.to_string()));
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// Sends the command with URL-encoded fields. Ignored while a request is in flight (double tap).
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
