use serde_json::{Value, json};

use super::Call;
use crate::stepfunctions::language::testing::{ScriptedHost, data_of};

fn evaluate(call: &str, input: Value) -> Result<Value, String> {
    let call = Call::parse(call).unwrap();
    data_of(&input, |data| call.evaluate("field.$", data, &mut ScriptedHost::default()))
        .map_err(|error| format!("{}: {}", error.error, error.message))
}

#[test]
fn each_function_returns_what_aws_returns() {
    let input = json!({
        "s": "HelloWorld", "n": 1.1, "o": { "Arg1": 1, "Arg2": [] }, "a": [0, 1, 2, 3], "k": 5,
        "left": { "a": { "a1": 1, "a2": 2 }, "b": 2, "d": 3 }, "right": { "a": { "a3": 1 }, "c": 3, "d": 4 },
        "csv": ", , ,", "json": "{\"Arg1\": 1, \"Arg2\": []}",
        "dup": [null, null, true, 1, 1, 1.1, "x", "x", [], [null], { "a": 1, "b": 2 }, { "b": 2, "a": 1 }],
    });
    for (call, expected) in [
        ("States.Format('config-{}', $.s)", json!("config-HelloWorld")),
        ("States.Format('{}-{}', $.n,$.o)", json!("1.1-{Arg1=1, Arg2=[]}")),
        (r"States.Format('it\'s \{{}\} \\', null)", json!(r"it's {null} \")),
        ("States.StringToJson($.json)", json!({ "Arg1": 1, "Arg2": [] })),
        ("States.StringToJson(' ')", Value::Null),
        ("States.JsonToString($.o)", json!("{\"Arg1\":1,\"Arg2\":[]}")),
        ("States.Array()", json!([])),
        ("States.Array($.s, 1, true, 'x', null, -2.5)", json!(["HelloWorld", 1, true, "x", null, -2.5])),
        ("States.ArrayPartition($.a, 3)", json!([[0, 1, 2], [3]])),
        ("States.ArrayContains($.a, 3)", json!(true)),
        ("States.ArrayContains($.a, 4)", json!(false)),
        ("States.ArrayRange(0, 10, 3)", json!([0, 3, 6, 9])),
        ("States.ArrayRange(3, 1, -1)", json!([3, 2, 1])),
        ("States.ArrayGetItem($.a, 2)", json!(2)),
        ("States.ArrayLength($.a)", json!(4)),
        ("States.ArrayUnique($.dup)", json!([null, true, 1, 1.1, "x", [], [null], { "a": 1, "b": 2 }])),
        ("States.Base64Encode('Data to encode')", json!("RGF0YSB0byBlbmNvZGU=")),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", json!("Data to encode")),
        ("States.Hash('input data', 'MD5')", json!("812f45842bc6d66ee14572ce20db8e86")),
        ("States.Hash('input data', 'SHA-1')", json!("aaff4a450a104cd177d28d18d74485e8cae074b7")),
        (
            "States.Hash('input data', 'SHA-256')",
            json!("b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"),
        ),
        (
            "States.Hash('input data', 'SHA-384')",
            json!(
                "d28a7d5cf25a74f11a50a18452b75e04bb3d70c9dd0510d6\
                 123aa008c756511b87525bdc835ebb27e1fb9e9374a15562"
            ),
        ),
        (
            "States.Hash($.o, 'SHA-512')",
            json!(
                "7773cfeee18b8badbf7fe022f31ba9aa1bcd4fa0f65f7046408f13364068f8d7\
                 4ecb593e61432efb8a0fec6660ebf17e87a7cd7fb21fee0f30cef2bbde1ae16b"
            ),
        ),
        ("States.JsonMerge($.left, $.right, false)", json!({ "a": { "a3": 1 }, "b": 2, "d": 4, "c": 3 })),
        ("States.MathAdd($.k, 1)", json!(6)),
        ("States.MathAdd(-0.5, 0.5)", json!(1)),
        ("States.MathAdd(-1.51, 0)", json!(-2)),
        ("States.StringSplit($.csv, ',')", json!([" ", " "])),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", json!(["This", "is", "a", "test", "string"])),
        ("States.UUID()", json!("uuid-1")),
        ("States.ArrayGetItem($.a, States.MathAdd(States.ArrayLength($.a), -1))", json!(3)),
    ] {
        assert_eq!(evaluate(call, input.clone()), Ok(expected), "{call}");
    }
}

#[test]
fn a_random_number_is_below_the_end_and_a_seed_repeats_it() {
    for seed in 0..200 {
        let drawn = evaluate(&format!("States.MathRandom(10, 13, {seed})"), json!({})).unwrap();
        assert!((10..13).contains(&drawn.as_i64().unwrap()));
        assert_eq!(evaluate(&format!("States.MathRandom(10, 13, {seed})"), json!({})).unwrap(), drawn);
    }
    assert!(evaluate("States.MathRandom(10, 10)", json!({})).is_err());
}

#[test]
fn errors_contain_the_call_as_written() {
    for call in [
        "States.Format('{} {}', 1)",
        "States.Format('{}', 1, 2)",
        "States.StringToJson('{')",
        "States.ArrayGetItem($.a, 9)",
        "States.ArrayPartition($.a, 0)",
        "States.ArrayRange(0, 1, 0)",
        "States.ArrayRange(0, 100000, 1)",
        "States.ArrayLength('x')",
        "States.Hash('x', 'CRC32')",
        "States.JsonMerge($, $, true)",
        "States.Base64Decode('%')",
    ] {
        let failure = evaluate(call, json!({ "a": [1] })).unwrap_err();
        assert!(failure.starts_with(&format!("States.IntrinsicFailure: The function '{call}' had")), "{failure}");
    }
    let missing = evaluate("States.Format('{}', $.nothing)", json!({})).unwrap_err();
    assert_eq!(
        missing,
        "States.Runtime: The JSONPath '$.nothing' specified for the field 'field.$' could not be found in the input '{}'"
    );
}

#[test]
fn invalid_calls_are_refused_when_parsed() {
    for (call, word) in [
        ("States.Nothing(1)", "States.Nothing"),
        ("States.UUID(1)", "1 arguments"),
        ("States.MathAdd(1)", "1 arguments"),
        ("States.Array(1 2)", "','"),
        ("States.Array('x", "not closed"),
        ("States.Array(x)", "cannot be an argument"),
        ("States.UUID() x", "cannot follow"),
        (r#"States.StringToJson('{\"a\":1}')"#, "is not an escape"),
    ] {
        let refused = Call::parse(call).unwrap_err();
        assert!(refused.contains(word), "{call}: {refused}");
    }
}

#[test]
fn the_limits_of_aws_are_enforced() {
    let text = |length: usize| json!({ "t": "x".repeat(length), "b": "eHh4".repeat(length / 4) });
    for call in ["States.Base64Encode($.t)", "States.Hash($.t, 'MD5')", "States.Base64Decode($.b)"] {
        assert!(evaluate(call, text(10_000)).is_ok(), "{call}");
        let failure = evaluate(call, text(10_004)).unwrap_err();
        assert!(failure.starts_with("States.IntrinsicFailure: "), "{call}: {failure}");
    }
    assert_eq!(evaluate("States.ArrayRange(1, 1000, 1)", json!({})).unwrap().as_array().unwrap().len(), 1_000);
    assert!(evaluate("States.ArrayRange(1, 1001, 1)", json!({})).is_err());
    let nested = |depth: usize| format!("{}1{}", "States.Array(".repeat(depth), ")".repeat(depth));
    assert!(Call::parse(&nested(10)).is_ok());
    assert!(Call::parse(&nested(11)).unwrap_err().contains("nested"));
}
