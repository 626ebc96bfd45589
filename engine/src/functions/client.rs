//! Invoking a function over HTTP.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::functions::{FunctionError, address::Address};

/// The largest answer that Lambda takes from a function.
const MAX_ANSWER_BYTES: usize = 6_291_556;

/// The HTTP client of all functions.
pub(super) struct Client(HyperClient<HttpConnector, Full<Bytes>>);

impl Default for Client {
    fn default() -> Self {
        // No connection is kept: one that the other side has just closed would fail an invocation that, once sent, must
        // not be repeated by us. On the same machine a new one costs next to nothing.
        Self(HyperClient::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Posts the payload and waits for the answer. No error names the address.
    pub(super) async fn invoke(&self, address: &Address, name: &str, payload: &Value) -> Result<Value, FunctionError> {
        let request = Request::post(address.invocations(name))
            .header(CONTENT_TYPE, "application/json")
            .header("x-amz-invocation-type", "RequestResponse")
            .body(Full::from(payload.to_string()))
            .map_err(|_| unreachable(name, "its address cannot be used"))?;
        let response = self.0.request(request).await.map_err(|error| {
            let what = if error.is_connect() { "nobody listens at its address" } else { "the connection broke" };
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
            return Err(refused(name, head.status, &head.headers));
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

/// What the other side says instead of an answer of the function, under Lambda's own name of it where it gives one.
fn refused(name: &str, status: StatusCode, headers: &HeaderMap) -> FunctionError {
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

/// A runtime that answers something else than JSON has crashed on its way.
fn not_json(bytes: &[u8]) -> FunctionError {
    FunctionError::reported(&Value::String(String::from_utf8_lossy(bytes).chars().take(1_000).collect()))
}
