//! What the writer runs: a job, and what it may touch.

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
    store::allowance::{Allowance, Share},
};

/// The inside of one job: the open transaction and the time, which stands still while the job runs.
pub(crate) struct JobContext<'a> {
    /// The writer's connection, inside the transaction.
    pub(crate) db: &'a Connection,
    /// The time of everything this job does.
    pub(crate) now: Timestamp,
    /// What this job may still do in its commit.
    pub(crate) allowance: Share<'a>,
    effects: Cell<Effects>,
    after_commit: RefCell<Vec<AfterCommit>>,
}

/// What a job wants done once its effects are durable.
pub(crate) type AfterCommit = Box<dyn FnOnce()>;

/// What the background loops must be told after the commit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effects {
    /// The earliest deadline that was set.
    pub(crate) deadline: Option<Timestamp>,
    /// Whether something was put into the outbox.
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
            allowance: allowance.share(),
            effects: Cell::default(),
            after_commit: RefCell::default(),
        }
    }

    /// A deadline was set: the timer loop may have to wake earlier.
    pub(crate) fn deadline_set(&self, due: Timestamp) {
        self.effects.set(self.effects.get().merge(Effects { deadline: Some(due), outbox: false }));
    }

    /// Something was put into the outbox: the delivery loop has work.
    pub(crate) fn outbox_filled(&self) {
        self.effects.set(self.effects.get().merge(Effects { deadline: None, outbox: true }));
    }

    /// Runs `work` after the commit, before anyone is answered; not at all when the job or the commit fails.
    pub(crate) fn after_commit(&self, work: impl FnOnce() + 'static) {
        self.after_commit.borrow_mut().push(Box::new(work));
    }

    pub(crate) fn done(self) -> (Effects, Vec<AfterCommit>) {
        (self.effects.get(), self.after_commit.into_inner())
    }
}

/// A job in the writer's queue.
pub(crate) trait Job: Send {
    /// Does the work and keeps its result; false when its effects must be rolled back. It may be run once more, after
    /// everything that it did before was rolled back.
    fn run(&mut self, work: &JobContext<'_>) -> bool;
    /// Why the store could not write what the job wanted, if that is why it failed.
    fn outage(&self) -> Option<Outage>;
    /// Tells the caller the result or, when the commit failed, that.
    fn answer(self: Box<Self>, commit: Result<(), &ApiError>);
}

/// A closure as a job.
pub(crate) struct Task<T, F> {
    work: F,
    result: Option<Result<T, ApiError>>,
    reply: oneshot::Sender<Result<T, ApiError>>,
}

impl<T, F> Task<T, F> {
    pub(crate) fn new(work: F, reply: oneshot::Sender<Result<T, ApiError>>) -> Self {
        Self { work, result: None, reply }
    }
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: Fn(&JobContext<'_>) -> Result<T, ApiError> + Send,
{
    fn run(&mut self, on: &JobContext<'_>) -> bool {
        let result = guarded(|| (self.work)(on));
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
            // The job's own error says more than that of the commit which it did not take part in.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.clone()),
            (Ok(()), None) => Err(ApiError::internal("the job was not run")),
        };
        // A caller that went away does not want the answer.
        let _ = self.reply.send(result);
    }
}

/// The error for a job that comes after the store was closed.
pub(super) fn closed() -> ApiError {
    ApiError::internal("the store is closed, because the engine is shutting down")
}

/// Runs `work`; a panic in it becomes an error, so that one faulty request does not stop the store.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, ApiError>) -> Result<T, ApiError> {
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
