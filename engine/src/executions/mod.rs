//! Step Functions: state machines, their executions, and the callbacks that carry them on.

mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use rusqlite::Connection;

pub(crate) use self::token::TokenKey;
use crate::{
    cloud::{Operation, Scope},
    error::ApiError,
    states::{definition::Definition, host::Stimulus},
};

/// An execution that has a reason to go on.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) execution: i64,
    pub(crate) stimulus: Stimulus,
}

/// Parsed definitions by the id of their revision, which never changes its meaning.
#[derive(Debug, Default)]
pub(crate) struct DefinitionCache {
    parsed: Mutex<HashMap<String, Arc<Definition>>>,
}

/// Makes the tables of this service.
pub(crate) fn migrate(_db: &Connection) -> Result<(), ApiError> {
    Ok(())
}

/// The operation of that name.
pub(crate) fn operation(_name: &str) -> Option<Operation> {
    None
}

/// Carries on all executions on the agenda until nothing is left to do.
pub(crate) fn carry_on(_scope: &Scope<'_>) -> Result<(), ApiError> {
    Ok(())
}

pub(crate) mod timers {
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use crate::cloud::Cloud;

    pub(crate) async fn run(_cloud: Arc<Cloud>, stop: CancellationToken) {
        stop.cancelled().await;
    }
}
