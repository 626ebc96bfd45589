//! State machines: definitions, updates, lists, tags.

use serde_json::{Value, json};

use super::{ROLE, call, error, error_of, machine, only, pass};
use crate::common::Cloud;

#[tokio::test]
async fn a_described_machine_has_the_defaults_of_aws_and_a_revision_after_its_first_update() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let describe = async || call(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    let mut described = describe().await;
    assert!(described["creationDate"].take().is_number());
    let expected = json!({
        "stateMachineArn": arn, "name": "m", "status": "ACTIVE", "definition": pass().to_string(), "roleArn": ROLE,
        "type": "STANDARD", "creationDate": null, "loggingConfiguration": { "level": "OFF", "includeExecutionData": false },
        "tracingConfiguration": { "enabled": false },
    });
    assert_eq!(described, expected);

    let update = json!({ "stateMachineArn": arn, "roleArn": "arn:aws:iam::000000000000:role/other" });
    let updated = call(&cloud, "UpdateStateMachine", update.clone()).await.unwrap();
    let revision = updated["revisionId"].as_str().unwrap();
    assert!(updated["updateDate"].is_number());
    assert_eq!(describe().await["revisionId"], revision);
    let again = call(&cloud, "UpdateStateMachine", update).await.unwrap();
    assert_eq!(again["revisionId"], revision, "an update that changes nothing makes no revision");
    let tracing = json!({ "stateMachineArn": arn, "tracingConfiguration": { "enabled": true } });
    let traced = call(&cloud, "UpdateStateMachine", tracing).await.unwrap();
    assert_ne!(traced["revisionId"], revision);
    assert_eq!(describe().await["tracingConfiguration"], json!({ "enabled": true }));
    let metadata = json!({ "stateMachineArn": arn, "includedData": "METADATA_ONLY" });
    assert_eq!(call(&cloud, "DescribeStateMachine", metadata).await.unwrap()["definition"], "{}");
}

#[tokio::test]
async fn an_update_of_nothing_is_refused() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be \
                   specified";
    let refused = error_of(&cloud, "UpdateStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(refused, error("MissingRequiredParameter", message));
}

#[tokio::test]
async fn creating_again_with_another_role_or_tags_is_the_same_request() {
    let cloud = Cloud::in_memory();
    let arn = machine(&cloud, "m", &pass()).await;
    let create = |definition: String, more: Value| {
        let mut request =
            json!({ "name": "m", "definition": definition, "roleArn": "arn:aws:iam::000000000000:role/x" });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call(&cloud, "CreateStateMachine", request)
    };
    let tags = json!({ "tags": [{ "key": "a", "value": "b" }] });
    let again = create(pass().to_string(), tags).await.unwrap();
    assert_eq!(again["stateMachineArn"], arn);
    let described = call(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    assert_eq!(described["roleArn"], ROLE);
    let tags = call(&cloud, "ListTagsForResource", json!({ "resourceArn": arn })).await.unwrap();
    assert_eq!(tags, json!({ "tags": [] }));

    let exists = error("StateMachineAlreadyExists", format!("State Machine Already Exists: '{arn}'"));
    // AWS compares the text of definitions, not their meaning.
    let spaced = serde_json::to_string_pretty(&pass()).unwrap();
    assert_eq!(create(spaced, json!({})).await.unwrap_err(), exists);
    let traced = json!({ "tracingConfiguration": { "enabled": true } });
    assert_eq!(create(pass().to_string(), traced).await.unwrap_err(), exists);
}

#[tokio::test]
async fn unsupported_members_of_machines_are_refused_by_name() {
    let cloud = Cloud::in_memory();
    let logging = "Invalid Logging Configuration: Must specify exactly one Log Destination.";
    for (more, code, part) in [
        (json!({ "type": "EXPRESS" }), "StateMachineTypeNotSupported", "EXPRESS is not supported"),
        (json!({ "type": "FAST" }), "ValidationException", "Member must satisfy enum value set: [EXPRESS, STANDARD]"),
        (json!({ "publish": true }), "ValidationException", "publish is not supported"),
        (
            json!({ "versionDescription": "v" }),
            "ValidationException",
            "Version description can only be set when publish is true",
        ),
        (
            json!({ "encryptionConfiguration": { "type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k" } }),
            "InvalidEncryptionConfiguration",
            "only AWS_OWNED_KEY is supported",
        ),
        (json!({ "loggingConfiguration": { "level": "ALL" } }), "InvalidLoggingConfiguration", logging),
        (
            json!({ "loggingConfiguration": { "level": "ALL", "destinations": [] } }),
            "InvalidLoggingConfiguration",
            logging,
        ),
        (json!({ "loggingConfiguration": { "destinations": [{}, {}] } }), "InvalidLoggingConfiguration", logging),
        (json!({ "name": "a b" }), "InvalidName", "Invalid Name: 'a b'"),
    ] {
        let mut request = json!({ "name": "m", "definition": pass().to_string(), "roleArn": ROLE });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (refused, message) = error_of(&cloud, "CreateStateMachine", request).await;
        assert!((refused.as_str(), message.contains(part)) == (code, true), "{more}: {refused}: {message}");
    }
    let off = json!({ "name": "off", "definition": pass().to_string(), "roleArn": ROLE,
        "loggingConfiguration": { "destinations": [] } });
    let arn = call(&cloud, "CreateStateMachine", off).await.unwrap()["stateMachineArn"].clone();
    let described = call(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    let expected = json!({ "level": "OFF", "includeExecutionData": false, "destinations": [] });
    assert_eq!(described["loggingConfiguration"], expected);
}

#[tokio::test]
async fn a_definition_that_is_refused_says_where_and_why() {
    let cloud = Cloud::in_memory();
    let create = |definition: &str| {
        let request = json!({ "name": "m", "definition": definition, "roleArn": ROLE });
        error_of(&cloud, "CreateStateMachine", request)
    };
    let refused = create(r#"{"StartAt":"A"}"#).await;
    let message =
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'";
    assert_eq!(refused, error("InvalidDefinition", message));
    let refused = create(r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}"#).await;
    let message = "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'";
    assert_eq!(refused, error("InvalidDefinition", message));
}

#[tokio::test]
async fn validating_a_definition_returns_the_diagnostics_of_aws() {
    let cloud = Cloud::in_memory();
    let check = |request: Value| call(&cloud, "ValidateStateMachineDefinition", request);
    let good = check(json!({ "definition": pass().to_string() })).await.unwrap();
    assert_eq!(good, json!({ "result": "OK", "diagnostics": [], "truncated": false }));
    let failed = |diagnostics: Value| json!({ "result": "FAIL", "diagnostics": diagnostics, "truncated": false });

    let empty = check(json!({ "definition": "{}" })).await.unwrap();
    let required = "These fields are required: [States, StartAt]";
    let expected =
        json!([{ "severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": required, "location": "/" }]);
    assert_eq!(empty, failed(expected));
    let no_object = check(json!({ "definition": "\"\"" })).await.unwrap();
    let message = "Definition must be a valid JSON object";
    let expected = json!([{ "severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": message }]);
    assert_eq!(no_object, failed(expected));
    let no_json = check(json!({ "definition": "not a definition" })).await.unwrap();
    let location = "[Source: (String)\"not a definition\"; line: 1, column: 4]";
    let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    let message = format!("Unrecognized token 'not': was expecting {values}\n at {location}");
    let expected = json!([{ "severity": "ERROR", "code": "INVALID_JSON_DESCRIPTION", "message": message,
        "location": location }]);
    assert_eq!(no_json, failed(expected));

    let many = only(json!({ "Type": "Pass", "End": true, "A": 1, "B": 2, "C": 3 })).to_string();
    let first = check(json!({ "definition": many, "maxResults": 2 })).await.unwrap();
    assert_eq!((first["diagnostics"].as_array().unwrap().len(), &first["truncated"]), (2, &json!(true)));
    let odd = only(json!({ "Type": "Pass", "Parameters": { "drink": "$.drink" }, "End": true })).to_string();
    let quiet = check(json!({ "definition": odd })).await.unwrap();
    assert_eq!(quiet, json!({ "result": "OK", "diagnostics": [], "truncated": false }));
    let warned = check(json!({ "definition": odd, "severity": "WARNING" })).await.unwrap();
    let warning = &warned["diagnostics"][0];
    assert_eq!((&warned["result"], &warning["severity"]), (&json!("OK"), &json!("WARNING")));
    assert_eq!(
        (&warning["code"], &warning["location"]),
        (&json!("NO_DOLLAR"), &json!("/States/Only/Parameters/drink"))
    );
    let express = check(json!({ "definition": pass().to_string(), "type": "EXPRESS" })).await.unwrap_err();
    assert_eq!(express.0, "StateMachineTypeNotSupported");
}

#[tokio::test]
async fn machines_are_listed_by_name_in_pages() {
    let cloud = Cloud::in_memory();
    for name in ["c", "a", "b"] {
        machine(&cloud, name, &pass()).await;
    }
    let first = call(&cloud, "ListStateMachines", json!({ "maxResults": 2 })).await.unwrap();
    let names = |page: &Value| -> Vec<Value> {
        page["stateMachines"].as_array().unwrap().iter().map(|machine| machine["name"].clone()).collect()
    };
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first["stateMachines"][0]["type"], "STANDARD");
    let rest = call(&cloud, "ListStateMachines", json!({ "maxResults": 2, "nextToken": first["nextToken"] })).await;
    let rest = rest.unwrap();
    assert_eq!((names(&rest), rest.get("nextToken")), (vec![json!("c")], None));
    let garbage = error_of(&cloud, "ListStateMachines", json!({ "nextToken": "?" })).await;
    assert_eq!(garbage, error("InvalidToken", "Invalid Token: 'Invalid token'"));
    let (code, _) = error_of(&cloud, "ListStateMachines", json!({ "nextToken": "x".repeat(1025) })).await;
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let cloud = Cloud::in_memory();
    let request = json!({ "name": "m", "definition": pass().to_string(), "roleArn": ROLE,
        "tags": [{ "key": "team", "value": "bar" }] });
    let arn = call(&cloud, "CreateStateMachine", request.clone()).await.unwrap()["stateMachineArn"].clone();
    let tag = |tags: Value| call(&cloud, "TagResource", json!({ "resourceArn": arn, "tags": tags }));
    let list =
        async || call(&cloud, "ListTagsForResource", json!({ "resourceArn": arn })).await.unwrap()["tags"].clone();
    assert_eq!(tag(json!([{ "key": "team", "value": "roast" }, { "key": "city", "value": "" }])).await, Ok(json!({})));
    assert_eq!(list().await, json!([{ "key": "city", "value": "" }, { "key": "team", "value": "roast" }]));
    let untag = json!({ "resourceArn": arn, "tagKeys": ["city", "nothing"] });
    assert_eq!(call(&cloud, "UntagResource", untag).await, Ok(json!({})));
    assert_eq!(list().await, json!([{ "key": "team", "value": "roast" }]));
    let many: Vec<Value> = (0..50).map(|n| json!({ "key": n.to_string(), "value": "v" })).collect();
    assert_eq!(tag(many.into()).await.unwrap_err().0, "TooManyTags");
    assert_eq!(list().await.as_array().unwrap().len(), 1, "a request that is refused changes nothing");
    let (code, _) = tag(json!([{ "key": "", "value": "v" }])).await.unwrap_err();
    assert_eq!(code, "ValidationException");
    let version = format!("{}:1", arn.as_str().unwrap());
    let versioned = error_of(&cloud, "TagResource", json!({ "resourceArn": version, "tags": [] })).await;
    assert_eq!(versioned, error("ResourceNotFound", format!("Resource not found: '{version}'")));
    call(&cloud, "DeleteStateMachine", json!({ "stateMachineArn": arn })).await.unwrap();
    let mut again = request;
    again["tags"] = json!([]);
    call(&cloud, "CreateStateMachine", again).await.unwrap();
    assert_eq!(list().await, json!([]), "a new machine of the name has no old tags");
}
