//! From `X-Amz-Target` to the operation.

use serde_json::Value;

use crate::{
    cloud::Cloud, dynamodb, error::ApiError, eventbridge, logs, stepfunctions::service, wire::service::Service,
};

/// Runs the operation `name` of `service`.
pub(crate) async fn dispatch(cloud: &Cloud, service: Service, name: &str, request: Value) -> Result<Value, ApiError> {
    let operation = match service {
        Service::StepFunctions => service::operations::operation(name),
        Service::EventBridge => eventbridge::operations::operation(name),
        Service::DynamoDb => dynamodb::operations::operation(name),
        Service::Logs => logs::operations::operation(name),
        Service::Unknown => None,
    };
    match operation {
        Some(operation) => cloud.call(operation, request).await,
        None if service == Service::DynamoDb => {
            Err(ApiError::client("UnknownOperationException", format!("The operation {name} is not supported")))
        }
        None => Err(unknown(name)),
    }
}

/// The error for a target that this engine does not know.
pub(super) fn unknown(target: &str) -> ApiError {
    let message = if target.is_empty() {
        "The header X-Amz-Target is missing; it names the operation.".to_owned()
    } else {
        format!("There is no operation {target}.")
    };
    ApiError::client("UnknownOperationException", message)
}
