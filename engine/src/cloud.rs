//! What every service shares: whose account it is, the store, and how an operation runs on it.

use std::{cell::RefCell, collections::VecDeque, fmt, sync::Arc};

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    clock::{Clock, Rng, Timestamp},
    dynamodb::Home,
    error::ApiError,
    eventbridge::PatternCache,
    lambda::Functions,
    stepfunctions::{
        self,
        service::{DefinitionCache, Due, LiveExecutions, TokenKey},
    },
    store::{Store, Work},
    wire::RequestIds,
};

/// The account and its secrets; everything that does not change while the engine runs.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) region: String,
    /// The twelve digits of the account.
    pub(crate) account: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) token_key: TokenKey,
    pub(crate) definitions: DefinitionCache,
    pub(crate) live: Arc<LiveExecutions>,
    pub(crate) patterns: PatternCache,
}

impl Site {
    /// `arn:aws:<service>:<region>:<account>:<resource>`.
    pub(crate) fn arn(&self, service: &str, resource: impl fmt::Display) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// What the tables need to know of this account at this time.
    pub(crate) fn home(&self, now: Timestamp) -> Home<'_> {
        Home { region: &self.region, account: &self.account, now }
    }
}

/// Everything that lives as long as the engine.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) site: Arc<Site>,
    pub(crate) store: Store,
    pub(crate) functions: Functions,
    pub(crate) request_ids: RequestIds,
}

/// One transaction with all that an operation may want of its surroundings.
pub(crate) struct Scope<'a> {
    pub(crate) site: &'a Site,
    pub(crate) work: &'a Work<'a>,
    /// Executions that this transaction has given a reason to go on. They are carried on after the operation itself,
    /// so that no execution is ever in the middle of two steps at once.
    pub(crate) agenda: RefCell<VecDeque<Due>>,
}

impl Scope<'_> {
    pub(crate) fn db(&self) -> &Connection {
        self.work.db
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.work.now
    }
}

/// An operation of one of the services.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    /// Changes nothing; runs on a snapshot.
    Read(fn(&Site, &Connection, &Value) -> Result<Value, ApiError>),
    /// The same, and reads so few rows that it runs at once on the thread that asks.
    LookUp(fn(&Site, &Connection, &Value) -> Result<Value, ApiError>),
    /// Runs in the writer's transaction.
    Write(fn(&Scope<'_>, &Value) -> Result<Value, ApiError>),
}

impl Operation {
    /// Runs the operation as part of a transaction that is already open, as a Task state does.
    pub(crate) fn run_within(self, scope: &Scope<'_>, request: &Value) -> Result<Value, ApiError> {
        match self {
            Self::Read(run) | Self::LookUp(run) => run(scope.site, scope.db(), request),
            Self::Write(run) => run(scope, request),
        }
    }
}

impl Cloud {
    /// Runs an operation and answers when its effects are durable.
    pub(crate) async fn call(&self, operation: Operation, request: Value) -> Result<Value, ApiError> {
        let site = Arc::clone(&self.site);
        match operation {
            Operation::Read(run) => self.store.read(move |db| run(&site, db, &request)).await,
            Operation::LookUp(run) => self.store.look_up(move |db| run(&site, db, &request)).await,
            Operation::Write(run) => self.transact(move |scope| run(scope, &request)).await,
        }
    }

    /// Runs `work` and all that follows from it for waiting executions in one commit.
    pub(crate) async fn transact<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&Scope<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        let site = Arc::clone(&self.site);
        self.store
            .write(move |on| {
                let scope = Scope { site: &site, work: on, agenda: RefCell::default() };
                let result = work(&scope)?;
                stepfunctions::service::carry_on(&scope)?;
                Ok(result)
            })
            .await
    }
}
