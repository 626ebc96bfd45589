use serde_json::{Value, json};

use super::{Rule, matches};
use crate::stepfunctions::language::{data::StateError, testing::data_of};

fn parse(rule: &Value) -> Result<Rule, (String, String)> {
    Rule::parse(rule.as_object().unwrap())
}

fn holds(rule: Value, input: &Value) -> Result<bool, StateError> {
    let rule = parse(&rule).unwrap();
    data_of(input, |data| rule.holds(data))
}

#[test]
fn each_comparison_holds_exactly_when_it_should() {
    let before = "2016-03-14T01:59:00Z";
    let after = "2016-03-14T02:59:00.5Z";
    let kinds = [
        ("String", json!("a"), json!("b")),
        ("Numeric", json!(9), json!(10.5)),
        ("Timestamp", json!(before), json!(after)),
    ];
    for (kind, low, high) in kinds {
        for (order, low_high, same, high_low) in [
            ("Equals", false, true, false),
            ("LessThan", true, false, false),
            ("GreaterThan", false, false, true),
            ("LessThanEquals", true, true, false),
            ("GreaterThanEquals", false, true, true),
        ] {
            for (left, right, expected) in [(&low, &high, low_high), (&low, &low, same), (&high, &low, high_low)] {
                let data = json!({ "v": left, "w": right });
                let literal = json!({ "Variable": "$.v", format!("{kind}{order}"): right });
                assert_eq!(holds(literal, &data), Ok(expected), "{left} {kind}{order} {right}");
                let path = json!({ "Variable": "$.v", format!("{kind}{order}Path"): "$.w" });
                assert_eq!(holds(path, &data), Ok(expected), "{left} {kind}{order}Path {right}");
            }
        }
    }
    let data = json!({ "t": true, "f": false });
    assert_eq!(holds(json!({ "Variable": "$.t", "BooleanEquals": true }), &data), Ok(true));
    assert_eq!(holds(json!({ "Variable": "$.t", "BooleanEqualsPath": "$.f" }), &data), Ok(false));
}

#[test]
fn no_comparison_holds_for_a_value_of_another_type() {
    let data = json!({ "v": "10" });
    assert_eq!(holds(json!({ "Variable": "$.v", "NumericEquals": 10 }), &data), Ok(false));
    assert_eq!(holds(json!({ "Variable": "$.v", "BooleanEquals": true }), &data), Ok(false));
    assert_eq!(holds(json!({ "Variable": "$.v", "TimestampEquals": "2016-03-14T01:59:00Z" }), &data), Ok(false));
}

#[test]
fn each_property_is_tested() {
    let values = json!({ "null": null, "number": 1.5, "text": "x", "flag": false, "time": "2016-03-14T01:59:00Z" });
    for (operator, members) in [
        ("IsPresent", &["null", "number", "text", "flag", "time"][..]),
        ("IsNull", &["null"]),
        ("IsNumeric", &["number"]),
        ("IsString", &["text", "time"]),
        ("IsBoolean", &["flag"]),
        ("IsTimestamp", &["time"]),
    ] {
        for name in values.as_object().unwrap().keys() {
            let is = members.contains(&name.as_str());
            for wanted in [true, false] {
                let rule = json!({ "Variable": format!("$.{name}"), operator: wanted });
                assert_eq!(holds(rule, &values), Ok(is == wanted), "{operator} {name}");
            }
        }
    }
}

#[test]
fn presence_of_the_twenty_first_execution_is_tested() {
    let rule = || json!({ "Variable": "$.c.Executions[20]", "IsPresent": true });
    let running = |count: usize| json!({ "c": { "Executions": vec![json!({}); count] } });
    assert_eq!(holds(rule(), &running(20)), Ok(false));
    assert_eq!(holds(rule(), &running(21)), Ok(true));
    assert_eq!(holds(rule(), &json!({})), Ok(false));
}

#[test]
fn and_or_and_not_short_circuit() {
    let data = json!({ "orders": 3 });
    let missing = json!({ "Variable": "$.currentOrder", "NumericEquals": 1 });
    let present = json!({ "Variable": "$.currentOrder", "IsPresent": true });
    let three = json!({ "Variable": "$.orders", "NumericEquals": 3 });
    assert_eq!(holds(json!({ "And": [present, missing] }), &data), Ok(false));
    assert_eq!(holds(json!({ "Or": [{ "Not": present }, missing] }), &data), Ok(true));
    assert_eq!(holds(json!({ "Or": [present, three] }), &data), Ok(true));
    assert_eq!(holds(json!({ "Not": { "And": [three, three] } }), &data), Ok(false));
    let error = holds(json!({ "And": [three, missing] }), &data).unwrap_err();
    let actual = "Invalid path '$.currentOrder': The choice state's condition path references an invalid value.";
    assert_eq!(error, StateError::runtime(actual));
}

#[test]
fn a_star_matches_any_characters() {
    for (pattern, text, expected) in [
        ("OrderManager.*-COMPLETED", "OrderManager.ABC-COMPLETED", true),
        ("OrderManager.*-COMPLETED", "OrderManager.ABC-CANCELLED", false),
        ("*", "", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("a*a", "a", false),
        (r"a\*b", "a*b", true),
        (r"a\*b", "axb", false),
        (r"a\\*", r"a\x", true),
        ("abc", "abcd", false),
        ("", "", true),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}

#[test]
fn invalid_rules_are_refused_with_their_location() {
    for (rule, place, word) in [
        (json!({ "Variable": "$.a", "Next": "X" }), "", "must hold"),
        (json!({ "StringEquals": "a" }), "/Variable", "'Variable' is required"),
        (json!({ "Variable": "$.a", "StringContains": "a" }), "/StringContains", "StringContains"),
        (json!({ "Variable": "$.a", "BooleanLessThan": true }), "/BooleanLessThan", "BooleanLessThan"),
        (json!({ "Variable": "$.a", "NumericEquals": "1" }), "/NumericEquals", "wrong type"),
        (json!({ "Variable": "$.a", "StringEquals": "a", "IsNull": true }), "", "one operator"),
        (json!({ "And": [{ "Not": { "Variable": "a", "IsNull": true } }] }), "/And[0]/Not/Variable", "begins with $"),
        (json!({ "Or": [] }), "/Or", "list"),
        (json!({ "Not": { "Variable": "$.a", "IsNull": true, "Next": "X" } }), "/Not/Next", "outermost"),
    ] {
        let (found, message) = parse(&rule).unwrap_err();
        assert_eq!(found, place, "{rule}");
        assert!(message.contains(word), "{rule}: {message}");
    }
}
