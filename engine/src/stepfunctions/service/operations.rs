//! The operations of Step Functions by name.

use crate::{
    api::context::Operation,
    stepfunctions::service::{callbacks, definitions, describe, history, machines, start, tags},
};

/// The operation `name`.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    use Operation::{LookUp, Read, Write};
    Some(match name {
        "CreateStateMachine" => Write(machines::create),
        "UpdateStateMachine" => Write(machines::update),
        "DeleteStateMachine" => Write(machines::delete),
        "DescribeStateMachine" => LookUp(machines::describe),
        "DescribeStateMachineForExecution" => Read(machines::describe_for_execution),
        "ListStateMachines" => Read(machines::list),
        "ValidateStateMachineDefinition" => Read(definitions::validate),
        "StartExecution" => Write(start::start),
        "StopExecution" => Write(start::stop),
        "DescribeExecution" => LookUp(describe::describe),
        "ListExecutions" => Read(describe::list),
        "GetExecutionHistory" => Read(history::get),
        "SendTaskSuccess" => Write(callbacks::success),
        "SendTaskFailure" => Write(callbacks::failure),
        "SendTaskHeartbeat" => Write(callbacks::heartbeat),
        "TagResource" => Write(tags::tag),
        "UntagResource" => Write(tags::untag),
        "ListTagsForResource" => Read(tags::list),
        _ => return None,
    })
}
