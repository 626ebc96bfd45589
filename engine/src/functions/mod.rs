//! Functions: the targets that AWS calls Lambda. Here they are handlers in the process.

use std::{
    collections::HashMap,
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::{FutureExt, future};
use serde_json::{Value, json};

use crate::clock::{BoxFuture, Clock};

/// A function: takes the payload, gives the answer. It may be called more than once for one event.
pub type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync>;

/// How long a function may take; then it is dropped and counts as failed. AWS's own limit.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Why a function did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    /// The error name, which `Retry` and `Catch` compare.
    pub error_type: String,
    /// What happened.
    pub message: String,
}

impl FunctionError {
    /// An error with a name and words.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), message: message.into() }
    }

    /// The cause as Lambda writes it: `{"errorMessage": …, "errorType": …}`.
    pub fn cause(&self) -> String {
        json!({ "errorMessage": self.message, "errorType": self.error_type }).to_string()
    }
}

/// The registered functions by name.
#[derive(Default)]
pub(crate) struct Functions {
    handlers: RwLock<HashMap<String, Handler>>,
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handlers = self.handlers.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(handlers.keys()).finish()
    }
}

impl Functions {
    pub(crate) fn register(&self, name: &str, handler: Handler) {
        self.handlers.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), handler);
    }

    /// Calls the function that `name` names, be it a name or an ARN.
    pub(crate) async fn invoke(&self, clock: &dyn Clock, name: &str, payload: Value) -> Result<Value, FunctionError> {
        let name = function_name(name);
        let handler = self.handlers.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let Some(handler) = handler else {
            let message = format!("Function not found: {name}. Register it before the engine starts.");
            return Err(FunctionError::new("Lambda.ResourceNotFoundException", message));
        };
        // A panic in a handler is that function's failure, not the engine's.
        let call = AssertUnwindSafe(async move { handler(payload).await }).catch_unwind();
        let limit = clock.sleep_until(clock.now() + TIME_LIMIT);
        match future::select(Box::pin(call), limit).await {
            future::Either::Left((Ok(answer), _)) => answer,
            future::Either::Left((Err(_), _)) => {
                Err(FunctionError::new("Runtime.Panic", format!("the function {name} panicked")))
            }
            future::Either::Right(((), _)) => {
                let message = format!("Task timed out after {}.00 seconds", TIME_LIMIT.as_secs());
                Err(FunctionError::new("Sandbox.Timedout", message))
            }
        }
    }
}

/// The bare name in `name`, `function:name`, `arn:aws:lambda:region:account:function:name` or the latter with a
/// version or alias behind it.
pub(crate) fn function_name(name: &str) -> &str {
    let behind = name.rsplit_once("function:").map_or(name, |(_, behind)| behind);
    behind.split(':').next().unwrap_or(behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn a_function_is_found_by_name_and_by_arn() {
        for spelling in ["f", "function:f", "arn:aws:lambda:eu-west-1:000000000000:function:f", "f:$LATEST"] {
            assert_eq!(function_name(spelling), "f", "{spelling}");
        }
    }

    #[tokio::test]
    async fn a_panic_in_a_function_is_its_failure() {
        let functions = Functions::default();
        functions.register("bad", Arc::new(|_| Box::pin(async { panic!("oh") })));
        let error = functions.invoke(&SystemClock, "bad", Value::Null).await.unwrap_err();
        assert_eq!(error.error_type, "Runtime.Panic");
    }
}
