//! The functions that are handlers in this process.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde_json::Value;

use crate::{
    clock::{BoxFuture, Timestamp},
    lambda::{client::Client, error::FunctionError},
};

/// A function: takes the payload and returns the answer. It may be called more than once for one event.
pub type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync>;

/// Time limit of a handler in this process, which is AWS's own limit. After it the handler is dropped and counts as
/// failed.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The handlers in this process by name, and the client for all other functions.
#[derive(Default)]
pub(crate) struct Functions {
    handlers: RwLock<BTreeMap<String, RegisteredHandler>>,
    pub(super) client: Client,
}

#[derive(Clone)]
struct RegisteredHandler {
    handler: Handler,
    registered_at: Timestamp,
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.registered().keys()).finish()
    }
}

impl Functions {
    pub(crate) fn register(&self, name: &str, handler: Handler, registered_at: Timestamp) {
        let registered = RegisteredHandler { handler, registered_at };
        self.handlers.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), registered);
    }

    pub(super) fn handler(&self, name: &str) -> Option<Handler> {
        let handlers = self.handlers.read().unwrap_or_else(PoisonError::into_inner);
        handlers.get(name).map(|registered| Arc::clone(&registered.handler))
    }

    /// The registration time of each handler, by name.
    pub(super) fn registered(&self) -> BTreeMap<String, Timestamp> {
        let handlers = self.handlers.read().unwrap_or_else(PoisonError::into_inner);
        handlers.iter().map(|(name, registered)| (name.clone(), registered.registered_at)).collect()
    }
}
