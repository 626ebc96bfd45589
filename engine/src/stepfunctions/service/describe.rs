//! DescribeExecution and ListExecutions.

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value, json};

use crate::{
    api::{context::Context, page::Page, request, shape::validate},
    clock::Timestamp,
    error::ApiError,
    stepfunctions::service::{
        machines,
        names::{arn_hash, check_execution_arn, execution_not_found},
        shapes,
    },
};

pub(super) fn describe(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::DESCRIBE_EXECUTION)?;
    let arn = request::text(request, "executionArn")?;
    check_execution_arn(arn)?;
    let with_data = request::optional_text(request, "includedData")? != Some("METADATA_ONLY");
    db.prepare_cached(
        "SELECT arn, machine_arn, name, status, started, stopped, input, output, error, cause, trace_header
         FROM executions WHERE arn_hash = ?1 AND arn = ?2",
    )?
    .query_row((arn_hash(arn), arn), |row| {
        let mut answer = summary(row)?;
        let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        for (name, details, column) in [("input", "inputDetails", 6), ("output", "outputDetails", 7)] {
            if let Some(data) = row.get::<_, Option<String>>(column)? {
                put(details, json!({ "included": with_data }));
                if with_data {
                    put(name, data.into());
                }
            }
        }
        for (name, column) in [("error", 8), ("cause", 9), ("traceHeader", 10)] {
            if let Some(text) = row.get::<_, Option<String>>(column)? {
                put(name, text.into());
            }
        }
        put("redriveStatus", "NOT_REDRIVABLE".into());
        let status: String = row.get(3)?;
        put("redriveStatusReason", redrive_status_reason(&status).into());
        Ok(Value::Object(answer))
    })
    .optional()?
    .ok_or_else(|| execution_not_found(arn))
}

/// Why an execution with this status cannot be redriven.
pub(super) fn redrive_status_reason(status: &str) -> String {
    match status {
        "RUNNING" | "SUCCEEDED" => format!("Execution is {status} and cannot be redriven"),
        _ => "This engine does not redrive executions".to_owned(),
    }
}

/// ListExecutions, newest first.
pub(super) fn list(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_EXECUTIONS)?;
    let arn = machine_to_list(request)?;
    machines::current(db, arn)?;
    let page = Page::parse(request, "maxResults", "nextToken", 100, 1000)?;
    let before: i64 = match &page.after {
        None => i64::MAX,
        Some(id) => id.parse().map_err(|_| ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'"))?,
    };
    let status = request::optional_text(request, "statusFilter")?;
    const COLUMNS: &str = "SELECT arn, machine_arn, name, status, started, stopped, id FROM executions";
    let entry = |row: &Row<'_>| Ok((row.get::<_, i64>(6)?, Value::Object(summary(row)?)));
    // Two statements, because each has its own index.
    let mut found = match status {
        Some(status) => db
            .prepare_cached(&format!(
                "{COLUMNS} WHERE machine_arn = ?1 AND status = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4"
            ))?
            .query_map((arn, status, before, page.fetch_limit()), entry)?
            .collect::<Result<Vec<_>, _>>()?,
        None => db
            .prepare_cached(&format!("{COLUMNS} WHERE machine_arn = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"))?
            .query_map((arn, before, page.fetch_limit()), entry)?
            .collect::<Result<Vec<_>, _>>()?,
    };
    let next = page.next_token(&mut found, |(id, _)| id.to_string());
    let executions: Vec<Value> = found.into_iter().map(|(_, execution)| execution).collect();
    Ok(match next {
        Some(next) => json!({ "executions": executions, "nextToken": next }),
        None => json!({ "executions": executions }),
    })
}

/// The state machine whose executions are listed. This engine has no Map runs and no redriven executions; filters that
/// AWS refuses for a state machine are refused too.
fn machine_to_list(request: &Value) -> Result<&str, ApiError> {
    let machine = request::optional_text(request, "stateMachineArn")?;
    let map_run = request::optional_text(request, "mapRunArn")?;
    let machine = match (machine, map_run) {
        (Some(machine), None) => machine,
        (None, None) => return Err(ApiError::validation("Either stateMachineArn or mapRunArn must be specified")),
        (Some(_), Some(_)) => {
            return Err(ApiError::validation("Only one of stateMachineArn and mapRunArn can be specified"));
        }
        (None, Some(_)) => return Err(ApiError::validation("This engine has no distributed Map, so no Map Runs")),
    };
    if request::optional_text(request, "redriveFilter")?.is_some() {
        return Err(ApiError::validation("redriveFilter can only be used with mapRunArn"));
    }
    if request::optional_text(request, "statusFilter")? == Some("PENDING_REDRIVE") {
        return Err(ApiError::validation("The statusFilter PENDING_REDRIVE can only be used with mapRunArn"));
    }
    Ok(machine)
}

/// The first six columns, as both operations return them.
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
    put("redriveCount", 0.into());
    Ok(members)
}
