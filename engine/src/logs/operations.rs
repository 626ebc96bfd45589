//! The operations of CloudWatch Logs by name.

use crate::{
    api::context::Operation,
    logs::{groups, read, search},
};

/// The operation `name`.
pub(crate) fn operation(name: &str) -> Option<Operation> {
    use Operation::{Read, Write};
    Some(match name {
        "CreateLogGroup" => Write(groups::create),
        "DeleteLogGroup" => Write(groups::delete),
        "DescribeLogGroups" => Read(read::groups),
        "DescribeLogStreams" => Read(read::streams),
        "GetLogEvents" => Read(read::events),
        "FilterLogEvents" => Read(search::filter),
        _ => return None,
    })
}
