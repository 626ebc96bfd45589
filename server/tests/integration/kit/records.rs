//! Reads and writes the embedded cloud with the AWS SDK.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    types::AttributeValue,
};
use engine::Engine;

pub(crate) struct Records {
    tables: Client,
    pub(crate) workflows: aws_sdk_sfn::Client,
    pub(crate) events: aws_sdk_eventbridge::Client,
}

macro_rules! config {
    ($config:ty, $engine:expr) => {
        <$config>::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url("http://embedded.invalid")
            .http_client($engine.connector())
            .retry_config(RetryConfig::disabled())
            .build()
    };
}

impl Records {
    pub(crate) fn new(engine: &Engine) -> Self {
        Self {
            tables: Client::from_conf(config!(Config, engine)),
            workflows: aws_sdk_sfn::Client::from_conf(config!(aws_sdk_sfn::Config, engine)),
            events: aws_sdk_eventbridge::Client::from_conf(config!(aws_sdk_eventbridge::Config, engine)),
        }
    }

    /// The item of an order, which must exist.
    pub(crate) async fn order(&self, id: &str) -> HashMap<String, AttributeValue> {
        self.find(id).await.unwrap_or_else(|| panic!("there is no order {id}"))
    }

    /// The item of an order.
    pub(crate) async fn find(&self, id: &str) -> Option<HashMap<String, AttributeValue>> {
        let get = self.tables.get_item().table_name("serverlesspresso-order-table").consistent_read(true);
        let got =
            get.key("PK", AttributeValue::S("orders".into())).key("SK", AttributeValue::S(id.into())).send().await;
        got.unwrap().item
    }

    /// A string attribute of an order.
    pub(crate) async fn text(&self, id: &str, name: &str) -> String {
        self.order(id).await.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
    }

    /// The number of executions with a status.
    pub(crate) async fn executions(&self, status: &str) -> usize {
        let machines = self.workflows.list_state_machines().send().await.unwrap();
        let arn = machines.state_machines()[0].state_machine_arn();
        let listed = self.workflows.list_executions().state_machine_arn(arn).status_filter(status.into()).send().await;
        listed.unwrap().executions().len()
    }

    /// Puts an item into the config table.
    pub(crate) async fn put_config(&self, item: HashMap<String, AttributeValue>) {
        let put = self.tables.put_item().table_name("serverlesspresso-config-table").set_item(Some(item));
        put.send().await.unwrap();
    }

    /// Puts an item into the counting table, which has the order numbers.
    pub(crate) async fn put_count(&self, item: HashMap<String, AttributeValue>) {
        let put = self.tables.put_item().table_name("serverlesspresso-counting-table").set_item(Some(item));
        put.send().await.unwrap();
    }

    /// An item of the counting table.
    pub(crate) async fn count(&self, key: &str) -> Option<HashMap<String, AttributeValue>> {
        let get = self.tables.get_item().table_name("serverlesspresso-counting-table").consistent_read(true);
        get.key("PK", AttributeValue::S(key.into())).send().await.unwrap().item
    }

    /// Puts an item into the order table unconditionally.
    pub(crate) async fn put_order(&self, item: HashMap<String, AttributeValue>) {
        let put = self.tables.put_item().table_name("serverlesspresso-order-table").set_item(Some(item));
        put.send().await.unwrap();
    }

    /// Deletes an order.
    pub(crate) async fn delete_order(&self, id: &str) {
        let delete = self.tables.delete_item().table_name("serverlesspresso-order-table");
        delete
            .key("PK", AttributeValue::S("orders".into()))
            .key("SK", AttributeValue::S(id.into()))
            .send()
            .await
            .unwrap();
    }

    /// Deletes the order table.
    pub(crate) async fn delete_orders(&self) {
        self.tables.delete_table().table_name("serverlesspresso-order-table").send().await.unwrap();
    }

    /// Deletes an item of the config table.
    pub(crate) async fn delete_config(&self, key: &str) {
        let delete = self.tables.delete_item().table_name("serverlesspresso-config-table");
        delete.key("PK", AttributeValue::S(key.into())).send().await.unwrap();
    }

    /// Every task token in the histories of all executions.
    pub(crate) async fn tokens(&self) -> Vec<String> {
        let machines = self.workflows.list_state_machines().send().await.unwrap();
        let arn = machines.state_machines()[0].state_machine_arn();
        let mut tokens = Vec::new();
        let executions = self.workflows.list_executions().state_machine_arn(arn).send().await.unwrap();
        for execution in executions.executions() {
            let history = self.workflows.get_execution_history().execution_arn(execution.execution_arn());
            for event in history.send().await.unwrap().events() {
                let Some(scheduled) = event.task_scheduled_event_details() else { continue };
                let parameters: serde_json::Value = serde_json::from_str(scheduled.parameters()).unwrap();
                let token = parameters.pointer("/Entries/0/Detail/TaskToken").and_then(|token| token.as_str());
                tokens.extend(token.map(str::to_owned));
            }
        }
        tokens
    }
}
