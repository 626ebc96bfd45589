//! Global and local secondary indexes.

use super::*;

fn by_state(db: &TestDb, state: &str) -> Vec<String> {
    let answer = db.ok(
        "Query",
        json!({"TableName": "orders", "IndexName": "GSI-status", "KeyConditionExpression": "ORDERSTATE = :s",
            "ExpressionAttributeValues": {":s": {"S": state}}}),
    );
    strings(&answer, "SK")
}

#[test]
fn an_index_contains_the_items_with_its_key() {
    let db = TestDb::open();
    db.order("2", "anna", Some("CREATED"));
    db.order("1", "ben", Some("CREATED"));
    db.order("3", "anna", None);
    assert_eq!(by_state(&db, "CREATED"), ["1", "2"]);
    let update = |expression: &str, values: Value| {
        db.ok(
            "UpdateItem",
            json!({"TableName": "orders", "Key": {"PK": {"S": "orders"}, "SK": {"S": "1"}},
            "UpdateExpression": expression, "ExpressionAttributeValues": values}),
        )
    };
    update("SET ORDERSTATE = :s", json!({":s": {"S": "COMPLETED"}}));
    assert_eq!((by_state(&db, "CREATED"), by_state(&db, "COMPLETED")), (vec!["2".to_owned()], vec!["1".to_owned()]));
    db.ok("DeleteItem", json!({"TableName": "orders", "Key": {"PK": {"S": "orders"}, "SK": {"S": "2"}}}));
    assert!(by_state(&db, "CREATED").is_empty());
}

#[test]
fn an_index_returns_the_projected_attributes_only() {
    let db = TestDb::open();
    db.order("1", "anna", Some("CREATED"));
    let query = |more: Value| {
        let mut request = json!({"TableName": "orders", "IndexName": "GSI-userId", "KeyConditionExpression": "USERID = :u",
            "ExpressionAttributeValues": {":u": {"S": "anna"}}});
        request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        db.call("Query", request)
    };
    assert_eq!(
        query(json!({})).unwrap()["Items"],
        json!([{"PK": {"S": "orders"}, "SK": {"S": "1"}, "USERID": {"S": "anna"}, "ORDERSTATE": {"S": "CREATED"}}])
    );
    assert_eq!(
        query(json!({"ProjectionExpression": "note"})).unwrap_err().message,
        "One or more parameter values were invalid: Global secondary index GSI-userId does not project [note]"
    );
    assert!(
        query(json!({"Select": "ALL_ATTRIBUTES"}))
            .unwrap_err()
            .message
            .contains("is not supported for global secondary index")
    );
    assert_eq!(
        query(json!({"ConsistentRead": true})).unwrap_err().message,
        "Consistent reads are not supported on global secondary indexes"
    );
}

#[test]
fn a_local_index_orders_by_its_key_and_fetches_other_attributes_on_request() {
    let db = TestDb::open();
    db.order("1", "anna", Some("C"));
    db.order("2", "anna", Some("A"));
    db.order("3", "anna", Some("B"));
    let query = |projection: Option<&str>| {
        let mut request = json!({"TableName": "orders", "IndexName": "LSI-state", "KeyConditionExpression": "PK = :p AND ORDERSTATE > :a",
            "ExpressionAttributeValues": {":p": {"S": "orders"}, ":a": {"S": "A"}}, "ConsistentRead": true});
        if let Some(projection) = projection {
            request["ProjectionExpression"] = json!(projection);
        }
        db.ok("Query", request)
    };
    assert_eq!(strings(&query(None), "SK"), ["3", "1"]);
    assert_eq!(strings(&query(None), "note"), ["", ""]);
    assert_eq!(strings(&query(Some("note")), "note"), ["oat", "oat"]);
}

#[test]
fn an_unknown_index_is_refused() {
    let db = TestDb::open();
    assert_eq!(
        db.error_text("Scan", json!({"TableName": "orders", "IndexName": "missing"})),
        "ValidationException: The table does not have the specified index: missing"
    );
}

#[test]
fn a_filter_on_a_local_index_reads_other_attributes_without_returning_them() {
    let db = TestDb::open();
    db.order("1", "anna", Some("CREATED"));
    let query = |more: Value| {
        let mut request = json!({"TableName": "orders", "IndexName": "LSI-state", "KeyConditionExpression": "PK = :p",
            "FilterExpression": "note = :n",
            "ExpressionAttributeValues": {":p": {"S": "orders"}, ":n": {"S": "oat"}}});
        request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        db.ok("Query", request)["Items"].clone()
    };
    let keys = json!({"PK": {"S": "orders"}, "SK": {"S": "1"}, "ORDERSTATE": {"S": "CREATED"}});
    assert_eq!(query(json!({})), json!([keys]));
    assert_eq!(query(json!({"ProjectionExpression": "note"})), json!([{"note": {"S": "oat"}}]));
    assert_eq!(query(json!({"Select": "ALL_ATTRIBUTES"}))[0]["USERID"], json!({"S": "anna"}));
}
