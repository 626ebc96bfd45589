//! EventBridge: buses, rules with their patterns and targets, and the outbox from which targets are served.
//!
//! PutEvents matches an event against the rules of its bus and writes one outbox row a target, all in the commit that
//! acknowledges the event. The `delivery` loop takes the rows from there, at least once.

mod buses;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod input;
mod shapes;
mod pattern;
mod put;
mod rules;
mod schema;
mod tags;
mod targets;

pub(crate) use self::{
    pattern::PatternCache,
    put::put,
    schema::{migrate, remember_changes, tell_rule_and_type},
    targets::{RetryPolicy, TargetKind},
};
use crate::cloud::Operation;

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    use Operation::{Read, Write};
    Some(match name {
        "CreateEventBus" => Write(buses::create),
        "DeleteEventBus" => Write(buses::delete),
        "UpdateEventBus" => Write(buses::update),
        "DescribeEventBus" => Read(buses::describe),
        "ListEventBuses" => Read(buses::list),
        "PutRule" => Write(rules::put),
        "DeleteRule" => Write(rules::delete),
        "EnableRule" => Write(rules::enable),
        "DisableRule" => Write(rules::disable),
        "DescribeRule" => Read(rules::describe),
        "ListRules" => Read(rules::list),
        "ListRuleNamesByTarget" => Read(rules::list_by_target),
        "PutTargets" => Write(targets::put),
        "RemoveTargets" => Write(targets::remove),
        "ListTargetsByRule" => Read(targets::list),
        "PutEvents" => Write(|scope, request| put::put(scope, request, &[])),
        "TestEventPattern" => Read(put::test_pattern),
        "TagResource" => Write(tags::tag),
        "UntagResource" => Write(tags::untag),
        "ListTagsForResource" => Read(tags::list),
        _ => return None,
    })
}
