//! Tests of the operations, one file per subject.

mod conditions;
mod expressions;
mod indexes;
mod items;
mod limits;
mod pages;
mod tables;
mod time_to_live;
mod transactions;
mod updates;

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{operations::operation, rows::migrate};
use crate::{
    api::context::{Account, Context, Transaction},
    clock::{ManualClock, SeededRng, Timestamp},
    error::ApiError,
    stepfunctions::service::token::TokenKey,
    store::{Allowance, JobContext},
};

pub(super) const NOW: Timestamp = Timestamp(1_780_000_000_000);

/// A store in memory with the tables `orders` (keys PK, SK; indexes by status and by user) and `plain` (key id).
pub(super) struct TestDb {
    pub(super) conn: Connection,
    context: Context,
}

impl TestDb {
    pub(super) fn open() -> Self {
        let conn = Connection::open_in_memory().unwrap();
        migrate(&conn).unwrap();
        migrate(&conn).unwrap();
        let account = Account { region: "eu-west-1".to_owned(), id: "123456789012".to_owned() };
        let clock = Arc::new(ManualClock::starting_at(NOW));
        let context = Context::new(account, clock, Arc::new(SeededRng::new(1)), TokenKey::new(Vec::new()));
        let db = Self { conn, context };
        db.ok("CreateTable", orders());
        db.ok(
            "CreateTable",
            json!({"TableName": "plain", "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}),
        );
        db
    }

    /// Runs an operation, and rolls it back if it fails. Fails the test if an operation that needs no rollback changed
    /// something.
    pub(super) fn call_at(&self, now: Timestamp, name: &str, request: Value) -> Result<Value, ApiError> {
        let operation = operation(name).unwrap();
        let clock = ManualClock::starting_at(now);
        let allowance = Allowance::new(&clock);
        let job = JobContext::new(&self.conn, &allowance);
        let changes = self.conn.total_changes();
        self.conn.execute_batch("SAVEPOINT call").unwrap();
        let answer = operation.run_within(&Transaction::new(&self.context, &job), &request);
        let unchanged = self.conn.total_changes() == changes;
        assert!(answer.is_ok() || unchanged || operation.needs_rollback(), "{name} changed something before its error");
        self.conn
            .execute_batch(if answer.is_ok() { "RELEASE call" } else { "ROLLBACK TO call; RELEASE call" })
            .unwrap();
        answer
    }

    pub(super) fn call(&self, operation: &str, request: Value) -> Result<Value, ApiError> {
        self.call_at(NOW, operation, request)
    }

    #[track_caller]
    pub(super) fn ok(&self, operation: &str, request: Value) -> Value {
        self.call(operation, request).unwrap()
    }

    #[track_caller]
    pub(super) fn error_text(&self, operation: &str, request: Value) -> String {
        let error = self.call(operation, request).unwrap_err();
        assert_eq!(error.status, 400);
        format!("{}: {}", error.code, error.message)
    }

    /// Puts an item with a string id into `plain`.
    pub(super) fn put(&self, id: &str, rest: Value) {
        let mut item = rest.as_object().cloned().unwrap();
        item.insert("id".to_owned(), json!({"S": id}));
        self.ok("PutItem", json!({"TableName": "plain", "Item": item}));
    }

    /// The item of `plain` without its id.
    pub(super) fn get(&self, id: &str) -> Option<Value> {
        let mut answer = self.ok("GetItem", json!({"TableName": "plain", "Key": {"id": {"S": id}}}));
        let item = answer.as_object_mut()?.remove("Item")?;
        let mut item = item.as_object().cloned()?;
        item.remove("id");
        Some(Value::Object(item))
    }

    /// Puts an order with attributes `USERID` and `ORDERSTATE`.
    pub(super) fn order(&self, id: &str, user: &str, state: Option<&str>) {
        let mut item = json!({"PK": {"S": "orders"}, "SK": {"S": id}, "USERID": {"S": user}, "note": {"S": "oat"}});
        if let Some(state) = state {
            item["ORDERSTATE"] = json!({"S": state});
        }
        self.ok("PutItem", json!({"TableName": "orders", "Item": item}));
    }
}

/// The CreateTable request of `orders`.
pub(super) fn orders() -> Value {
    let key = |name: &str, role: &str| json!({"AttributeName": name, "KeyType": role});
    let attributes =
        ["PK", "SK", "ORDERSTATE", "USERID"].map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
    json!({
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": [key("PK", "HASH"), key("SK", "RANGE")],
        "GlobalSecondaryIndexes": [
            {"IndexName": "GSI-status", "KeySchema": [key("ORDERSTATE", "HASH"), key("SK", "RANGE")],
                "Projection": {"ProjectionType": "ALL"}},
            {"IndexName": "GSI-userId", "KeySchema": [key("USERID", "HASH")],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["ORDERSTATE"]}},
        ],
        "LocalSecondaryIndexes": [
            {"IndexName": "LSI-state", "KeySchema": [key("PK", "HASH"), key("ORDERSTATE", "RANGE")],
                "Projection": {"ProjectionType": "KEYS_ONLY"}},
        ],
    })
}

/// The strings at `attribute` in the items of a response.
pub(super) fn strings(answer: &Value, attribute: &str) -> Vec<String> {
    let items = answer["Items"].as_array().unwrap();
    items.iter().map(|item| item[attribute]["S"].as_str().unwrap_or_default().to_owned()).collect()
}
