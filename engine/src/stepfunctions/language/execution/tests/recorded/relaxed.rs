//! JSON with comments and trailing commas.

use std::path::Path;

use serde_json::Value;

/// Services that the engine does not have. Their tasks are replaced by tasks that put events: the answer is taken from
/// the recording, and tasks of all services wait in the same way.
const OTHER_SERVICES: [&str; 6] = [
    ":::sqs:sendMessage",
    ":::sns:publish",
    ":::apigateway:invoke",
    ":::aws-sdk:s3:putObject",
    ":::aws-sdk:s3:getObject",
    ":::aws-sdk:s3:listBuckets",
];

/// The definition in a file; `None` if it is not even relaxed JSON.
pub(super) fn read(path: &Path) -> Option<Value> {
    let mut text = strict(&std::fs::read_to_string(path).ok()?);
    for service in OTHER_SERVICES {
        text = text.replace(service, ":::events:putEvents");
    }
    let mut definition = serde_json::from_str(&text).ok()?;
    name_functions(&mut definition);
    Some(definition)
}

/// Replaces marks in definitions by function names.
fn name_functions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(resource) if name == "Resource" && !resource.starts_with("arn:") => {
                        *value = "arn:aws:lambda:us-east-1:111111111111:function:f".into();
                    }
                    value => name_functions(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(name_functions),
        _ => {}
    }
}

fn strict(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push(c);
                while let Some(c) = chars.next() {
                    out.push(c);
                    match c {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                let mut before = ' ';
                for c in chars.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            '}' | ']' => {
                let kept = out.trim_end().trim_end_matches(',').len();
                out.truncate(kept);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[test]
fn comments_and_trailing_commas_are_ignored() {
    let read = |text: &str| serde_json::from_str::<Value>(&strict(text)).unwrap();
    let text = "{ // one\n \"a\": \"x, // }\\\"\", /* two */ \"b\": [1, 2,\n ], }";
    assert_eq!(read(text), serde_json::json!({ "a": "x, // }\"", "b": [1, 2] }));
}
