//! DescribeExecution and ListExecutions.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value, json};

use crate::{
    clock::Timestamp,
    cloud::Site,
    error::ApiError,
    executions::{machines, names::check_execution_arn},
    request::{self, Page},
};

const STATUSES: [&str; 6] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"];

pub(super) fn execution_missing(arn: &str) -> ApiError {
    ApiError::client("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'"))
}

pub(super) fn describe(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let arn = request::text(request, "executionArn")?;
    check_execution_arn(arn)?;
    db.prepare_cached(
        "SELECT arn, machine_arn, name, status, started, stopped, input, output, error, cause
         FROM executions WHERE arn = ?1",
    )?
    .query_row([arn], |row| {
        let mut answer = summary(row)?;
        let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        put("input", row.get::<_, String>(6)?.into());
        put("inputDetails", json!({ "included": true }));
        if let Some(output) = row.get::<_, Option<String>>(7)? {
            put("output", output.into());
            put("outputDetails", json!({ "included": true }));
        }
        if let Some(error) = row.get::<_, Option<String>>(8)? {
            put("error", error.into());
        }
        if let Some(cause) = row.get::<_, Option<String>>(9)? {
            put("cause", cause.into());
        }
        put("redriveCount", 0.into());
        put("redriveStatus", "NOT_REDRIVABLE".into());
        put("redriveStatusReason", "This engine does not redrive executions".into());
        Ok(Value::Object(answer))
    })
    .optional()?
    .ok_or_else(|| execution_missing(arn))
}

/// ListExecutions, newest first.
pub(super) fn list(_: &Site, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    let arn = request::text(request, "stateMachineArn")?;
    machines::current(db, arn)?;
    let page = Page::of(request, "maxResults", "nextToken", 100, 1000)?;
    let before: i64 = match &page.after {
        None => i64::MAX,
        Some(id) => {
            id.parse().map_err(|_| ApiError::client("InvalidToken", "Invalid Token: 'Invalid pagination token'"))?
        }
    };
    let status = request::optional_text(request, "statusFilter")?;
    if let Some(unknown) = status.filter(|status| !STATUSES.contains(status)) {
        let rule = format!("Member must satisfy enum value set: [{}]", STATUSES.join(", "));
        return Err(request::constraint("statusFilter", unknown, &rule));
    }
    const COLUMNS: &str = "SELECT arn, machine_arn, name, status, started, stopped, id FROM executions";
    let entry = |row: &Row<'_>| Ok((row.get::<_, i64>(6)?, Value::Object(summary(row)?)));
    // Two statements, so that each has an index that fits it exactly.
    let mut found = match status {
        Some(status) => db
            .prepare_cached(&format!(
                "{COLUMNS} WHERE machine_arn = ?1 AND status = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4"
            ))?
            .query_map((arn, status, before, page.reach()), entry)?
            .collect::<Result<Vec<_>, _>>()?,
        None => db
            .prepare_cached(&format!("{COLUMNS} WHERE machine_arn = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"))?
            .query_map((arn, before, page.reach()), entry)?
            .collect::<Result<Vec<_>, _>>()?,
    };
    let next = page.cut(&mut found, |(id, _)| id.to_string());
    let executions: Vec<Value> = found.into_iter().map(|(_, execution)| execution).collect();
    Ok(match next {
        Some(next) => json!({ "executions": executions, "nextToken": next }),
        None => json!({ "executions": executions }),
    })
}

/// The first six columns as both calls show them.
fn summary(row: &Row<'_>) -> rusqlite::Result<Map<String, Value>> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("executionArn", row.get::<_, String>(0)?.into());
    put("stateMachineArn", row.get::<_, String>(1)?.into());
    put("name", row.get::<_, String>(2)?.into());
    put("status", row.get::<_, String>(3)?.into());
    put("startDate", Timestamp(row.get(4)?).epoch_seconds().into());
    if let Some(stopped) = row.get::<_, Option<i64>>(5)? {
        put("stopDate", Timestamp(stopped).epoch_seconds().into());
    }
    Ok(members)
}
