//! UpdateItem.

use super::*;

fn update(db: &TestDb, expression: &str, values: Value) -> Result<Value, ApiError> {
    let mut request = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "UpdateExpression": expression,
        "ReturnValues": "UPDATED_NEW"});
    if values.as_object().is_some_and(|values| !values.is_empty()) {
        request["ExpressionAttributeValues"] = values;
    }
    db.call("UpdateItem", request)
}

fn message(db: &TestDb, expression: &str, values: Value) -> String {
    update(db, expression, values).unwrap_err().message
}

#[test]
fn an_update_creates_a_counter_and_increments_it() {
    let db = TestDb::open();
    let step = || {
        update(&db, "SET n = if_not_exists(n, :zero) + :one", json!({":zero": {"N": "0"}, ":one": {"N": "1"}})).unwrap()
    };
    assert_eq!(step()["Attributes"], json!({"n": {"N": "1"}}));
    assert_eq!(step()["Attributes"], json!({"n": {"N": "2"}}));
    assert_eq!(
        update(&db, "ADD n :one", json!({":one": {"N": "0.5"}})).unwrap()["Attributes"],
        json!({"n": {"N": "2.5"}})
    );
    assert_eq!(
        update(&db, "SET n = n - :x", json!({":x": {"N": "3"}})).unwrap()["Attributes"],
        json!({"n": {"N": "-0.5"}})
    );
}

#[test]
fn every_right_side_sees_the_item_as_it_was() {
    let db = TestDb::open();
    db.put("1", json!({"a": {"N": "1"}, "b": {"N": "2"}}));
    update(&db, "SET a = b, b = a REMOVE c", json!({})).unwrap();
    assert_eq!(db.get("1"), Some(json!({"a": {"N": "2"}, "b": {"N": "1"}})));
}

#[test]
fn nested_paths_and_list_indexes_are_written() {
    let db = TestDb::open();
    db.put("1", json!({"m": {"M": {"l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]}}}}));
    let answer =
        update(&db, "SET m.l[1] = :x, m.l[9] = :y, m.k = :x", json!({":x": {"S": "x"}, ":y": {"S": "y"}})).unwrap();
    assert_eq!(
        db.get("1"),
        Some(json!({"m": {"M": {"k": {"S": "x"}, "l": {"L": [{"N": "0"}, {"S": "x"}, {"N": "2"}, {"S": "y"}]}}}}))
    );
    assert_eq!(answer["Attributes"]["m"]["M"]["k"], json!({"S": "x"}));
    update(&db, "REMOVE m.l[0], m.l[2], m.l[7], m.k", json!({})).unwrap();
    assert_eq!(db.get("1"), Some(json!({"m": {"M": {"l": {"L": [{"S": "x"}, {"S": "y"}]}}}})));
}

#[test]
fn lists_and_sets_can_be_extended_and_reduced() {
    let db = TestDb::open();
    db.put("1", json!({"l": {"L": [{"N": "1"}]}, "s": {"SS": ["a", "b"]}}));
    let values = json!({":l": {"L": [{"N": "0"}]}, ":s": {"SS": ["c"]}});
    update(&db, "SET l = list_append(:l, l) ADD s :s", values).unwrap();
    assert_eq!(db.get("1"), Some(json!({"l": {"L": [{"N": "0"}, {"N": "1"}]}, "s": {"SS": ["a", "b", "c"]}})));
    update(&db, "DELETE s :s, t :s", json!({":s": {"SS": ["a", "b", "c", "d"]}})).unwrap();
    assert_eq!(db.get("1"), Some(json!({"l": {"L": [{"N": "0"}, {"N": "1"}]}})));
}

#[test]
fn return_values_are_as_requested() {
    let db = TestDb::open();
    let ask = |returns: &str| {
        db.put("1", json!({"a": {"N": "1"}, "b": {"N": "2"}}));
        let request = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ReturnValues": returns,
            "UpdateExpression": "SET a = :x", "ExpressionAttributeValues": {":x": {"N": "9"}}});
        db.ok("UpdateItem", request).get("Attributes").cloned()
    };
    let all = |a: &str| Some(json!({"id": {"S": "1"}, "a": {"N": a}, "b": {"N": "2"}}));
    assert_eq!(ask("NONE"), None);
    assert_eq!(ask("ALL_OLD"), all("1"));
    assert_eq!(ask("ALL_NEW"), all("9"));
    assert_eq!(ask("UPDATED_OLD"), Some(json!({"a": {"N": "1"}})));
    assert_eq!(ask("UPDATED_NEW"), Some(json!({"a": {"N": "9"}})));
}

#[test]
fn invalid_updates_are_refused_in_the_words_of_aws_and_change_nothing() {
    let db = TestDb::open();
    db.put("1", json!({"s": {"S": "x"}, "l": {"L": []}}));
    let one = || json!({":x": {"N": "1"}});
    assert_eq!(
        message(&db, "SET a = b", json!({})),
        "The provided expression refers to an attribute that does not exist in the item"
    );
    assert_eq!(
        message(&db, "SET a.b = :x", one()),
        "The document path provided in the update expression is invalid for update"
    );
    assert_eq!(message(&db, "SET a = s + :x", one()), "An operand in the update expression has an incorrect data type");
    assert_eq!(message(&db, "ADD s :x", one()), "An operand in the update expression has an incorrect data type");
    assert_eq!(
        message(&db, "SET a = :x, a.b = :x", one()),
        "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]"
    );
    for absent in ["REMOVE a.b", "REMOVE s.b", "REMOVE l.b"] {
        assert_eq!(
            message(&db, absent, json!({})),
            "The document path provided in the update expression is invalid for update"
        );
    }
    assert_eq!(
        message(&db, "DELETE a.b :s", json!({":s": {"SS": ["x"]}})),
        "The document path provided in the update expression is invalid for update"
    );
    assert!(message(&db, "SET l[0] = :x, l.a = :x", one()).contains("Two document paths conflict with each other"));
    assert_eq!(
        message(&db, "SET a = :x SET b = :x", one()),
        "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;"
    );
    assert_eq!(
        message(&db, "SET id = :x", one()),
        "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"
    );
    assert_eq!(
        message(&db, "SET name = :x", one()),
        "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name"
    );
    assert_eq!(
        message(&db, "SET a == :x", one()),
        "Invalid UpdateExpression: Syntax error; token: \"=\", near: \"== :x\""
    );
    assert_eq!(
        message(&db, "SET a = :x", json!({":x": {"N": "1"}, ":y": {"N": "1"}})),
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:y}"
    );
    assert_eq!(
        message(&db, "SET a = :y", one()),
        "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :y"
    );
    assert_eq!(
        message(&db, "SET #a = :x", one()),
        "Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #a"
    );
    assert_eq!(message(&db, "", json!({})), "Invalid UpdateExpression: The expression can not be empty;");
    assert_eq!(db.get("1"), Some(json!({"s": {"S": "x"}, "l": {"L": []}})));
}

#[test]
fn an_update_of_blanks_alone_and_one_too_deep_for_the_stack_are_refused() {
    let db = TestDb::open();
    db.put("1", json!({}));
    assert_eq!(message(&db, " ", json!({})), "Invalid UpdateExpression: Syntax error; token: \"<EOF>\", near: \"\"");
    let deep = format!("SET a = {}:x{}", "(".repeat(2_000), ")".repeat(2_000));
    assert!(message(&db, &deep, json!({":x": {"N": "1"}})).contains("nested deeper than 150 levels"));
}

#[test]
fn an_update_may_not_nest_deeper_than_an_item_may() {
    let db = TestDb::open();
    let deep = (0..31).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
    db.put("1", json!({"m": {"M": {}}, "deep": deep}));
    let update = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "UpdateExpression": "SET m.a = deep"});
    assert_eq!(
        db.error_text("UpdateItem", update),
        "ValidationException: Nesting Levels have exceeded supported limits"
    );
}

#[test]
fn an_update_may_not_make_the_key_of_an_index_empty() {
    let db = TestDb::open();
    let update = json!({"TableName": "orders", "Key": {"PK": {"S": "orders"}, "SK": {"S": "1"}},
        "UpdateExpression": "SET ORDERSTATE = :e", "ExpressionAttributeValues": {":e": {"S": ""}}});
    assert_eq!(
        db.error_text("UpdateItem", update),
        "ValidationException: One or more parameter values are not valid. The update expression attempted to update a \
         secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain \
         an empty string value."
    );
}
