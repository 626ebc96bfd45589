use proptest::prelude::*;
use serde_json::{Value, json};

use super::Pattern;

fn matches(pattern: Value, event: Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(&event)
}

/// A pattern on the field `a` against values of it.
fn on_field(matcher: Value, matching: &[Value], others: &[Value]) {
    for value in matching {
        assert!(matches(json!({ "a": [matcher] }), json!({ "a": value })), "{matcher} should match {value}");
    }
    for value in others {
        assert!(!matches(json!({ "a": [matcher] }), json!({ "a": value })), "{matcher} should not match {value}");
    }
}

#[test]
fn all_fields_must_match_and_one_of_each_list() {
    let pattern = json!({ "source": ["s"], "detail-type": ["t", "u"], "detail": { "message": [{ "prefix": "Wo" }] } });
    let event = |source: &str, kind: &str, message: &str| json!({ "source": source, "detail-type": kind, "detail": { "message": message } });
    assert!(matches(pattern.clone(), event("s", "u", "World")));
    assert!(!matches(pattern.clone(), event("x", "u", "World")));
    assert!(!matches(pattern.clone(), event("s", "v", "World")));
    assert!(!matches(pattern, event("s", "t", "world")));
}

#[test]
fn exact_values_match_by_type_and_numbers_by_worth() {
    on_field(json!("1"), &[json!("1"), json!(["0", "1"])], &[json!(1), json!("11"), json!(null)]);
    on_field(json!(300), &[json!(300), json!(300.0), json!(3.0e2)], &[json!("300"), json!(301)]);
    on_field(json!(null), &[json!(null)], &[json!(""), json!(false)]);
    on_field(json!(true), &[json!(true)], &[json!("true")]);
}

#[test]
fn text_operators() {
    on_field(json!({ "prefix": "Order" }), &[json!("OrderX")], &[json!("order"), json!(1)]);
    on_field(json!({ "prefix": { "equals-ignore-case": "ORD" } }), &[json!("orderX")], &[json!("xord")]);
    on_field(json!({ "suffix": ".png" }), &[json!("a.png")], &[json!("a.PNG")]);
    on_field(json!({ "suffix": { "equals-ignore-case": ".PNG" } }), &[json!("a.png")], &[json!("a.gif")]);
    on_field(json!({ "equals-ignore-case": "Alice" }), &[json!("ALICE")], &[json!("alic")]);
    on_field(json!({ "wildcard": "a*b*c" }), &[json!("abc"), json!("aXbYbc")], &[json!("abcd"), json!("acb")]);
    on_field(json!({ "wildcard": "a\\*c" }), &[json!("a*c")], &[json!("abc")]);
    on_field(json!({ "wildcard": "*ab" }), &[json!("aab"), json!("ab")], &[json!("aba")]);
}

#[test]
fn anything_but_in_each_form() {
    on_field(json!({ "anything-but": "x" }), &[json!("y"), json!(1), json!(["x", "y"])], &[json!("x"), json!([])]);
    on_field(json!({ "anything-but": [1, 2] }), &[json!(3)], &[json!(1), json!(2.0)]);
    on_field(json!({ "anything-but": { "prefix": "i" } }), &[json!("o")], &[json!("init")]);
    on_field(json!({ "anything-but": { "suffix": ["a", "b"] } }), &[json!("c")], &[json!("xa"), json!("xb")]);
    on_field(json!({ "anything-but": { "equals-ignore-case": "A" } }), &[json!("b")], &[json!("a")]);
    on_field(json!({ "anything-but": { "wildcard": "*/lib/*" } }), &[json!("/bin/x")], &[json!("/lib/x")]);
    assert!(!matches(json!({ "a": [{ "anything-but": "x" }] }), json!({ "b": 1 })), "an absent field is not anything");
}

#[test]
fn numbers_within_bounds() {
    on_field(json!({ "numeric": [">", 0, "<=", 5] }), &[json!(5), json!(0.1)], &[json!(0), json!(5.1), json!("3")]);
    on_field(json!({ "numeric": ["=", 3.018e2] }), &[json!(301.8)], &[json!(301)]);
}

#[test]
fn existence_is_a_matter_of_leaves() {
    on_field(json!({ "exists": true }), &[json!(1), json!(null), json!("")], &[json!({ "b": 1 }), json!([])]);
    assert!(matches(json!({ "d": { "a": [{ "exists": false }] } }), json!({ "d": { "b": 1 } })));
    assert!(matches(json!({ "d": { "a": [{ "exists": false }] } }), json!({})));
    assert!(!matches(json!({ "d": { "a": [{ "exists": false }] } }), json!({ "d": { "a": 1 } })));
}

#[test]
fn addresses_in_a_network() {
    on_field(json!({ "cidr": "10.0.0.0/24" }), &[json!("10.0.0.255")], &[json!("10.0.1.0"), json!("x"), json!("::1")]);
    on_field(json!({ "cidr": "2001:db8::/32" }), &[json!("2001:db8::1")], &[json!("2001:db9::1")]);
    on_field(json!({ "cidr": "0.0.0.0/0" }), &[json!("1.2.3.4")], &[json!("::1")]);
}

#[test]
fn one_of_the_alternatives_has_to_match_beside_the_other_fields() {
    let pattern = json!({ "s": ["x"], "$or": [{ "a": [1] }, { "b": [{ "exists": true }], "c": [2] }] });
    assert!(matches(pattern.clone(), json!({ "s": "x", "a": 1 })));
    assert!(matches(pattern.clone(), json!({ "s": "x", "b": 0, "c": 2 })));
    assert!(!matches(pattern.clone(), json!({ "s": "x", "b": 0 })));
    assert!(!matches(pattern, json!({ "s": "y", "a": 1 })));
}

#[test]
fn fields_of_one_pattern_must_match_in_one_item_of_a_list() {
    let pattern = json!({ "items": { "name": ["a"], "size": ["L"] } });
    assert!(matches(pattern.clone(), json!({ "items": [{ "name": "b" }, { "name": "a", "size": "L" }] })));
    assert!(!matches(pattern, json!({ "items": [{ "name": "a", "size": "S" }, { "name": "b", "size": "L" }] })));
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    let refused = |pattern: &str| Pattern::parse(pattern).unwrap_err().message;
    assert!(refused(r#"{"a":[{"soundex":"x"}]}"#).contains("soundex"));
    assert!(refused(r#"{"a":"x"}"#).contains("\"a\""));
    assert!(refused(r#"{"a":[{"wildcard":"a**"}]}"#).contains("Consecutive"));
    assert!(refused(r#"{"a":[{"numeric":["<",5,">",1]}]}"#).contains("bounds"));
    assert!(refused(r#"{"a":[{"anything-but":{"numeric":["=",1]}}]}"#).contains("numeric"));
    assert!(refused("[]").contains("object"));
    assert!(refused("{").contains("JSON"));
}

/// The plainest possible matcher: tries everything.
fn slowly(wildcard: &[u8], text: &[u8]) -> bool {
    match (wildcard.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|taken| slowly(rest, &text[taken..])),
        (Some((wanted, rest)), Some((found, behind))) => wanted == found && slowly(rest, behind),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_match_what_trying_everything_matches(wildcard in "[ab]{0,2}(\\*[ab]{1,2}){0,3}\\*?", text in "[ab]{0,8}") {
        let expected = slowly(wildcard.as_bytes(), text.as_bytes());
        prop_assert_eq!(matches(json!({ "a": [{ "wildcard": wildcard }] }), json!({ "a": text })), expected);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,64}") {
        let _ = Pattern::parse(&text);
    }
}
