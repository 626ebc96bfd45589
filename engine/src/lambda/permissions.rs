//! AddPermission, RemovePermission and GetPolicy. This engine has no identities; it stores the statements and returns
//! them, so that set-up steps written for AWS work.

use serde_json::{Map, Value, json};

use crate::{
    api::{context::Transaction, request},
    error::ApiError,
    lambda::api_error::{conflict, function_not_found, not_found},
};

pub(super) fn add(tx: &Transaction<'_>, name: &str, request: &Value) -> Result<Value, ApiError> {
    require_function(tx, name)?;
    let sid = request::text(request, "StatementId")?;
    if !sid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') || sid.len() > 100 {
        let rule = "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)";
        return Err(request::constraint_violation("statementId", sid, rule));
    }
    let principal = request::text(request, "Principal")?;
    let principal = match principal {
        "*" => json!("*"),
        service if service.contains('.') => json!({ "Service": service }),
        arn if arn.starts_with("arn:") => json!({ "AWS": arn }),
        account => json!({ "AWS": format!("arn:aws:iam::{account}:root") }),
    };
    let mut statement = json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": request::text(request, "Action")?,
        "Resource": tx.context.arn("lambda", format_args!("function:{name}")),
    });
    let mut conditions = Map::new();
    for (member, operator, key) in [
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ] {
        if let Some(value) = request::optional_text(request, member)?
            && let Some(keys) = conditions.entry(operator).or_insert_with(|| json!({})).as_object_mut()
        {
            keys.insert(key.to_owned(), value.into());
        }
    }
    if let (Some(members), false) = (statement.as_object_mut(), conditions.is_empty()) {
        members.insert("Condition".to_owned(), conditions.into());
    }
    let statement = statement.to_string();
    let added = tx
        .db()
        .prepare_cached("INSERT OR IGNORE INTO function_permissions (function, sid, statement) VALUES (?1, ?2, ?3)")?
        .execute((name, sid, &statement))?;
    if added == 0 {
        let message = format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the \
             existing statement."
        );
        return Err(conflict(message));
    }
    Ok(json!({ "Statement": statement }))
}

pub(super) fn remove(tx: &Transaction<'_>, name: &str, request: &Value) -> Result<Value, ApiError> {
    require_function(tx, name)?;
    let sid = request::text(request, "StatementId")?;
    let mut delete = tx.db().prepare_cached("DELETE FROM function_permissions WHERE function = ?1 AND sid = ?2")?;
    if delete.execute((name, sid))? == 0 {
        return Err(not_found(format!("Statement {sid} is not found in resource policy.")));
    }
    Ok(Value::Null)
}

pub(super) fn policy(tx: &Transaction<'_>, name: &str) -> Result<Value, ApiError> {
    require_function(tx, name)?;
    let mut query =
        tx.db().prepare_cached("SELECT statement FROM function_permissions WHERE function = ?1 ORDER BY sid")?;
    let statements = query.query_map([name], |row| row.get::<_, String>(0))?;
    let mut parsed = Vec::new();
    for statement in statements {
        parsed.push(serde_json::from_str::<Value>(&statement?).unwrap_or_default());
    }
    if parsed.is_empty() {
        return Err(not_found("The resource you requested does not exist."));
    }
    let policy = json!({ "Version": "2012-10-17", "Id": "default", "Statement": parsed });
    Ok(json!({ "Policy": policy.to_string() }))
}

fn require_function(tx: &Transaction<'_>, name: &str) -> Result<(), ApiError> {
    let known = tx.db().prepare_cached("SELECT 1 FROM functions WHERE name = ?1")?.exists([name])?;
    if known { Ok(()) } else { Err(function_not_found(tx, name)) }
}
