//! The operation Invoke, and function calls from elsewhere in the engine.

use std::time::Duration;

use futures_util::{FutureExt, future};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};
use std::panic::AssertUnwindSafe;

use crate::{
    api::request,
    cloud::Cloud,
    error::ApiError,
    lambda::{
        address::Address,
        api_error::not_found,
        error::{FunctionError, Origin},
        names::function_name,
        registry::TIME_LIMIT,
    },
    outbox::{
        queue::{self, Delivery},
        retry_policy::RetryPolicy,
    },
};

/// Lambda's default for asynchronous invocations.
const ASYNC_RETRY_POLICY: RetryPolicy = RetryPolicy { max_attempts: 3, max_age_ms: 6 * 3600 * 1000 };
/// Maximum payload of an asynchronous invocation, in bytes.
const MAX_EVENT_BYTES: usize = 1 << 20;
/// Maximum payload of any other invocation, in bytes.
const MAX_PAYLOAD_BYTES: usize = 6_291_456;

/// Calls a function, given by name or ARN, and waits for its answer.
pub(crate) async fn call(cloud: &Cloud, name: &str, payload: Value) -> Result<Value, FunctionError> {
    let name = function_name(name);
    if let Some(handler) = cloud.functions.handler(name) {
        // A panic in a handler is a failure of that function only.
        let call = AssertUnwindSafe(async move { handler(payload).await }).catch_unwind();
        return match with_timeout(cloud, TIME_LIMIT, call).await? {
            Ok(answer) => answer,
            Err(_) => Err(FunctionError::new("Runtime.Panic", format!("the function {name} panicked"))),
        };
    }
    let wanted = name.to_owned();
    let found = cloud.store.read(move |db| find(db, &wanted)).await;
    let found = found.map_err(|error| FunctionError::service("ServiceException", 500, error.message))?;
    let Some(RemoteFunction { address, time_limit }) = found else {
        let arn = cloud.context.arn("lambda", format_args!("function:{name}"));
        let message = format!("Function not found: {arn} (Service: Lambda, Status Code: 404)");
        return Err(FunctionError::service("ResourceNotFoundException", 404, message));
    };
    with_timeout(cloud, time_limit, cloud.functions.client.invoke(&address, name, &payload)).await?
}

/// A function that is called over HTTP.
struct RemoteFunction {
    address: Address,
    time_limit: Duration,
}

fn find(db: &Connection, name: &str) -> Result<Option<RemoteFunction>, ApiError> {
    let mut query = db.prepare_cached("SELECT address, timeout_seconds FROM functions WHERE name = ?1")?;
    let row = query.query_row([name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).optional()?;
    let Some((address, seconds)) = row else { return Ok(None) };
    let address = Address::parse(&address)
        .map_err(|why| ApiError::internal(format!("the stored address of the function {name} is none: {why}")))?;
    Ok(Some(RemoteFunction { address, time_limit: Duration::from_secs(u64::try_from(seconds).unwrap_or(3)) }))
}

/// Waits for `call` up to the time limit of the function.
async fn with_timeout<T>(cloud: &Cloud, limit: Duration, call: impl Future<Output = T>) -> Result<T, FunctionError> {
    let clock = &cloud.context.clock;
    match future::select(Box::pin(call), clock.sleep_until(clock.now() + limit)).await {
        future::Either::Left((answer, _)) => Ok(answer),
        future::Either::Right(((), _)) => {
            let message = format!("Error: Task timed out after {:.2} seconds", limit.as_secs_f64());
            Err(FunctionError::new("Sandbox.Timedout", message))
        }
    }
}

/// The operation Invoke. The response has `Payload` if the function was waited for, and `FunctionError` if it failed.
pub(super) async fn invoke(cloud: &Cloud, name: String, request: Value) -> Result<Value, ApiError> {
    let payload = request.get("Payload").cloned().unwrap_or_else(|| json!({}));
    let kind = request::optional_text(&request, "InvocationType")?.unwrap_or("RequestResponse");
    match kind {
        "RequestResponse" => {
            check_size(&payload, MAX_PAYLOAD_BYTES)?;
            to_response(call(cloud, &name, payload).await)
        }
        "Event" => {
            require_function(cloud, &name).await?;
            check_size(&payload, MAX_EVENT_BYTES)?;
            let target = cloud.context.arn("lambda", format_args!("function:{name}"));
            let payload = payload.to_string();
            // The delivery is durable before the response.
            let enqueued = cloud.transact(move |tx| {
                let delivery = Delivery {
                    event_id: "",
                    rule: "",
                    detail_type: "",
                    target_arn: &target,
                    payload: &payload,
                    caller: None,
                    bare_answer: false,
                };
                queue::enqueue(tx.job, &delivery, ASYNC_RETRY_POLICY)
            });
            enqueued.await.map(|()| json!({}))
        }
        "DryRun" => require_function(cloud, &name).await.map(|()| json!({})),
        other => {
            let rule = "Member must satisfy enum value set: [RequestResponse, Event, DryRun]";
            Err(request::constraint_violation("invocationType", other, rule))
        }
    }
}

fn to_response(answer: Result<Value, FunctionError>) -> Result<Value, ApiError> {
    let error = match answer {
        Ok(payload) => return Ok(json!({ "Payload": payload })),
        Err(error) => error,
    };
    match error.origin {
        Origin::Function { payload, .. } => {
            let payload: Value = serde_json::from_str(&payload).unwrap_or(Value::Null);
            Ok(json!({ "Payload": payload, "FunctionError": "Unhandled" }))
        }
        Origin::Service { status } => {
            let code = match status {
                404 => "ResourceNotFoundException",
                413 => "RequestTooLargeException",
                429 => "TooManyRequestsException",
                _ => "ServiceException",
            };
            let message = match code {
                "ResourceNotFoundException" => error.message.split(" (Service:").next().unwrap_or_default().to_owned(),
                _ => error.message,
            };
            let mut error = ApiError::client(code, message);
            error.status = if code == "ServiceException" { 500 } else { status };
            Err(error)
        }
    }
}

async fn require_function(cloud: &Cloud, name: &str) -> Result<(), ApiError> {
    if cloud.functions.handler(name).is_some() {
        return Ok(());
    }
    let wanted = name.to_owned();
    match cloud.store.read(move |db| find(db, &wanted)).await? {
        Some(_) => Ok(()),
        None => {
            let arn = cloud.context.arn("lambda", format_args!("function:{name}"));
            Err(not_found(format!("Function not found: {arn}")))
        }
    }
}

fn check_size(payload: &Value, most: usize) -> Result<(), ApiError> {
    let bytes = payload.to_string().len();
    if bytes <= most {
        return Ok(());
    }
    let message = format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
    let mut error = ApiError::client("RequestTooLargeException", message);
    error.status = 413;
    Err(error)
}
