//! The order of the benchmark, which is the same on every server.
//!
//! The workflow waits for the customer, counts the order with `updateItem`, waits for the barista, and succeeds. Each
//! wait is `aws-sdk:dynamodb:putItem.waitForTaskToken`: the workflow writes its token into a table, where a client reads it
//! with GetItem. All servers support this way to pass a token; each other way is missing in one of them.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::http::{Connection, STATES, TABLES};
use crate::clock::{now, sleep};

/// The most polls of one value.
const MAX_POLLS: u32 = 5_000;
/// The longest pause between two polls.
const LONGEST_PAUSE: Duration = Duration::from_millis(8);

/// A state machine whose waits time out after `seconds`.
fn definition(seconds: u32) -> Value {
    let wait = |step: &str, next: &str| {
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken",
            "TimeoutSeconds": seconds,
            "Parameters": { "TableName": "orders", "Item": {
                "PK": { "S.$": "$.id" }, "step": { "S": step }, "TaskToken": { "S.$": "$$.Task.Token" } } },
            "ResultPath": null, "Next": next,
        })
    };
    json!({ "StartAt": "Customer", "States": {
        "Customer": wait("customer", "Number"),
        "Number": { "Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem",
            "Parameters": { "TableName": "counters", "Key": { "PK": { "S": "orders" } },
                "UpdateExpression": "ADD IDvalue :one", "ExpressionAttributeValues": { ":one": { "N": "1" } },
                "ReturnValues": "UPDATED_NEW" },
            "ResultSelector": { "number.$": "$.Attributes.IDvalue.N" }, "ResultPath": "$.order", "Next": "Barista" },
        "Barista": wait("barista", "Done"),
        "Done": { "Type": "Succeed" } } })
}

/// Creates the tables and a state machine whose waits time out after `seconds`. Returns its ARN.
///
/// # Errors
/// The server refuses one of the calls.
pub(crate) async fn prepare(to: &mut Connection, name: &str, seconds: u32) -> anyhow::Result<String> {
    for table in ["orders", "counters"] {
        let body = json!({ "TableName": table, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "PK", "AttributeType": "S" }] });
        let (status, answer) = to.post(TABLES, "CreateTable", &body.to_string()).await?;
        let known = String::from_utf8_lossy(answer).contains("ResourceInUseException");
        ensure!(status == 200 || known, "CreateTable: {status} {}", String::from_utf8_lossy(answer));
    }
    let body = json!({ "name": name, "definition": definition(seconds).to_string(),
        "roleArn": "arn:aws:iam::000000000000:role/workflow" });
    let created = to.call(STATES, "CreateStateMachine", &body.to_string()).await?;
    Ok(created.get("stateMachineArn").and_then(Value::as_str).context("a state machine without an ARN")?.to_owned())
}

/// Calls per order that write.
pub(crate) const WRITES: u64 = 3;

/// Stands for the ARN on the server with fixed answers, where no step is compared.
pub(crate) const PLAIN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:Plain";

/// A client that processes one order after the other.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) connection: Connection,
    machine: String,
    /// State of the generator of order names.
    seed: u64,
}

impl Client {
    pub(crate) fn new(host: &str, machine: &str) -> Self {
        // A seed that no other client has, now or in another run.
        let seed = RandomState::new().hash_one("order");
        Self { connection: Connection::new(host), machine: machine.to_owned(), seed }
    }

    /// Processes one order. Returns the time from the first SendTaskSuccess until the second token can be read.
    ///
    /// # Errors
    /// A call is refused, or the order does not succeed.
    pub(crate) async fn process(&mut self) -> anyhow::Result<Duration> {
        let (order, execution) = self.start().await?;
        let first = self.token(&order, "customer").await?;
        let sent = now();
        self.succeed(&first).await?;
        let second = self.token(&order, "barista").await?;
        let delay = sent.elapsed();
        self.succeed(&second).await?;
        self.ends(&execution, "SUCCEEDED").await?;
        Ok(delay)
    }

    /// Starts an execution; returns its name, which is the order's, and its ARN.
    ///
    /// # Errors
    /// The call is refused.
    pub(crate) async fn start(&mut self) -> anyhow::Result<(String, String)> {
        let order = self.name();
        let body =
            format!(r#"{{"stateMachineArn":"{}","name":"{order}","input":"{{\"id\":\"{order}\"}}"}}"#, self.machine);
        let started = self.connection.call(STATES, "StartExecution", &body).await?;
        let arn = started.get("executionArn").and_then(Value::as_str).context("an execution without an ARN")?;
        Ok((order, arn.to_owned()))
    }

    /// Waits for the token of an order in `step`.
    ///
    /// # Errors
    /// The call is refused, or the token does not appear.
    pub(crate) async fn token(&mut self, order: &str, step: &str) -> anyhow::Result<String> {
        let body = format!(r#"{{"TableName":"orders","ConsistentRead":true,"Key":{{"PK":{{"S":"{order}"}}}}}}"#);
        let mut pause = Pause::default();
        for _ in 0..MAX_POLLS {
            let answer = self.connection.call(TABLES, "GetItem", &body).await?;
            let text = |name: &str| answer.pointer(&format!("/Item/{name}/S")).and_then(Value::as_str);
            if (text("step") == Some(step) || self.machine == PLAIN)
                && let Some(token) = text("TaskToken")
            {
                return Ok(token.to_owned());
            }
            pause.wait().await;
        }
        bail!("order {order} did not reach the step {step}")
    }

    /// Sends SendTaskSuccess.
    ///
    /// # Errors
    /// The call is refused.
    pub(crate) async fn succeed(&mut self, token: &str) -> anyhow::Result<()> {
        let body = json!({ "taskToken": token, "output": "{}" }).to_string();
        self.connection.call(STATES, "SendTaskSuccess", &body).await.map(drop)
    }

    /// Waits until an execution has ended with this status.
    ///
    /// # Errors
    /// It ends with another status, or not at all.
    pub(crate) async fn ends(&mut self, execution: &str, wanted: &str) -> anyhow::Result<()> {
        let body = format!(r#"{{"executionArn":"{execution}"}}"#);
        let mut pause = Pause::default();
        for _ in 0..MAX_POLLS {
            let answer = self.connection.call(STATES, "DescribeExecution", &body).await?;
            match answer.get("status").and_then(Value::as_str) {
                Some("RUNNING") => pause.wait().await,
                Some(status) if status == wanted => return Ok(()),
                _ => bail!("the execution did not end with {wanted}: {answer}"),
            }
        }
        bail!("{execution} did not end")
    }

    /// A random name, as applications use (SplitMix64).
    fn name(&mut self) -> String {
        let mut word = || {
            self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        format!("{:016x}{:016x}", word(), word())
    }
}

/// Pauses of 1, 2, 4 and then always 8 milliseconds.
#[derive(Debug, Default)]
struct Pause(Duration);

impl Pause {
    async fn wait(&mut self) {
        self.0 = (self.0 * 2).clamp(Duration::from_millis(1), LONGEST_PAUSE);
        sleep(self.0).await;
    }
}
