//! The resources of Task states.

use super::model::TaskResource;
use crate::stepfunctions::language::{history_event::Resource, host::Pattern};

/// Optimised integrations: the service, the action, and the patterns besides request-response.
const INTEGRATIONS: [(&str, &str, &[Pattern]); 7] = [
    ("dynamodb", "getItem", &[]),
    ("dynamodb", "putItem", &[]),
    ("dynamodb", "updateItem", &[]),
    ("dynamodb", "deleteItem", &[]),
    ("events", "putEvents", &[Pattern::TaskToken]),
    ("lambda", "invoke", &[Pattern::TaskToken]),
    ("states", "startExecution", &[Pattern::Sync, Pattern::Sync2, Pattern::TaskToken]),
];

/// The actions behind `aws-sdk:`: the operations that the engine has on the wire, spelled as in a definition.
pub(crate) const SDK_ACTIONS: [(&str, &[&str]); 3] = [
    (
        "dynamodb",
        &[
            "batchGetItem",
            "batchWriteItem",
            "createTable",
            "deleteItem",
            "deleteTable",
            "describeTable",
            "describeTimeToLive",
            "getItem",
            "listTables",
            "putItem",
            "query",
            "scan",
            "transactGetItems",
            "transactWriteItems",
            "updateItem",
            "updateTimeToLive",
        ],
    ),
    (
        "eventbridge",
        &[
            "createEventBus",
            "deleteEventBus",
            "deleteRule",
            "describeEventBus",
            "describeRule",
            "disableRule",
            "enableRule",
            "listEventBuses",
            "listRuleNamesByTarget",
            "listRules",
            "listTargetsByRule",
            "putEvents",
            "putRule",
            "putTargets",
            "removeTargets",
            "testEventPattern",
        ],
    ),
    (
        "sfn",
        &[
            "createStateMachine",
            "deleteStateMachine",
            "describeExecution",
            "describeStateMachine",
            "describeStateMachineForExecution",
            "getExecutionHistory",
            "listExecutions",
            "listStateMachines",
            "listTagsForResource",
            "sendTaskFailure",
            "sendTaskHeartbeat",
            "sendTaskSuccess",
            "startExecution",
            "stopExecution",
            "tagResource",
            "untagResource",
            "updateStateMachine",
            "validateStateMachineDefinition",
        ],
    ),
];

/// Parses the ARN of a resource.
pub(super) fn parse(arn: &str) -> Result<TaskResource, String> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", ..] => Ok(TaskResource::Function(arn.to_owned())),
        ["arn", _, "states", _, _, "activity", ..] => {
            Err(format!("The resource provided {arn} is an activity, and activities are not supported."))
        }
        ["arn", _, "states", "", "", "aws-sdk", service, action] => {
            let Some((_, actions)) = SDK_ACTIONS.iter().find(|(known, _)| known == service) else {
                let known = SDK_ACTIONS.map(|(service, _)| service).join(", ");
                return Err(format!(
                    "The service '{service}' of the resource {arn} is not supported: use one of {known}."
                ));
            };
            let (action, pattern) =
                suffix(action).filter(|(_, pattern)| is_sdk(*pattern)).ok_or_else(|| unknown(arn))?;
            if !actions.contains(&action) {
                return Err(format!("The action '{action}' of the resource {arn} is not supported by this engine."));
            }
            Ok(service_resource(format!("aws-sdk:{service}"), action, pattern, parts.last().copied()))
        }
        ["arn", _, "states", "", "", service, rest @ ..] => {
            let resource = rest.join(":");
            let (action, pattern) = suffix(&resource).ok_or_else(|| unknown(arn))?;
            let known =
                INTEGRATIONS.iter().find(|(known, known_action, _)| known == service && *known_action == action);
            let (_, _, patterns) = known.ok_or_else(|| unknown(arn))?;
            if pattern != Pattern::RequestResponse && !patterns.contains(&pattern) {
                return Err(unknown(arn));
            }
            Ok(service_resource((*service).to_owned(), action, pattern, Some(&resource)))
        }
        _ => Err(unknown(arn)),
    }
}

fn is_sdk(pattern: Pattern) -> bool {
    matches!(pattern, Pattern::RequestResponse | Pattern::TaskToken)
}

fn service_resource(resource_type: String, action: &str, pattern: Pattern, resource: Option<&str>) -> TaskResource {
    let resource = resource.unwrap_or(action).to_owned();
    TaskResource::Service { on: Resource { resource_type, resource }, action: action.to_owned(), pattern }
}

/// Splits `putEvents.waitForTaskToken`.
fn suffix(resource: &str) -> Option<(&str, Pattern)> {
    let Some((action, suffix)) = resource.split_once('.') else {
        return Some((resource, Pattern::RequestResponse)).filter(|(action, _)| !action.is_empty());
    };
    let pattern = match suffix {
        "waitForTaskToken" => Pattern::TaskToken,
        "sync" => Pattern::Sync,
        "sync:2" => Pattern::Sync2,
        _ => return None,
    };
    Some((action, pattern))
}

fn unknown(arn: &str) -> String {
    format!(
        "The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the resource is not \
         available in this region."
    )
}
