//! From `X-Amz-Target` to the operation.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    cloud::{Cloud, Scope},
    dynamodb,
    error::ApiError,
    eventbridge, logs, stepfunctions,
    wire::unknown,
};

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
        Service::States => stepfunctions::service::operation(operation),
        Service::Events => eventbridge::operation(operation),
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
    let name = operation.to_owned();
    if !dynamodb::is_read(operation) {
        let write =
            move |scope: &Scope<'_>| dynamodb::handle(scope.db(), scope.site.home(scope.now()), &name, &request);
        return cloud.transact(write).await;
    }
    let site = Arc::clone(&cloud.site);
    let read = move |db: &Connection| dynamodb::handle(db, site.home(site.clock.now()), &name, &request);
    if dynamodb::is_lookup(operation) { cloud.store.look_up(read).await } else { cloud.store.read(read).await }
}
