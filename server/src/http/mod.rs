//! The HTTP server without its routes: accepting connections, and the layers that requests pass through.

mod csrf;
mod excerpt;
mod hosts;
mod language;
mod limits;
pub(crate) mod listener;
mod origin;
mod rate_limit;
mod redacted_path;
mod refusal;
mod return_path;
mod security_headers;
mod sender;
mod state;
mod trace;

pub(crate) use self::{
    csrf::{CsrfError, layer as csrf_layer},
    hosts::{AllowedHosts, HostGuard, check as check_host, without_web_pages},
    language::{COOKIE as LANGUAGE_COOKIE, choose as choose_language},
    limits::{body as limit_body, time as limit_time},
    origin::is_ours as is_own_origin,
    rate_limit::RateLimiter,
    refusal::{refuse, render as render_refusal},
    return_path::{own_path, return_path},
    security_headers::headers as security_headers,
    sender::identify as identify_sender,
    state::HttpState,
    trace::request as trace_request,
};
