//! Measures the throughput of whole orders, durable, through the SDK in one process.
//!
//! `cargo run --profile serve --package doppio-engine --example order_throughput -- <folder> <clients> <seconds>`
//!
//! An order has a start, a first task, a counter, a second task and an end: three calls, two deliveries to a function,
//! and about forty history events. The latency from callback to next state is the time from sending SendTaskSuccess to
//! the function's receipt of the second token.
#![expect(clippy::unwrap_used, reason = "a measurement may stop at the first error")]

use std::{
    collections::HashMap,
    env,
    error::Error,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_sfn::config::{BehaviorVersion, Credentials, Region};
use engine::{
    Engine, Options,
    clock::{Clock, SystemClock},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const BUS: &str = "default";
const TABLE: &str = "counters";

/// Clients that wait for their tokens, by order.
type Waiting = Arc<Mutex<HashMap<String, mpsc::UnboundedSender<String>>>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let clients: usize = arguments.next().ok_or("how many clients?")?.parse()?;
    let seconds: u64 = arguments.next().ok_or("how many seconds?")?.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(folder, clients, Duration::from_secs(seconds)))
}

async fn run(folder: PathBuf, clients: usize, span: Duration) -> Result<(), Box<dyn Error>> {
    let engine = Engine::open(Options { path: Some(folder.join("orders.db")), ..Options::default() })?;
    let waiting = Waiting::default();
    let function = register(&engine, Arc::clone(&waiting));
    let sfn = aws_sdk_sfn::Client::from_conf(
        aws_sdk_sfn::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url("http://engine.invalid")
            .http_client(engine.connector())
            .build(),
    );
    let machine = build(&engine, &sfn, &function).await?;
    engine.start();

    let (stop, completed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let delays = Arc::new(Mutex::new(Vec::new()));
    let begun = engine.statistics();
    let client = |number: usize| {
        let (sfn, waiting, machine) = (sfn.clone(), Arc::clone(&waiting), machine.clone());
        let (stop, completed, delays) = (Arc::clone(&stop), Arc::clone(&completed), Arc::clone(&delays));
        async move {
            let (give, mut tokens) = mpsc::unbounded_channel();
            for order in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let id = format!("{}-{number}-{order}", SystemClock.now().millis());
                waiting.lock().unwrap().insert(id.clone(), give.clone());
                let input = json!({ "id": id }).to_string();
                sfn.start_execution().state_machine_arn(&machine).name(&id).input(input).send().await.unwrap();
                let first = tokens.recv().await.unwrap();
                let sent = SystemClock.now();
                sfn.send_task_success().task_token(first).output("{}").send().await.unwrap();
                let second = tokens.recv().await.unwrap();
                delays.lock().unwrap().push(SystemClock.now().millis() - sent.millis());
                sfn.send_task_success().task_token(second).output("{}").send().await.unwrap();
                waiting.lock().unwrap().remove(&id);
                completed.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let clock = async {
        SystemClock.sleep_until(SystemClock.now() + span).await;
        stop.store(true, Ordering::Relaxed);
    };
    tokio::join!(clock, futures_util::future::join_all((0..clients).map(client)));

    let mut delays = delays.lock().unwrap().clone();
    delays.sort_unstable();
    let at = |share: usize| delays.get((delays.len() * share / 100).min(delays.len().saturating_sub(1)));
    let completed = completed.load(Ordering::Relaxed);
    let used = engine.statistics();
    println!(
        "{clients} clients: {:.0} orders per second, callback to next state p50 {:?} ms, p99 {:?} ms, {:.1} jobs per commit",
        completed as f64 / span.as_secs_f64(),
        at(50).unwrap_or(&0),
        at(99).unwrap_or(&0),
        (used.jobs - begun.jobs) as f64 / (used.commits - begun.commits).max(1) as f64,
    );
    engine.shutdown().await;
    Ok(())
}

/// A function that passes tokens to the waiting clients.
fn register(engine: &Engine, waiting: Waiting) -> String {
    engine.register_function(
        "hand-over",
        Arc::new(move |event: Value| {
            let text =
                |name: &str| event.pointer(&format!("/detail/{name}")).and_then(Value::as_str).map(str::to_owned);
            if let (Some(id), Some(token)) = (text("id"), text("token"))
                && let Some(client) = waiting.lock().unwrap().get(&id)
            {
                client.send(token).ok();
            }
            Box::pin(async { Ok(Value::Null) })
        }),
    )
}

async fn build(engine: &Engine, sfn: &aws_sdk_sfn::Client, function: &str) -> Result<String, Box<dyn Error>> {
    let conf = sfn.config().to_builder().build();
    let tables = aws_sdk_dynamodb::Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(conf.region().cloned())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url("http://engine.invalid")
            .http_client(engine.connector())
            .build(),
    );
    let events = aws_sdk_eventbridge::Client::from_conf(
        aws_sdk_eventbridge::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(conf.region().cloned())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url("http://engine.invalid")
            .http_client(engine.connector())
            .build(),
    );
    use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
    let key = KeySchemaElement::builder().attribute_name("PK").key_type(KeyType::Hash).build()?;
    let attribute =
        AttributeDefinition::builder().attribute_name("PK").attribute_type(ScalarAttributeType::S).build()?;
    let create = tables.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    create.key_schema(key).attribute_definitions(attribute).send().await?;
    let pattern = json!({ "source": ["order"], "detail": { "token": [{ "exists": true }] } }).to_string();
    events.put_rule().event_bus_name(BUS).name("tokens").event_pattern(pattern).send().await?;
    let target = aws_sdk_eventbridge::types::Target::builder().id("1").arn(function).build()?;
    events.put_targets().event_bus_name(BUS).rule("tokens").targets(target).send().await?;
    let wait = |next: &str| {
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken", "HeartbeatSeconds": 900,
            "Parameters": { "Entries": [{ "Source": "order", "DetailType": "waiting", "EventBusName": BUS,
                "Detail": { "id.$": "$.id", "token.$": "$$.Task.Token" } }] },
            "ResultPath": null, "Next": next,
        })
    };
    let definition = json!({ "StartAt": "Open?", "States": {
        "Open?": { "Type": "Choice", "Choices": [{ "Variable": "$.closed", "IsPresent": true, "Next": "Done" }],
            "Default": "Running" },
        "Running": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:listExecutions",
            "Parameters": { "StateMachineArn.$": "$$.StateMachine.Id", "MaxResults": 100, "StatusFilter": "RUNNING" },
            "ResultSelector": { "full.$": "$.Executions[0].Status" }, "ResultPath": "$.running", "Next": "Customer" },
        "Customer": wait("Number"),
        "Number": { "Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem",
            "Parameters": { "TableName": TABLE, "Key": { "PK": { "S": "orders" } },
                "UpdateExpression": "ADD IDvalue :one", "ExpressionAttributeValues": { ":one": { "N": "1" } },
                "ReturnValues": "UPDATED_NEW" },
            "ResultSelector": { "number.$": "$.Attributes.IDvalue.N" }, "ResultPath": "$.order", "Next": "Barista" },
        "Barista": wait("Finished"),
        "Finished": { "Type": "Task", "Resource": "arn:aws:states:::events:putEvents",
            "Parameters": { "Entries": [{ "Source": "order", "DetailType": "finished", "EventBusName": BUS,
                "Detail": { "id.$": "$.id" } }] }, "Next": "Done" },
        "Done": { "Type": "Succeed" } } });
    let create = sfn.create_state_machine().name("Order").definition(definition.to_string());
    let created = create.role_arn("arn:aws:iam::000000000000:role/workflow").send().await?;
    Ok(created.state_machine_arn().to_owned())
}
