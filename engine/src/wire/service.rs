//! The services of the JSON protocols.

/// A service, by the prefix of `X-Amz-Target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    StepFunctions,
    EventBridge,
    DynamoDb,
    Logs,
    /// The target names no service of this engine.
    Unknown,
}

impl Service {
    /// Splits `X-Amz-Target` into the service and the name of the operation.
    pub(crate) fn parse(target: &str) -> Option<(Self, &str)> {
        let (prefix, operation) = target.split_once('.')?;
        let service = match prefix {
            "AWSStepFunctions" => Self::StepFunctions,
            "AWSEvents" => Self::EventBridge,
            "DynamoDB_20120810" => Self::DynamoDb,
            "Logs_20140328" => Self::Logs,
            _ => return None,
        };
        Some((service, operation))
    }
}
