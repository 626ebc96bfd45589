//! The wire protocol: accepted and refused requests, and the form of responses.

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::common::Cloud;

pub(crate) async fn post(cloud: &Cloud, target: Option<&str>, body: impl Into<Body>) -> Response<Body> {
    let mut request = Request::post("/");
    if let Some(target) = target {
        request = request.header("X-Amz-Target", target);
    }
    cloud.engine.router().oneshot(request.body(body.into()).unwrap()).await.unwrap()
}

async fn error_of(response: Response<Body>) -> (StatusCode, String) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    (status, body["__type"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_request_without_a_known_target_is_refused() {
    let cloud = Cloud::in_memory();
    for target in [None, Some("AWSStepFunctions.NoSuchThing"), Some("Elsewhere.List"), Some("nonsense")] {
        let (status, code) = error_of(post(&cloud, target, "{}").await).await;
        assert_eq!(
            (status, code.as_str()),
            (StatusCode::BAD_REQUEST, "com.amazon.coral.service#UnknownOperationException"),
            "{target:?}"
        );
    }
    let get = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(cloud.engine.router().oneshot(get).await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_refused() {
    let cloud = Cloud::in_memory();
    for body in ["", "[]", "{", "\u{0}"] {
        let (_, code) = error_of(post(&cloud, Some("AWSEvents.PutEvents"), body).await).await;
        assert_eq!(code, "com.amazon.coral.service#SerializationException", "{body:?}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let cloud = Cloud::in_memory();
    let (status, _) = error_of(post(&cloud, Some("AWSEvents.PutEvents"), vec![b' '; 18 << 20]).await).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn responses_have_the_headers_that_sdks_read() {
    let cloud = Cloud::in_memory();
    let answer = post(&cloud, Some("DynamoDB_20120810.ListTables"), "{}").await;
    assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.0");
    assert_eq!(answer.headers()["x-amzn-requestid"].len(), 36);
    let checksum: u32 = answer.headers()["x-amz-crc32"].to_str().unwrap().parse().unwrap();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert_eq!(checksum, crc32fast::hash(&body));
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json!({ "TableNames": [] }));

    let answer = post(&cloud, Some("AWSEvents.ListRules"), "{}").await;
    assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.1");
}

#[tokio::test]
async fn dynamodb_errors_are_typed_errors_of_the_sdk() {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let cloud = Cloud::in_memory();
    cloud
        .tables
        .create_table()
        .table_name("table")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(KeySchemaElement::builder().attribute_name("PK").key_type(KeyType::Hash).build().unwrap())
        .attribute_definitions(
            AttributeDefinition::builder().attribute_name("PK").attribute_type(ScalarAttributeType::S).build().unwrap(),
        )
        .send()
        .await
        .unwrap();
    let put = || {
        cloud
            .tables
            .put_item()
            .table_name("table")
            .item("PK", AttributeValue::S("a".to_owned()))
            .condition_expression("attribute_not_exists(PK)")
            .send()
    };
    put().await.unwrap();
    assert!(put().await.unwrap_err().into_service_error().is_conditional_check_failed_exception());
    let get = cloud.tables.get_item().table_name("none").key("PK", AttributeValue::S("a".to_owned())).send();
    assert!(get.await.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn a_log_group_keeps_each_event_in_a_stream_of_its_own() {
    let cloud = Cloud::in_memory();
    let call = async |operation: &str, request: Value| -> Value {
        let answer = post(&cloud, Some(&format!("Logs_20140328.{operation}")), request.to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        serde_json::from_slice(&to_bytes(answer.into_body(), 1 << 20).await.unwrap()).unwrap_or_default()
    };
    let group = "/aws/events/shop";
    let arn = format!("arn:aws:logs:us-east-1:000000000000:log-group:{group}");
    cloud.rule("default", "log", json!({ "source": ["test"] }), &arn).await;
    for n in 1..=3 {
        cloud.put("default", "t", json!({ "n": n })).await;
        cloud.clock.advance(std::time::Duration::from_secs(1));
    }
    let groups = call("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["logGroupName"], group);
    let order = json!({ "logGroupName": group, "orderBy": "LastEventTime", "descending": true, "limit": 2 });
    let streams = call("DescribeLogStreams", order).await;
    assert_eq!(streams["logStreams"].as_array().unwrap().len(), 2);
    let newest = &streams["logStreams"][0]["logStreamName"];
    let events = call("GetLogEvents", json!({ "logGroupName": group, "logStreamName": newest })).await;
    assert_eq!(events["events"].as_array().unwrap().len(), 1);
    let message: Value = serde_json::from_str(events["events"][0]["message"].as_str().unwrap()).unwrap();
    assert_eq!(message["detail"], json!({ "n": 3 }));
    let all = call("FilterLogEvents", json!({ "logGroupName": group })).await;
    assert_eq!(all["events"].as_array().unwrap().len(), 3);
}
