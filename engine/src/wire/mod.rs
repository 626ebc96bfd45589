//! The HTTP API: AWS's JSON protocols 1.0 and 1.1 over `POST /`, Lambda's REST protocol, and an in-process connector
//! for the SDK.

mod connector;
mod dispatch;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod lambda;
mod reply;
pub(crate) mod request_id;
mod service;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
    routing::post,
};
use serde_json::Value;

pub(crate) use self::connector::connector;
use self::{
    dispatch::{dispatch, unknown},
    reply::{failure, success},
    service::Service,
};
use crate::{cloud::Cloud, error::ApiError};

/// The largest request: DynamoDB's 16 MB for a BatchWriteItem, and its envelope.
const MAX_BODY_BYTES: usize = 17 << 20;

/// The wire API as a service.
pub(crate) fn router(cloud: Arc<Cloud>) -> Router {
    Router::new().route("/", post(receive)).merge(lambda::routes()).with_state(cloud)
}

async fn receive(State(cloud): State<Arc<Cloud>>, request: Request) -> Response {
    let request_id = cloud.request_ids.next();
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let (service, operation) = match Service::parse(target) {
        Some((service, operation)) => (service, operation.to_owned()),
        None => return failure(Service::Unknown, &request_id, &unknown(target)),
    };
    let answer = match read_body(request).await {
        Ok(body) => dispatch(&cloud, service, &operation, body).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(body) => success(service, &request_id, &body),
        Err(error) => {
            if error.status >= 500 {
                tracing::error!(%error, operation, request_id, "a request failed");
            }
            failure(service, &request_id, &error)
        }
    }
}

async fn read_body(request: Request<Body>) -> Result<Value, ApiError> {
    let bytes = to_bytes(request.into_body(), MAX_BODY_BYTES).await.map_err(|_| {
        let mut error = ApiError::client("RequestEntityTooLargeException", "The request is larger than 17 MiB.");
        error.status = 413;
        error
    })?;
    match serde_json::from_slice(&bytes) {
        Ok(body @ Value::Object(_)) => Ok(body),
        Ok(_) => Err(ApiError::client("SerializationException", "The request body must be a JSON object.")),
        Err(error) => Err(ApiError::client("SerializationException", format!("The request body is not JSON: {error}"))),
    }
}
