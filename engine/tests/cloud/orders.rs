//! Whole orders: from the first event to the last, across restarts, and beyond their deadlines.

use std::time::Duration;

use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use engine::clock::ManualClock;
use serde_json::json;

use crate::{
    common::{Cloud, Folder, MORNING, eventually},
    shop::{self, BUS, MACHINE, barista_token, customer_token, next_event, state_of, succeed},
};

/// A started engine in memory with a shop.
async fn running() -> Cloud {
    let cloud = Cloud::in_memory();
    shop::build(&cloud).await;
    shop::register_functions(&cloud);
    cloud.engine.start();
    cloud
}

#[tokio::test]
async fn an_order_completes_from_the_first_event_through_both_waits() {
    let cloud = running().await;
    let mut receiver = shop::listen(&cloud).await;
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .event_bus_name(BUS)
        .source(shop::SOURCE)
        .detail_type("Validator.NewOrder")
        .detail(r#"{"userId":"1","orderId":"2"}"#)
        .build();
    let put = cloud.events.put_events().entries(entry).send().await.unwrap();
    let event_id = put.entries()[0].event_id().unwrap().to_owned();

    let started = next_event(&mut receiver, "OrderProcessor.WorkflowStarted").await;
    let listed = cloud.sfn.list_executions().state_machine_arn(MACHINE).send().await.unwrap();
    let [execution] = listed.executions() else { panic!("one execution, not {listed:?}") };
    assert!(execution.name().starts_with(&format!("{event_id}_")), "{}", execution.name());
    assert_eq!(started["resources"], json!([MACHINE, execution.execution_arn()]));
    let described = cloud.sfn.describe_execution().execution_arn(execution.execution_arn()).send().await.unwrap();
    let input: serde_json::Value = serde_json::from_str(described.input().unwrap()).unwrap();
    assert_eq!(input["id"], json!(event_id), "the input is the whole envelope");

    let first = customer_token(&cloud, "2").await;
    assert_eq!(started["detail"]["TaskToken"], json!(first));
    succeed(&cloud, &first, json!({ "orderId": 1 })).await;
    let (second, number) = barista_token(&cloud, "2").await;
    assert_ne!(first, second);
    assert_eq!(number, "1");
    assert_eq!(state_of(&cloud, execution.execution_arn()).await.0, ExecutionStatus::Running);
    succeed(&cloud, &second, json!({ "orderId": 1 })).await;

    let (status, output) = state_of(&cloud, execution.execution_arn()).await;
    assert_eq!(status, ExecutionStatus::Succeeded);
    assert_eq!(output.unwrap()["FailedEntryCount"], 0);
    next_event(&mut receiver, "OrderProcessor.orderFinished").await;
}

#[tokio::test]
async fn the_history_has_the_events_and_ids_that_the_workshop_shows() {
    let cloud = running().await;
    let arn = shop::order(&cloud, "1").await;
    let history = shop::history(&cloud, &arn).await;
    assert_eq!(history.len(), 19);
    let scheduled = &history[16];
    assert_eq!((scheduled.id(), scheduled.r#type()), (17, &HistoryEventType::TaskScheduled));
    let details = scheduled.task_scheduled_event_details().unwrap();
    assert_eq!(details.resource(), "putEvents.waitForTaskToken");
    assert_eq!(details.heartbeat_in_seconds(), Some(300));
    let token = customer_token(&cloud, "1").await;
    assert!(details.parameters().contains(&token));
    assert_eq!(history[18].r#type(), &HistoryEventType::TaskSubmitted);

    succeed(&cloud, &token, json!({ "orderId": 1 })).await;
    let history = shop::history(&cloud, &arn).await;
    assert_eq!((history[19].id(), history[19].r#type()), (20, &HistoryEventType::TaskSucceeded));
    assert_eq!((history[27].id(), history[27].r#type()), (28, &HistoryEventType::TaskScheduled));
    assert_eq!(history.len(), 30);

    let page = cloud.sfn.get_execution_history().execution_arn(&arn).reverse_order(true).max_results(20);
    let newest = page.clone().send().await.unwrap();
    assert_eq!(newest.events().iter().map(|event| event.id()).collect::<Vec<_>>(), (11..=30).rev().collect::<Vec<_>>());
    let rest = page.set_next_token(newest.next_token().map(str::to_owned)).send().await.unwrap();
    assert_eq!(rest.events().len(), 10);
    assert_eq!(rest.next_token(), None);
}

#[tokio::test]
async fn a_token_works_once_and_only_with_output_that_is_json() {
    let cloud = running().await;
    let arn = shop::order(&cloud, "1").await;
    let token = customer_token(&cloud, "1").await;
    let send = |output: &str| cloud.sfn.send_task_success().task_token(&token).output(output).send();
    assert!(send("not json").await.unwrap_err().into_service_error().is_invalid_output());
    send("{}").await.unwrap();
    assert!(send("{}").await.unwrap_err().into_service_error().is_task_timed_out());
    let fail = cloud.sfn.send_task_failure().task_token(&token).send().await;
    assert!(fail.unwrap_err().into_service_error().is_task_timed_out());
    let beat = cloud.sfn.send_task_heartbeat().task_token(&token).send().await;
    assert!(beat.unwrap_err().into_service_error().is_task_timed_out());
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Running);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_simultaneous_callbacks_exactly_one_succeeds() {
    let cloud = running().await;
    let arn = shop::order(&cloud, "1").await;
    let token = customer_token(&cloud, "1").await;
    let success = || cloud.sfn.send_task_success().task_token(&token).output("{}").send();
    let failure = || cloud.sfn.send_task_failure().task_token(&token).error("Cancelled").send();
    let (successes, failures) = tokio::join!(
        futures_util::future::join_all((0..20).map(|_| success())),
        futures_util::future::join_all((0..20).map(|_| failure())),
    );
    let won =
        successes.iter().filter(|sent| sent.is_ok()).count() + failures.iter().filter(|sent| sent.is_ok()).count();
    assert_eq!(won, 1);
    let answers = shop::history(&cloud, &arn).await.into_iter().filter(|event| {
        matches!(event.r#type(), HistoryEventType::TaskSucceeded | HistoryEventType::TaskFailed) && event.id() >= 20
    });
    let of_first_wait = answers.filter(|event| event.previous_event_id() == 19).count();
    assert_eq!(of_first_wait, 1);
    for lost in successes.into_iter().filter_map(Result::err) {
        assert!(lost.into_service_error().is_task_timed_out());
    }
}

#[tokio::test]
async fn a_customer_task_times_out_and_heartbeats_postpone_it() {
    let cloud = running().await;
    let mut receiver = shop::listen(&cloud).await;
    let arn = shop::order(&cloud, "1").await;
    let token = customer_token(&cloud, "1").await;
    cloud.clock.advance(Duration::from_secs(299));
    cloud.sfn.send_task_heartbeat().task_token(&token).send().await.unwrap();
    cloud.clock.advance(Duration::from_secs(299));
    cloud.sfn.send_task_heartbeat().task_token(&token).send().await.unwrap();
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Running);
    cloud.clock.advance(Duration::from_secs(300));
    let event = next_event(&mut receiver, "OrderProcessor.OrderTimeOut").await;
    assert_eq!(event["detail"]["cause"], "Customer timedout");
    assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Succeeded);
    let late = cloud.sfn.send_task_success().task_token(&token).output("{}").send().await;
    assert!(late.unwrap_err().into_service_error().is_task_timed_out());
}

#[tokio::test]
async fn after_a_restart_tokens_work_numbers_continue_and_deadlines_still_run() {
    let folder = Folder::new();
    let clock = ManualClock::starting_at(MORNING);
    let first = Cloud::open(Some(&folder.file()), clock.clone());
    shop::build(&first).await;
    shop::register_functions(&first);
    first.engine.start();
    let at_barista = shop::order(&first, "barista").await;
    let at_customer = shop::order(&first, "customer").await;
    let forgotten = shop::order(&first, "forgotten").await;
    succeed(&first, &customer_token(&first, "barista").await, json!({})).await;
    let (barista, number) = barista_token(&first, "barista").await;
    let customer = customer_token(&first, "customer").await;
    customer_token(&first, "forgotten").await;
    first.engine.shutdown().await;
    drop(first);

    clock.advance(Duration::from_secs(200));
    let second = Cloud::open(Some(&folder.file()), clock.clone());
    shop::register_functions(&second);
    let mut receiver = shop::listen(&second).await;
    second.engine.start();
    succeed(&second, &barista, json!({})).await;
    assert_eq!(state_of(&second, &at_barista).await.0, ExecutionStatus::Succeeded);
    succeed(&second, &customer, json!({})).await;
    let (token, next_number) = barista_token(&second, "customer").await;
    assert_eq!((number.as_str(), next_number.as_str()), ("1", "2"));
    succeed(&second, &token, json!({})).await;
    assert_eq!(state_of(&second, &at_customer).await.0, ExecutionStatus::Succeeded);
    assert_eq!(state_of(&second, &forgotten).await.0, ExecutionStatus::Running);
    clock.advance(Duration::from_secs(100));
    next_event(&mut receiver, "OrderProcessor.OrderTimeOut").await;
    assert_eq!(state_of(&second, &forgotten).await.0, ExecutionStatus::Succeeded);
}

#[tokio::test]
async fn a_deadline_that_passed_while_the_process_was_down_fires_at_the_start() {
    let folder = Folder::new();
    let clock = ManualClock::starting_at(MORNING);
    let first = Cloud::open(Some(&folder.file()), clock.clone());
    shop::build(&first).await;
    let arn = shop::order(&first, "1").await;
    drop(first);
    clock.advance(Duration::from_secs(100_000));
    let second = Cloud::open(Some(&folder.file()), clock);
    shop::register_functions(&second);
    second.engine.start();
    eventually("the end by time-out", || async {
        (state_of(&second, &arn).await.0 == ExecutionStatus::Succeeded).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_twenty_first_order_at_once_is_refused_and_a_closed_shop_refuses_all() {
    let cloud = running().await;
    let mut receiver = shop::listen(&cloud).await;
    for id in 1..=20 {
        let arn = shop::order(&cloud, &id.to_string()).await;
        assert_eq!(state_of(&cloud, &arn).await.0, ExecutionStatus::Running);
    }
    let refused = shop::order(&cloud, "21").await;
    assert_eq!(state_of(&cloud, &refused).await.0, ExecutionStatus::Succeeded);
    next_event(&mut receiver, "OrderProcessor.ShopUnavailable").await;
    shop::open_shop(&cloud, false).await;
    let refused = shop::order(&cloud, "22").await;
    assert_eq!(state_of(&cloud, &refused).await.0, ExecutionStatus::Succeeded);
    next_event(&mut receiver, "OrderProcessor.ShopUnavailable").await;
}
