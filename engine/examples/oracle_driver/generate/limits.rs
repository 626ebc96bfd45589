//! Calls on both sides of AWS's limits, and calls on tables.

use serde_json::{Value, json};

use crate::{
    call::Call,
    fault::Fault,
    random::Random,
    tables::{TABLES, create_tables},
};

pub(super) fn call(random: &mut Random) -> Call {
    let over = random.once_in(2);
    let limited =
        |operation, request| Call { faults: vec![Fault::Limit; usize::from(over)], ..Call::new(operation, request) };
    let most = |limit: usize| if over { limit + 1 } else { limit };
    match random.below(15) {
        // The attribute names and the key take 5 bytes.
        0 => limited(
            "PutItem",
            json!({"TableName": "plain", "Item": {"id": {"S": "1"}, "aa": {"S": "x".repeat(most(409_600 - 5))}}}),
        ),
        1 => limited("PutItem", json!({"TableName": "plain", "Item": {"id": {"S": "k".repeat(most(2048))}}})),
        2 => limited(
            "PutItem",
            json!({"TableName": "orders", "Item": {"PK": {"S": "orders"}, "SK": {"S": "k".repeat(most(1024))}}}),
        ),
        3 => {
            let levels = most(31);
            let value = (0..levels).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
            limited("PutItem", json!({"TableName": "plain", "Item": {"id": {"S": "deep"}, "a": value}}))
        }
        4 => {
            let text = format!("attribute_exists(a{})", " ".repeat(most(4096) - 19));
            limited("DeleteItem", json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ConditionExpression": text}))
        }
        5 => {
            let deletes: Vec<Value> =
                (0..most(25)).map(|n| json!({"DeleteRequest": {"Key": {"id": {"S": n.to_string()}}}})).collect();
            limited("BatchWriteItem", json!({"RequestItems": {"plain": deletes}}))
        }
        6 => {
            let keys: Vec<Value> = (0..most(100)).map(|n| json!({"id": {"S": n.to_string()}})).collect();
            limited("BatchGetItem", json!({"RequestItems": {"plain": {"Keys": keys}}}))
        }
        7 => {
            let actions: Vec<Value> = (0..most(100))
                .map(|n| json!({"Delete": {"TableName": "plain", "Key": {"id": {"S": n.to_string()}}}}))
                .collect();
            limited("TransactWriteItems", json!({"TransactItems": actions}))
        }
        8 => {
            let actions: Vec<Value> = (0..most(100))
                .map(|n| json!({"Get": {"TableName": "plain", "Key": {"id": {"S": n.to_string()}}}}))
                .collect();
            limited("TransactGetItems", json!({"TransactItems": actions}))
        }
        9 => {
            let number = if over { "0" } else { "1" };
            let limit: i64 = number.parse().unwrap_or(1);
            limited(
                "Scan",
                json!({"TableName": "plain", "Limit": limit, "FilterExpression": "attribute_exists(nobody)"}),
            )
        }
        10 => Call::new("ListTables", json!({"Limit": 1 + random.below(4)})),
        11 => Call::new("ListTables", json!({"ExclusiveStartTableName": random.one(&["numbers", "o", "plain", "z"])})),
        12 => Call::new("DeleteTable", json!({"TableName": random.one(&["plain", "nobody"])})),
        13 => create_tables().swap_remove(random.below(TABLES.len())),
        _ => Call::new("CreateTable", odd_table(random)),
    }
}

/// A table definition with something unusual, perhaps invalid.
fn odd_table(random: &mut Random) -> Value {
    let mut request = json!({"TableName": "odd", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "h", "AttributeType": "S"}, {"AttributeName": "r", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}]});
    let index = json!({"IndexName": "idx", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}]});
    match random.below(9) {
        0 => request["TableName"] = json!("ab"),
        1 => request["TableName"] = json!("a b c"),
        2 => request["AttributeDefinitions"] = json!([{"AttributeName": "h", "AttributeType": "S"}]),
        3 => request["KeySchema"] = json!([{"AttributeName": "h", "KeyType": "HASH"}]),
        4 => request["BillingMode"] = json!("PROVISIONED"),
        5 => request["GlobalSecondaryIndexes"] = json!([index, index]),
        6 => request["LocalSecondaryIndexes"] = json!([index]),
        7 => request["GlobalSecondaryIndexes"] = json!([]),
        _ => {}
    }
    request
}
