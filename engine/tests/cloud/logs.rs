//! The operations of CloudWatch Logs.

use axum::body::to_bytes;
use serde_json::{Value, json};

use crate::{common::Cloud, wire::post};

const GROUP: &str = "/aws/events/shop";

async fn call(cloud: &Cloud, operation: &str, request: Value) -> Value {
    let answer = post(cloud, Some(&format!("Logs_20140328.{operation}")), request.to_string()).await;
    serde_json::from_slice(&to_bytes(answer.into_body(), 1 << 20).await.unwrap()).unwrap_or_default()
}

/// A group with three events, a second apart, each in its own stream.
async fn three_events() -> Cloud {
    let cloud = Cloud::in_memory();
    let arn = format!("arn:aws:logs:us-east-1:000000000000:log-group:{GROUP}:*");
    cloud.rule("default", "log", json!({ "source": ["test"] }), &arn).await;
    for n in 1..=3 {
        cloud.put("default", "t", json!({ "n": n })).await;
        cloud.clock.advance(std::time::Duration::from_secs(1));
    }
    cloud
}

fn names(answer: &Value, list: &str, member: &str) -> Vec<String> {
    answer[list].as_array().unwrap().iter().map(|each| each[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn groups_are_created_once_found_by_prefix_and_by_pattern_in_pages_and_deleted() {
    let cloud = Cloud::in_memory();
    for name in ["/a/one", "/a/two", "/b/Three"] {
        assert_eq!(call(&cloud, "CreateLogGroup", json!({ "logGroupName": name })).await, json!({}));
    }
    let again = call(&cloud, "CreateLogGroup", json!({ "logGroupName": "/a/one" })).await;
    assert_eq!(again["__type"], "ResourceAlreadyExistsException");
    assert_eq!(again["message"], "The specified log group already exists");
    let first = call(&cloud, "DescribeLogGroups", json!({ "logGroupNamePrefix": "/a", "limit": 1 })).await;
    assert_eq!(names(&first, "logGroups", "logGroupName"), ["/a/one"]);
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/a/one";
    assert_eq!(
        first["logGroups"][0],
        json!({ "logGroupName": "/a/one", "creationTime": 1_795_168_800_000_i64, "metricFilterCount": 0,
            "arn": format!("{arn}:*"), "storedBytes": 0, "logGroupClass": "STANDARD", "logGroupArn": arn,
            "deletionProtectionEnabled": false })
    );
    let next = json!({ "logGroupNamePrefix": "/a", "nextToken": first["nextToken"] });
    let next = call(&cloud, "DescribeLogGroups", next).await;
    assert_eq!((names(&next, "logGroups", "logGroupName"), next.get("nextToken")), (vec!["/a/two".to_owned()], None));
    let found = call(&cloud, "DescribeLogGroups", json!({ "logGroupNamePattern": "three" })).await;
    assert_eq!(names(&found, "logGroups", "logGroupName"), ["/b/Three"]);
    let both = json!({ "logGroupNamePattern": "t", "logGroupNamePrefix": "/" });
    let both = call(&cloud, "DescribeLogGroups", both).await;
    assert_eq!(both["message"], "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    call(&cloud, "DeleteLogGroup", json!({ "logGroupName": "/a/one" })).await;
    let gone = call(&cloud, "DeleteLogGroup", json!({ "logGroupName": "/a/one" })).await;
    assert_eq!(gone["message"], "The specified log group does not exist.");
    let tags = call(&cloud, "CreateLogGroup", json!({ "logGroupName": "/c", "tags": { "a": "b" } })).await;
    assert_eq!(tags["message"], "The parameter tags is not supported by this engine.");
}

#[tokio::test]
async fn streams_are_found_by_name_and_by_time_and_in_pages() {
    let cloud = three_events().await;
    let by_name = call(&cloud, "DescribeLogStreams", json!({ "logGroupName": GROUP })).await;
    let mut sorted = names(&by_name, "logStreams", "logStreamName");
    sorted.sort();
    assert_eq!(names(&by_name, "logStreams", "logStreamName"), sorted);
    let one = json!({ "logGroupIdentifier": GROUP, "logStreamNamePrefix": sorted[1] });
    assert_eq!(
        names(&call(&cloud, "DescribeLogStreams", one).await, "logStreams", "logStreamName"),
        [sorted[1].clone()]
    );
    let newest = json!({ "logGroupName": GROUP, "orderBy": "LastEventTime", "descending": true, "limit": 2 });
    let page = call(&cloud, "DescribeLogStreams", newest.clone()).await;
    let times: Vec<i64> =
        page["logStreams"].as_array().unwrap().iter().map(|s| s["lastEventTimestamp"].as_i64().unwrap()).collect();
    assert_eq!(times, [1_795_168_802_000, 1_795_168_801_000]);
    let mut rest = newest;
    rest["nextToken"] = page["nextToken"].clone();
    let rest = call(&cloud, "DescribeLogStreams", rest).await;
    assert_eq!(rest["logStreams"][0]["lastEventTimestamp"], 1_795_168_800_000_i64);
    assert_eq!(rest.get("nextToken"), None);
    let both = json!({ "logGroupName": GROUP, "logGroupIdentifier": GROUP });
    let both = call(&cloud, "DescribeLogStreams", both).await;
    assert_eq!(both["message"], "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
}

#[tokio::test]
async fn the_events_of_a_stream_are_read_until_the_token_stays_the_same() {
    let cloud = three_events().await;
    let streams =
        call(&cloud, "DescribeLogStreams", json!({ "logGroupName": GROUP, "orderBy": "LastEventTime" })).await;
    let stream = streams["logStreams"][1]["logStreamName"].clone();
    let read = async |more: Value| {
        let mut request = json!({ "logGroupName": GROUP, "logStreamName": stream });
        request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        call(&cloud, "GetLogEvents", request).await
    };
    for more in [json!({}), json!({ "startFromHead": true })] {
        let page = read(more).await;
        let event = &page["events"][0];
        assert_eq!(event["timestamp"], 1_795_168_801_000_i64);
        let members: Vec<&String> = event.as_object().unwrap().keys().collect();
        assert_eq!(members, ["timestamp", "message", "ingestionTime"]);
        let ahead = read(json!({ "nextToken": page["nextForwardToken"] })).await;
        assert_eq!((&ahead["events"], &ahead["nextForwardToken"]), (&json!([]), &page["nextForwardToken"]));
        let back = read(json!({ "nextToken": ahead["nextBackwardToken"] })).await;
        assert_eq!(back["events"], page["events"]);
        let before = read(json!({ "nextToken": page["nextBackwardToken"] })).await;
        assert_eq!((&before["events"], &before["nextBackwardToken"]), (&json!([]), &page["nextBackwardToken"]));
    }
    assert_eq!(read(json!({ "startTime": 1_795_168_801_001_i64 })).await["events"], json!([]));
    assert_eq!(read(json!({ "endTime": 1_795_168_801_000_i64 })).await["events"], json!([]));
    let wrong = read(json!({ "nextToken": "x" })).await;
    assert_eq!(
        (&wrong["__type"], &wrong["message"]),
        (&json!("InvalidParameterException"), &json!("The specified nextToken is invalid."))
    );
    let nobody = call(&cloud, "GetLogEvents", json!({ "logGroupName": GROUP, "logStreamName": "no" })).await;
    assert_eq!(nobody["message"], "The specified log stream does not exist.");
}

#[tokio::test]
async fn the_events_of_a_group_are_filtered_by_stream_and_time_and_in_pages() {
    let cloud = three_events().await;
    let filter = async |more: Value| {
        let mut request = json!({ "logGroupName": GROUP });
        request.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        call(&cloud, "FilterLogEvents", request).await
    };
    let first = filter(json!({ "limit": 2 })).await;
    assert_eq!(first["events"].as_array().unwrap().len(), 2);
    let members: Vec<&String> = first["events"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["logStreamName", "timestamp", "message", "ingestionTime", "eventId"]);
    let rest = filter(json!({ "nextToken": first["nextToken"] })).await;
    assert_eq!((rest["events"].as_array().unwrap().len(), rest.get("nextToken")), (1, None));
    let streams = names(&first, "events", "logStreamName");
    let some = filter(json!({ "logStreamNames": [streams[1]] })).await;
    assert_eq!(names(&some, "events", "logStreamName"), [streams[1].clone()]);
    let some = filter(json!({ "logStreamNamePrefix": streams[0] })).await;
    assert_eq!(names(&some, "events", "logStreamName"), [streams[0].clone()]);
    let late = filter(json!({ "startTime": 1_795_168_802_000_i64 })).await;
    assert_eq!(late["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_events_of_a_group_are_filtered_by_a_pattern() {
    let cloud = three_events().await;
    let found = async |pattern: &str| {
        let request = json!({ "logGroupName": GROUP, "filterPattern": pattern });
        let answer = call(&cloud, "FilterLogEvents", request).await;
        assert_eq!(answer.get("nextToken"), None, "{answer}");
        numbers(&answer)
    };
    assert_eq!(found("").await, [1, 2, 3]);
    assert_eq!(found("{ $.detail.n >= 2 && $.detail-type = \"t*\" }").await, [2, 3]);
    assert_eq!(found("{ $.detail.n NOT EXISTS || $.resources[0] IS NULL }").await, [0; 0]);
    assert_eq!(found("source -\"\\\"n\\\":2\"").await, [1, 3]);
    assert_eq!(found("?nowhere ?nothing").await, [0; 0]);
}

/// The numbers in the details of the events.
fn numbers(answer: &Value) -> Vec<i64> {
    let messages = names(answer, "events", "message");
    let number = |message: &String| serde_json::from_str::<Value>(message).unwrap()["detail"]["n"].as_i64().unwrap();
    messages.iter().map(number).collect()
}

#[tokio::test]
async fn a_limit_counts_matching_events_and_pages_neither_lose_nor_repeat_one() {
    let cloud = three_events().await;
    // Several at the same time, so that the timestamp alone is no position.
    for n in 4..=9 {
        cloud.put("default", "t", json!({ "n": n })).await;
    }
    let mut request =
        json!({ "logGroupName": GROUP, "limit": 2, "filterPattern": "{ $.detail.n != 2 && $.detail.n != 6 }" });
    let mut pages = Vec::new();
    loop {
        let page = call(&cloud, "FilterLogEvents", request.clone()).await;
        pages.push(numbers(&page));
        match page.get("nextToken") {
            Some(token) => request["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(pages, [vec![1, 3], vec![4, 5], vec![7, 8], vec![9]]);
    let after_two = call(&cloud, "FilterLogEvents", json!({ "logGroupName": GROUP, "limit": 2 })).await;
    let later =
        json!({ "logGroupName": GROUP, "nextToken": after_two["nextToken"], "startTime": 1_795_168_803_000_i64 });
    assert_eq!(numbers(&call(&cloud, "FilterLogEvents", later).await), [4, 5, 6, 7, 8, 9]);
    request["nextToken"] = json!("eA");
    let wrong = call(&cloud, "FilterLogEvents", request).await;
    assert_eq!(wrong["message"], "The specified nextToken is invalid.");
}

#[tokio::test]
async fn a_search_without_matches_pauses_and_continues_where_it_was() {
    let cloud = three_events().await;
    let long = "x".repeat(250_000);
    for _ in 0..40 {
        cloud.put("default", "t", json!({ "n": 0, "long": long })).await;
    }
    cloud.put("default", "t", json!({ "n": 10 })).await;
    let mut request = json!({ "logGroupName": GROUP, "filterPattern": "{ $.detail.n > 3 }" });
    let first = call(&cloud, "FilterLogEvents", request.clone()).await;
    assert_eq!(first["events"], json!([]));
    request["nextToken"] = first["nextToken"].clone();
    let rest = call(&cloud, "FilterLogEvents", request).await;
    assert_eq!((numbers(&rest), rest.get("nextToken")), (vec![10], None));
}

#[tokio::test]
async fn invalid_and_unsupported_members_are_refused_by_name() {
    let cloud = three_events().await;
    let refused = async |operation: &str, request: Value| {
        let answer = call(&cloud, operation, request).await;
        assert_eq!(answer["__type"], "InvalidParameterException");
        answer["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        refused("FilterLogEvents", json!({ "logGroupName": GROUP, "limit": 10_001 })).await,
        "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value \
         less than or equal to 10000"
    );
    assert!(refused("DescribeLogGroups", json!({ "limit": 51 })).await.contains("less than or equal to 50"));
    assert!(refused("CreateLogGroup", json!({ "logGroupName": "a b" })).await.contains("regular expression pattern"));
    let pattern = async |pattern: &str| {
        refused("FilterLogEvents", json!({ "logGroupName": GROUP, "filterPattern": pattern })).await
    };
    assert!(pattern("%ERROR%").await.contains("does not support a regular expression"));
    assert!(pattern("[a, b]").await.contains("does not support a space-delimited pattern"));
    assert_eq!(pattern("a:b").await, "Invalid character(s) in term ':'");
    assert_eq!(pattern("{ $.a = 1").await, "If a filter pattern starts with '{' it must end with '}'");
    assert!(pattern("{ $.a }").await.starts_with("Invalid filter pattern"));
    assert!(pattern(&"a".repeat(1025)).await.contains("length less than or equal to 1024"));
    let nowhere = call(&cloud, "FilterLogEvents", json!({ "logGroupName": "/no" })).await;
    assert_eq!(nowhere["message"], "The specified log group does not exist.");
}
