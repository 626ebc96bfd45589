//! Speaks to the workflow: starts it, and sends task tokens back.

use std::sync::Arc;

use aws_sdk_sfn::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
};
use domain::{Ending, Order, OrderEvent, TaskToken, Timestamp, order::Message};
use engine::clock::Clock;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::numbering::Numbering;
use crate::{metrics::CallbackMetrics, time};

/// The error name by which the workflow knows a cancel.
const CANCELLED: &str = "OrderCancelled";

/// What became of a token that was sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenOutcome {
    /// The step has ended by it.
    Accepted,
    /// The step had ended before, one way or the other.
    TooLate,
    /// Nobody knows: the cloud did not answer.
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

/// What became of a request to start the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StartOutcome {
    /// It runs.
    Running,
    /// It has run and ended.
    Ended,
    /// Nobody knows: the cloud did not answer.
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

/// The `Cause` of a cancelled order: how it ended, for the record, should the process die before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CancelCause {
    /// `customer` or `barista`.
    pub(crate) by: String,
    /// Why, in words for the customer.
    #[serde(default)]
    pub(crate) reason: String,
    /// Who, when it was a barista.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) barista: Option<String>,
    /// When, in milliseconds since 1970.
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

/// The workflow's end of the line.
#[derive(Debug, Clone)]
pub(crate) struct WorkflowClient {
    client: Client,
    state_machine_arn: String,
    metrics: CallbackMetrics,
    clock: Arc<dyn Clock>,
    /// The zone of the bar's business day: the system's, or that of the variable TZ.
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

    /// Starts the order's workflow. The order's id is the name of the execution, so that starting twice starts once.
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

    /// Sends `token` back. `facts` are what the winner will write.
    pub(super) async fn send(
        &self,
        order: &Order,
        token: &TaskToken,
        message: &Message,
        facts: &[OrderEvent],
    ) -> TokenOutcome {
        let (call, sent) = match message {
            Message::Success => {
                let output = self.output(order).to_string();
                let send = self.client.send_task_success().task_token(token.reveal()).output(output);
                ("success", token_outcome(token, send.send().await))
            }
            Message::Cancelled => {
                let send = self.client.send_task_failure().task_token(token.reveal()).error(CANCELLED);
                ("failure", token_outcome(token, send.cause(cancel_cause(facts)).send().await))
            }
            Message::Heartbeat => return self.heartbeat(token).await,
        };
        self.metrics.called(call, sent.label());
        sent
    }

    /// What the workflow gets with a token: what an order without a number needs to draw one.
    fn output(&self, order: &Order) -> serde_json::Value {
        let numbering = order.number.is_none().then(|| Numbering::at(time::now(&*self.clock), &self.zone));
        json!({ "orderId": order.id, "numbering": numbering })
    }

    /// Whether the workflow still waits for `token`. Asking gives the step the whole of its time again, so ask only to
    /// do that, or about a step that should have ended already.
    pub(super) async fn heartbeat(&self, token: &TaskToken) -> TokenOutcome {
        let sent = token_outcome(token, self.client.send_task_heartbeat().task_token(token.reveal()).send().await);
        self.metrics.called("heartbeat", sent.label());
        sent
    }
}

/// `TaskTimedOut` means expired or closed already; the other two are said of tokens that no step waits for.
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

fn cancel_cause(facts: &[OrderEvent]) -> String {
    let cause = facts.iter().find_map(|fact| match fact {
        OrderEvent::Ended { ending, at, .. } => Some(CancelCause::of(ending, *at)),
        _ => None,
    });
    serde_json::to_string(&cause).unwrap_or_default()
}
