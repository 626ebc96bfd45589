//! From `X-Amz-Target` to the operation.

use std::sync::Arc;

use serde_json::Value;

use crate::{cloud::Cloud, error::ApiError, events, executions, logs, tables, wire::unknown};

/// The services behind the door, by the prefix of their targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Step Functions.
    States,
    /// EventBridge.
    Events,
    /// DynamoDB.
    Tables,
    /// CloudWatch Logs.
    Logs,
    /// A target that names none of them.
    Unknown,
}

impl Service {
    /// Splits a target into its service and its operation.
    pub(crate) fn parse(target: &str) -> Option<(Self, &str)> {
        let (prefix, operation) = target.split_once('.')?;
        let service = match prefix {
            "AWSStepFunctions" => Self::States,
            "AWSEvents" => Self::Events,
            "DynamoDB_20120810" => Self::Tables,
            "Logs_20140328" => Self::Logs,
            _ => return None,
        };
        Some((service, operation))
    }
}

/// Runs the operation.
pub(crate) async fn dispatch(
    cloud: &Arc<Cloud>,
    service: Service,
    operation: &str,
    request: Value,
) -> Result<Value, ApiError> {
    let known = match service {
        Service::States => executions::operation(operation),
        Service::Events => events::operation(operation),
        Service::Logs => logs::operation(operation),
        Service::Tables => return on_tables(cloud, operation, request).await,
        Service::Unknown => None,
    };
    match known {
        Some(known) => cloud.call(known, request).await,
        None => Err(unknown(operation)),
    }
}

async fn on_tables(cloud: &Cloud, operation: &str, request: Value) -> Result<Value, ApiError> {
    let operation = operation.to_owned();
    if tables::is_lookup(&operation) {
        let now = cloud.site.clock.now();
        cloud.store.look_up(move |db| tables::handle(db, now, &operation, &request)).await
    } else if tables::is_read(&operation) {
        let now = cloud.site.clock.now();
        cloud.store.read(move |db| tables::handle(db, now, &operation, &request)).await
    } else {
        cloud.transact(move |scope| tables::handle(scope.db(), scope.now(), &operation, &request)).await
    }
}
