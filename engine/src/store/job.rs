//! The jobs of the writer, and the context in which they run.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    clock::Timestamp,
    error::{ApiError, Outage},
    store::allowance::{Allowance, JobAllowance},
};

/// The context of one job: the open transaction and the time, which is constant while the job runs.
pub(crate) struct JobContext<'a> {
    /// The writer's connection, inside the transaction.
    pub(crate) db: &'a Connection,
    /// The time of everything that this job does.
    pub(crate) now: Timestamp,
    /// What this job may still do in its commit.
    pub(crate) allowance: JobAllowance<'a>,
    effects: Cell<Effects>,
    after_commit: RefCell<Vec<AfterCommit>>,
}

/// What a job wants to run once its effects are durable.
pub(crate) type AfterCommit = Box<dyn FnOnce()>;

/// What the background loops need to know after the commit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effects {
    /// The earliest deadline that was set.
    pub(crate) deadline: Option<Timestamp>,
    /// Whether a delivery was added to the outbox.
    pub(crate) outbox: bool,
}

impl Effects {
    pub(crate) fn merge(self, other: Self) -> Self {
        let deadline = match (self.deadline, other.deadline) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { deadline, outbox: self.outbox || other.outbox }
    }
}

impl<'a> JobContext<'a> {
    pub(crate) fn new(db: &'a Connection, allowance: &'a Allowance<'a>) -> Self {
        Self {
            db,
            now: allowance.now(),
            allowance: allowance.for_job(),
            effects: Cell::default(),
            after_commit: RefCell::default(),
        }
    }

    /// Records a new deadline: the timer loop may have to wake earlier.
    pub(crate) fn deadline_set(&self, due: Timestamp) {
        self.effects.set(self.effects.get().merge(Effects { deadline: Some(due), outbox: false }));
    }

    /// Records a new delivery in the outbox: the delivery loop has to wake.
    pub(crate) fn outbox_filled(&self) {
        self.effects.set(self.effects.get().merge(Effects { deadline: None, outbox: true }));
    }

    /// Runs `work` after the commit and before any caller is answered; not at all when the job or the commit fails.
    pub(crate) fn after_commit(&self, work: impl FnOnce() + 'static) {
        self.after_commit.borrow_mut().push(Box::new(work));
    }

    pub(crate) fn into_effects(self) -> (Effects, Vec<AfterCommit>) {
        (self.effects.get(), self.after_commit.into_inner())
    }
}

/// A job in the writer's queue.
pub(crate) trait Job: Send {
    /// Does the work and keeps the result; returns false when its effects must be rolled back. It may run a second
    /// time, after everything that it did was rolled back.
    fn run(&mut self, work: &JobContext<'_>) -> bool;
    /// Why the store could not write, if that is why the job failed.
    fn outage(&self) -> Option<Outage>;
    /// Sends the result to the caller or, if the commit failed, that error.
    fn answer(self: Box<Self>, commit: Result<(), &ApiError>);
}

/// A closure as a job.
pub(crate) struct ClosureJob<T, F> {
    work: F,
    result: Option<Result<T, ApiError>>,
    reply: oneshot::Sender<Result<T, ApiError>>,
}

impl<T, F> ClosureJob<T, F> {
    pub(crate) fn new(work: F, reply: oneshot::Sender<Result<T, ApiError>>) -> Self {
        Self { work, result: None, reply }
    }
}

impl<T, F> Job for ClosureJob<T, F>
where
    T: Send,
    F: Fn(&JobContext<'_>) -> Result<T, ApiError> + Send,
{
    fn run(&mut self, on: &JobContext<'_>) -> bool {
        let result = catch_panics(|| (self.work)(on));
        let done = result.is_ok();
        self.result = Some(result);
        done
    }

    fn outage(&self) -> Option<Outage> {
        self.result.as_ref()?.as_ref().err()?.outage
    }

    fn answer(self: Box<Self>, commit: Result<(), &ApiError>) {
        let result = match (commit, self.result) {
            (Ok(()), Some(result)) => result,
            // The job's own error says more than the error of a commit that it took no part in.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.clone()),
            (Ok(()), None) => Err(ApiError::internal("the job was not run")),
        };
        // The caller may have gone away.
        let _ = self.reply.send(result);
    }
}

/// The error for a job that comes after the store was closed.
pub(super) fn closed() -> ApiError {
    ApiError::internal("the store is closed, because the engine is shutting down")
}

/// Runs `work` and turns a panic into an error, so that one faulty request does not stop the store.
pub(crate) fn catch_panics<T>(work: impl FnOnce() -> Result<T, ApiError>) -> Result<T, ApiError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(ApiError::internal(format!("a job of the store panicked: {}", panic_message(panic.as_ref()))))
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
