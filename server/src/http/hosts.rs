//! Refuses requests for hosts that are not this server. Without this, another site could make its own name resolve to
//! this machine (DNS rebinding) and read our responses, because for the browser both are the same site. The header
//! `Host` still has the other name.

use std::{net::IpAddr, sync::Arc};

use app::error::Invalid;
use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, StatusCode, Uri, header, uri::Authority};

use super::{HttpState, excerpt::excerpt, origin, refusal::refuse};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names of this server.
#[derive(Debug, Clone)]
pub(crate) struct AllowedHosts(Arc<[String]>);

impl AllowedHosts {
    /// `machine` is the name of the machine; `configured` are further names.
    pub(crate) fn new(machine: Option<&str>, configured: &[String]) -> Self {
        let mut names: Vec<String> = configured.iter().map(|name| name.to_ascii_lowercase()).collect();
        if let Some(machine) = machine.filter(|name| !name.is_empty()) {
            let machine = machine.to_ascii_lowercase();
            let first = machine.split('.').next().unwrap_or_default();
            names.extend([format!("{first}.local"), first.to_owned(), machine.clone()]);
        }
        Self(names.into())
    }

    /// The name of the machine and the configured names.
    pub(crate) fn of_this_machine(configured: &[String]) -> Self {
        Self::new(machine_name().as_deref(), configured)
    }

    /// Whether a request is addressed to this server. Every host that it names must be one of ours; programs other than
    /// browsers may name none.
    fn allow(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let named = headers.get_all(header::HOST).iter().map(|value| value.to_str().ok()?.parse::<Authority>().ok());
        named.chain(uri.authority().cloned().map(Some)).all(|host| host.is_some_and(|host| self.knows(host.host())))
    }

    /// Whether this is a name of this server or an IP address, which no DNS entry can redirect.
    fn knows(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        // The AWS SDKs put this before the host for `StartSyncExecution`.
        let host = host.strip_prefix("sync-").unwrap_or(&host);
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        address.parse::<IpAddr>().is_ok()
            || host == "localhost"
            || host.ends_with(".localhost")
            || self.0.iter().any(|name| name == host)
    }
}

#[cfg(unix)]
fn machine_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn machine_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// The state of the middlewares in this module.
#[derive(Debug, Clone)]
pub(crate) struct HostGuard {
    pub(crate) hosts: AllowedHosts,
    /// Limits how much is logged about refused requests.
    pub(crate) http: HttpState,
}

/// The beginning of a header's value, for the log.
fn excerpt_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| excerpt(value.as_bytes()))
}

/// The middleware of the pages.
pub(crate) async fn check(State(guard): State<HostGuard>, request: Request, next: Next) -> Response {
    if guard.hosts.allow(request.uri(), request.headers()) {
        return next.run(request).await;
    }
    if guard.http.may_warn(&request) {
        tracing::warn!(
            host = excerpt_of(request.headers(), &header::HOST),
            "a request for another host is refused; if guests use this address, name it with --public-url or --allow-host"
        );
    }
    refuse(StatusCode::MISDIRECTED_REQUEST, Invalid::UnknownHost)
}

/// Restricts the AWS API to programs on this machine: requests from web pages are refused, those by DNS rebinding
/// included.
pub(crate) fn without_web_pages(aws_api: Router, guard: HostGuard) -> Router {
    aws_api.layer(from_fn_with_state(guard, refuse_web_pages))
}

async fn refuse_web_pages(State(guard): State<HostGuard>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let foreign_origin = headers.contains_key(header::ORIGIN) && !origin::is_ours(headers, None);
    let foreign_site = headers.get(FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none");
    let message = if !guard.hosts.allow(request.uri(), headers) {
        "This host is not known here. Use the address that the server printed, or start it with --allow-host."
    } else if foreign_origin || foreign_site {
        "Web pages may not use this API."
    } else {
        return next.run(request).await;
    };
    if guard.http.may_warn(&request) {
        tracing::warn!(
            host = excerpt_of(headers, &header::HOST),
            origin = excerpt_of(headers, &header::ORIGIN),
            "a request to the AWS API is refused: {message}"
        );
    }
    let body = format!(r#"{{"__type":"AccessDeniedException","message":"{message}"}}"#);
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(host: &str) -> bool {
        let hosts = AllowedHosts::new(Some("Bar.lan"), &["coffee.example".to_owned()]);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        hosts.allow(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn only_unambiguous_host_names_are_allowed() {
        for ours in [
            "127.0.0.1:3000",
            "192.168.1.7",
            "[::1]:3000",
            "[2001:db8::1]",
            "localhost:3000",
            "LOCALHOST",
            "localhost.",
            "bar.localhost",
            "bar",
            "bar.lan:3000",
            "BAR.local",
            "sync-localhost:4566",
            "sync-127.0.0.1:4566",
            "coffee.example",
        ] {
            assert!(allows(ours), "{ours}");
        }
        for other in [
            "evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "1.2.3",
            "2130706433",
            "other.local",
            "sync-evil.example",
            "sub.coffee.example",
            "",
            "evil.example@127.0.0.1 x",
        ] {
            assert!(!allows(other), "{other}");
        }
    }

    #[test]
    fn every_named_host_must_be_allowed() {
        let hosts = AllowedHosts::new(None, &[]);
        let mut headers = HeaderMap::new();
        assert!(hosts.allow(&Uri::from_static("/"), &headers), "every browser sends a host");
        assert!(!hosts.allow(&Uri::from_static("http://evil.example/"), &headers));
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert!(!hosts.allow(&Uri::from_static("http://evil.example/"), &headers));
        headers.append(header::HOST, "evil.example".parse().unwrap());
        assert!(!hosts.allow(&Uri::from_static("/"), &headers));
    }
}
