//! Forms, sent by the script instead of the browser. One listener at the top of the page serves every form on it, so a
//! card is plain HTML that works without a script, and a new command needs no code here.
//!
//! Commands go one after the other, in the order in which they were tapped. One that does not reach the server is kept,
//! over a reload too, and sent again until it does: the bar's commands may come twice.

use leptos::{ev::SubmitEvent, prelude::*};

use super::desk::Desk;

impl Desk {
    /// Takes a form that the browser is about to send.
    pub(super) fn submitted(self, event: &SubmitEvent) {
        #[cfg(feature = "hydrate")]
        browser::take(self, event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// Sends what was kept when this page was last open.
    pub(super) fn send_kept(self) {
        #[cfg(feature = "hydrate")]
        browser::send_kept(self);
    }

    /// Whether a command on this order is on its way.
    pub(super) fn is_sending(self, order: &str) -> bool {
        self.outbox.with(|outbox| outbox.has(order))
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        AbortController, Element, FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams,
    };

    use super::{
        super::outbox::{Command, FRESH_MILLIS, Outbox},
        Desk,
    };
    use crate::{
        device::{keep, kept},
        error::CommandError,
        live::{Live, use_live},
        words::words,
    };

    /// The second of two touches so close in time is one of a shaking hand, in milliseconds.
    const TWICE_MILLIS: i64 = 400;
    /// For so long a server may start again before a tap is given up, in milliseconds.
    const PATIENCE_MILLIS: i64 = 30_000;
    /// A request that has no answer after this is given up: a line that is dead without a sign would hold it for minutes.
    const ANSWER: Duration = Duration::from_secs(10);
    /// What did not reach the server is sent again after this.
    const AGAIN: Duration = Duration::from_secs(2);

    pub(super) fn take(desk: Desk, event: &SubmitEvent) {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some((form, command)) = form.and_then(|form| read(desk, &form, event).map(|command| (form, command)))
        else {
            return;
        };
        event.prevent_default();
        let (last, tapped) = desk.last_sent.get_value();
        let tap = format!("{} {}", command.action, command.about);
        if desk.outbox.with_untracked(|outbox| outbox.has(&command.about))
            || (command.tapped_at - last < TWICE_MILLIS && tapped == tap)
        {
            return;
        }
        desk.last_sent.set_value((command.tapped_at, tap));
        desk.touched.set(domain::OrderId::try_from(command.about.as_str()).ok());
        desk.apply_look(&command.body);
        desk.clear_troubles();
        if form.has_attribute("data-closes") {
            close(&form);
        }
        let is_walk_in = command.action.ends_with("walk_in_order");
        if !desk.outbox.try_update(|outbox| outbox.push(command)).unwrap_or(false) {
            desk.trouble_with(words().barista_outbox_full().to_owned());
            return;
        }
        if is_walk_in {
            desk.next_key();
        }
        remember(desk);
        if desk.outbox.with_untracked(Outbox::len) == 1 {
            send(desk, use_live());
        }
    }

    /// What the form and the button that was tapped say.
    fn read(desk: Desk, form: &HtmlFormElement, event: &SubmitEvent) -> Option<Command> {
        let fields = FormData::new_with_form(form).ok()?;
        let params = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
        if let Some(button) = event.submitter().map(Element::from)
            && let Some(name) = button.get_attribute("name")
        {
            params.append(&name, &button.get_attribute("value").unwrap_or_default());
        }
        // Any other form is the browser's own affair, such as the choice of a language.
        let action = form.get_attribute("action").filter(|action| action.starts_with("/api/"))?;
        let body = String::from(params.to_string());
        let order = params.get("order");
        let number = order.as_ref().and_then(|order| desk.number_of(order));
        let about = order.unwrap_or_else(|| format!("{action}?{body}"));
        Some(Command { action, body, about, number, tapped_at: js_sys::Date::now() as i64 })
    }

    /// Closes the panel that a form is in: it has done its work.
    fn close(form: &Element) {
        if let Ok(Some(panel)) = form.closest("details[open]") {
            _ = panel.remove_attribute("open");
        }
    }

    /// Where the browser keeps what waits. Whoever signs in next does not send what somebody else has tapped.
    fn name(desk: Desk) -> String {
        format!("outbox {}", desk.me())
    }

    fn remember(desk: Desk) {
        keep(&name(desk), &desk.outbox.with_untracked(Outbox::text));
    }

    pub(super) fn send_kept(desk: Desk) {
        let (outbox, stale) = Outbox::read(&kept(&name(desk)).unwrap_or_default(), js_sys::Date::now() as i64);
        if stale > 0 {
            desk.trouble_with(words().barista_outbox_stale(u32::try_from(stale).unwrap_or(u32::MAX)));
        }
        let waits = outbox.len() > 0;
        desk.outbox.set(outbox);
        remember(desk);
        if waits {
            send(desk, use_live());
        }
    }

    /// Sends the first that waits, and then those after it.
    fn send(desk: Desk, live: Live) {
        // The page may have been left meanwhile, and with it all that a command needs.
        let Some(Some(command)) = desk.outbox.try_with_untracked(|outbox| outbox.first().cloned()) else { return };
        spawn_local(async move {
            match post(&command).await {
                Err(error) if is_passing(&error, &command) => {
                    desk.stuck.try_set(true);
                    live.refresh();
                    set_timeout(move || send(desk, live), AGAIN);
                }
                answer => {
                    desk.stuck.try_set(false);
                    if desk.outbox.try_update(Outbox::answered).is_none() {
                        return;
                    }
                    remember(desk);
                    desk.answered(&command, answer);
                    live.refresh();
                    send(desk, live);
                }
            }
        });
    }

    /// Whether the same may work in a moment: the server was not reached, or is just starting again.
    fn is_passing(error: &CommandError, command: &Command) -> bool {
        let age = js_sys::Date::now() as i64 - command.tapped_at;
        match error {
            CommandError::Offline => age < FRESH_MILLIS,
            CommandError::Unavailable => age < PATIENCE_MILLIS,
            _ => false,
        }
    }

    async fn post(Command { action, body, .. }: &Command) -> Result<(), CommandError> {
        let response = request(action, body).await.ok_or(CommandError::Offline)?;
        if response.ok() {
            return Ok(());
        }
        let text = match response.text() {
            Ok(text) => JsFuture::from(text).await.ok().and_then(|text| text.as_string()),
            Err(_) => None,
        };
        Err(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(CommandError::Unavailable))
    }

    async fn request(action: &str, body: &str) -> Option<Response> {
        let headers = Headers::new().ok()?;
        headers.set("accept", "application/json").ok()?;
        headers.set("content-type", "application/x-www-form-urlencoded").ok()?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(body));
        let limit = AbortController::new().ok()?;
        init.set_signal(Some(&limit.signal()));
        set_timeout(move || limit.abort(), ANSWER);
        JsFuture::from(window().fetch_with_str_and_init(action, &init)).await.ok()?.dyn_into().ok()
    }
}
