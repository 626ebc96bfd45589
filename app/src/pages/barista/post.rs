//! Forms, sent by the script instead of the browser. One listener at the top of the page serves every form on it, so a
//! card is plain HTML that works without a script, and a new command needs no code here.
//!
//! A command that does not reach the server is kept and sent again until it does: the bar's commands may come twice.

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

    /// Whether a command on this order is on its way.
    pub(super) fn is_sending(self, order: &str) -> bool {
        self.sending.with(|sending| sending.iter().any(|each| each == order))
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Element, FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

    use super::Desk;
    use crate::{error::CommandError, live::use_live};

    /// The second of two touches so close in time is one of a shaking hand, in milliseconds.
    const TWICE_MILLIS: f64 = 400.0;
    /// What did not reach the server is sent again after this.
    const AGAIN: Duration = Duration::from_secs(2);

    /// A form as it travels.
    #[derive(Clone)]
    struct Command {
        action: String,
        body: String,
        /// The order that it is about, or what else must not be sent twice at once.
        about: String,
    }

    pub(super) fn take(desk: Desk, event: &SubmitEvent) {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some((form, command)) = form.and_then(|form| read(&form, event).map(|command| (form, command))) else {
            return;
        };
        event.prevent_default();
        let now = js_sys::Date::now();
        let (last, tapped) = desk.last_sent.get_value();
        let tap = format!("{} {}", command.action, command.about);
        if desk.sending.with_untracked(|sending| sending.contains(&command.about))
            || (now - last < TWICE_MILLIS && tapped == tap)
        {
            return;
        }
        desk.last_sent.set_value((now, tap));
        desk.touched.set(domain::OrderId::try_from(command.about.as_str()).ok());
        desk.apply_look(&command.body);
        if form.has_attribute("data-closes") {
            close(&form);
        }
        desk.sending.update(|sending| sending.push(command.about.clone()));
        send(desk, command);
    }

    /// What the form and the button that was tapped say.
    fn read(form: &HtmlFormElement, event: &SubmitEvent) -> Option<Command> {
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
        let about = params.get("order").unwrap_or_else(|| format!("{action}?{body}"));
        Some(Command { action, body, about })
    }

    /// Closes the panel that a form is in: it has done its work.
    fn close(form: &Element) {
        if let Ok(Some(panel)) = form.closest("details[open]") {
            _ = panel.remove_attribute("open");
        }
    }

    fn send(desk: Desk, command: Command) {
        let live = use_live();
        spawn_local(async move {
            match post(&command).await {
                Err(CommandError::Offline) => set_timeout(move || send_again(desk, command, live), AGAIN),
                answer => {
                    desk.sending.try_update(|sending| sending.retain(|each| *each != command.about));
                    desk.answered(&command.action, answer);
                    live.refresh();
                }
            }
        });
    }

    fn send_again(desk: Desk, command: Command, live: crate::live::Live) {
        // The page may have been left meanwhile, and with it all that a command needs.
        if desk.sending.try_with_untracked(Vec::len).is_some() {
            live.refresh();
            send(desk, command);
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
        JsFuture::from(window().fetch_with_str_and_init(action, &init)).await.ok()?.dyn_into().ok()
    }
}
