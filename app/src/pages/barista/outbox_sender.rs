//! Sends the forms of the page. One listener handles all forms, so a card is plain HTML that works without a script,
//! and a new command needs no code here.
//!
//! Commands are sent one after the other, in the order of the taps. A command that does not reach the server is stored
//! and sent again, also after a reload; commands of the bar are idempotent.

use leptos::{ev::SubmitEvent, prelude::*};

use super::context::BaristaContext;

impl BaristaContext {
    /// Sends a form in place of the browser.
    pub(super) fn on_submit(self, event: &SubmitEvent) {
        #[cfg(feature = "hydrate")]
        browser::on_submit(self, event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// Sends the commands that were stored when the page was last open.
    pub(super) fn send_stored(self) {
        #[cfg(feature = "hydrate")]
        browser::send_stored(self);
    }

    /// Whether a command on this order is pending.
    pub(super) fn is_sending(self, order: &str) -> bool {
        self.outbox.with(|outbox| outbox.has(order))
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
    use web_sys::{Element, HtmlFormElement};

    use super::{
        super::outbox::{MAX_AGE_MILLIS, Now, Outbox, PendingCommand},
        BaristaContext,
    };
    use crate::{
        commands::{API_PREFIX, WalkInOrder, path_of},
        device::{steady_millis, store, stored, wall_millis},
        error::CommandError,
        fetch::{form_fields, submit},
        i18n::messages,
        live::{Live, use_live},
    };

    /// A tap this soon after the same one is the second half of a double tap, in milliseconds.
    const DOUBLE_TAP_MILLIS: i64 = 400;
    /// How long the server may be unavailable before a command fails, in milliseconds.
    const UNAVAILABLE_MILLIS: i64 = 30_000;
    /// The delay before a command is sent again.
    const RETRY_DELAY: Duration = Duration::from_secs(2);

    pub(super) fn on_submit(context: BaristaContext, event: &SubmitEvent) {
        let Some((form, command)) = read(context, event) else { return };
        event.prevent_default();
        let (last, tapped) = context.last_sent.get_value();
        let tap = format!("{} {}", command.action, command.about);
        if context.outbox.with_untracked(|outbox| outbox.has(&command.about))
            || (command.queued_at - last < DOUBLE_TAP_MILLIS && tapped == tap)
        {
            return;
        }
        context.last_sent.set_value((command.queued_at, tap));
        context.last_touched.set(domain::OrderId::try_from(command.about.as_str()).ok());
        context.apply_preference(&command.body);
        context.clear_errors();
        if form.has_attribute("data-closes") {
            close(&form);
        }
        let is_walk_in = command.action == path_of::<WalkInOrder>();
        if !context.outbox.try_update(|outbox| outbox.push(command)).unwrap_or(false) {
            context.report(messages().barista_outbox_full().to_owned());
            return;
        }
        if is_walk_in {
            context.next_key();
        }
        store_outbox(context);
        if context.outbox.with_untracked(Outbox::len) == 1 {
            send(context, use_live());
        }
    }

    /// The command of a form, including the button that was tapped.
    fn read(context: BaristaContext, event: &SubmitEvent) -> Option<(HtmlFormElement, PendingCommand)> {
        let (form, fields) = form_fields(event)?;
        // The browser handles other forms, such as the choice of the language.
        let action = form.get_attribute("action").filter(|action| action.starts_with(API_PREFIX))?;
        let body = String::from(fields.to_string());
        let order = fields.get("order");
        let number = order.as_ref().and_then(|order| context.number_of(order));
        let about = order.unwrap_or_else(|| format!("{action}?{body}"));
        let Now { wall, steady } = now();
        Some((form, PendingCommand { action, body, about, number, tapped_at: wall, queued_at: steady }))
    }

    fn now() -> Now {
        Now { wall: wall_millis(), steady: steady_millis() }
    }

    /// Closes the panel of a form.
    fn close(form: &Element) {
        if let Ok(Some(panel)) = form.closest("details[open]") {
            _ = panel.remove_attribute("open");
        }
    }

    /// The name in the storage. It contains the barista, so that nobody sends the commands of somebody else.
    fn name(context: BaristaContext) -> String {
        format!("outbox {}", context.me())
    }

    fn store_outbox(context: BaristaContext) {
        store(&name(context), &context.outbox.with_untracked(Outbox::text));
    }

    pub(super) fn send_stored(context: BaristaContext) {
        let (outbox, stale) = Outbox::read(&stored(&name(context)).unwrap_or_default(), now());
        if stale > 0 {
            context.report(messages().barista_outbox_stale(u32::try_from(stale).unwrap_or(u32::MAX)));
        }
        let waits = outbox.len() > 0;
        context.outbox.set(outbox);
        store_outbox(context);
        if waits {
            send(context, use_live());
        }
    }

    /// Sends the first command, and then the others.
    fn send(context: BaristaContext, live: Live) {
        // The page may have been left meanwhile.
        let Some(Some(command)) = context.outbox.try_with_untracked(|outbox| outbox.first().cloned()) else { return };
        spawn_local(async move {
            match submit(&command.action, &command.body).await.map(|_| ()) {
                Err(error) if is_temporary(&error, &command) => {
                    context.is_offline.try_set(true);
                    live.refresh();
                    set_timeout(move || send(context, live), RETRY_DELAY);
                }
                answer => {
                    context.is_offline.try_set(false);
                    if context.outbox.try_update(Outbox::remove_first).is_none() {
                        return;
                    }
                    store_outbox(context);
                    context.answered(&command, answer);
                    live.refresh();
                    send(context, live);
                }
            }
        });
    }

    /// Whether the command may succeed if it is sent again.
    fn is_temporary(error: &CommandError, command: &PendingCommand) -> bool {
        let age = command.age(now());
        match error {
            CommandError::Offline => age < MAX_AGE_MILLIS,
            CommandError::Unavailable => age < UNAVAILABLE_MILLIS,
            _ => false,
        }
    }
}
