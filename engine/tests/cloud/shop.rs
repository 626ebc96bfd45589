//! A coffee shop as in the Serverlesspresso workshop: bus, tables, rules, functions that store the tokens, and the
//! workflow.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::get_item::builders::GetItemFluentBuilder,
    types::{AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use engine::lambda::FunctionError;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::common::{Clients, Cloud, eventually};

pub(crate) const BUS: &str = "Serverlesspresso";
pub(crate) const SOURCE: &str = "awsserverlessda.serverlesspresso";
pub(crate) const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:OrderProcessorWorkflow";
const ORDERS: &str = "serverlesspresso-order-table";
const DEFINITION: &str = include_str!("order_processor.asl.json");

/// Creates everything that a new account needs.
pub(crate) async fn build(cloud: &Clients) {
    cloud.events.create_event_bus().name(BUS).send().await.unwrap();
    table(cloud, "serverlesspresso-config-table", &["PK"]).await;
    table(cloud, "serverlesspresso-counting-table", &["PK"]).await;
    table(cloud, ORDERS, &["PK", "SK"]).await;
    open_shop(cloud, true).await;
    let created = cloud
        .sfn
        .create_state_machine()
        .name("OrderProcessorWorkflow")
        .definition(DEFINITION)
        .role_arn("arn:aws:iam::000000000000:role/workflow");
    assert_eq!(created.send().await.unwrap().state_machine_arn(), MACHINE);
    let exactly = |kind: &str| json!({ "detail-type": [kind], "source": [SOURCE] });
    cloud.rule(BUS, "NewOrder", exactly("Validator.NewOrder"), MACHINE).await;
    for (rule, kind) in [
        ("WorkflowStarted", "OrderProcessor.WorkflowStarted"),
        ("WaitingCompletion", "OrderProcessor.WaitingCompletion"),
    ] {
        let function = format!("arn:aws:lambda:us-east-1:000000000000:function:{rule}");
        cloud.rule(BUS, rule, exactly(kind), &function).await;
    }
}

/// Registers the functions that store the tokens; needed in each process.
pub(crate) fn register_functions(cloud: &Cloud) {
    for name in ["WorkflowStarted", "WaitingCompletion"] {
        let tables = cloud.tables.clone();
        let handler = move |event: Value| {
            let tables = tables.clone();
            Box::pin(async move { keep_token(&tables, &event["detail"]).await.map(|()| Value::Null) }) as _
        };
        cloud.engine.register_function(name, std::sync::Arc::new(handler));
    }
}

/// An event may be delivered again after a later one; the number, which only the later one has, must stay.
async fn keep_token(tables: &aws_sdk_dynamodb::Client, detail: &Value) -> Result<(), FunctionError> {
    let text = |name: &str| AttributeValue::S(detail[name].as_str().unwrap_or_default().to_owned());
    let kept = tables
        .update_item()
        .table_name(ORDERS)
        .key("PK", AttributeValue::S("orders".to_owned()))
        .key("SK", text("orderId"))
        .update_expression("SET TaskToken = :token, orderNumber = :number, USERID = :user")
        .condition_expression("attribute_not_exists(orderNumber) OR orderNumber = :none OR :number <> :none")
        .expression_attribute_values(":token", text("TaskToken"))
        .expression_attribute_values(":number", text("orderNumber"))
        .expression_attribute_values(":none", AttributeValue::S(String::new()))
        .expression_attribute_values(":user", text("userId"))
        .send()
        .await;
    match kept {
        Err(error) if !error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) => {
            Err(FunctionError::new("Tables", format!("{error:?}")))
        }
        _ => Ok(()),
    }
}

/// Receives all events of the bus from now on.
pub(crate) async fn listen(cloud: &Cloud) -> mpsc::UnboundedReceiver<Value> {
    let (arn, receiver) = cloud.listen("listener");
    cloud.rule(BUS, "listener", json!({ "source": [SOURCE] }), &arn).await;
    receiver
}

/// The next event of that type; others are skipped.
pub(crate) async fn next_event(receiver: &mut mpsc::UnboundedReceiver<Value>, kind: &str) -> Value {
    loop {
        let event = crate::common::next(receiver).await;
        if event["detail-type"] == kind {
            return event;
        }
    }
}

pub(crate) async fn open_shop(cloud: &Clients, open: bool) {
    let put = cloud.tables.put_item().table_name("serverlesspresso-config-table");
    let put = put.item("PK", AttributeValue::S("config".to_owned())).item("storeOpen", AttributeValue::Bool(open));
    put.send().await.unwrap();
}

async fn table(cloud: &Clients, name: &str, keys: &[&str]) {
    let mut create = cloud.tables.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (key, kind) in keys.iter().zip([KeyType::Hash, KeyType::Range]) {
        let attribute = AttributeDefinition::builder().attribute_name(*key).attribute_type(ScalarAttributeType::S);
        let element = KeySchemaElement::builder().attribute_name(*key).key_type(kind);
        create = create.attribute_definitions(attribute.build().unwrap()).key_schema(element.build().unwrap());
    }
    create.send().await.unwrap();
}

/// Starts an order; returns the ARN of its execution.
pub(crate) async fn order(cloud: &Clients, id: &str) -> String {
    let input = json!({ "detail": { "orderId": id, "userId": "u" } }).to_string();
    let started = cloud.sfn.start_execution().state_machine_arn(MACHINE).name(id).input(input).send().await.unwrap();
    started.execution_arn().to_owned()
}

/// A request for the item of an order.
pub(crate) fn get_item(cloud: &Clients, id: &str) -> GetItemFluentBuilder {
    let get = cloud.tables.get_item().table_name(ORDERS).key("PK", AttributeValue::S("orders".to_owned()));
    get.key("SK", AttributeValue::S(id.to_owned()))
}

/// The item of an order.
pub(crate) async fn item(cloud: &Clients, id: &str) -> HashMap<String, String> {
    let members = get_item(cloud, id).send().await.unwrap().item.unwrap_or_default().into_iter();
    members.filter_map(|(name, value)| Some((name, value.as_s().ok()?.clone()))).collect()
}

/// The token of the customer's task, once it is stored.
pub(crate) async fn customer_token(cloud: &Clients, id: &str) -> String {
    eventually("the customer's token", || async {
        let item = item(cloud, id).await;
        item.get("orderNumber")?.is_empty().then(|| item["TaskToken"].clone())
    })
    .await
}

/// The token of the barista's task and the number of the order, once they are stored.
pub(crate) async fn barista_token(cloud: &Clients, id: &str) -> (String, String) {
    eventually("the barista's token", || async {
        let item = item(cloud, id).await;
        let number = item.get("orderNumber").filter(|number| !number.is_empty())?;
        Some((item["TaskToken"].clone(), number.clone()))
    })
    .await
}

pub(crate) async fn succeed(cloud: &Clients, token: &str, output: Value) {
    cloud.sfn.send_task_success().task_token(token).output(output.to_string()).send().await.unwrap();
}

/// The status and the output of an execution.
pub(crate) async fn state_of(cloud: &Clients, arn: &str) -> (ExecutionStatus, Option<Value>) {
    let found = cloud.sfn.describe_execution().execution_arn(arn).send().await.unwrap();
    (found.status().clone(), found.output().map(|output| serde_json::from_str(output).unwrap()))
}

pub(crate) async fn history(cloud: &Clients, arn: &str) -> Vec<HistoryEvent> {
    let found = cloud.sfn.get_execution_history().execution_arn(arn).max_results(1000).send().await.unwrap();
    found.events().to_vec()
}
