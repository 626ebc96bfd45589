//! Parsed definitions of state machines.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use crate::{
    error::ApiError,
    stepfunctions::language::definition::{Definition, invalid_definition_message},
};

/// Parsed definitions by revision id. A revision never changes, so an entry never becomes outdated.
#[derive(Debug, Default)]
pub(crate) struct DefinitionCache {
    parsed: Mutex<HashMap<String, Arc<Definition>>>,
}

impl DefinitionCache {
    /// More revisions than are in use at once. The cache is cleared when it is full.
    const CAPACITY: usize = 1_000;

    /// The definition of a stored revision.
    pub(super) fn get(&self, db: &Connection, revision: &str) -> Result<Arc<Definition>, ApiError> {
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(definition) = parsed.get(revision) {
            return Ok(Arc::clone(definition));
        }
        let text: String = db
            .prepare_cached("SELECT definition FROM machine_revisions WHERE id = ?1")?
            .query_row([revision], |row| row.get(0))?;
        let definition = Definition::parse(&text).map(Arc::new).map_err(|diagnostics| {
            let reason = invalid_definition_message(&diagnostics);
            ApiError::internal(format!("the stored revision {revision} cannot be read any more: {reason}"))
        })?;
        if parsed.len() >= Self::CAPACITY {
            parsed.clear();
        }
        parsed.insert(revision.to_owned(), Arc::clone(&definition));
        Ok(definition)
    }
}
