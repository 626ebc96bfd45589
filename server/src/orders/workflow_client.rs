//! WorkflowStep Functions client for orders: starts executions and sends task tokens.

use std::sync::Arc;

use aws_sdk_sfn::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
};
use domain::{Ending, Order, OrderEvent, TaskToken, Timestamp, order::TaskCallback};
use engine::clock::Clock;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::numbering::Numbering;
use crate::{metrics::CallbackMetrics, time};

/// The error with which the workflow recognises a cancellation.
const CANCELLED: &str = "OrderCancelled";

/// The outcome of sending a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenOutcome {
    /// The step has ended by it.
    Accepted,
    /// The step had ended before.
    TooLate,
    /// The call failed, so the outcome is unknown.
    Unknown,
}

impl TokenOutcome {
    const fn label(self) -> &'static str {
        match self {
            Self::Accepted => "won",
            Self::TooLate => "too_late",
            Self::Unknown => "unknown",
        }
    }
}

/// The outcome of starting an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StartOutcome {
    Running,
    /// It has run and ended.
    Ended,
    /// The call failed, so the outcome is unknown.
    Unknown,
}

impl StartOutcome {
    const fn label(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ended => "ended",
            Self::Unknown => "unknown",
        }
    }
}

/// The `Cause` of a cancelled order. The event handler reads from it how the order ended, in case this process ends
/// before it writes the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CancelCause {
    /// `customer` or `barista`.
    pub(crate) by: String,
    /// The reason, in words for the customer.
    #[serde(default)]
    pub(crate) reason: String,
    /// The barista, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) barista: Option<String>,
    /// The time, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Timestamp>,
}

impl CancelCause {
    fn of(ending: &Ending, at: Timestamp) -> Self {
        let (by, reason, barista) = match ending {
            Ending::CancelledByBarista { barista, reason } => {
                ("barista", reason.clone().into(), Some(barista.clone().into()))
            }
            _ => ("customer", String::new(), None),
        };
        Self { by: by.to_owned(), reason, barista, at: Some(at) }
    }
}

/// WorkflowStep Functions client for orders.
#[derive(Debug, Clone)]
pub(crate) struct WorkflowClient {
    client: Client,
    state_machine_arn: String,
    metrics: CallbackMetrics,
    clock: Arc<dyn Clock>,
    /// The time zone of the business day: the system's, or that of the variable `TZ`.
    zone: TimeZone,
}

impl WorkflowClient {
    pub(super) fn new(
        client: Client,
        state_machine_arn: String,
        metrics: CallbackMetrics,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { client, state_machine_arn, metrics, clock, zone: TimeZone::system() }
    }

    /// Starts the workflow of an order. The execution is named after the order, so a second call has no effect.
    pub(super) async fn start(&self, order: &Order) -> StartOutcome {
        let input = json!({ "detail": { "orderId": order.id, "userId": order.customer } });
        let start = self.client.start_execution().state_machine_arn(&self.state_machine_arn).name(order.id.as_str());
        let started = match start.input(input.to_string()).send().await {
            Ok(_) => StartOutcome::Running,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_execution_already_exists()) => {
                StartOutcome::Ended
            }
            Err(error) => {
                let error = DisplayErrorContext(error);
                tracing::error!(%error, "the workflow could not be started; it will be tried again");
                StartOutcome::Unknown
            }
        };
        self.metrics.called("start", started.label());
        started
    }

    /// Sends `token`. `events` are what the caller records if it is accepted.
    pub(super) async fn send(
        &self,
        order: &Order,
        token: &TaskToken,
        message: &TaskCallback,
        events: &[OrderEvent],
    ) -> TokenOutcome {
        let (call, sent) = match message {
            TaskCallback::Success => {
                let output = self.output(order).to_string();
                let send = self.client.send_task_success().task_token(token.reveal()).output(output);
                ("success", token_outcome(token, send.send().await))
            }
            TaskCallback::Cancelled => {
                let send = self.client.send_task_failure().task_token(token.reveal()).error(CANCELLED);
                ("failure", token_outcome(token, send.cause(cancel_cause(events)).send().await))
            }
            TaskCallback::Heartbeat => return self.heartbeat(token).await,
        };
        self.metrics.called(call, sent.label());
        sent
    }

    /// The output of the customer's step: what the workflow needs to assign a number, unless the order has one.
    fn output(&self, order: &Order) -> serde_json::Value {
        let numbering = order.number.is_none().then(|| Numbering::at(time::now(&*self.clock), &self.zone));
        json!({ "orderId": order.id, "numbering": numbering })
    }

    /// Sends a heartbeat, whose outcome shows whether the workflow still waits for `token`. It also restarts the time-out of
    /// the step, so it is for extensions and for steps that should have ended already.
    pub(super) async fn heartbeat(&self, token: &TaskToken) -> TokenOutcome {
        let sent = token_outcome(token, self.client.send_task_heartbeat().task_token(token.reveal()).send().await);
        self.metrics.called("heartbeat", sent.label());
        sent
    }
}

/// `TaskTimedOut` means that the token has expired or was used; the other two mean that no step waits for it.
fn token_outcome<T, E>(token: &TaskToken, outcome: Result<T, SdkError<E>>) -> TokenOutcome
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let token = token.fingerprint();
    match outcome {
        Ok(_) => {
            tracing::debug!(token, "token sent back");
            TokenOutcome::Accepted
        }
        Err(error) if matches!(error.code(), Some("TaskTimedOut" | "TaskDoesNotExist" | "InvalidToken")) => {
            tracing::debug!(token, "the step had ended before");
            TokenOutcome::TooLate
        }
        Err(error) => {
            let error = DisplayErrorContext(error);
            tracing::error!(token, %error, "the workflow does not answer");
            TokenOutcome::Unknown
        }
    }
}

fn cancel_cause(events: &[OrderEvent]) -> String {
    let cause = events.iter().find_map(|event| match event {
        OrderEvent::Ended { ending, at, .. } => Some(CancelCause::of(ending, *at)),
        _ => None,
    });
    serde_json::to_string(&cause).unwrap_or_default()
}
