//! The targets of rules.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    api::{
        context::{Context, Transaction},
        page::Page,
        request,
        shape::validate,
    },
    error::ApiError,
    eventbridge::{
        buses::{bus_name, refuse_members, with_next_token},
        input::Input,
        rules::require_rule,
        shapes,
    },
    outbox::{retry_policy::RetryPolicy, target_kind::TargetKind},
};

/// Maximum number of targets of one rule.
const MAX_TARGETS: i64 = 5;
/// Parameters of targets that this engine does not support. A role is accepted and not used; a `DeadLetterConfig` is
/// accepted, but undeliverable events always go to the engine's own dead letters.
const UNSUPPORTED: [&str; 9] = [
    "KinesisParameters",
    "RunCommandParameters",
    "EcsParameters",
    "BatchParameters",
    "SqsParameters",
    "HttpParameters",
    "RedshiftDataParameters",
    "SageMakerPipelineParameters",
    "AppSyncParameters",
];

pub(super) fn put(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::PUT_TARGETS)?;
    let (rule, bus) = (request::text(request, "Rule")?, bus_name(request, "EventBusName")?);
    let targets = request::list(request, "Targets")?;
    for target in targets {
        check_target(target)?;
    }
    require_rule(tx.db(), bus, rule)?;
    for target in targets {
        tx.db()
            .prepare_cached(
                "INSERT OR REPLACE INTO event_targets (bus, rule, id, arn, target) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((bus, rule, request::text(target, "Id")?, request::text(target, "Arn")?, target.to_string()))?;
    }
    let mut count = tx.db().prepare_cached("SELECT count(*) FROM event_targets WHERE bus = ?1 AND rule = ?2")?;
    if count.query_row((bus, rule), |row| row.get::<_, i64>(0))? > MAX_TARGETS {
        let message = "The requested resource exceeds the maximum number allowed.";
        return Err(ApiError::client("LimitExceededException", message));
    }
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

fn check_target(target: &Value) -> Result<(), ApiError> {
    let (id, arn) = (request::text(target, "Id")?, request::text(target, "Arn")?);
    match TargetKind::of(arn) {
        Some(TargetKind::StateMachine) if request::optional_text(target, "RoleArn")?.is_none() => {
            return Err(ApiError::validation(format!("RoleArn is required for target {arn}.")));
        }
        Some(_) => {}
        None => {
            let parts: Vec<&str> = arn.splitn(6, ':').collect();
            return Err(ApiError::validation(match parts.as_slice() {
                ["arn", _, service, _, _, _] => format!(
                    "{service} is not a supported service for a target. This engine delivers to state machines, \
                     functions and log groups."
                ),
                _ => format!("Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."),
            }));
        }
    }
    refuse_members(target, &UNSUPPORTED)?;
    retry_policy(target)?;
    Input::of(target, id)?;
    Ok(())
}

pub(super) fn remove(tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::REMOVE_TARGETS)?;
    let (rule, bus) = (request::text(request, "Rule")?, bus_name(request, "EventBusName")?);
    require_rule(tx.db(), bus, rule)?;
    for id in request::list(request, "Ids")? {
        tx.db().prepare_cached("DELETE FROM event_targets WHERE bus = ?1 AND rule = ?2 AND id = ?3")?.execute((
            bus,
            rule,
            id.as_str().unwrap_or_default(),
        ))?;
    }
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

pub(super) fn list(_: &Context, db: &Connection, request: &Value) -> Result<Value, ApiError> {
    validate(request, shapes::LIST_TARGETS_BY_RULE)?;
    let (rule, bus) = (request::text(request, "Rule")?, bus_name(request, "EventBusName")?);
    require_rule(db, bus, rule)?;
    let page = Page::parse(request, "Limit", "NextToken", 100, 100)?;
    let mut query = db.prepare_cached(
        "SELECT id, target FROM event_targets WHERE bus = ?1 AND rule = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
    )?;
    let after = page.after.as_deref().unwrap_or_default();
    let rows = query.query_map((bus, rule, after, page.fetch_limit()), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut targets = rows.collect::<Result<Vec<_>, _>>()?;
    let next = page.next_token(&mut targets, |(id, _)| id.clone());
    let targets: Vec<Value> = targets.iter().filter_map(|(_, target)| serde_json::from_str(target).ok()).collect();
    Ok(with_next_token(json!({ "Targets": targets }), next))
}

/// The retry policy of a target; EventBridge's default if it has none.
pub(super) fn retry_policy(target: &Value) -> Result<RetryPolicy, ApiError> {
    let Some(policy) = target.get("RetryPolicy").filter(|policy| !policy.is_null()) else {
        return Ok(RetryPolicy::DEFAULT);
    };
    let retries = request::optional_integer(policy, "MaximumRetryAttempts", 0, 185)?;
    let seconds = request::optional_integer(policy, "MaximumEventAgeInSeconds", 60, 86_400)?;
    Ok(RetryPolicy {
        max_attempts: retries.map_or(RetryPolicy::DEFAULT.max_attempts, |retries| retries + 1),
        max_age_ms: seconds.map_or(RetryPolicy::DEFAULT.max_age_ms, |seconds| seconds * 1000),
    })
}
