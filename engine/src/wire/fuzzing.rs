//! The fuzz target for requests.

use std::{cell::RefCell, sync::Arc};

use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::{
    Engine, Options,
    clock::{ManualClock, SeededRng, Timestamp},
    fuzzing::input::{check_that, parts},
    store::inline,
};

/// Maximum number of requests of one input.
const MAX_REQUESTS: usize = 12;
/// Number of inputs for one engine. Opening an engine takes longer than all requests of an input; but without a limit
/// an input would depend on thousands before it, and no finding could be reproduced.
const INPUTS_PER_ENGINE: u32 = 100;

thread_local! {
    static ENGINE: RefCell<Option<ReusedEngine>> = const { RefCell::new(None) };
}

/// Parts: requests, each a line with the target and then the body. They are sent to an engine with a table, a bus, a
/// rule and a waiting execution, whose task token replaces `TOKEN`.
///
/// The engine has handled up to [`INPUTS_PER_ENGINE`] inputs before; resources that they removed are created again.
pub fn requests(bytes: &[u8]) {
    // Taken out while it is used, so that an engine that failed halfway is not used again.
    let reused = ENGINE.take().filter(|reused| reused.inputs < INPUTS_PER_ENGINE);
    let ready = reused.and_then(ReusedEngine::prepare).or_else(|| ReusedEngine::open().and_then(ReusedEngine::prepare));
    check_that(ready.is_some(), "the execution that was prepared waits");
    if let Some((reused, token)) = ready {
        reused.runtime.block_on(send_all(&reused, &token, bytes));
        ENGINE.set(Some(reused));
    }
}

/// An engine that handles many inputs.
struct ReusedEngine {
    runtime: Runtime,
    router: Router,
    inputs: u32,
}

impl ReusedEngine {
    fn open() -> Option<Self> {
        let options = Options {
            clock: Arc::new(ManualClock::starting_at(Timestamp(1_795_168_800_000))),
            rng: Arc::new(SeededRng::new(1)),
            ..Options::default()
        };
        let runtime = Builder::new_current_thread().build().ok()?;
        // Without threads: handing over a request would take longer than answering it.
        let engine = inline::without_threads(|| Engine::open(options)).ok()?;
        Some(Self { runtime, router: engine.router(), inputs: 0 })
    }

    /// Creates missing resources; also returns the token of a new waiting execution. `None` if an earlier input has
    /// changed the state machine.
    fn prepare(mut self) -> Option<(Self, String)> {
        self.inputs += 1;
        let token = self.runtime.block_on(prepare_resources(&self.router, self.inputs))?;
        Some((self, token))
    }
}

async fn send_all(reused: &ReusedEngine, token: &str, bytes: &[u8]) {
    let ReusedEngine { router, inputs, .. } = reused;
    // The execution of this input; the corpus calls it `execution:m:e`.
    let execution = format!("execution:m:e{inputs}");
    for part in parts(bytes).take(MAX_REQUESTS) {
        let (target, body) = part.split_once('\n').unwrap_or((part, ""));
        let body = body.replace("TOKEN", token).replace("execution:m:e", &execution);
        send(router, target, body).await;
    }
    // The engine must still answer after any requests.
    send(router, "DynamoDB_20120810.ListTables", "{}".to_owned()).await;
}

/// Sends one request; the answer must be JSON and must not be an internal error.
async fn send(router: &Router, target: &str, body: String) -> Value {
    let request = Request::post("/").header("x-amz-target", target).body(Body::from(body));
    let Ok(request) = request else { return Value::Null };
    let Ok(response) = router.clone().oneshot(request).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    check_that(status == 200 || (400..500).contains(&status), format_args!("{target} is answered with {status}"));
    if body.is_empty() {
        return Value::Null;
    }
    let answer = serde_json::from_slice(&body);
    check_that(answer.is_ok(), "an answer is JSON");
    answer.unwrap_or_default()
}

/// Creates missing resources and an execution; returns the token of its task.
async fn prepare_resources(router: &Router, input: u32) -> Option<String> {
    let machine = json!({ "StartAt": "Wait for it", "States": { "Wait for it": {
        "Type": "Task", "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken", "HeartbeatSeconds": 60,
        "Parameters": { "Entries": [{ "EventBusName": "bus", "Source": "s", "DetailType": "d",
            "Detail": { "token.$": "$$.Task.Token" } }] }, "End": true } } });
    let key = |name, kind| json!({ "AttributeName": name, "KeyType": kind });
    let attribute = |name, kind| json!({ "AttributeName": name, "AttributeType": kind });
    let table = json!({ "TableName": "t", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [key("PK", "HASH"), key("SK", "RANGE")],
        "AttributeDefinitions": [attribute("PK", "S"), attribute("SK", "N"), attribute("G", "S")],
        "GlobalSecondaryIndexes": [{ "IndexName": "g", "KeySchema": [key("G", "HASH")],
            "Projection": { "ProjectionType": "ALL" } }] });
    let item = json!({ "PK": { "S": "a" }, "SK": { "N": "1" }, "G": { "S": "g" }, "l": { "L": [{ "N": "1" }] },
        "m": { "M": { "x": { "SS": ["a", "b"] } } } });
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/l";
    for (target, body) in [
        ("DynamoDB_20120810.CreateTable", table),
        ("DynamoDB_20120810.PutItem", json!({ "TableName": "t", "Item": item })),
        ("AWSEvents.CreateEventBus", json!({ "Name": "bus" })),
        ("AWSEvents.PutRule", json!({ "Name": "r", "EventBusName": "bus", "EventPattern": r#"{"source":["s"]}"# })),
        (
            "AWSEvents.PutTargets",
            json!({ "Rule": "r", "EventBusName": "bus", "Targets": [{ "Id": "1", "Arn": arn }, { "Id": "2", "Arn": group }] }),
        ),
        (
            "AWSStepFunctions.CreateStateMachine",
            json!({ "name": "m", "definition": machine.to_string(), "roleArn": "arn:aws:iam::000000000000:role/r" }),
        ),
        ("AWSStepFunctions.StartExecution", json!({ "stateMachineArn": arn, "name": format!("e{input}") })),
    ] {
        send(router, target, body.to_string()).await;
    }
    let execution = format!("arn:aws:states:us-east-1:000000000000:execution:m:e{input}");
    let history =
        send(router, "AWSStepFunctions.GetExecutionHistory", json!({ "executionArn": execution }).to_string()).await;
    let events = history.get("events").and_then(Value::as_array).into_iter().flatten();
    let parameters = events.filter_map(|event| event.get("taskScheduledEventDetails")?.get("parameters")?.as_str());
    parameters.filter_map(|text| serde_json::from_str::<Value>(text).ok()).find_map(|parameters| {
        Some(parameters.get("Entries")?.get(0)?.get("Detail")?.get("token")?.as_str()?.to_owned())
    })
}
