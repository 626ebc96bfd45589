//! A client that sends requests without pauses.

use aws_sdk_dynamodb::{error::SdkError, types::AttributeValue};
use serde_json::json;

use super::{
    journal::{Acknowledged, Journal},
    server::Server,
};
use crate::{
    common::Clients,
    shop::{self, MACHINE},
};

/// A table that the order processor does not scan, for other items.
pub(super) const NOTES: &str = "serverlesspresso-config-table";

/// Adds a rule that sends the events of the clients to the function `audit`, which stores an item for each.
pub(super) async fn audit_rule(clients: &Clients) {
    let audit = "arn:aws:lambda:us-east-1:000000000000:function:audit";
    clients.rule("default", "audit", json!({ "detail-type": ["Audit"] }), audit).await;
}

/// Every third order is cancelled by the barista, which fails its execution; all others succeed.
pub(super) fn is_cancelled(order: &str) -> bool {
    order.rsplit('-').next().is_some_and(|number| number.parse::<u64>().unwrap() % 3 == 2)
}

/// The engine was killed; whether it executed the last request is unknown.
pub(super) struct Killed;

/// A client with its own connections.
pub(super) struct Client<'a> {
    clients: Clients,
    journal: &'a Journal,
    name: String,
}

impl<'a> Client<'a> {
    pub(super) fn new(server: &Server, journal: &'a Journal, round: usize, number: usize) -> Self {
        Self { clients: server.connect(), journal, name: format!("{round}-{number}") }
    }

    /// Runs one order after the other, until the engine is killed.
    pub(super) async fn work(&self) {
        for number in 0.. {
            if self.run_order(&format!("{}-{number}", self.name)).await.is_err() {
                return;
            }
        }
    }

    /// Writes an item, puts an event, and runs an order. Each acknowledgement goes into the journal.
    async fn run_order(&self, order: &str) -> Result<(), Killed> {
        let Self { clients, journal, .. } = self;
        let key = format!("note {order}");
        let put = clients.tables.put_item().table_name(NOTES).item("PK", AttributeValue::S(key.clone()));
        answered(put.send().await)?;
        journal.write(Acknowledged::Item { key });

        let id = self.put_event().await?;
        journal.write(Acknowledged::Event { id });

        journal.attempt(order);
        let input = json!({ "detail": { "orderId": order, "userId": "u" } }).to_string();
        let start = clients.sfn.start_execution().state_machine_arn(MACHINE).name(order).input(input);
        answered(start.send().await)?;
        journal.write(Acknowledged::Started { order: order.to_owned() });

        let (token, _) = self.token(order, |number| number.is_empty()).await?;
        send_token_twice(clients, &token, false).await?;
        journal.write(Acknowledged::Chosen { order: order.to_owned(), token });

        let (token, number) = self.token(order, |number| !number.is_empty()).await?;
        journal.write(Acknowledged::Number { order: order.to_owned(), number: number.parse().unwrap() });
        send_token_twice(clients, &token, is_cancelled(order)).await?;
        journal.write(Acknowledged::Ended { order: order.to_owned(), token });
        Ok(())
    }

    async fn put_event(&self) -> Result<String, Killed> {
        let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
            .source("test")
            .detail_type("Audit")
            .detail("{}")
            .build();
        let answer = answered(self.clients.events.put_events().entries(entry).send().await)?;
        Ok(answer.entries()[0].event_id().expect("an event was refused").to_owned())
    }

    /// The stored token of the order, once its number is as expected.
    async fn token(&self, order: &str, is_expected: impl Fn(&str) -> bool) -> Result<(String, String), Killed> {
        loop {
            let item = answered(shop::get_item(&self.clients, order).send().await)?.item.unwrap_or_default();
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
            if let (Some(token), Some(number)) = (text("TaskToken"), text("orderNumber"))
                && is_expected(&number)
            {
                return Ok((token, number));
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Sends a token twice at the same time: one call succeeds, the other returns that the token is used.
pub(super) async fn send_token_twice(clients: &Clients, token: &str, fail: bool) -> Result<(), Killed> {
    let send = async || -> Result<bool, Killed> {
        if fail {
            let send = clients.sfn.send_task_failure().task_token(token).error("Cancelled").cause("no milk");
            return was_accepted(send.send().await, |error| error.is_task_timed_out());
        }
        let send = clients.sfn.send_task_success().task_token(token).output("{}");
        was_accepted(send.send().await, |error| error.is_task_timed_out())
    };
    match tokio::join!(send(), send()) {
        (Ok(true), Ok(true)) => panic!("a token was accepted twice"),
        (Ok(true), _) | (_, Ok(true)) => Ok(()),
        (Err(Killed), _) | (_, Err(Killed)) => Err(Killed),
        (Ok(false), Ok(false)) => panic!("an open token was refused twice"),
    }
}

/// Whether a callback was accepted.
fn was_accepted<T, E: std::fmt::Debug, R: std::fmt::Debug>(
    answer: Result<T, SdkError<E, R>>,
    is_used_token: impl Fn(&E) -> bool,
) -> Result<bool, Killed> {
    match answer {
        Err(SdkError::ServiceError(error)) if is_used_token(error.err()) => Ok(false),
        answer => answered(answer).map(|_| true),
    }
}

/// The response. An error of the engine itself fails the test.
fn answered<T, E: std::fmt::Debug, R: std::fmt::Debug>(answer: Result<T, SdkError<E, R>>) -> Result<T, Killed> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(SdkError::ServiceError(error)) => panic!("refused: {:?}", error.err()),
        Err(_) => Err(Killed),
    }
}
