//! Query and Scan: ranges, order, pages, filters.

use super::*;

fn query(db: &TestDb, more: Value) -> Value {
    let mut request = json!({"TableName": "orders", "KeyConditionExpression": "PK = :p",
        "ExpressionAttributeValues": {":p": {"S": "orders"}}});
    for (name, value) in more.as_object().unwrap() {
        match (request.get_mut(name).and_then(Value::as_object_mut), value.as_object()) {
            (Some(old), Some(new)) => old.extend(new.clone()),
            _ => request[name] = value.clone(),
        }
    }
    db.ok("Query", request)
}

#[test]
fn sort_keys_are_found_by_every_operator() {
    let db = TestDb::open();
    for id in ["a1", "a2", "b", "ü", "z"] {
        db.order(id, "anna", None);
    }
    let ask = |condition: &str, values: Value| {
        strings(&query(&db, json!({"KeyConditionExpression": condition, "ExpressionAttributeValues": values})), "SK")
    };
    let x = |x: &str| json!({":x": {"S": x}});
    assert_eq!(ask("PK = :p AND SK = :x", x("b")), ["b"]);
    assert_eq!(ask("PK = :p AND SK < :x", x("b")), ["a1", "a2"]);
    assert_eq!(ask("SK <= :x AND PK = :p", x("b")), ["a1", "a2", "b"]);
    assert_eq!(ask("PK = :p AND :x < SK", x("b")), ["z", "ü"]);
    assert_eq!(ask("PK = :p AND SK >= :x", x("b")), ["b", "z", "ü"]);
    assert_eq!(ask("(PK = :p) AND begins_with(SK, :x)", x("a")), ["a1", "a2"]);
    assert_eq!(ask("PK = :p AND SK BETWEEN :x AND :y", json!({":x": {"S": "a2"}, ":y": {"S": "b"}})), ["a2", "b"]);
}

#[test]
fn pages_cover_everything_in_both_directions() {
    let db = TestDb::open();
    let ids: Vec<String> = (0..7).map(|id| format!("{id}")).collect();
    for id in &ids {
        db.order(id, "anna", Some("CREATED"));
    }
    for (index, condition, value) in [
        (None, "PK = :p", "orders"),
        (Some("GSI-status"), "ORDERSTATE = :p", "CREATED"),
        (Some("GSI-userId"), "USERID = :p", "anna"),
    ] {
        for forward in [true, false] {
            let (mut seen, mut start) = (Vec::new(), Value::Null);
            loop {
                let answer = query(
                    &db,
                    json!({"KeyConditionExpression": condition, "ExpressionAttributeValues": {":p": {"S": value}}, "Limit": 3,
                        "IndexName": index, "ScanIndexForward": forward, "ExclusiveStartKey": start}),
                );
                seen.extend(strings(&answer, "SK"));
                start = answer.get("LastEvaluatedKey").cloned().unwrap_or_default();
                if start.is_null() {
                    break;
                }
            }
            if !forward {
                seen.reverse();
            }
            assert_eq!(seen, ids, "{index:?} {forward}");
        }
    }
}

#[test]
fn a_page_ends_at_1_mb() {
    let db = TestDb::open();
    for id in 0..4 {
        db.put(&id.to_string(), json!({"x": {"S": "a".repeat(400_000)}}));
    }
    let first = db.ok("Scan", json!({"TableName": "plain", "Select": "COUNT"}));
    assert_eq!((&first["Count"], &first["ScannedCount"]), (&json!(2), &json!(2)));
    assert!(first.get("Items").is_none());
    let second = db.ok("Scan", json!({"TableName": "plain", "ExclusiveStartKey": first["LastEvaluatedKey"]}));
    assert_eq!(second["Count"], 2);
    assert!(second.get("LastEvaluatedKey").is_none());
}

#[test]
fn a_filter_counts_the_items_read() {
    let db = TestDb::open();
    db.order("1", "anna", None);
    db.order("2", "ben", None);
    let answer =
        query(&db, json!({"FilterExpression": "USERID = :u", "ExpressionAttributeValues": {":u": {"S": "ben"}}}));
    assert_eq!((&answer["Count"], &answer["ScannedCount"]), (&json!(1), &json!(2)));
    assert_eq!(strings(&answer, "SK"), ["2"]);
}

#[test]
fn number_keys_are_ordered_by_value() {
    let db = TestDb::open();
    db.ok("CreateTable", json!({"TableName": "numbers", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "B"}, {"AttributeName": "n", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}));
    for n in ["10", "9", "-1", "-10", "0", "0.5", "1e20", "-1.01"] {
        db.ok("PutItem", json!({"TableName": "numbers", "Item": {"p": {"B": "AQ=="}, "n": {"N": n}}}));
    }
    let answer = db.ok(
        "Query",
        json!({"TableName": "numbers", "KeyConditionExpression": "p = :p AND n < :n",
        "ExpressionAttributeValues": {":p": {"B": "AQ=="}, ":n": {"N": "1E+1"}}}),
    );
    let numbers: Vec<&str> =
        answer["Items"].as_array().unwrap().iter().map(|item| item["n"]["N"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["-10", "-1.01", "-1", "0", "0.5", "9"]);
}

#[test]
fn the_segments_of_a_parallel_scan_cover_the_table() {
    let db = TestDb::open();
    let mut ids: Vec<String> = (0..40).map(|id| format!("order-{id}")).collect();
    ids.sort();
    for id in &ids {
        db.put(id, json!({}));
    }
    let parts: Vec<Vec<String>> = (0..3)
        .map(|segment| {
            strings(&db.ok("Scan", json!({"TableName": "plain", "Segment": segment, "TotalSegments": 3})), "id")
        })
        .collect();
    assert!(parts.iter().all(|part| part.len() < 40));
    let mut all = parts.concat();
    all.sort();
    assert_eq!(all, ids);
}

#[test]
fn invalid_queries_are_refused_in_the_words_of_aws() {
    let db = TestDb::open();
    let error_text = |condition: &str, values: Value, more: Value| {
        let mut request =
            json!({"TableName": "orders", "KeyConditionExpression": condition, "ExpressionAttributeValues": values});
        request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        db.call("Query", request).unwrap_err().message
    };
    let p = || json!({":p": {"S": "orders"}});
    assert_eq!(error_text("SK = :p", p(), json!({})), "Query condition missed key schema element: PK");
    assert_eq!(error_text("PK > :p", p(), json!({})), "Query key condition not supported");
    assert_eq!(
        error_text("PK = :p OR SK = :p", p(), json!({})),
        "Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: OR"
    );
    assert_eq!(
        error_text("PK = :p", json!({":p": {"N": "1"}}), json!({})),
        "One or more parameter values were invalid: Condition parameter type does not match schema type"
    );
    assert_eq!(
        error_text("PK = :p", p(), json!({"FilterExpression": "SK = :p"})),
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: SK"
    );
    assert_eq!(
        error_text("PK = :p", p(), json!({"FilterExpression": "SK.a = :p"})),
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: SK"
    );
    assert!(
        error_text("ORDERSTATE = :p", json!({":p": {"S": ""}}), json!({"IndexName": "GSI-status"}))
            .ends_with("cannot contain an empty string value. IndexName: GSI-status, IndexKey: ORDERSTATE")
    );
    assert_eq!(
        error_text("PK = :p", p(), json!({"ExclusiveStartKey": {"PK": {"S": "other"}, "SK": {"S": "1"}}})),
        "The provided starting key is outside query boundaries based on provided conditions"
    );
    assert!(
        error_text("PK = :p", p(), json!({"ExclusiveStartKey": {"PK": {"S": "orders"}}}))
            .starts_with("The provided starting key is invalid")
    );
    assert_eq!(
        db.call("Query", json!({"TableName": "orders"})).unwrap_err().message,
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    );
}

#[test]
fn a_page_of_a_table_without_sort_keys_ends_after_its_only_item() {
    let db = TestDb::open();
    db.put("1", json!({}));
    let ask = |more: Value| {
        let mut request = json!({"TableName": "plain", "KeyConditionExpression": "id = :i", "Limit": 1,
            "ExpressionAttributeValues": {":i": {"S": "1"}}});
        request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        db.ok("Query", request)
    };
    let first = ask(json!({}));
    assert_eq!(first["Count"], 1);
    for forward in [true, false] {
        let next = ask(json!({"ExclusiveStartKey": first["LastEvaluatedKey"], "ScanIndexForward": forward}));
        assert_eq!(next, json!({"Count": 0, "ScannedCount": 0, "Items": []}));
    }
}
