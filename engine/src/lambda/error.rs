//! The error of a function invocation.

use serde_json::{Value, json};

/// Why a function invocation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    /// The error name, which `Retry` and `Catch` compare.
    pub error_type: String,
    /// The error message.
    pub message: String,
    pub(crate) origin: Origin,
}

/// Where the error comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The function itself.
    Function {
        /// Its response, as JSON.
        payload: String,
        /// Whether another attempt may succeed.
        retriable: bool,
    },
    /// The Lambda service: the invocation did not reach an answer of the function.
    Service {
        /// Lambda's HTTP status for it.
        status: u16,
    },
}

impl FunctionError {
    /// An error of the function itself.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        let (error_type, message) = (error_type.into(), message.into());
        let payload = json!({ "errorMessage": message, "errorType": error_type }).to_string();
        Self { error_type, message, origin: Origin::Function { payload, retriable: true } }
    }

    /// An error that every further attempt would have too: its delivery becomes a dead letter at once. A function
    /// outside this process cannot return one, as on AWS: it is called again until the retry policy of its rule ends.
    pub fn permanent(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(error_type, message);
        if let Origin::Function { retriable, .. } = &mut error.origin {
            *retriable = false;
        }
        error
    }

    /// The error in the response of a function that reported its failure.
    pub(crate) fn reported(payload: &Value) -> Self {
        let text = |name| payload.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (error_type, payload) = (text("errorType"), payload.to_string());
        if error_type.is_empty() {
            // AWS's message.
            let message = format!(
                "The cause could not be determined because Lambda did not return an error type. Returned payload: {payload}"
            );
            return Self {
                error_type: "Lambda.Unknown".to_owned(),
                message,
                origin: Origin::Function { payload, retriable: true },
            };
        }
        let message = serde_json::from_str::<Value>(&payload)
            .ok()
            .and_then(|payload| payload.get("errorMessage")?.as_str().map(str::to_owned))
            .unwrap_or_default();
        Self { error_type, message, origin: Origin::Function { payload, retriable: true } }
    }

    /// False for errors that another attempt cannot fix: the function does not exist, may not be called, or reports a permanent error.
    pub(crate) fn is_retriable(&self) -> bool {
        !matches!(
            self.origin,
            Origin::Service { status: 400..=428 | 430..=499 } | Origin::Function { retriable: false, .. }
        )
    }

    /// An error of the service; `code` is Lambda's error code.
    pub(crate) fn service(code: &str, status: u16, message: impl Into<String>) -> Self {
        Self { error_type: format!("Lambda.{code}"), message: message.into(), origin: Origin::Service { status } }
    }

    /// The cause as a workflow sees it: the response of the function, usually `{"errorMessage": …, "errorType": …}`, or
    /// the message of the service.
    pub fn cause(&self) -> String {
        match &self.origin {
            Origin::Function { payload, .. } if self.error_type != "Lambda.Unknown" => payload.clone(),
            _ => self.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_the_whole_answer_of_the_function() {
        let payload = json!({ "errorMessage": "no milk", "errorType": "OutOfMilk", "stackTrace": [] });
        let error = FunctionError::reported(&payload);
        assert_eq!((error.error_type.as_str(), error.message.as_str()), ("OutOfMilk", "no milk"));
        assert_eq!(error.cause(), payload.to_string());
    }

    #[test]
    fn an_answer_without_an_error_type_is_unknown_in_the_words_of_aws() {
        let error = FunctionError::reported(&json!({ "errorMessage": "gone" }));
        assert_eq!(error.error_type, "Lambda.Unknown");
        assert_eq!(
            error.cause(),
            "The cause could not be determined because Lambda did not return an error type. Returned payload: \
             {\"errorMessage\":\"gone\"}"
        );
    }
}
