//! Responses of the JSON protocols.

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::{error::ApiError, wire::service::Service};

/// The response of a successful request. `Null` stands for an operation without output, whose body is empty for
/// EventBridge and `{}` for the other services.
pub(crate) fn success(service: Service, request_id: &str, body: &Value) -> Response {
    let text = match body {
        Value::Null if service == Service::EventBridge => String::new(),
        Value::Null => "{}".to_owned(),
        body => body.to_string(),
    };
    reply(service, request_id, StatusCode::OK, text)
}

/// The response of a failed request.
pub(crate) fn failure(service: Service, request_id: &str, error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // The cause of an internal error goes to the log only.
    let message = if error.status >= 500 {
        "The request failed because of an inner error; see the engine's log."
    } else {
        &error.message
    };
    let mut body = Map::new();
    body.insert("__type".to_owned(), format!("{}{}", namespace(service, error.code), error.code).into());
    body.insert("message".to_owned(), message.into());
    body.extend(error.members.clone());
    reply(service, request_id, status, Value::Object(body).to_string())
}

/// DynamoDB prefixes the code with a namespace, which the SDKs remove.
fn namespace(service: Service, code: &str) -> &'static str {
    match (service, code) {
        (_, "UnknownOperationException" | "SerializationException") => "com.amazon.coral.service#",
        (Service::DynamoDb, "ValidationException") => "com.amazon.coral.validate#",
        (Service::DynamoDb, _) => "com.amazonaws.dynamodb.v20120810#",
        _ => "",
    }
}

fn reply(service: Service, request_id: &str, status: StatusCode, text: String) -> Response {
    let content_type = match service {
        Service::StepFunctions | Service::DynamoDb | Service::Unknown => "application/x-amz-json-1.0",
        Service::EventBridge | Service::Logs => "application/x-amz-json-1.1",
    };
    let checksum = crc32fast::hash(text.as_bytes());
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    if service == Service::DynamoDb {
        headers.insert(HeaderName::from_static("x-amz-crc32"), HeaderValue::from(checksum));
    }
    response
}
