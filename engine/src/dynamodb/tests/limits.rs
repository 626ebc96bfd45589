//! AWS's limits, tested on both sides.

use super::*;

fn delete_if(db: &TestDb, condition: &str) -> Result<Value, ApiError> {
    db.call("DeleteItem", json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ConditionExpression": condition}))
}

#[test]
fn keys_have_2048_and_1024_bytes() {
    let db = TestDb::open();
    let hash = |bytes: usize| json!({"TableName": "plain", "Item": {"id": {"S": "k".repeat(bytes)}}});
    db.ok("PutItem", hash(2048));
    assert!(
        db.error_text("PutItem", hash(2049)).contains("Size of hashkey has exceeded the maximum size limit of2048")
    );
    let range =
        |bytes: usize| json!({"TableName": "orders", "Item": {"PK": {"S": "p"}, "SK": {"S": "k".repeat(bytes)}}});
    db.ok("PutItem", range(1024));
    assert!(db.error_text("PutItem", range(1025)).contains("Aggregated size of all range keys has exceeded"));
}

#[test]
fn expressions_have_4096_bytes_and_300_operators() {
    let db = TestDb::open();
    let padded = |bytes: usize| format!("attribute_not_exists(a{})", " ".repeat(bytes - 23));
    delete_if(&db, &padded(4096)).unwrap();
    let error = delete_if(&db, &padded(4097)).unwrap_err().message;
    assert!(error.contains("Expression size has exceeded the maximum allowed size; expression size: 4097"), "{error}");
    let joined = |comparisons: usize| vec!["a<>b"; comparisons].join(" OR ");
    // Each comparison is an operator, and so is each OR.
    delete_if(&db, &joined(150)).unwrap();
    let error = delete_if(&db, &joined(151)).unwrap_err().message;
    assert!(error.contains("too many operators"), "{error}");
}

#[test]
fn a_transaction_has_100_actions_and_a_token_36_characters() {
    let db = TestDb::open();
    let gets = |count: usize| {
        let get = |id: usize| json!({"Get": {"TableName": "plain", "Key": {"id": {"S": id.to_string()}}}});
        json!({"TransactItems": (0..count).map(get).collect::<Vec<_>>()})
    };
    db.ok("TransactGetItems", gets(100));
    assert!(db.error_text("TransactGetItems", gets(101)).contains("Member must have length less than or equal to 100"));
    let put = |token: usize| {
        json!({"TransactItems": [{"Put": {"TableName": "plain", "Item": {"id": {"S": "1"}}}}],
            "ClientRequestToken": "t".repeat(token)})
    };
    db.ok("TransactWriteItems", put(36));
    assert!(db.error_text("TransactWriteItems", put(37)).contains("less than or equal to 36"));
}

#[test]
fn reserved_words_need_a_placeholder() {
    let db = TestDb::open();
    let error_text = delete_if(&db, "attribute_exists(status)").unwrap_err().message;
    let reserved = "Attribute name is a reserved keyword; reserved keyword: status";
    assert_eq!(error_text, format!("Invalid ConditionExpression: {reserved}"));
    db.ok(
        "DeleteItem",
        json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(#s)",
            "ExpressionAttributeNames": {"#s": "status"}}),
    );
    // A keyword is not read as a name.
    assert!(delete_if(&db, "attribute_exists(a.between)").unwrap_err().message.contains("Syntax error; token: "));
}

#[test]
fn an_exclusive_start_table_name_has_at_least_three_letters() {
    let db = TestDb::open();
    let error_text = db.error_text("ListTables", json!({"ExclusiveStartTableName": "pl"}));
    assert!(
        error_text.contains("'exclusiveStartTableName' failed to satisfy constraint: Member must have length greater")
    );
    assert_eq!(db.ok("ListTables", json!({"ExclusiveStartTableName": "orders"}))["TableNames"], json!(["plain"]));
}
