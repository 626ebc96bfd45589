use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Path, Root};

fn select(path: &str, data: &Value) -> Value {
    Path::parse(path).unwrap().select(data).unwrap().into_owned()
}

#[test]
fn path_forms_of_the_seeds_select_their_values() {
    let data = json!({
        "detail-type": "OrderProcessor.orderFinished",
        "detail": { "userId": "1", "a b": [0, 1, 2] },
        "isCapacityAvailable": { "Executions": (0..25).collect::<Vec<_>>() },
    });
    assert_eq!(select("$", &data), data);
    assert_eq!(select("$.detail-type", &data), "OrderProcessor.orderFinished");
    assert_eq!(select("$.detail.userId", &data), "1");
    assert_eq!(select("$['detail']['a b'][1]", &data), 1);
    assert_eq!(select("$.detail[\"a b\"][-1]", &data), 2);
    assert_eq!(select(r#"$['it\'s']['\\']['a\""b"']"#, &json!({ "it's": { "\\": { "a\\\"\"b\"": 3 } } })), 3);
    assert_eq!(select("$.isCapacityAvailable.Executions[20]", &data), 20);
    assert_eq!(Path::parse("$$.Task.Token").unwrap().root(), Root::Context);
}

#[test]
fn paths_with_several_matches_give_an_array_even_if_empty() {
    let data = json!({ "items": [{ "p": 5, "n": "a" }, { "p": 15, "n": "b" }, { "n": "c" }], "limit": 10 });
    assert_eq!(select("$.items[*].n", &data), json!(["a", "b", "c"]));
    assert_eq!(select("$.items[0,2].n", &data), json!(["a", "c"]));
    assert_eq!(select("$.items.[?(@.n == 'a')].p", &data), json!([5]));
    assert_eq!(select("$.items[1:].n", &data), json!(["b", "c"]));
    assert_eq!(select("$.items[:-1].n", &data), json!(["a", "b"]));
    assert_eq!(select("$.items[0:3:2].n", &data), json!(["a", "c"]));
    assert_eq!(select("$..n", &data), json!(["a", "b", "c"]));
    assert_eq!(select("$.items[?(@.p < 10)].n", &data), json!(["a"]));
    assert_eq!(select("$.items[?(@.p > $.limit || !(@.p))].n", &data), json!(["b", "c"]));
    assert_eq!(select("$.items[?(@.n == 'b' && @.p >= 15)].p", &data), json!([15]));
    assert_eq!(select("$.items[0]['n','p']", &data), json!(["a", 5]));
    assert_eq!(select("$.items[*].none", &data), json!([]));
    assert_eq!(select("$.nothing.at.all[1:].n", &data), json!([]));
}

#[test]
fn a_missing_value_is_reported_in_the_words_of_aws() {
    let missing = |path: &str, data: &Value| Path::parse(path).unwrap().select(data).unwrap_err().0;
    assert_eq!(missing("$.no.such", &json!({})), "Missing property in path $['no']");
    assert_eq!(missing("$.NoSuchInputPath", &json!({})), "No results for path: $['NoSuchInputPath']");
    assert!(missing("$.a[3]", &json!({ "a": [1] })).contains("$['a'][3]"));
    assert!(missing("$.a.b", &json!({ "a": "text" })).contains("a string"));
}

#[test]
fn unsupported_features_are_refused_by_name() {
    for (path, word) in [
        ("$.a.length()", "length()"),
        ("$[(@.length-1)]", "script"),
        ("$.a[?(@.b =~ /x/)]", "=~"),
        ("$.a[?(@.b in ['x'])]", "in ["),
        ("a.b", "begins with $"),
        ("$.", "name is missing"),
        ("$.a b", "cannot follow"),
        ("$.a[", "expected"),
    ] {
        let refused = Path::parse(path).unwrap_err();
        assert!(refused.contains(word), "{path}: {refused}");
    }
}

#[test]
fn only_names_and_indexes_make_a_reference_path() {
    assert!(Path::parse("$.a['b'][0]").unwrap().is_reference());
    for path in ["$.a[*]", "$..a", "$.a[0,1]", "$.a[0:1]", "$.a[?(@.b)]"] {
        assert!(!Path::parse(path).unwrap().is_reference(), "{path}");
    }
}

#[test]
fn a_result_is_placed_and_missing_objects_are_created() {
    let place = |path: &str, mut data: Value| Path::parse(path).unwrap().place(&mut data, json!("new")).map(|()| data);
    assert_eq!(place("$", json!({ "a": 1 })), Ok(json!("new")));
    assert_eq!(place("$.Order.Payload", json!({ "a": 1 })), Ok(json!({ "a": 1, "Order": { "Payload": "new" } })));
    assert_eq!(place("$.a.b", json!({ "a": { "c": 1 } })), Ok(json!({ "a": { "c": 1, "b": "new" } })));
    assert_eq!(place("$.a[1]", json!({ "a": [1, 2] })), Ok(json!({ "a": [1, "new"] })));
    assert!(place("$.a[2]", json!({ "a": [1, 2] })).is_err());
    assert!(place("$.a.b", json!({ "a": "text" })).is_err());
}

proptest! {
    #[test]
    fn any_text_is_tokenized_without_panic(text in "[$.\\[\\]'*?@()a-z0-9:,=<>!&| -]{0,24}") {
        if let Ok(path) = Path::parse(&text) {
            prop_assert_eq!(path.text(), text);
        }
    }

    #[test]
    fn a_placed_value_is_selected_again(names in prop::collection::vec("[a-zA-Z_-]{1,6}", 1..4), value in any::<i64>()) {
        let path = Path::parse(&format!("$.{}", names.join("."))).unwrap();
        let mut data = json!({});
        path.place(&mut data, json!(value)).unwrap();
        prop_assert_eq!(path.select(&data).unwrap().into_owned(), json!(value));
    }
}

#[test]
fn a_path_that_is_too_deep_for_the_stack_is_refused() {
    for deep in [
        format!("$[?({}@.a)]", "!".repeat(100_000)),
        format!("$[?({}@.a{})]", "(".repeat(100_000), ")".repeat(100_000)),
        format!("${}{}", "[?(@".repeat(100_000), ")]".repeat(100_000)),
    ] {
        assert!(Path::parse(&deep).unwrap_err().contains("nested deeper"), "{}", &deep[..20]);
    }
    assert!(Path::parse(&format!("${}", ".a".repeat(100_000))).unwrap_err().contains("128 steps"));
}

#[test]
fn a_path_with_exponentially_many_matches_fails_at_once() {
    let nested = (0..100).fold(json!(1), |inner, _| json!([inner]));
    for path in [format!("${}", "..*".repeat(12)), format!("${}", "[0,0,0,0]".repeat(20))] {
        let missing = Path::parse(&path).unwrap().select(&nested).unwrap_err();
        assert!(missing.0.ends_with("selects too much"), "{missing}");
    }
    let large = json!([["x".repeat(200_000)]]);
    assert!(Path::parse("$..*").unwrap().select(&large).is_ok());
    assert!(Path::parse("$[0,0,0][0,0]").unwrap().select(&large).is_err(), "more than a state may ever have");
}
