use proptest::prelude::*;

use super::{Pattern, error::PatternError};

fn matches(pattern: &str, message: &str) -> bool {
    Pattern::parse(pattern).unwrap().matches(message)
}

fn refused(pattern: &str) -> String {
    Pattern::parse(pattern).unwrap_err().to_string()
}

#[test]
fn all_required_terms_and_no_excluded_term_must_match() {
    assert!(matches("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
    assert!(!matches("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST"));
    assert!(matches("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST"));
    assert!(!matches("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
    assert!(matches("-ERROR", "all is well"));
    assert!(!matches("error", "[ERROR 400] BAD REQUEST"));
    assert!(matches("ERROR", "TERRORS"));
}

#[test]
fn one_optional_term_is_enough_and_next_to_others_they_have_no_effect() {
    assert!(matches("?ERROR ?ARGUMENTS", "no ARGUMENTS"));
    assert!(!matches("?ERROR ?ARGUMENTS", "[INFO] REQUEST FAILED"));
    assert!(matches("?ERROR ?ARGUMENTS REQUEST", "[INFO] REQUEST FAILED"));
    assert!(!matches("?ERROR -REQUEST", "ERROR in REQUEST"));
}

#[test]
fn a_phrase_matches_literally() {
    assert!(matches("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR"));
    assert!(!matches("\"INTERNAL SERVER ERROR\"", "INTERNAL  SERVER ERROR"));
    assert!(matches(r#"-"a b" "\"orderId\":\"1\"" ?x"#, r#"{"orderId":"1"}"#));
    assert!(matches(r#""a\\b\n""#, r"a\b\n"));
}

#[test]
fn a_blank_pattern_and_a_blank_phrase_match_everything() {
    for pattern in ["", "  ", "\" \""] {
        assert!(matches(pattern, "anything"), "{pattern:?}");
    }
}

const EVENT: &str = r#"{ "detail-type": "OrderProcessor.OrderTimeOut", "cluster.name": "c", "ip": "111.111.1.1",
    "detail": { "orderId": "1", "x": 3, "y": 2.75, "none": null, "yes": true, "big": 9007199254740993, "tiny": 1e-3 },
    "tags": ["a", "b"], "users": [{ "id": 2 }, { "id": 3 }], "grid": [[0, 1], [4, 5]], "text": "a*b", "code": "404" }"#;

#[test]
fn conditions_hold_as_aws_documents_them() {
    let holding = [
        "$.detail-type = \"OrderProcessor.OrderTimeOut\"",
        "$.detail.orderId = \"1\" && ($.detail.x != 3 || $.detail.y > 2.5) && $.detail.none IS NULL",
        "$.['cluster.name'] = \"c\"",
        "$.['detail'].['orderId'] = 1",
        "$.detail[\"orderId\"] = \"1\"",
        "$.ip != 123.123.*",
        "$.ip = 111.*",
        "$.detail.yes IS TRUE",
        "$.other NOT EXISTS",
        "$.tags[2] NOT EXISTS",
        "$.users[1].id = 3",
        "$.grid[1][0]=4",
        "$.tags[*] = \"b\"",
        "$.* = \"c\"",
        "$.users[*].id >= 3",
        "$.detail-type = \"*Processor*Out\"",
        "$.detail-type = *",
        "$.code = 4*",
        "$.code > 400",
        "$.detail.x = \"3\"",
        "$.detail.x >= 0.3e+1",
        "$.detail.tiny = 10e-4",
        "$.detail.x < +1000",
        "$.detail.x > -3",
        "$.detail.big = 9007199254740993",
        "$.detail.big != 9007199254740992",
        "$.ip != 5",
        "$.detail.x = 4 && $.detail.x = 4 || $.detail.x = 3",
        "$.detail.x = 3 || $.detail.x = 4 && $.detail.x = 4",
    ];
    for condition in holding {
        assert!(matches(&format!("{{ {condition} }}"), EVENT), "{condition}");
        assert!(matches(&format!("{{(({condition}))}}"), EVENT), "{condition}");
    }
}

#[test]
fn conditions_that_do_not_hold_match_no_message() {
    let failing = [
        "($.detail.x = 3 || $.detail.x = 4) && $.detail.x = 4",
        "$.detail.x > 3",
        "$.detail.x < 3",
        "$.detail.y <= 2.5",
        "$.detail.orderId IS NULL",
        "$.other IS NULL",
        "$.detail.yes IS FALSE",
        "$.detail.none NOT EXISTS",
        "$.ip > 1",
        "$.detail-type = \"*Order\"",
        "$.detail-type = \"OrderProcessor.OrderTimeOut*OrderTimeOut\"",
        "$.cluster.name = \"c\"",
        "$.tags.0 = \"a\"",
        "$.detail[0] = 1",
        "$.ip = inf",
        // Neither a comparison nor its negation holds for a value that is neither a string nor a number.
        "$.tags = \"a\"",
        "$.tags != \"a\"",
        "$.detail != 1",
        "$.other != 1",
        "$.detail.none != \"a\"",
        "$.detail.yes = true",
    ];
    for condition in failing {
        assert!(!matches(&format!("{{ {condition} }}"), EVENT), "{condition}");
    }
    assert!(!matches("{ $.a NOT EXISTS }", "not JSON"));
}

#[test]
fn invalid_patterns_are_refused_in_the_words_of_aws() {
    for (pattern, term) in [
        ("ERR*", "*"),
        ("Status: timeout", ":"),
        ("hello-world", "-"),
        ("\"\"", "\"\""),
        ("a\"b\"", "\""),
        (" {$.a IS TRUE}", "{"),
        ("{ $.\"sc-status\" = 5* }", "$.\""),
        ("{ $.a = \"x\", $.b = 1 }", ","),
        ("{ $.a == 1 }", "="),
        ("{ a = 1 }", "a"),
        ("{ $.a = caf\u{e9} }", "\u{e9}"),
        ("{ $.a[-1] = 1 }", "[-"),
        ("{ $..a = 1 }", "$.."),
        ("{ !($.a = 1) }", "!"),
    ] {
        assert_eq!(refused(pattern), format!("Invalid character(s) in term '{term}'"), "{pattern}");
    }
    assert_eq!(Pattern::parse("{ $.a = 1").unwrap_err(), PatternError::Unclosed);
    assert_eq!(Pattern::parse("{").unwrap_err(), PatternError::Unclosed);
    for pattern in [
        "\"ERROR",
        "ERROR -",
        "{}",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a = 1 && }",
        "{ ($.a = 1 }",
        "{ $.a EXISTS }",
        "{ $.a IS NOT NULL }",
        "{ $.a > \"x\" }",
        "{ $.a[0 = 1 }",
        "{ $.a[99999999999999999999] = 1 }",
        "{ $.a[*].* = 1 }",
        "{ $.* = 1 || $.* = 2 || $.* = 3 || $.* = 4 }",
    ] {
        assert!(refused(pattern).starts_with("Invalid filter pattern: "), "{pattern}: {}", refused(pattern));
    }
    let nested = |depth: usize| format!("{{{}$.a = 1{}}}", "(".repeat(depth), ")".repeat(depth));
    assert!(matches(&nested(32), r#"{"a":1}"#));
    assert!(refused(&nested(33)).contains("nested too deeply"));
}

#[test]
fn regular_expressions_and_the_space_delimited_form_are_refused_by_name() {
    for pattern in ["%ERROR%", "-%a%", "{ $.a = %x% }"] {
        assert!(refused(pattern).contains("does not support a regular expression"), "{pattern}");
    }
    assert!(refused("[ip, status = 4*]").contains("does not support a space-delimited pattern"));
}

/// Pieces of patterns in any order; most patterns have an error somewhere.
fn pattern() -> impl Strategy<Value = String> {
    let pieces = [
        "{", "}", "$.", "a", "[0]", "[*]", "['b']", "*", "=", "!=", "<", ">=", "1e3", "-2.", "\"x*\"", "\"", "\\", "(",
        ")", "&&", "||", "IS", "NOT", "NULL", "EXISTS", " ", " ", "?", "%", "\u{e9}",
    ];
    let pieces = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..24);
    let braced = (pieces, any::<bool>());
    braced.prop_map(|(pieces, json)| if json { format!("{{{}}}", pieces.concat()) } else { pieces.concat() })
}

proptest! {
    #[test]
    fn no_pattern_makes_the_engine_panic(pattern in prop_oneof![pattern(), ".{0,64}"], message in ".{0,32}") {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            pattern.matches(&message);
            pattern.matches(EVENT);
        }
    }

    #[test]
    fn a_wildcard_matches_like_an_exhaustive_search(pattern in "[ab*]{0,6}", text in "[ab]{0,8}") {
        fn matches_exhaustively(pattern: &[u8], text: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'*', rest)) => (0..=text.len()).any(|at| text.get(at..).is_some_and(|end| matches_exhaustively(rest, end))),
                Some((c, rest)) => text.split_first().is_some_and(|(first, end)| first == c && matches_exhaustively(rest, end)),
            }
        }
        let event = serde_json::json!({ "a": text }).to_string();
        let found = matches(&format!("{{ $.a = \"{pattern}\" }}"), &event);
        prop_assert_eq!(found, matches_exhaustively(pattern.as_bytes(), text.as_bytes()));
    }
}
