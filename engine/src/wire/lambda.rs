//! Lambda's REST API: members are in the path, the query and the headers, not behind `X-Amz-Target`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::{Path, Query, Request, State},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Map, Value};

use crate::{cloud::Cloud, error::ApiError, lambda::operations};

/// The largest body: a package of 50 MB in base64, and the other members.
const MAX_BODY_BYTES: usize = 70 << 20;

/// The routes of all operations.
pub(super) fn routes() -> Router<Arc<Cloud>> {
    let all = "/2015-03-31/functions";
    let one = "/2015-03-31/functions/{FunctionName}";
    let below = |rest: &str| format!("{one}/{rest}");
    let (get, post, put, delete) = (MethodFilter::GET, MethodFilter::POST, MethodFilter::PUT, MethodFilter::DELETE);
    let collection = || operation_route(get, "ListFunctions").merge(operation_route(post, "CreateFunction"));
    Router::new()
        .route(all, collection())
        .route(&format!("{all}/"), collection())
        .route(one, operation_route(get, "GetFunction").merge(operation_route(delete, "DeleteFunction")))
        .route(
            &below("configuration"),
            operation_route(get, "GetFunctionConfiguration").merge(operation_route(put, "UpdateFunctionConfiguration")),
        )
        .route(&below("invocations"), operation_route(post, "Invoke"))
        .route(&below("policy"), operation_route(get, "GetPolicy").merge(operation_route(post, "AddPermission")))
        .route(&below("policy/{StatementId}"), operation_route(delete, "RemovePermission"))
}

fn operation_route(method: MethodFilter, operation: &'static str) -> MethodRouter<Arc<Cloud>> {
    on(method, receive).layer(Extension(operation))
}

/// Members of a path or a query.
type Members = BTreeMap<String, String>;

async fn receive(
    State(cloud): State<Arc<Cloud>>,
    Extension(operation): Extension<&'static str>,
    path: Option<Path<Members>>,
    Query(query): Query<Members>,
    request: Request,
) -> Response {
    let request_id = cloud.request_ids.next();
    let (head, body) = request.into_parts();
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let answer = match read_request(operation, path, query, &head.headers, body).await {
        Ok(request) => operations::handle(&cloud, operation, request).await,
        Err(error) => Err(error),
    };
    let mut response = match answer {
        Ok(answer) => success(operation, &head.headers, answer),
        Err(error) => {
            if error.status >= 500 {
                tracing::error!(%error, operation, request_id, "a request failed");
            }
            failure(&error)
        }
    };
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    response
}

/// Collects the members of a request from its path, query, headers and body.
async fn read_request(
    operation: &str,
    path: Members,
    query: Members,
    headers: &HeaderMap,
    body: Body,
) -> Result<Value, ApiError> {
    // Without this header a web page could make a browser on this machine send the request.
    if !headers.contains_key(AUTHORIZATION) {
        let mut error = ApiError::client("MissingAuthenticationTokenException", "Missing Authentication Token");
        error.status = 403;
        return Err(error);
    }
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| {
        let mut error = ApiError::client("RequestTooLargeException", "The request is larger than 70 MiB.");
        error.status = 413;
        error
    })?;
    let mut members = Map::new();
    if operation == "Invoke" {
        if !body.is_empty() {
            members.insert("Payload".to_owned(), payload(&body)?);
        }
        if let Some(kind) = headers.get("x-amz-invocation-type").and_then(|kind| kind.to_str().ok()) {
            members.insert("InvocationType".to_owned(), kind.into());
        }
    } else if !body.is_empty() {
        match serde_json::from_slice(&body) {
            Ok(Value::Object(given)) => members = given,
            _ => return Err(ApiError::client("SerializationException", "The request body must be a JSON object.")),
        }
    }
    for (name, text) in path.into_iter().chain(query) {
        let number = (name == "MaxItems").then(|| text.parse::<i64>().ok()).flatten();
        members.insert(name, number.map_or(Value::String(text), Value::from));
    }
    Ok(Value::Object(members))
}

fn payload(body: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("Could not parse request body into json: Could not parse payload into json: {error}");
        ApiError::client("InvalidRequestContentException", message)
    })
}

fn success(operation: &str, headers: &HeaderMap, mut answer: Value) -> Response {
    if operation == "Invoke" {
        let status = match headers.get("x-amz-invocation-type").and_then(|kind| kind.to_str().ok()) {
            Some("Event") => StatusCode::ACCEPTED,
            Some("DryRun") => StatusCode::NO_CONTENT,
            _ => StatusCode::OK,
        };
        let payload = answer.get_mut("Payload").map(Value::take);
        let mut response = json(status, payload.map(|payload| payload.to_string()).unwrap_or_default());
        let headers = response.headers_mut();
        if status == StatusCode::OK {
            headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
        }
        if answer.get("FunctionError").is_some() {
            headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
        }
        return response;
    }
    match operation {
        "CreateFunction" | "AddPermission" => json(StatusCode::CREATED, answer.to_string()),
        _ if answer.is_null() => json(StatusCode::NO_CONTENT, String::new()),
        _ => json(StatusCode::OK, answer.to_string()),
    }
}

/// An error as Lambda writes it: the code in a header, the responsible party and the message in the body.
fn failure(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (code, blamed) = if error.code == "InternalServerError" {
        // Lambda has its own name for it.
        ("ServiceException", "Service")
    } else {
        (error.code, if status.is_server_error() { "Service" } else { "User" })
    };
    let message = if error.code == "InternalServerError" {
        "The request failed because of an inner error; see the engine's log."
    } else {
        &error.message
    };
    // Lambda spells this member in two ways.
    let spelling = match code {
        "ResourceNotFoundException" | "ServiceException" => "Message",
        _ => "message",
    };
    let mut body = Map::new();
    body.insert("Type".to_owned(), blamed.into());
    body.insert(spelling.to_owned(), message.into());
    let mut response = json(status, Value::Object(body).to_string());
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(code));
    response
}

fn json(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
