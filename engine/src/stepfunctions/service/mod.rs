//! Step Functions: state machines, their executions, and the callbacks that carry them on.
//!
//! An execution is its history. Whatever moves it (a start, a callback, a deadline, an answer) becomes a stimulus on
//! the agenda of a transaction; [`step`] loads the history, folds it, lets the interpreter go on, and appends.

mod agenda;
mod callbacks;
mod calls;
mod casing;
mod definitions;
mod describe;
mod history;
mod host;
mod live;
mod machines;
pub(crate) mod shapes;
mod names;
mod retention;
mod schema;
mod start;
mod step;
mod tags;
mod tasks;
pub(crate) mod timers;
mod token;

pub(crate) use self::{
    agenda::migrate as add_agenda,
    definitions::DefinitionCache,
    history::share_rows,
    live::LiveExecutions,
    retention::{add_short_lived, expired, expired_early, forget},
    schema::{find_awaited, keep_pace, migrate, remember_more},
    start::start,
    step::{Due, call_answered, carry_on},
    token::{TokenKey, without_tokens},
};
use crate::cloud::Operation;

/// The operation of that name.
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
