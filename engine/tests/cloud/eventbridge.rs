//! The operations of EventBridge, and their errors.

use aws_sdk_eventbridge::{
    error::{ProvideErrorMetadata, SdkError},
    types::{PutEventsRequestEntry, Tag, Target},
};
use serde_json::{Value, json};

use crate::common::{Cloud, next};

const ROLE: &str = "arn:aws:iam::000000000000:role/events";
const PATTERN: &str = r#"{"source":["test"]}"#;

/// The code and the message of an error.
fn error_of<T, E, R>(result: Result<T, SdkError<E, R>>) -> (String, String)
where
    T: std::fmt::Debug,
    E: std::fmt::Debug + ProvideErrorMetadata,
    R: std::fmt::Debug,
{
    let error = result.unwrap_err();
    let error = error.as_service_error().unwrap();
    (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

fn target(id: &str, arn: &str) -> Target {
    Target::builder().id(id).arn(arn).build().unwrap()
}

#[tokio::test]
async fn a_bus_is_created_described_changed_listed_and_deleted() {
    let cloud = Cloud::in_memory();
    let events = &cloud.events;
    let made = events.create_event_bus().name("Coffee").description("orders").send().await.unwrap();
    let arn = "arn:aws:events:us-east-1:000000000000:event-bus/Coffee";
    assert_eq!((made.event_bus_arn(), made.description()), (Some(arn), Some("orders")));
    let again = error_of(events.create_event_bus().name("Coffee").send().await);
    assert_eq!(again, ("ResourceAlreadyExistsException".into(), "Event bus Coffee already exists.".into()));

    cloud.clock.advance(std::time::Duration::from_secs(60));
    let changed = events.update_event_bus().name("Coffee").description("all orders").send().await.unwrap();
    assert_eq!((changed.arn(), changed.name(), changed.description()), (Some(arn), Some("Coffee"), Some("all orders")));
    let described = events.describe_event_bus().name(arn).send().await.unwrap();
    assert_eq!((described.name(), described.description()), (Some("Coffee"), Some("all orders")));
    let minute = described.last_modified_time().unwrap().secs() - described.creation_time().unwrap().secs();
    assert_eq!(minute, 60);
    assert_eq!(events.describe_event_bus().send().await.unwrap().name(), Some("default"));

    for name in ["b1", "b2", "b3"] {
        events.create_event_bus().name(name).send().await.unwrap();
    }
    let first = events.list_event_buses().name_prefix("b").limit(2).send().await.unwrap();
    let names = |buses: &[aws_sdk_eventbridge::types::EventBus]| {
        buses.iter().map(|bus| bus.name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(first.event_buses()), ["b1", "b2"]);
    let second =
        events.list_event_buses().name_prefix("b").limit(2).set_next_token(first.next_token).send().await.unwrap();
    assert_eq!((names(second.event_buses()), second.next_token()), (vec!["b3".to_owned()], None));

    let default = error_of(events.delete_event_bus().name("default").send().await);
    assert_eq!(default, ("ValidationException".into(), "Cannot delete event bus default.".into()));
    events.delete_event_bus().name("Coffee").send().await.unwrap();
    events.delete_event_bus().name("Coffee").send().await.unwrap();
    let gone = error_of(events.describe_event_bus().name("Coffee").send().await);
    assert_eq!(gone, ("ResourceNotFoundException".into(), "Event bus Coffee does not exist.".into()));
}

#[tokio::test]
async fn all_violations_of_a_request_are_reported() {
    let cloud = Cloud::in_memory();
    let long = format!("a b{}", "c".repeat(300));
    let (code, message) = error_of(cloud.events.create_event_bus().name(&long).send().await);
    assert_eq!(code, "ValidationException");
    assert_eq!(
        message,
        format!(
            "2 validation errors detected: Value '{long}' at 'name' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [/\\.\\-_A-Za-z0-9]+; Value '{long}' at 'name' failed to satisfy constraint: \
             Member must have length less than or equal to 256"
        )
    );
    let (_, message) = error_of(cloud.events.list_rules().limit(0).send().await);
    assert!(message.contains("Value '0' at 'limit' failed to satisfy constraint: Member must have value greater"));
    let slash = error_of(cloud.events.create_event_bus().name("a/b").send().await);
    assert_eq!(slash.0, "ValidationException");
    let key = error_of(cloud.events.create_event_bus().name("b").kms_key_identifier("k").send().await);
    assert_eq!(key.1, "Parameter KmsKeyIdentifier is not supported by this engine.");
}

#[tokio::test]
async fn a_rule_is_put_described_listed_replaced_and_deleted() {
    let cloud = Cloud::in_memory();
    let events = &cloud.events;
    events.create_event_bus().name("b").send().await.unwrap();
    let put =
        events.put_rule().name("r1").event_bus_name("b").event_pattern(PATTERN).description("first").role_arn(ROLE);
    let made = put.send().await.unwrap();
    assert_eq!(made.rule_arn(), Some("arn:aws:events:us-east-1:000000000000:rule/b/r1"));
    let described = events.describe_rule().name("r1").event_bus_name("b").send().await.unwrap();
    assert_eq!(
        (described.event_pattern(), described.description(), described.role_arn(), described.created_by()),
        (Some(PATTERN), Some("first"), Some(ROLE), Some("000000000000"))
    );
    // A second PutRule replaces everything.
    events.put_rule().name("r1").event_bus_name("b").event_pattern(r#"{"source":["x"]}"#).send().await.unwrap();
    let described = events.describe_rule().name("r1").event_bus_name("b").send().await.unwrap();
    assert_eq!((described.event_pattern(), described.description()), (Some(r#"{"source":["x"]}"#), None));

    for name in ["r2", "r3", "s1"] {
        events.put_rule().name(name).event_bus_name("b").event_pattern(PATTERN).send().await.unwrap();
    }
    let first = events.list_rules().event_bus_name("b").name_prefix("r").limit(2).send().await.unwrap();
    assert_eq!(first.rules().iter().map(|rule| rule.name().unwrap()).collect::<Vec<_>>(), ["r1", "r2"]);
    let next = events.list_rules().event_bus_name("b").name_prefix("r").set_next_token(first.next_token).send().await;
    assert_eq!(next.unwrap().rules().iter().map(|rule| rule.name().unwrap()).collect::<Vec<_>>(), ["r3"]);
    events.delete_rule().name("r1").event_bus_name("b").send().await.unwrap();
    events.delete_rule().name("r1").event_bus_name("b").send().await.unwrap();
    let gone = error_of(events.describe_rule().name("r1").event_bus_name("b").send().await);
    assert_eq!(gone, ("ResourceNotFoundException".into(), "Rule r1 does not exist on EventBus b.".into()));
}

#[tokio::test]
async fn a_rule_without_a_pattern_and_one_with_a_schedule_are_refused() {
    let cloud = Cloud::in_memory();
    let events = &cloud.events;
    events.create_event_bus().name("b").send().await.unwrap();
    let neither = error_of(events.put_rule().name("r").send().await);
    assert_eq!(neither.1, "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    let elsewhere = events.put_rule().name("r").event_bus_name("b").schedule_expression("rate(1 minute)").send().await;
    assert_eq!(error_of(elsewhere).1, "ScheduleExpression is supported only on the default event bus.");
    let here = error_of(events.put_rule().name("r").schedule_expression("rate(1 minute)").send().await);
    assert!(here.1.starts_with("Parameter ScheduleExpression is not valid. Reason: this engine"), "{}", here.1);
    let pattern = error_of(events.put_rule().name("r").event_pattern(r#"{"a":"x"}"#).send().await);
    assert_eq!(pattern.0, "InvalidEventPatternException");
    assert_eq!(
        pattern.1,
        "Event pattern is not valid. Reason: \"a\" must be an object or an array\n at [Source: (String)\"{\"a\":\"x\"}\"; \
         line: 1, column: 7]"
    );
    let nowhere = error_of(events.put_rule().name("r").event_bus_name("no").event_pattern(PATTERN).send().await);
    assert_eq!(nowhere, ("ResourceNotFoundException".into(), "Event bus no does not exist.".into()));
}

#[tokio::test]
async fn targets_are_listed_in_pages_found_by_rule_and_at_most_five() {
    let cloud = Cloud::in_memory();
    let events = &cloud.events;
    let (arn, _) = cloud.listen("f");
    for rule in ["r1", "r2", "r3"] {
        cloud.rule("default", rule, json!({ "source": ["s"] }), &arn).await;
    }
    let first = events.list_rule_names_by_target().target_arn(&arn).limit(2).send().await.unwrap();
    assert_eq!(first.rule_names(), ["r1", "r2"]);
    let next =
        events.list_rule_names_by_target().target_arn(&arn).set_next_token(first.next_token).send().await.unwrap();
    assert_eq!((next.rule_names(), next.next_token()), (["r3".to_owned()].as_slice(), None));

    let more = (2..=5).map(|id| target(&id.to_string(), &arn)).collect();
    let put = events.put_targets().rule("r1").set_targets(Some(more)).send().await.unwrap();
    assert_eq!((put.failed_entry_count(), put.failed_entries().len()), (0, 0));
    let sixth = error_of(events.put_targets().rule("r1").targets(target("6", &arn)).send().await);
    let limit = "The requested resource exceeds the maximum number allowed.";
    assert_eq!(sixth, ("LimitExceededException".into(), limit.into()));
    // Replacing one of the five targets is allowed.
    let replaced = Target::builder().id("5").arn(&arn).input_path("$.detail").build().unwrap();
    events.put_targets().rule("r1").targets(replaced).send().await.unwrap();
    let page = events.list_targets_by_rule().rule("r1").limit(4).send().await.unwrap();
    assert_eq!(page.targets().len(), 4);
    let page = events.list_targets_by_rule().rule("r1").set_next_token(page.next_token).send().await.unwrap();
    assert_eq!(page.targets().iter().map(|target| target.input_path()).collect::<Vec<_>>(), [Some("$.detail")]);
    let in_use = error_of(events.delete_rule().name("r1").send().await);
    assert_eq!(in_use.1, "Rule can't be deleted since it has targets.");
}

#[tokio::test]
async fn an_unsupported_target_is_refused_by_name() {
    let cloud = Cloud::in_memory();
    let events = &cloud.events;
    let (arn, _) = cloud.listen("f");
    events.put_rule().name("r").event_pattern(PATTERN).send().await.unwrap();
    let refused = async |target: Target| error_of(events.put_targets().rule("r").targets(target).send().await).1;
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
    assert_eq!(refused(target("1", machine)).await, format!("RoleArn is required for target {machine}."));
    assert_eq!(
        refused(target("1", "queue")).await,
        "Parameter queue is not valid. Reason: Provided Arn is not in correct format."
    );
    let queue = refused(target("1", "arn:aws:sqs:us-east-1:000000000000:q")).await;
    assert!(queue.starts_with("sqs is not a supported service for a target."), "{queue}");
    assert_eq!(
        refused(target("!@#", &arn)).await,
        "1 validation error detected: Value '!@#' at 'targets.1.member.id' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
    );
    let two = Target::builder().id("1").arn(&arn).input("{}").input_path("$.detail").build().unwrap();
    assert_eq!(refused(two).await, "Only one of Input, InputPath, or InputTransformer must be provided for target 1.");
    let parameters = aws_sdk_eventbridge::types::SqsParameters::builder().message_group_id("g").build();
    let with = Target::builder().id("1").arn(&arn).sqs_parameters(parameters).build().unwrap();
    assert_eq!(refused(with).await, "Parameter SqsParameters is not supported by this engine.");
    assert!(events.list_targets_by_rule().rule("r").send().await.unwrap().targets().is_empty());
}

#[tokio::test]
async fn tags_are_kept_for_buses_and_rules_until_deletion() {
    let cloud = Cloud::in_memory();
    let events = &cloud.events;
    let bus = events.create_event_bus().name("b").tags(tag("k1", "v1")).send().await.unwrap();
    let rule = events.put_rule().name("r").event_bus_name("b").event_pattern(PATTERN).tags(tag("k", "v")).send().await;
    let (bus, rule) = (bus.event_bus_arn.unwrap(), rule.unwrap().rule_arn.unwrap());
    let tags = async |arn: &str| {
        let listed = events.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
        listed.tags().iter().map(|tag| format!("{}={}", tag.key(), tag.value())).collect::<Vec<_>>()
    };
    assert_eq!(tags(&rule).await, ["k=v"]);
    events.tag_resource().resource_arn(&bus).tags(tag("k1", "new")).tags(tag("k2", "v2")).send().await.unwrap();
    assert_eq!(tags(&bus).await, ["k1=new", "k2=v2"]);
    events.untag_resource().resource_arn(&bus).tag_keys("k1").tag_keys("unknown").send().await.unwrap();
    assert_eq!(tags(&bus).await, ["k2=v2"]);
    // The tags of an update are ignored, and the tags of a deleted rule do not come back.
    events.put_rule().name("r").event_bus_name("b").event_pattern(PATTERN).tags(tag("k", "w")).send().await.unwrap();
    assert_eq!(tags(&rule).await, ["k=v"]);
    events.delete_rule().name("r").event_bus_name("b").send().await.unwrap();
    let gone = error_of(events.list_tags_for_resource().resource_arn(&rule).send().await);
    assert_eq!(gone, ("ResourceNotFoundException".into(), "Rule r does not exist on EventBus b.".into()));
    events.put_rule().name("r").event_bus_name("b").event_pattern(PATTERN).send().await.unwrap();
    assert!(tags(&rule).await.is_empty());
}

#[tokio::test]
async fn an_entry_has_its_time_its_resources_and_the_members_of_the_envelope_in_aws_s_order() {
    let cloud = Cloud::in_memory();
    let (arn, mut receiver) = cloud.listen("f");
    cloud.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    cloud.engine.start();
    let entry = PutEventsRequestEntry::builder()
        .source("test")
        .detail_type("t")
        .detail(r#"{"n":1}"#)
        .resources("arn:aws:s3:::bucket")
        .time(aws_sdk_eventbridge::primitives::DateTime::from_secs(1_700_000_000))
        .trace_header("Root=1-5759e988-bd862e3fe1be46a994272793");
    cloud.events.put_events().entries(entry.build()).send().await.unwrap();
    let event = next(&mut receiver).await;
    assert_eq!(event["time"], "2023-11-14T22:13:20Z");
    assert_eq!(event["resources"], json!(["arn:aws:s3:::bucket"]));
    let names: Vec<&String> = event.as_object().unwrap().keys().collect();
    assert_eq!(names, ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"]);
}

#[tokio::test]
async fn entries_that_aws_rejects_are_reported_one_by_one() {
    let cloud = Cloud::in_memory();
    let entry = |source: &str, kind: &str, detail: &str| {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        PutEventsRequestEntry::builder()
            .set_source(text(source))
            .set_detail_type(text(kind))
            .set_detail(text(detail))
            .build()
    };
    let entries = vec![
        entry("", "t", "{}"),
        entry("s", "", "{}"),
        entry("s", "t", ""),
        entry("s", "t", "[]"),
        entry("aws.events", "t", "{}"),
        entry("s", "t", "{}"),
    ];
    let answer = cloud.events.put_events().set_entries(Some(entries)).send().await.unwrap();
    let errors: Vec<_> = answer.entries().iter().map(|entry| (entry.error_code(), entry.error_message())).collect();
    let required = |name: &str| format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
    let [source, kind, detail] = ["Source", "DetailType", "Detail"].map(required);
    assert_eq!(
        errors,
        [
            (Some("InvalidArgument"), Some(source.as_str())),
            (Some("InvalidArgument"), Some(kind.as_str())),
            (Some("InvalidArgument"), Some(detail.as_str())),
            (Some("MalformedDetail"), Some("Detail is malformed.")),
            (Some("NotAuthorizedForSourceException"), Some("Not authorized for the source.")),
            (None, None),
        ]
    );
    assert_eq!(answer.failed_entry_count(), 5);
    assert!(answer.entries()[5].event_id().is_some());
}

#[tokio::test]
async fn too_many_entries_and_too_many_bytes_are_refused_as_a_whole() {
    let cloud = Cloud::in_memory();
    let entry = |detail: &str| PutEventsRequestEntry::builder().source("s").detail_type("t").detail(detail).build();
    let eleven = error_of(cloud.events.put_events().set_entries(Some(vec![entry("{}"); 11])).send().await);
    assert_eq!(eleven.0, "ValidationException");
    let one = "PutEventsRequestEntry(time=null, source=s, resources=null, detailType=t, detail={}, eventBusName=null, \
               traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)";
    assert_eq!(
        eleven.1,
        format!(
            "1 validation error detected: Value '[{}]' at 'entries' failed to satisfy constraint: Member must have \
             length less than or equal to 10",
            [one; 11].join(", ")
        )
    );
    let room = 256 * 1024 - 2 - r#"{"x":""}"#.len();
    let filled = |more: usize| entry(&json!({ "x": "x".repeat(room + more) }).to_string());
    cloud.events.put_events().entries(filled(0)).send().await.unwrap();
    let over = error_of(cloud.events.put_events().entries(filled(1)).send().await);
    assert_eq!(over.1, "Total size of the entries in the request is over the limit.");
    let none = error_of(cloud.events.put_events().set_entries(Some(Vec::new())).send().await);
    assert_eq!(none.0, "ValidationException");
}

#[tokio::test]
async fn an_event_for_a_missing_bus_is_accepted_and_dropped() {
    let cloud = Cloud::in_memory();
    let (arn, mut receiver) = cloud.listen("f");
    cloud.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    cloud.engine.start();
    cloud.put("nowhere", "lost", json!({})).await;
    cloud.put("default", "found", json!({})).await;
    assert_eq!(next(&mut receiver).await["detail-type"], Value::from("found"));
}

#[tokio::test]
async fn an_execution_started_by_a_rule_has_the_name_and_input_of_aws() {
    let cloud = Cloud::in_memory();
    let definition = json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } });
    let machine = cloud.sfn.create_state_machine().name("m").definition(definition.to_string()).role_arn(ROLE);
    let machine = machine.send().await.unwrap().state_machine_arn;
    cloud.rule("default", "r", json!({ "source": ["test"] }), &machine).await;
    cloud.engine.start();
    let id = cloud.put("default", "t", json!({ "n": 1 })).await;
    let started = crate::common::eventually("the execution", || async {
        let list = cloud.sfn.list_executions().state_machine_arn(&machine).send().await.unwrap();
        list.executions.into_iter().next()
    })
    .await;
    let rest = started.name.strip_prefix(&format!("{id}_")).unwrap();
    assert_eq!(rest.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    let described = cloud.sfn.describe_execution().execution_arn(&started.execution_arn).send().await.unwrap();
    let input: Value = serde_json::from_str(described.input().unwrap()).unwrap();
    assert_eq!((&input["id"], &input["detail"]), (&json!(id), &json!({ "n": 1 })));
}
