//! Conditions and filters.

use super::*;

fn holds(db: &TestDb, condition: &str, values: Value) -> Result<bool, ApiError> {
    let mut request = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ConditionExpression": condition});
    if values.as_object().is_some_and(|values| !values.is_empty()) {
        request["ExpressionAttributeValues"] = values;
    }
    match db.call("UpdateItem", request) {
        Ok(_) => Ok(true),
        Err(error) if error.code == "ConditionalCheckFailedException" => {
            assert_eq!(error.message, "The conditional request failed");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

#[test]
fn conditions_hold_as_aws_documents() {
    let db = TestDb::open();
    db.put(
        "1",
        json!({"n": {"N": "5"}, "s": {"S": "latte"}, "l": {"L": [{"N": "1"}, {"S": "x"}]}, "ss": {"SS": ["a", "b"]},
            "m": {"M": {"k": {"BOOL": true}}}, "u": {"S": "a😀"}}),
    );
    let values = json!({":1": {"N": "1"}, ":5": {"N": "5.0"}, ":9": {"N": "9"}, ":la": {"S": "la"}, ":a": {"S": "a"}, ":S": {"S": "S"}, ":t": {"BOOL": true}});
    for (condition, expected) in [
        ("n = :5", true),
        ("n <> :5", false),
        ("n < :9 AND n > :1", true),
        ("n BETWEEN :1 AND :9", true),
        ("NOT n BETWEEN :1 AND :9", false),
        ("n IN (:1, :5)", true),
        ("n = :la", false),
        ("n <> :la", true),
        ("n < :la", false),
        ("absent = :1", false),
        ("absent <> :1", true),
        ("NOT absent = :1", true),
        ("absent < :1", false),
        ("attribute_exists(m.k) AND attribute_not_exists(m.j)", true),
        ("attribute_exists(l[1]) AND attribute_not_exists(l[2])", true),
        ("attribute_type(s, :S)", true),
        ("attribute_type(n, :S)", false),
        ("begins_with(s, :la)", true),
        ("begins_with(n, :la)", false),
        ("contains(s, :a)", true),
        ("contains(ss, :a) AND contains(l, :1)", true),
        ("contains(ss, :la)", false),
        ("size(s) = :5 AND size(l) < :5", true),
        ("size(n) = :1", false),
        ("size(u) > :1 AND size(u) < :5", true),
        ("m.k = :t", true),
        ("n = :1 OR n = :5 AND s = :la", false),
        ("(n = :1 OR n = :5) AND NOT s = :la", true),
        ("n = :1 or not n = :9", true),
    ] {
        let used: serde_json::Map<String, Value> = values
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| condition.contains(name.as_str()))
            .filter(|(name, _)| name.as_str() != ":a" || condition.replace(":la", "").contains(":a"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        assert_eq!(holds(&db, condition, Value::Object(used)).unwrap(), expected, "{condition}");
    }
}

#[test]
fn conditions_on_a_missing_item_see_an_empty_one() {
    let db = TestDb::open();
    assert!(!holds(&db, "attribute_exists(id)", json!({})).unwrap());
    assert!(holds(&db, "attribute_not_exists(id)", json!({})).unwrap());
    assert!(!holds(&db, "attribute_not_exists(id)", json!({})).unwrap());
}

#[test]
fn a_failed_condition_returns_the_item_only_on_request() {
    let db = TestDb::open();
    db.put("1", json!({"n": {"N": "1"}}));
    let delete = |tell: &str| {
        let request = json!({"TableName": "plain", "Key": {"id": {"S": "1"}}, "ConditionExpression": "n = :x",
            "ExpressionAttributeValues": {":x": {"N": "2"}}, "ReturnValuesOnConditionCheckFailure": tell});
        db.call("DeleteItem", request).unwrap_err().members
    };
    assert!(delete("NONE").is_empty());
    assert_eq!(delete("ALL_OLD")["Item"], json!({"id": {"S": "1"}, "n": {"N": "1"}}));
    assert!(db.get("1").is_some());
}

#[test]
fn invalid_conditions_are_refused_in_the_words_of_aws() {
    let db = TestDb::open();
    let error_text = |condition: &str, values: Value| {
        let message = holds(&db, condition, values).unwrap_err().message;
        message.strip_prefix("Invalid ConditionExpression: ").map(str::to_owned).unwrap_or(message)
    };
    let one = || json!({":x": {"N": "1"}});
    assert_eq!(
        error_text("a = a", json!({})),
        "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]"
    );
    assert_eq!(error_text("((a = :x))", one()), "The expression has redundant parentheses;");
    assert_eq!(
        error_text("begins_with(a, :x)", one()),
        "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"
    );
    assert_eq!(
        error_text("attribute_exists(a, b)", json!({})),
        "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"
    );
    assert_eq!(
        error_text("attribute_exists(:x)", one()),
        "Operator or function requires a document path; operator or function: attribute_exists"
    );
    assert_eq!(error_text("foo(a)", json!({})), "Invalid function name; function: foo");
    assert_eq!(
        error_text("a < :x", json!({":x": {"BOOL": true}})),
        "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"
    );
    assert_eq!(
        error_text("a BETWEEN :x AND :y", json!({":x": {"N": "2"}, ":y": {"N": "1"}})),
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"
    );
    assert_eq!(error_text("a = :x AND", one()), "Syntax error; token: \"<EOF>\", near: \"AND\"");
    assert_eq!(error_text("status = :x", one()), "Attribute name is a reserved keyword; reserved keyword: status");
    assert!(
        error_text(&format!("a = :x{}", " OR a = :x".repeat(500)), one()).starts_with("Expression size has exceeded")
    );
}
