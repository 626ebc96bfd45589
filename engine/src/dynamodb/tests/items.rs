//! GetItem, PutItem, DeleteItem and the batches.

use super::*;

#[test]
fn an_item_is_returned_as_it_was_put() {
    let db = TestDb::open();
    let rest = json!({"n": {"N": "12.5"}, "l": {"L": [{"BOOL": true}, {"NULL": true}]}, "m": {"M": {"b": {"B": "AQI="}}},
        "ss": {"SS": ["a", "b"]}});
    db.put("1", rest.clone());
    assert_eq!(db.get("1"), Some(rest));
    assert_eq!(db.get("2"), None);
    assert_eq!(db.ok("GetItem", json!({"TableName": "plain", "Key": {"id": {"S": "2"}}})), json!({}));
}

#[test]
fn return_values_have_the_old_item_only_on_request() {
    let db = TestDb::open();
    let put = |n: &str, returns: &str| json!({"TableName": "plain", "Item": {"id": {"S": "1"}, "n": {"N": n}}, "ReturnValues": returns});
    assert_eq!(db.ok("PutItem", put("1", "ALL_OLD")), json!({}));
    assert_eq!(db.ok("PutItem", put("2", "NONE")), json!({}));
    assert_eq!(db.ok("PutItem", put("3", "ALL_OLD"))["Attributes"]["n"], json!({"N": "2"}));
    assert_eq!(
        db.error_text("PutItem", put("4", "ALL_NEW")),
        "ValidationException: ReturnValues can only be ALL_OLD or NONE"
    );
    let delete = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ReturnValues": "ALL_OLD"});
    assert_eq!(db.ok("DeleteItem", delete.clone())["Attributes"]["n"], json!({"N": "3"}));
    assert_eq!(db.ok("DeleteItem", delete), json!({}));
}

#[test]
fn a_projection_returns_only_the_requested_attributes() {
    let db = TestDb::open();
    db.put(
        "1",
        json!({"a": {"M": {"b": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]}, "c": {"N": "3"}}}, "d": {"N": "4"}}),
    );
    let answer = db.ok(
        "GetItem",
        json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ProjectionExpression": "a.b[2], a.#b[0], absent.x, d",
            "ExpressionAttributeNames": {"#b": "b"}}),
    );
    assert_eq!(answer["Item"], json!({"a": {"M": {"b": {"L": [{"N": "0"}, {"N": "2"}]}}}, "d": {"N": "4"}}));
}

#[test]
fn keys_that_do_not_fit_the_schema_are_refused() {
    let db = TestDb::open();
    let error_text = |key: Value| db.error_text("GetItem", json!({"TableName": "orders", "Key": key}));
    let mismatch = "ValidationException: The provided key element does not match the schema";
    assert_eq!(error_text(json!({"PK": {"S": "orders"}})), mismatch);
    assert_eq!(error_text(json!({"PK": {"S": "orders"}, "SK": {"N": "1"}})), mismatch);
    assert_eq!(error_text(json!({"PK": {"S": "orders"}, "SK": {"S": "1"}, "x": {"S": "1"}})), mismatch);
    assert!(
        error_text(json!({"PK": {"S": "orders"}, "SK": {"S": ""}}))
            .ends_with("cannot contain an empty string value. Key: SK")
    );
    let put = |item: Value| db.error_text("PutItem", json!({"TableName": "orders", "Item": item}));
    assert!(put(json!({"PK": {"S": "orders"}})).ends_with("Missing the key SK in the item"));
    assert!(
        put(json!({"PK": {"S": "o"}, "SK": {"N": "1"}})).ends_with("Type mismatch for key SK expected: S actual: N")
    );
    assert!(
        put(json!({"PK": {"S": "o"}, "SK": {"S": "1"}, "USERID": {"N": "1"}}))
            .ends_with("Type mismatch for Index Key USERID Expected: S Actual: N IndexName: GSI-userId")
    );
}

#[test]
fn an_item_has_at_most_400_kb() {
    let db = TestDb::open();
    let item =
        |length: usize| json!({"TableName": "plain", "Item": {"id": {"S": "1"}, "x": {"S": "a".repeat(length)}}});
    db.ok("PutItem", item(409_600 - 4));
    assert!(db.error_text("PutItem", item(409_600 - 3)).ends_with("Item size has exceeded the maximum allowed size"));
    let update = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "UpdateExpression": "SET y = :y",
        "ExpressionAttributeValues": {":y": {"S": ""}}});
    assert!(db.error_text("UpdateItem", update).ends_with("Item size to update has exceeded the maximum allowed size"));
}

#[test]
fn batches_write_and_read_several_tables() {
    let db = TestDb::open();
    db.put("old", json!({}));
    let answer = db.ok(
        "BatchWriteItem",
        json!({"RequestItems": {
            "plain": [{"PutRequest": {"Item": {"id": {"S": "1"}}}}, {"DeleteRequest": {"Key": {"id": {"S": "old"}}}}],
            "orders": [{"PutRequest": {"Item": {"PK": {"S": "orders"}, "SK": {"S": "1"}}}}]},
            "ReturnConsumedCapacity": "TOTAL"}),
    );
    assert_eq!(answer["UnprocessedItems"], json!({}));
    assert_eq!(answer["ConsumedCapacity"][0]["CapacityUnits"], json!(2.0));
    let answer = db.ok(
        "BatchGetItem",
        json!({"RequestItems": {"plain": {"Keys": [{"id": {"S": "1"}}, {"id": {"S": "old"}}]},
            "orders": {"Keys": [{"PK": {"S": "orders"}, "SK": {"S": "1"}}], "ProjectionExpression": "SK"}}}),
    );
    assert_eq!(answer["Responses"], json!({"plain": [{"id": {"S": "1"}}], "orders": [{"SK": {"S": "1"}}]}));
    assert_eq!(answer["UnprocessedKeys"], json!({}));
}

#[test]
fn a_batch_has_limits_and_no_duplicate_items() {
    let db = TestDb::open();
    let delete = |id: usize| json!({"DeleteRequest": {"Key": {"id": {"S": id.to_string()}}}});
    let write = |list: Vec<Value>| db.error_text("BatchWriteItem", json!({"RequestItems": {"plain": list}}));
    assert!(write(vec![delete(1), delete(1)]).ends_with("Provided list of item keys contains duplicates"));
    assert!(write((0..26).map(delete).collect()).ends_with("Too many items requested for the BatchWriteItem call"));
    let keys: Vec<Value> = (0..101).map(|id| json!({"id": {"S": id.to_string()}})).collect();
    assert!(
        db.error_text("BatchGetItem", json!({"RequestItems": {"plain": {"Keys": keys}}}))
            .ends_with("Too many items requested for the BatchGetItem call")
    );
}

#[test]
fn consumed_capacity_is_returned_on_request() {
    let db = TestDb::open();
    let item = json!({"PK": {"S": "orders"}, "SK": {"S": "1"}, "USERID": {"S": "anna"}, "x": {"S": "a".repeat(2000)}});
    let answer = db.ok("PutItem", json!({"TableName": "orders", "Item": item, "ReturnConsumedCapacity": "INDEXES"}));
    assert_eq!(
        answer["ConsumedCapacity"],
        json!({"TableName": "orders", "CapacityUnits": 3.0, "Table": {"CapacityUnits": 2.0},
            "GlobalSecondaryIndexes": {"GSI-userId": {"CapacityUnits": 1.0}}})
    );
    let get = |consistent: bool| {
        let request = json!({"TableName": "orders", "Key": {"PK": {"S": "orders"}, "SK": {"S": "1"}},
            "ConsistentRead": consistent, "ReturnConsumedCapacity": "TOTAL"});
        db.ok("GetItem", request)["ConsumedCapacity"]["CapacityUnits"].clone()
    };
    assert_eq!((get(true), get(false)), (json!(1.0), json!(0.5)));
}

#[test]
fn legacy_parameters_are_refused_by_name() {
    let db = TestDb::open();
    let request = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "AttributeUpdates": {}});
    assert_eq!(
        db.error_text("UpdateItem", request),
        "ValidationException: The legacy parameter AttributeUpdates is not supported: use UpdateExpression"
    );
    let request = json!({"TableName": "plain", "Item": {"id": {"S": "1"}}, "ReturnItemCollectionMetrics": "SIZE"});
    assert_eq!(
        db.error_text("PutItem", request),
        "ValidationException: The parameter ReturnItemCollectionMetrics is not supported: leave it out"
    );
}

#[test]
fn a_batch_is_validated_before_its_tables_are_looked_up() {
    let db = TestDb::open();
    let twice =
        json!({"plain": {"Keys": [{"id": {"S": "1"}}, {"id": {"S": "1"}}]}, "nobody": {"Keys": [{"id": {"S": "1"}}]}});
    assert_eq!(
        db.error_text("BatchGetItem", json!({"RequestItems": twice})),
        "ValidationException: Provided list of item keys contains duplicates"
    );
    let put = |item: Value| json!([{"PutRequest": {"Item": item}}]);
    let empty = json!({"nobody": put(json!({"id": {"S": "1"}})), "plain": put(json!({"id": {"SS": []}}))});
    assert!(db.error_text("BatchWriteItem", json!({"RequestItems": empty})).ends_with("may not be empty"));
    let wrong = json!({"plain": put(json!({"id": {"N": "1"}})), "nobody": put(json!({"id": {"S": "1"}}))});
    assert!(db.error_text("BatchWriteItem", json!({"RequestItems": wrong})).starts_with("ResourceNotFoundException"));
}
