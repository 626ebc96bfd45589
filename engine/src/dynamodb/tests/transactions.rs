//! TransactWriteItems and TransactGetItems.

use super::*;

fn put(id: &str, n: &str) -> Value {
    json!({"Put": {"TableName": "plain", "Item": {"id": {"S": id}, "n": {"N": n}}}})
}

fn check(id: &str) -> Value {
    json!({"ConditionCheck": {"TableName": "plain", "Key": {"id": {"S": id}}, "ConditionExpression": "attribute_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}})
}

#[test]
fn a_transaction_is_atomic() {
    let db = TestDb::open();
    db.put("counter", json!({"n": {"N": "1"}}));
    let add = json!({"Update": {"TableName": "plain", "Key": {"id": {"S": "counter"}}, "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}}});
    db.ok(
        "TransactWriteItems",
        json!({"TransactItems": [put("1", "1"), add, {"Delete": {"TableName": "plain", "Key": {"id": {"S": "x"}}}}]}),
    );
    assert_eq!(db.get("counter"), Some(json!({"n": {"N": "2"}})));

    let wrong = json!({"Update": {"TableName": "plain", "Key": {"id": {"S": "1"}}, "UpdateExpression": "SET n = absent",
        "ConditionExpression": "attribute_exists(id)"}});
    let error = db
        .call("TransactWriteItems", json!({"TransactItems": [put("2", "2"), add, check("nobody"), wrong]}))
        .unwrap_err();
    assert_eq!(error.code, "TransactionCanceledException");
    assert_eq!(
        error.message,
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, ConditionalCheckFailed, ValidationError]"
    );
    assert_eq!(
        error.members["CancellationReasons"][2],
        json!({"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"})
    );
    assert_eq!(db.get("2"), None);
    assert_eq!(db.get("counter"), Some(json!({"n": {"N": "2"}})));
}

#[test]
fn a_repeated_client_token_has_no_effect_until_it_expires() {
    let db = TestDb::open();
    let add = |by: &str| {
        json!({"ClientRequestToken": "t-1", "TransactItems": [{"Update": {"TableName": "plain", "Key": {"id": {"S": "1"}},
            "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": by}}}}]})
    };
    db.ok("TransactWriteItems", add("1"));
    db.ok("TransactWriteItems", add("1"));
    assert_eq!(db.get("1"), Some(json!({"n": {"N": "1"}})));
    assert_eq!(db.call("TransactWriteItems", add("2")).unwrap_err().code, "IdempotentParameterMismatchException");
    db.call_at(Timestamp(NOW.0 + 600_000), "TransactWriteItems", add("2")).unwrap();
    assert_eq!(db.get("1"), Some(json!({"n": {"N": "3"}})));
}

#[test]
fn a_cancelled_transaction_keeps_no_token() {
    let db = TestDb::open();
    let request = json!({"ClientRequestToken": "t-1", "TransactItems": [check("1"), put("2", "1")]});
    assert!(db.call("TransactWriteItems", request.clone()).is_err());
    db.put("1", json!({}));
    db.ok("TransactWriteItems", request);
    assert!(db.get("2").is_some());
}

#[test]
fn a_transaction_has_no_duplicate_items() {
    let db = TestDb::open();
    assert_eq!(
        db.error_text("TransactWriteItems", json!({"TransactItems": [put("1", "1"), check("1")]})),
        "ValidationException: Transaction request cannot include multiple operations on one item"
    );
}

#[test]
fn gets_answer_in_order() {
    let db = TestDb::open();
    db.put("1", json!({"n": {"N": "1"}, "m": {"N": "2"}}));
    let get = |id: &str| json!({"Get": {"TableName": "plain", "Key": {"id": {"S": id}}, "ProjectionExpression": "n"}});
    let answer = db.ok("TransactGetItems", json!({"TransactItems": [get("0"), get("1")]}));
    let twice = db.error_text("TransactGetItems", json!({"TransactItems": [get("1"), get("1")]}));
    assert!(twice.ends_with("cannot include multiple operations on one item"));
    let capacity = db.ok("TransactGetItems", json!({"TransactItems": [get("1")], "ReturnConsumedCapacity": "TOTAL"}));
    assert_eq!(
        capacity["ConsumedCapacity"],
        json!([{"TableName": "plain", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}])
    );
    assert_eq!(answer["Responses"], json!([{}, {"Item": {"n": {"N": "1"}}}]));
}

#[test]
fn a_transaction_consumes_double_units_of_the_table_only() {
    let db = TestDb::open();
    let item =
        json!({"PK": {"S": "orders"}, "SK": {"S": "1"}, "USERID": {"S": "anna"}, "ORDERSTATE": {"S": "CREATED"}});
    let put = json!({"Put": {"TableName": "orders", "Item": item}});
    let answer = db.ok("TransactWriteItems", json!({"TransactItems": [put], "ReturnConsumedCapacity": "INDEXES"}));
    let capacity = &answer["ConsumedCapacity"][0];
    assert_eq!(capacity["Table"]["CapacityUnits"], 2.0);
    assert_eq!(capacity["GlobalSecondaryIndexes"]["GSI-status"]["CapacityUnits"], 1.0);
    assert_eq!(capacity["CapacityUnits"], 5.0);
}
