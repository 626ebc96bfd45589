//! Functions: what AWS calls Lambda. A function is a handler in the process, or a program elsewhere that is reached at
//! an HTTP address and speaks Lambda's own invocation API, as `sam local start-lambda` and many test servers do.
//!
//! The engine runs no code that was uploaded. Whoever creates a function over the wire names its address in the
//! environment variable [`ADDRESS_VARIABLE`].

mod address;
mod client;
mod configuration;
mod error;
mod invocation;
mod names;
mod operations;
mod permissions;
mod schema;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde_json::Value;

pub use self::{configuration::ADDRESS_VARIABLE, error::FunctionError};
pub(crate) use self::{invocation::call, names::function_name, operations::handle, schema::migrate};
use crate::{
    clock::{BoxFuture, Timestamp},
    lambda::client::Client,
};

/// A function: takes the payload, gives the answer. It may be called more than once for one event.
pub type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync>;

/// How long a handler in the process may take; then it is dropped and counts as failed. AWS's own limit.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The functions that are handlers in the process, by name, and the way to all others.
#[derive(Default)]
pub(crate) struct Functions {
    handlers: RwLock<BTreeMap<String, Registered>>,
    client: Client,
}

#[derive(Clone)]
struct Registered {
    handler: Handler,
    at: Timestamp,
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.registered().keys()).finish()
    }
}

impl Functions {
    pub(crate) fn register(&self, name: &str, handler: Handler, at: Timestamp) {
        let registered = Registered { handler, at };
        self.handlers.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), registered);
    }

    fn handler(&self, name: &str) -> Option<Handler> {
        let handlers = self.handlers.read().unwrap_or_else(PoisonError::into_inner);
        handlers.get(name).map(|registered| Arc::clone(&registered.handler))
    }

    /// When each handler in the process was registered, by name.
    fn registered(&self) -> BTreeMap<String, Timestamp> {
        let handlers = self.handlers.read().unwrap_or_else(PoisonError::into_inner);
        handlers.iter().map(|(name, registered)| (name.clone(), registered.at)).collect()
    }
}
