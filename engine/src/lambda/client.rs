//! Invoking a function over HTTP.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy::{
        Client as HyperClient,
        connect::{
            HttpConnector,
            dns::{GaiResolver, Name},
        },
    },
    rt::TokioExecutor,
};
use serde_json::Value;
use tower::Service;

use crate::lambda::{
    address::{Address, is_link_local},
    error::FunctionError,
};

/// Lambda's limit on the size of a function's response.
const MAX_ANSWER_BYTES: usize = 6_291_556;

/// The HTTP client for all functions.
pub(super) struct Client(HyperClient<HttpConnector<Resolver>, Full<Bytes>>);

impl Default for Client {
    fn default() -> Self {
        // No connection is reused: if the peer has just closed it, the invocation would fail, and a request that may
        // have been sent must not be repeated here. On the same machine a new connection costs almost nothing.
        let connector = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        Self(HyperClient::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
    }
}

/// Resolves a name and drops the addresses that no function may have. Names can lead to them too, and so can unusual
/// spellings of an address, such as a single number.
#[derive(Debug, Clone)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let found = self.0.call(name);
        Box::pin(async move {
            let allowed: Vec<_> = found.await?.filter(|address| !is_link_local(address.ip())).collect();
            Ok(allowed.into_iter())
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Posts the payload and waits for the answer. No error contains the address.
    pub(super) async fn invoke(&self, address: &Address, name: &str, payload: &Value) -> Result<Value, FunctionError> {
        let request = Request::post(address.invocations(name))
            .header(CONTENT_TYPE, "application/json")
            .header("x-amz-invocation-type", "RequestResponse")
            .body(Full::from(payload.to_string()))
            .map_err(|_| unreachable(name, "its address cannot be used"))?;
        let response = self.0.request(request).await.map_err(|error| {
            let what = if error.is_connect() { "nothing listens at its address" } else { "the connection broke" };
            unreachable(name, what)
        })?;
        let (head, body) = response.into_parts();
        let body = match Limited::new(body, MAX_ANSWER_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let message =
                    format!("Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes).");
                return Err(FunctionError::new("Function.ResponseSizeTooLarge", message));
            }
            Err(_) => return Err(unreachable(name, "the connection broke before the answer was complete")),
        };
        if !head.status.is_success() {
            return Err(status_error(name, head.status, &head.headers));
        }
        let answer = match body.as_ref() {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes).map_err(|_| not_json(bytes))?,
        };
        if head.headers.contains_key("x-amz-function-error") {
            return Err(FunctionError::reported(&answer));
        }
        Ok(answer)
    }
}

fn unreachable(name: &str, what: &str) -> FunctionError {
    let message = format!("The function {name} could not be invoked: {what} (Service: Lambda, Status Code: 500)");
    FunctionError::service("ServiceException", 500, message)
}

/// The error for a response that is not a success, with Lambda's error code if the response has one.
fn status_error(name: &str, status: StatusCode, headers: &HeaderMap) -> FunctionError {
    let named = headers
        .get("x-amzn-errortype")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(':').next())
        .filter(|code| !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric()));
    let code = named.unwrap_or(match status {
        StatusCode::NOT_FOUND => "ResourceNotFoundException",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequestsException",
        StatusCode::PAYLOAD_TOO_LARGE => "RequestTooLargeException",
        status if status.is_client_error() => "AWSLambdaException",
        _ => "ServiceException",
    });
    let status = status.as_u16();
    let message = format!("The function {name} was not invoked (Service: Lambda, Status Code: {status})");
    FunctionError::service(code, status, message)
}

/// A runtime whose answer is not JSON has crashed.
fn not_json(bytes: &[u8]) -> FunctionError {
    FunctionError::reported(&Value::String(String::from_utf8_lossy(bytes).chars().take(1_000).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_spelling_leads_to_a_link_local_address() {
        let resolve = async |name: &str| {
            let mut resolver = Resolver(GaiResolver::new());
            resolver
                .call(name.parse().unwrap())
                .await
                .map(|found| found.map(|address| address.ip()).collect::<Vec<_>>())
        };
        // 169.254.169.254 as one number, as some resolvers read it. Whether this resolver accepts it or fails, no
        // address is left.
        for name in ["2852039166", "0xa9fea9fe", "169.254.43518"] {
            assert_eq!(resolve(name).await.unwrap_or_default(), [] as [std::net::IpAddr; 0], "{name}");
        }
        assert_eq!(resolve("2130706433").await.unwrap(), ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    }
}
