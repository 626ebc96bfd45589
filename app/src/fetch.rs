//! Requests to the server functions, in a browser.

use std::{future::poll_fn, pin::pin, task::Poll};

use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Element, FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use crate::{
    error::CommandError,
    json::{FromJson as _, Json},
};

/// The fields of a form that is about to be sent, including the button that was tapped.
pub(crate) fn form_fields(event: &SubmitEvent) -> Option<(HtmlFormElement, UrlSearchParams)> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    let fields = FormData::new_with_form(&form).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    if let Some(button) = event.submitter().map(Element::from)
        && let Some(name) = button.get_attribute("name")
    {
        fields.append(&name, &button.get_attribute("value").unwrap_or_default());
    }
    Some((form, fields))
}

/// Aborts a request when it is dropped. A browser has few connections to a server, and a request that hangs would
/// occupy one.
struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(abort) = &self.0 {
            abort.abort();
        }
    }
}

/// Calls a server function and reads its answer. Aborted when dropped.
///
/// # Errors
/// The error of the server, or [`CommandError::Offline`] when the request or its answer is lost.
pub(crate) async fn post(path: &str, fields: &str) -> Result<Json, CommandError> {
    // An old browser does not abort the request.
    let abort = AbortOnDrop(AbortController::new().ok());
    let response = request(path, fields, abort.0.as_ref()).await.ok_or(CommandError::Offline)?;
    let ok = response.ok();
    let answer = match response.json() {
        Ok(answer) => JsFuture::from(answer).await.ok().map(Json::from),
        Err(_) => None,
    };
    match answer {
        Some(answer) if ok => Ok(answer),
        Some(refusal) => Err(CommandError::from_json(&refusal).unwrap_or(CommandError::Unavailable)),
        None if ok => Err(CommandError::Offline),
        None => Err(CommandError::Unavailable),
    }
}

/// The time-out of a command, in milliseconds. A dead connection would hold it for minutes.
const TIMEOUT_MILLIS: i32 = 10_000;

/// Sends a command and reads its answer.
///
/// # Errors
/// The error of the server, or [`CommandError::Offline`] without an answer in time. The command may still have had its
/// effect; commands are idempotent, so it can be sent again.
pub(crate) async fn submit(path: &str, fields: &str) -> Result<Json, CommandError> {
    with_timeout(TIMEOUT_MILLIS, post(path, fields)).await.unwrap_or(Err(CommandError::Offline))
}

async fn request(path: &str, fields: &str, abort: Option<&AbortController>) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.set("accept", "application/json").ok()?;
    headers.set("content-type", "application/x-www-form-urlencoded").ok()?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_signal(abort.map(AbortController::signal).as_ref());
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(fields));
    JsFuture::from(window().fetch_with_str_and_init(path, &init)).await.ok()?.dyn_into().ok()
}

/// The result of a request, or `None` after the time-out. The request is then dropped, which aborts it.
pub(crate) async fn with_timeout<T>(millis: i32, request: impl Future<Output = T>) -> Option<T> {
    let limit = js_sys::Promise::new(&mut |done, _| {
        // If there is no timer, the request has no time-out.
        _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, millis);
    });
    let (mut request, mut limit) = (pin!(request), pin!(JsFuture::from(limit)));
    poll_fn(|context| match request.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => limit.as_mut().poll(context).map(|_| None),
    })
    .await
}
