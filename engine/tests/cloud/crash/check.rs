//! Checks after a crash.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Range,
    path::Path,
};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};

use super::{
    CLIENTS,
    client::{Killed, NOTES, is_cancelled, send_token_twice},
    journal::{Acknowledged, Journal},
    server,
};
use crate::{
    common::{Clients, eventually},
    shop::{MACHINE, barista_token, customer_token, history, item, state_of},
};

/// The index of the event that ends the customer's step in the history of an order.
const CUSTOMER_STEP_END: usize = 19;

/// Checks that the engine still has what it acknowledged in these entries of the journal.
pub(super) async fn check_entries(clients: &Clients, journal: &Journal, range: Range<usize>) {
    for entry in journal.entries(range) {
        check(clients, &entry).await;
    }
}

fn arn_of(order: &str) -> String {
    format!("{}:{order}", MACHINE.replace("stateMachine", "execution"))
}

async fn check(clients: &Clients, entry: &Acknowledged) {
    match entry {
        Acknowledged::Item { key } => assert!(item_exists(clients, key).await, "{entry:?}"),
        Acknowledged::Event { id } => {
            let key = format!("event {id}");
            eventually("the delivery of an event", || async { item_exists(clients, &key).await.then_some(()) }).await;
        }
        Acknowledged::Started { order } => drop(state_of(clients, &arn_of(order)).await),
        Acknowledged::Chosen { order, token } => {
            let events = history(clients, &arn_of(order)).await;
            assert_eq!(events[CUSTOMER_STEP_END].r#type(), &HistoryEventType::TaskSucceeded, "{entry:?}");
            assert_token_used(clients, token).await;
        }
        Acknowledged::Number { order, number } => {
            assert_eq!(item(clients, order).await["orderNumber"], number.to_string(), "{entry:?}");
        }
        Acknowledged::Ended { order, token } => {
            assert_eq!(state_of(clients, &arn_of(order)).await.0, expected_status(order), "{entry:?}");
            assert_token_used(clients, token).await;
        }
    }
}

/// The expected status of the order.
fn expected_status(order: &str) -> ExecutionStatus {
    if is_cancelled(order) { ExecutionStatus::Failed } else { ExecutionStatus::Succeeded }
}

async fn item_exists(clients: &Clients, key: &str) -> bool {
    let get = clients.tables.get_item().table_name(NOTES).key("PK", AttributeValue::S(key.to_owned()));
    get.send().await.unwrap().item.is_some()
}

async fn assert_token_used(clients: &Clients, token: &str) {
    let again = clients.sfn.send_task_success().task_token(token).output("{}").send().await;
    let error = again.expect_err("a used token was accepted");
    assert!(error.as_service_error().is_some_and(|error| error.is_task_timed_out()), "{error:?}");
}

/// Completes the orders that the crash interrupted.
pub(super) async fn finish_open_orders(clients: &Clients, journal: &Journal) {
    let list = clients.sfn.list_executions().state_machine_arn(MACHINE).status_filter(ExecutionStatus::Running);
    let open = list.clone().send().await.unwrap().executions().to_vec();
    assert!(open.len() <= CLIENTS, "more orders were open than there were clients");
    for execution in open {
        let (order, arn) = (execution.name(), execution.execution_arn());
        assert!(journal.attempted().contains(order), "{order} was never requested");
        if history(clients, arn).await.len() <= CUSTOMER_STEP_END {
            let token = customer_token(clients, order).await;
            send_token_twice(clients, &token, false)
                .await
                .unwrap_or_else(|Killed| panic!("the engine was killed, but not by this test"));
            journal.write(Acknowledged::Chosen { order: order.to_owned(), token });
        }
        let (token, number) = barista_token(clients, order).await;
        journal.write(Acknowledged::Number { order: order.to_owned(), number: number.parse().unwrap() });
        send_token_twice(clients, &token, is_cancelled(order))
            .await
            .unwrap_or_else(|Killed| panic!("the engine was killed, but not by this test"));
        assert_eq!(state_of(clients, arn).await.0, expected_status(order));
        journal.write(Acknowledged::Ended { order: order.to_owned(), token });
    }
    assert!(list.send().await.unwrap().executions().is_empty());
}

/// Checks that every requested order exists at most once, has ended as expected and has a unique number, and that the
/// numbers have no gap. Returns a summary.
pub(super) async fn check_totals(clients: &Clients, journal: &Journal) -> String {
    let entries = journal.entries(0..journal.len());
    let mut ends: BTreeMap<String, ExecutionStatus> = BTreeMap::new();
    let mut page = None;
    loop {
        let list = clients.sfn.list_executions().state_machine_arn(MACHINE).max_results(1000).set_next_token(page);
        let listed = list.send().await.unwrap();
        for execution in listed.executions() {
            let earlier = ends.insert(execution.name().to_owned(), execution.status().clone());
            assert_eq!(earlier, None, "{} exists twice", execution.name());
        }
        page = listed.next_token().map(str::to_owned);
        if page.is_none() {
            break;
        }
    }
    let attempted: BTreeSet<String> = journal.attempted().iter().cloned().collect();
    for (order, end) in &ends {
        assert!(attempted.contains(order), "{order} was never requested");
        assert_eq!(end, &expected_status(order), "{order}");
        let events = history(clients, &arn_of(order)).await;
        let ids: Vec<i64> = events.iter().map(|event| event.id()).collect();
        assert_eq!(ids, (1..=events.len() as i64).collect::<Vec<_>>(), "{order}");
        let submitted = events.iter().filter(|event| *event.r#type() == HistoryEventType::TaskSubmitted).count();
        assert_eq!(submitted, 2, "{order} must wait exactly twice");
    }
    let mut numbers: BTreeMap<u64, String> = BTreeMap::new();
    for order in ends.keys() {
        let number: u64 = item(clients, order).await["orderNumber"].parse().unwrap();
        if let Some(other) = numbers.insert(number, order.clone()) {
            panic!("number {number} was given to {other} and to {order}");
        }
    }
    let assigned: Vec<u64> = numbers.keys().copied().collect();
    assert_eq!(assigned, (1..=ends.len() as u64).collect::<Vec<_>>(), "the numbers have a gap");

    let mut tokens = HashSet::new();
    let used = entries.iter().filter_map(|entry| match entry {
        Acknowledged::Chosen { token, .. } | Acknowledged::Ended { token, .. } => Some(token),
        _ => None,
    });
    for token in used {
        assert!(tokens.insert(token), "two tasks have the same token");
    }
    let failed = ends.values().filter(|end| **end == ExecutionStatus::Failed).count();
    format!("{} orders ({} cancelled), {} tokens", ends.len(), failed, tokens.len())
}

/// Checks that there are no dead letters and no pending deliveries.
pub(super) async fn check_no_deliveries_left(file: &Path) {
    let cloud = server::open(file);
    assert_eq!(cloud.engine.dead_letters().await.unwrap(), []);
    assert_eq!(cloud.engine.next_delivery().await.unwrap(), None);
    cloud.engine.shutdown().await;
}
