use serde_json::{Value, json};

use super::{Definition, invalid_definition_message};

/// The diagnostics as `CODE: message at location`.
fn refused(definition: &Value) -> Vec<String> {
    match Definition::parse(&definition.to_string()) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics.iter().map(ToString::to_string).collect(),
    }
}

fn refused_state(state: Value) -> Vec<String> {
    refused(&json!({ "StartAt": "X", "States": { "X": state } }))
}

fn task(members: Value) -> Vec<String> {
    let mut state = json!({ "Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": true });
    state.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    refused_state(state)
}

#[test]
fn invalid_definitions_are_refused_as_in_aws() {
    assert_eq!(refused(&json!([])), ["SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"]);
    let missing = "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /";
    assert_eq!(refused(&json!({})), [missing]);
    let broken = Definition::parse("not a definition").unwrap_err();
    let place = "[Source: (String)\"not a definition\"; line: 1, column: 4]";
    let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    assert_eq!(
        broken[0].to_string(),
        format!("INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was expecting {values}\n at {place} at {place}")
    );
}

#[test]
fn the_message_of_invalid_definition_lists_every_problem() {
    let definition = json!({
        "StartAt": "pass1",
        "States": { "pass1": { "Type": "Pass", "Next": "pass3" }, "pass2": { "Type": "Pass", "End": true } },
    });
    let diagnostics = Definition::parse(&definition.to_string()).unwrap_err();
    assert_eq!(
        invalid_definition_message(&diagnostics),
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at \
         /States/pass1/Next, MISSING_TRANSITION_TARGET: State \"pass2\" is not reachable. at /States/pass2'"
    );
}

#[test]
fn every_field_with_a_target_state_is_checked() {
    let definition = json!({
        "StartAt": "T",
        "States": {
            "T": {
                "Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Next": "C",
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "no1" }],
            },
            "C": {
                "Type": "Choice", "Default": "no3",
                "Choices": [{ "Variable": "$.a", "IsNull": true, "Next": "no2" }],
            },
            "E": { "Type": "Succeed" },
        },
    });
    assert_eq!(
        refused(&definition),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: no1 at /States/T/Catch[0]/Next",
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: no2 at /States/C/Choices[0]/Next",
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: no3 at /States/C/Default",
            "MISSING_TRANSITION_TARGET: State \"E\" is not reachable. at /States/E",
        ]
    );
    let no_start = json!({ "StartAt": "Y", "States": { "X": { "Type": "Succeed" } } });
    assert_eq!(refused(&no_start)[0], "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /StartAt");
}

#[test]
fn a_machine_that_cannot_end_is_refused() {
    let definition = json!({
        "StartAt": "A",
        "States": { "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "Next": "A" } },
    });
    assert_eq!(refused(&definition), ["MISSING_END_STATE: Workflow has no terminal state at null"]);
}

#[test]
fn branches_and_processors_are_checked_like_machines() {
    let inner = json!({ "StartAt": "In", "States": { "In": { "Type": "Pass", "Next": "Out" } } });
    let definition = json!({
        "StartAt": "P",
        "States": {
            "P": { "Type": "Parallel", "Branches": [inner], "Next": "Out" },
            "Out": { "Type": "Map", "Iterator": { "StartAt": "P", "States": { "P": { "Type": "Succeed" } } }, "End": true },
        },
    });
    assert_eq!(
        refused(&definition),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Out at /States/P/Branches[0]/States/In/Next",
            "MISSING_END_STATE: Workflow has no terminal state at /States/P/Branches[0]",
            "DUPLICATE_STATE_NAME: Duplicate State name: P at /States/Out/Iterator/States/P",
        ]
    );
}

#[test]
fn unsupported_features_are_refused_by_name() {
    let ok = "arn:aws:states:::dynamodb:getItem";
    for (state, word, place) in [
        (
            json!({ "Type": "Pass", "End": true, "QueryLanguage": "JSONata" }),
            "'JSONata' is not supported",
            "/QueryLanguage",
        ),
        (
            json!({ "Type": "Pass", "End": true, "Assign": {} }),
            "Field 'Assign' is not supported: this engine has no",
            "",
        ),
        (
            json!({ "Type": "Task", "Resource": ok, "End": true, "Arguments": {} }),
            "The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata'",
            "",
        ),
        (json!({ "Type": "Pass", "End": true, "Credentials": {} }), "Field 'Credentials' is not supported", ""),
        (json!({ "Type": "Task", "Resource": ok, "End": true, "Credentials": {} }), "'Credentials'", "/Credentials"),
        (json!({ "Type": "Pass", "End": true, "Retry": [] }), "Field 'Retry' is not supported", ""),
        (json!({ "Type": "Wait", "Seconds": 1, "End": true, "ResultPath": "$.a" }), "'ResultPath'", ""),
        (json!({ "Type": "Fail", "Next": "X" }), "Field 'Next' is not supported", ""),
        (json!({ "Type": "Nothing" }), "should have one of these values: [Task, Wait,", "/Type"),
        (json!({ "Type": "Map", "ItemReader": {}, "Iterator": {}, "End": true }), "Distributed Map", "/ItemReader"),
        (
            json!({
                "Type": "Map", "End": true,
                "ItemProcessor": {
                    "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
                    "StartAt": "Y", "States": { "Y": { "Type": "Succeed" } },
                },
            }),
            "Distributed Map",
            "/ItemProcessor/ProcessorConfig/Mode",
        ),
    ] {
        let problems = refused_state(state.clone());
        let found = problems.iter().any(|p| p.contains(word) && p.ends_with(&format!("at /States/X{place}")));
        assert!(found, "{state}: {problems:#?}");
    }
}

#[test]
fn only_supported_integrations_are_accepted() {
    let aws = "arn:aws:states:::";
    for resource in [
        "dynamodb:getItem",
        "dynamodb:deleteItem",
        "events:putEvents",
        "events:putEvents.waitForTaskToken",
        "lambda:invoke",
        "lambda:invoke.waitForTaskToken",
        "states:startExecution",
        "states:startExecution.sync",
        "states:startExecution.sync:2",
        "aws-sdk:dynamodb:query",
        "aws-sdk:dynamodb:putItem.waitForTaskToken",
        "aws-sdk:sfn:sendTaskSuccess",
        "aws-sdk:eventbridge:putEvents",
    ] {
        assert_eq!(task(json!({ "Resource": format!("{aws}{resource}") })), [""; 0], "{resource}");
    }
    let function = "arn:aws:lambda:eu-central-1:000000000000:function:sanitise:live";
    assert_eq!(task(json!({ "Resource": function })), [""; 0]);
    for resource in [
        "dynamodb:query",
        "dynamodb:getItem.waitForTaskToken",
        "events:putEvents.sync",
        "sqs:sendMessage",
        "lambda:invoke.sync",
        "aws-sdk:s3:putObject",
        "aws-sdk:sfn:startExecution.sync",
        "aws-sdk:sfn:redriveExecution",
        "aws-sdk:dynamodb:describeLimits",
        "",
    ] {
        let arn = format!("{aws}{resource}");
        let problems = task(json!({ "Resource": arn }));
        assert!(problems[0].contains(&arn) && problems[0].ends_with("at /States/X/Resource"), "{problems:?}");
    }
    let activity = "arn:aws:states:eu-central-1:000000000000:activity:make";
    assert!(task(json!({ "Resource": activity }))[0].contains("activities are not supported"));
}

#[test]
fn fields_of_the_wrong_type_are_refused_with_their_location() {
    for (members, place) in [
        (json!({ "TimeoutSeconds": 0 }), "/TimeoutSeconds"),
        (json!({ "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.a" }), ""),
        (json!({ "TimeoutSeconds": 5, "HeartbeatSeconds": 5 }), "/HeartbeatSeconds"),
        (json!({ "HeartbeatSecondsPath": "$.a[*]" }), "/HeartbeatSecondsPath"),
        (json!({ "ResultPath": "$.a[*]" }), "/ResultPath"),
        (json!({ "ResultPath": "$$.Task" }), "/ResultPath"),
        (json!({ "InputPath": "a" }), "/InputPath"),
        (json!({ "OutputPath": "$.a.length()" }), "/OutputPath"),
        (json!({ "Parameters": "$.a" }), "/Parameters"),
        (json!({ "Parameters": { "a": { "b.$": "plain" } } }), "/Parameters"),
        (json!({ "ResultSelector": { "b.$": "States.Nothing()" } }), "/ResultSelector"),
        (json!({ "Next": "X" }), ""),
        (json!({ "End": false }), ""),
        (json!({ "Retry": [{ "ErrorEquals": [] }] }), "/Retry[0]/ErrorEquals"),
        (json!({ "Retry": [{ "ErrorEquals": ["a"], "BackoffRate": 0.5 }] }), "/Retry[0]/BackoffRate"),
        (json!({ "Retry": [{ "ErrorEquals": ["a"], "MaxAttempts": -1 }] }), "/Retry[0]/MaxAttempts"),
        (
            json!({ "Retry": [{ "ErrorEquals": ["a"], "IntervalSeconds": 5, "MaxDelaySeconds": 5 }] }),
            "/Retry[0]/MaxDelaySeconds",
        ),
        (json!({ "Retry": [{ "ErrorEquals": ["a"], "JitterStrategy": "SOME" }] }), "/Retry[0]/JitterStrategy"),
        (json!({ "Retry": [{ "ErrorEquals": ["States.ALL", "a"] }] }), "/Retry[0]/ErrorEquals"),
        (json!({ "Retry": [{ "ErrorEquals": ["States.ALL"] }, { "ErrorEquals": ["a"] }] }), "/Retry[0]/ErrorEquals"),
        (json!({ "Catch": [{ "ErrorEquals": ["a"] }] }), "/Catch[0]"),
        (json!({ "Catch": [{ "ErrorEquals": ["a"], "Next": "X", "Attempts": 1 }] }), "/Catch[0]"),
    ] {
        let problems = task(members.clone());
        assert!(problems.iter().any(|p| p.ends_with(&format!("at /States/X{place}"))), "{members}: {problems:#?}");
    }
}

#[test]
fn unknown_fields_are_refused_at_every_level() {
    let pass = json!({ "Type": "Pass", "End": true });
    let top = json!({ "StartAt": "X", "Timeout": 5, "States": { "X": pass } });
    let actual = "SCHEMA_VALIDATION_FAILED: Field 'Timeout' is not supported at /";
    assert_eq!(refused(&top), [actual]);
    let branch = json!({ "StartAt": "Y", "TimeoutSeconds": 5, "States": { "Y": pass } });
    let problems = refused_state(json!({ "Type": "Parallel", "Branches": [branch], "End": true }));
    assert!(problems[0].ends_with("'TimeoutSeconds' is not supported at /States/X/Branches[0]"), "{problems:?}");
}

#[test]
fn a_wait_needs_exactly_one_time() {
    assert_eq!(refused_state(json!({ "Type": "Wait", "End": true })).len(), 1);
    assert_eq!(refused_state(json!({ "Type": "Wait", "Seconds": 1, "SecondsPath": "$.a", "End": true })).len(), 1);
    let actual = "SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/X/Timestamp";
    assert_eq!(refused_state(json!({ "Type": "Wait", "Timestamp": "tomorrow", "End": true })), [actual]);
}

#[test]
fn the_time_out_of_the_machine_is_read() {
    let definition =
        |seconds: Value| json!({ "StartAt": "X", "TimeoutSeconds": seconds, "States": { "X": { "Type": "Succeed" } } });
    assert_eq!(Definition::parse(&definition(json!(300)).to_string()).unwrap().timeout_seconds(), Some(300));
    assert_eq!(
        refused(&definition(json!("x"))),
        ["SCHEMA_VALIDATION_FAILED: Expected value of type Integer at /TimeoutSeconds"]
    );
}

#[test]
fn comments_the_version_and_the_query_language_are_taken_where_aws_takes_them() {
    let inner =
        json!({ "Comment": "c", "StartAt": "In", "States": { "In": { "Type": "Pass", "Comment": "c", "End": true } } });
    let items = json!({ "Comment": "c", "ProcessorConfig": { "Mode": "INLINE" }, "StartAt": "It", "States": {
        "It": { "Type": "Succeed", "Comment": "c", "QueryLanguage": "JSONPath" } } });
    let definition = json!({
        "Comment": "c", "Version": "1.0", "QueryLanguage": "JSONPath", "StartAt": "C", "States": {
            "C": { "Type": "Choice", "Comment": "c", "Default": "P",
                "Choices": [{ "Comment": "c", "Variable": "$.a", "IsNull": true, "Next": "P" }] },
            "P": { "Type": "Parallel", "Comment": "c", "Branches": [inner], "Next": "M",
                "Retry": [{ "Comment": "c", "ErrorEquals": ["a"] }],
                "Catch": [{ "Comment": "c", "ErrorEquals": ["a"], "Next": "M" }] },
            "M": { "Type": "Map", "Comment": "c", "ItemProcessor": items, "End": true },
        },
    });
    assert_eq!(refused(&definition), [""; 0]);
    let processor = json!({ "QueryLanguage": "JSONPath", "StartAt": "It", "States": { "It": { "Type": "Succeed" } } });
    let actual = "SCHEMA_VALIDATION_FAILED: Field 'QueryLanguage' is not supported at /States/X/ItemProcessor";
    assert_eq!(refused_state(json!({ "Type": "Map", "ItemProcessor": processor, "End": true })), [actual]);
}
