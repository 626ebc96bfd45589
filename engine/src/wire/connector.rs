//! An HTTP connector for the AWS SDK that calls the router in the same process.

use std::fmt;

use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use axum::{Router, body::Body};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// An HTTP client that sends every request to `router`.
pub(crate) fn connector(router: Router) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(InProcessConnector { router });
    http_client_fn(move |_, _| connector.clone())
}

struct InProcessConnector {
    router: Router,
}

impl fmt::Debug for InProcessConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpConnector for InProcessConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let router = self.router.clone();
        HttpConnectorFuture::new(call(router, request))
    }
}

async fn call(router: Router, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(error);
    let request = request.try_into_http1x().map_err(|error| user(error.into()))?.map(|body| match body.bytes() {
        // Usually the body is in memory and need not be streamed.
        Some(bytes) => Body::from(bytes::Bytes::copy_from_slice(bytes)),
        None => Body::new(body),
    });
    let Ok(response) = router.oneshot(request).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
    let status = StatusCode::try_from(head.status.as_u16()).map_err(|error| user(error.into()))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    for (name, value) in &head.headers {
        if let Ok(value) = value.to_str() {
            response.headers_mut().append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(response)
}
