//! The operations of EventBridge by name.

use crate::{
    api::context::Operation,
    eventbridge::{buses, put, rules, tagging, targets},
};

/// The operation `name`.
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
        "PutEvents" => Write(|tx, request| put::put(tx, request, &[])),
        "TestEventPattern" => Read(put::test_pattern),
        "TagResource" => Write(tagging::tag),
        "UntagResource" => Write(tagging::untag),
        "ListTagsForResource" => Read(tagging::list),
        _ => return None,
    })
}
