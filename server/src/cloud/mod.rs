//! The AWS clients, for the embedded cloud or for an AWS account.

pub(crate) mod attributes;
mod embedded;
mod remote;

use aws_sdk_dynamodb::Client as Tables;
use aws_sdk_eventbridge::Client as Events;
use aws_sdk_sfn::Client as Workflows;

pub(crate) use self::{embedded::embedded, remote::remote};

/// The clients of the three services.
#[derive(Debug, Clone)]
pub(crate) struct Cloud {
    /// DynamoDB.
    pub(crate) tables: Tables,
    /// Step Functions.
    pub(crate) workflows: Workflows,
    /// EventBridge.
    pub(crate) events: Events,
}
