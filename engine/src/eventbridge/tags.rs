//! The stored tags of buses and rules.

use serde_json::Value;

use crate::{
    api::{context::Transaction, request},
    error::ApiError,
};

/// Adds the tags of a request to a resource.
pub(super) fn add(tx: &Transaction<'_>, arn: &str, request: &Value) -> Result<(), ApiError> {
    for tag in request.get("Tags").and_then(Value::as_array).into_iter().flatten() {
        tx.db()
            .prepare_cached("INSERT OR REPLACE INTO event_tags (arn, key, value) VALUES (?1, ?2, ?3)")?
            .execute((arn, request::text(tag, "Key")?, request::optional_text(tag, "Value")?.unwrap_or_default()))?;
    }
    Ok(())
}

/// Removes all tags of a deleted resource.
pub(super) fn forget(tx: &Transaction<'_>, arn: &str) -> Result<(), ApiError> {
    tx.db().prepare_cached("DELETE FROM event_tags WHERE arn = ?1")?.execute([arn])?;
    Ok(())
}
