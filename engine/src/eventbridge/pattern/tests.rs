use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FlatEvent, Pattern};

fn matches(pattern: Value, event: Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(&FlatEvent::of(&event))
}

/// Tests a matcher on the field `a`.
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
fn values_match_by_type_and_numbers_by_value() {
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
fn exists_applies_to_leaves_only() {
    on_field(json!({ "exists": true }), &[json!(1), json!(null), json!("")], &[json!({ "b": 1 }), json!([])]);
    assert!(matches(json!({ "d": { "a": [{ "exists": false }] } }), json!({ "d": { "b": 1 } })));
    assert!(matches(json!({ "d": { "a": [{ "exists": false }] } }), json!({})));
    assert!(!matches(json!({ "d": { "a": [{ "exists": false }] } }), json!({ "d": { "a": 1 } })));
}

#[test]
fn cidr_matches_addresses() {
    on_field(json!({ "cidr": "10.0.0.0/24" }), &[json!("10.0.0.255")], &[json!("10.0.1.0"), json!("x"), json!("::1")]);
    on_field(json!({ "cidr": "2001:db8::/32" }), &[json!("2001:db8::1")], &[json!("2001:db9::1")]);
    on_field(json!({ "cidr": "0.0.0.0/0" }), &[json!("1.2.3.4")], &[json!("::1")]);
}

#[test]
fn one_alternative_and_all_other_fields_must_match() {
    let pattern = json!({ "s": ["x"], "$or": [{ "a": [1] }, { "b": [{ "exists": true }], "c": [2] }] });
    assert!(matches(pattern.clone(), json!({ "s": "x", "a": 1 })));
    assert!(matches(pattern.clone(), json!({ "s": "x", "b": 0, "c": 2 })));
    assert!(!matches(pattern.clone(), json!({ "s": "x", "b": 0 })));
    assert!(!matches(pattern, json!({ "s": "y", "a": 1 })));
}

#[test]
fn fields_of_one_pattern_must_match_in_one_array_element() {
    let pattern = json!({ "items": { "name": ["a"], "size": ["L"] } });
    assert!(matches(pattern.clone(), json!({ "items": [{ "name": "b" }, { "name": "a", "size": "L" }] })));
    assert!(!matches(pattern, json!({ "items": [{ "name": "a", "size": "S" }, { "name": "b", "size": "L" }] })));
}

#[test]
fn anything_but_matches_values_that_are_not_strings() {
    let others = [json!(12), json!(null), json!(true)];
    for operator in ["prefix", "suffix", "equals-ignore-case", "wildcard"] {
        on_field(json!({ "anything-but": { operator: "x" } }), &others, &[json!("x")]);
    }
    on_field(json!({ "anything-but": 12 }), &[json!("12"), json!(null)], &[json!(12.0)]);
    on_field(json!({ "anything-but": ["a", "b"] }), &[json!(1)], &[json!("a")]);
    on_field(json!({ "anything-but": { "wildcard": "" } }), &[json!("a")], &[json!("")]);
}

#[test]
fn case_is_ignored_letter_by_letter() {
    on_field(json!({ "equals-ignore-case": "straße" }), &[json!("STRASSE"), json!("STRAßE")], &[json!("STRASE")]);
    on_field(json!({ "prefix": { "equals-ignore-case": "ß" } }), &[json!("SSx"), json!("ßx")], &[json!("S")]);
    on_field(json!({ "suffix": { "equals-ignore-case": "É" } }), &[json!("olé"), json!("OLÉ")], &[json!("ole")]);
    on_field(json!({ "equals-ignore-case": "" }), &[json!("")], &[json!("a"), json!(0)]);
}

#[test]
fn an_ip_address_matches_in_any_spelling() {
    on_field(json!("2001:db8::1"), &[json!("2001:DB8:0:0:0:0:0:1")], &[json!("2001:db8::2")]);
    on_field(json!("10.0.0.1"), &[json!("10.0.0.1")], &[json!("10.0.0.10")]);
}

#[test]
fn a_dot_in_a_name_is_a_step_of_the_path() {
    let nested = json!({ "detail": { "state": { "status": ["on"] } } });
    assert!(matches(nested.clone(), json!({ "detail": { "state.status": "on" } })));
    assert!(matches(
        json!({ "detail": { "state.status": ["on"] } }),
        json!({ "detail": { "state": { "status": "on" } } })
    ));
    assert!(!matches(nested, json!({ "detail": { "state.status": { "status": "on" } } })));
}

#[test]
fn fields_match_in_the_same_element_of_each_shared_array() {
    let inner = json!({ "u": { "t": { "k": ["color"], "v": ["blue"] } } });
    assert!(matches(
        inner.clone(),
        json!({ "u": [{ "t": [{ "k": "x" }] }, { "t": [{ "k": "color", "v": "blue" }] }] })
    ));
    assert!(!matches(inner.clone(), json!({ "u": [{ "t": [{ "k": "color" }, { "v": "blue" }] }] })));
    assert!(!matches(inner, json!({ "u": [{ "t": [{ "k": "color" }] }, { "t": [{ "v": "blue" }] }] })));
    let apart = json!({ "users": { "name": ["a"] }, "tags": ["admin"] });
    assert!(matches(apart, json!({ "users": [{ "name": "b" }, { "name": "a" }], "tags": ["user", "admin"] })));
    let without = json!({ "items": { "name": ["a"], "size": [{ "exists": false }] } });
    assert!(matches(without.clone(), json!({ "items": [{ "name": "a" }, { "size": "L" }] })));
    assert!(!matches(without, json!({ "items": [{ "name": "a", "size": "L" }, { "name": "b" }] })));
}

#[test]
fn long_arrays_are_matched_in_linear_time() {
    let items: Vec<Value> = (0..20_000).map(|n| json!({ "name": "a", "size": n })).collect();
    let pattern = json!({ "items": { "name": ["a"], "size": [-1] } });
    assert!(!matches(pattern, json!({ "items": [{ "items": items.clone() }], "more": items })));
}

#[test]
fn of_a_duplicate_field_the_last_one_counts() {
    let pattern = Pattern::parse(r#"{"d":{"a":["x"]},"d":{"a":["y"],"b":[1]}}"#).unwrap();
    let matches = |event: Value| pattern.matches(&FlatEvent::of(&event));
    assert!(matches(json!({ "d": { "a": "y", "b": 1 } })));
    assert!(!matches(json!({ "d": { "a": "x", "b": 1 } })));
}

#[test]
fn alternatives_multiply_up_to_a_thousand() {
    let ten: Vec<Value> = (0..10).map(|n| json!({ "a": [n] })).collect();
    let deep = |levels: usize| {
        (0..levels).fold(json!({ "z": [1] }), |inner, level| json!({ "$or": ten, "s": { format!("l{level}"): inner } }))
    };
    assert!(Pattern::parse(&deep(3).to_string()).is_ok());
    assert!(Pattern::parse(&deep(4).to_string()).unwrap_err().message.contains("at most 1000"));
}

/// Recorded errors of AWS: the reason, and the column that AWS reports.
#[test]
fn errors_have_the_words_and_positions_of_aws() {
    let at = |pattern: &str, reason: &str, columns: &[usize]| {
        let mut message = format!("Event pattern is not valid. Reason: {reason}");
        for column in columns {
            message += &format!("\n at [Source: (String)\"{pattern}\"; line: 1, column: {column}]");
        }
        assert_eq!(Pattern::parse(pattern).unwrap_err().message, message);
    };
    at(r#"{"int": 42}"#, r#""int" must be an object or an array"#, &[11]);
    at(r#"{"string": "my-value"}"#, r#""string" must be an object or an array"#, &[13]);
    at(r#"{"resources": []}"#, "Empty arrays are not allowed", &[17]);
    at(r#"{"k": [{"EXISTS": true}]}"#, "Unrecognized match type EXISTS", &[23]);
    at(r#"{"k": [{"exists": 1}]}"#, "exists match pattern must be either true or false.", &[20]);
    at(r#"{"k": [{"numeric": 10}]}"#, "Value of numeric must be an array.", &[22]);
    at(r#"{"c": [{"numeric": [">", 0, ">", 0]}]}"#, "Bad numeric range operator: >", &[32]);
    at(r#"{"c": [{"numeric": [">", 0, "<"]}]}"#, "Value of < must be numeric", &[33]);
    at(r#"{"c": [{"numeric": [">", 5, "<", 1]}]}"#, "Bottom must be less than top", &[36]);
    at(r#"{"c": [{"numeric": ["<", 5, ">", 1]}]}"#, "Too many elements in numeric expression", &[30]);
    at(r#"{"t": [{"prefix": 123}]}"#, "prefix match pattern must be a string", &[22]);
    at(r#"{"t": [{"suffix": [".png"]}]}"#, "suffix match pattern must be a string", &[20]);
    at(r#"{"t": [{"prefix": {"suffix": "x"}}]}"#, "Unsupported prefix pattern: suffix", &[31]);
    at(r#"{"t": [{"wildcard": 123}]}"#, "wildcard match pattern must be a string", &[24]);
    at(r#"{"t": [{"wildcard": "a:**:b"}]}"#, "Consecutive wildcard characters at pos 3", &[29]);
    at(
        r#"{"t": [{"equals-ignore-case": {"prefix": "e"}}]}"#,
        "equals-ignore-case match pattern must be a string",
        &[32],
    );
    let case_insensitive = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
    at(r#"{"t": [{"anything-but": {"equals-ignore-case": 1}}]}"#, case_insensitive, &[49]);
    at(r#"{"t": [{"anything-but": {"equals-ignore-case": [1, 2]}}]}"#, case_insensitive, &[50, 50]);
    let affix = "prefix/suffix match pattern must be a string";
    at(r#"{"t": [{"anything-but": {"prefix": [1, "x"]}}]}"#, affix, &[38, 38]);
    at(r#"{"t": [{"anything-but": {"suffix": ""}}]}"#, "Null prefix/suffix not allowed", &[38]);
    at(r#"{"t": [{"anything-but": {"numeric": ["=", 1]}}]}"#, "Unsupported anything-but pattern: numeric", &[38]);
    let values = "Value of anything-but must be an array or single string/number value.";
    at(r#"{"t": [{"anything-but": null}]}"#, values, &[29]);
    at(
        r#"{"t": [{"anything-but": ["s", null]}]}"#,
        "Inside anything but list, start|null|boolean is not supported.",
        &[35, 35],
    );
    let mixed = "Inside anything but list, either all values are number or string, mixed type is not supported";
    at(r#"{"t": [{"anything-but": ["s", 1]}]}"#, mixed, &[33]);
    at(r#"{"a": [{"cidr": ["x"]}]}"#, "prefix match pattern must be a string", &[18]);
    at(r#"{"a": [{"cidr": "10.0.0.0"}]}"#, "Malformed CIDR, one '/' required", &[]);
    at(r#"{"a": [{"cidr": "10.0.0.0/x"}]}"#, "Malformed CIDR, mask bits must be an integer", &[]);
    at(r#"{"a": [{"cidr": "xx.11.xx/8"}]}"#, "Nonstandard IP address: xx.11.xx", &[]);
    at(r#"{"a": [{"cidr": "10.0.0.0/32"}]}"#, "IPv4 mask bits must be < 32", &[]);
    at(r#"{"$or": [{"a": [1]}]}"#, "There must have at least 2 Objects in $or relationship.", &[21]);
    at(
        r#"{"$or": [{"prefix": [1]}, {"a": [1]}]}"#,
        "prefix is Ruler reserved fieldName which cannot be used inside $or.",
        &[22],
    );
    at(r#"{"a": [[1]]}"#, "Match value must be String, number, true, false, or null", &[9]);
    at("{}", "Empty objects are not allowed", &[3]);
    at("[]", "Filter is not an object", &[2]);
}

#[test]
fn invalid_json_is_refused_with_its_location() {
    let refused = |pattern: &str| Pattern::parse(pattern).unwrap_err().message;
    assert!(refused("{").contains("expected close marker for Object"));
    assert!(refused("{a:1}").contains("Unexpected character ('a' (code 97)): was expecting double-quote"));
    assert!(refused("not json").contains("Unrecognized token 'not': was expecting (JSON String, Number"));
    assert!(refused("{\"a\":\n [1 2]}").ends_with("; line: 2, column: 6]"));
    assert!(refused(&format!("{{\"a\": \"{}\"}}", "x".repeat(600))).contains("[truncated 109 chars]"));
}

/// A naive reference implementation that tries everything.
fn matches_exhaustively(wildcard: &[u8], text: &[u8]) -> bool {
    match (wildcard.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|taken| matches_exhaustively(rest, &text[taken..])),
        (Some((wanted, rest)), Some((found, behind))) => wanted == found && matches_exhaustively(rest, behind),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_match_like_an_exhaustive_search(wildcard in "[ab]{0,2}(\\*[ab]{1,2}){0,3}\\*?", text in "[ab]{0,8}") {
        let expected = matches_exhaustively(wildcard.as_bytes(), text.as_bytes());
        prop_assert_eq!(matches(json!({ "a": [{ "wildcard": wildcard }] }), json!({ "a": text })), expected);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,64}") {
        let _ = Pattern::parse(&text);
    }
}
