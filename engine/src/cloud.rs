//! The composition root: the store, the services' shared state, and how operations run on them.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    api::context::{Context, Operation, Transaction},
    error::ApiError,
    lambda::registry::Functions,
    stepfunctions::service::step::run_pending_steps,
    store::Store,
    wire::request_id::RequestIds,
};

/// Everything that lives as long as the engine.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) context: Arc<Context>,
    pub(crate) store: Store,
    pub(crate) functions: Functions,
    pub(crate) request_ids: RequestIds,
}

impl Cloud {
    /// Runs an operation; returns when its effects are durable.
    pub(crate) async fn call(&self, operation: Operation, request: Value) -> Result<Value, ApiError> {
        let context = Arc::clone(&self.context);
        match operation {
            Operation::Read(run) => self.store.read(move |db| run(&context, db, &request)).await,
            Operation::LookUp(run) => self.store.look_up(move |db| run(&context, db, &request)).await,
            Operation::Write(run) | Operation::CheckedWrite(run) => self.transact(move |tx| run(tx, &request)).await,
        }
    }

    /// Runs `work` and the steps of executions that it causes in one commit.
    pub(crate) async fn transact<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&Transaction<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        let context = Arc::clone(&self.context);
        self.store
            .write(move |job| {
                let tx = Transaction::new(&context, job);
                let result = work(&tx)?;
                run_pending_steps(&tx)?;
                Ok(result)
            })
            .await
    }
}
