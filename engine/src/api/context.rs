//! What operations run in: the [`Context`] of the engine and, for writes, a [`Transaction`].

use std::{cell::RefCell, collections::VecDeque, fmt, sync::Arc};

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    clock::{Clock, Rng, Timestamp},
    error::ApiError,
    eventbridge::pattern::PatternCache,
    stepfunctions::{
        language::host::Stimulus,
        service::{
            definition_cache::DefinitionCache, execution_cache::ExecutionCache, pending_step::PendingStep,
            token::TokenKey,
        },
    },
    store::JobContext,
};

/// The AWS account and the region in all ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) region: String,
    /// Twelve digits.
    pub(crate) id: String,
}

impl Account {
    /// `arn:aws:<service>:<region>:<account>:<resource>`.
    pub(crate) fn arn(&self, service: &str, resource: impl fmt::Display) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.id)
    }
}

/// Everything that stays the same while the engine runs, and the caches of the services.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) account: Account,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) token_key: TokenKey,
    pub(crate) definitions: DefinitionCache,
    pub(crate) executions: Arc<ExecutionCache>,
    pub(crate) patterns: PatternCache,
}

impl Context {
    pub(crate) fn new(account: Account, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, token_key: TokenKey) -> Self {
        Self {
            account,
            clock,
            rng,
            token_key,
            definitions: DefinitionCache::default(),
            executions: Arc::default(),
            patterns: PatternCache::default(),
        }
    }

    /// `arn:aws:<service>:<region>:<account>:<resource>`.
    pub(crate) fn arn(&self, service: &str, resource: impl fmt::Display) -> String {
        self.account.arn(service, resource)
    }
}

/// A job of the store's writer with the context of the engine.
pub(crate) struct Transaction<'a> {
    pub(crate) context: &'a Context,
    pub(crate) job: &'a JobContext<'a>,
    /// Steps of executions that this transaction has caused. They run after the operation itself, so that no execution
    /// is ever in the middle of two steps at once.
    pub(crate) pending_steps: RefCell<VecDeque<PendingStep>>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(context: &'a Context, job: &'a JobContext<'a>) -> Self {
        Self { context, job, pending_steps: RefCell::default() }
    }

    pub(crate) fn db(&self) -> &Connection {
        self.job.db
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.job.now
    }

    /// Adds a step of an execution, to run after the operation.
    pub(crate) fn push_step(&self, execution: i64, stimulus: Stimulus) {
        self.pending_steps.borrow_mut().push_back(PendingStep { execution, stimulus });
    }
}

/// An operation of one of the services.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    /// Only reads; runs on a snapshot, on a reader's thread.
    Read(fn(&Context, &Connection, &Value) -> Result<Value, ApiError>),
    /// Only reads, and so few rows that it runs on the thread of the caller.
    LookUp(fn(&Context, &Connection, &Value) -> Result<Value, ApiError>),
    /// Runs in a transaction of the writer.
    Write(fn(&Transaction<'_>, &Value) -> Result<Value, ApiError>),
    /// A write that changes nothing before it has checked everything that it may be refused for: an error leaves
    /// nothing to roll back.
    CheckedWrite(fn(&Transaction<'_>, &Value) -> Result<Value, ApiError>),
}

impl Operation {
    /// Runs the operation in a transaction that is already open, as a Task state does.
    pub(crate) fn run_within(self, tx: &Transaction<'_>, request: &Value) -> Result<Value, ApiError> {
        match self {
            Self::Read(run) | Self::LookUp(run) => run(tx.context, tx.db(), request),
            Self::Write(run) | Self::CheckedWrite(run) => run(tx, request),
        }
    }

    /// Whether an error may leave changes behind that the caller has to roll back.
    pub(crate) fn needs_rollback(self) -> bool {
        matches!(self, Self::Write(_))
    }
}
