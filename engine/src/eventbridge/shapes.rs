//! The members of each EventBridge request.

use crate::api::shape::{Member, Shape, optional, required};

const BUS_PATTERN: &str = r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+";
const BUS: Shape = Shape::Pattern(1600, BUS_PATTERN, is_bus);
const BUS_NAME: Shape = Shape::Pattern(256, r"[/\.\-_A-Za-z0-9]+", |text| is_name(text, "/.-_"));
const NAME: Shape = Shape::Pattern(64, r"[\.\-_A-Za-z0-9]+", |text| is_name(text, ".-_"));
const DESCRIPTION: Member = optional("Description", Shape::String(0, 512));
const ARN: Shape = Shape::String(1, 1600);
const ON_BUS: Member = optional("EventBusName", BUS);
const TOKEN: Member = optional("NextToken", Shape::String(1, 2048));
const LIMIT: Member = optional("Limit", Shape::Integer(1, 100));
const TAG_KEY: Shape = Shape::String(1, 128);
const TAGS: Shape = Shape::StructureList(&[required("Key", TAG_KEY), required("Value", Shape::String(0, 256))]);

pub(super) const CREATE_EVENT_BUS: &[Member] = &[required("Name", BUS_NAME), DESCRIPTION, optional("Tags", TAGS)];
pub(super) const UPDATE_EVENT_BUS: &[Member] = &[optional("Name", BUS_NAME), DESCRIPTION];
pub(super) const DELETE_EVENT_BUS: &[Member] = &[required("Name", BUS_NAME)];
pub(super) const DESCRIBE_EVENT_BUS: &[Member] = &[optional("Name", BUS)];
pub(super) const LIST_EVENT_BUSES: &[Member] = &[optional("NamePrefix", BUS_NAME), TOKEN, LIMIT];
pub(super) const PUT_RULE: &[Member] = &[
    required("Name", NAME),
    optional("ScheduleExpression", Shape::String(0, 256)),
    optional("EventPattern", Shape::String(0, 4096)),
    optional("State", Shape::Enum(&["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"])),
    DESCRIPTION,
    optional("RoleArn", ARN),
    optional("Tags", TAGS),
    ON_BUS,
];
/// DescribeRule, DeleteRule, EnableRule and DisableRule.
pub(super) const ONE_RULE: &[Member] = &[required("Name", NAME), ON_BUS, optional("Force", Shape::Boolean)];
pub(super) const LIST_RULES: &[Member] = &[optional("NamePrefix", NAME), ON_BUS, TOKEN, LIMIT];
pub(super) const LIST_RULE_NAMES_BY_TARGET: &[Member] = &[required("TargetArn", ARN), ON_BUS, TOKEN, LIMIT];
pub(super) const PUT_TARGETS: &[Member] = &[
    required("Rule", NAME),
    ON_BUS,
    required(
        "Targets",
        Shape::StructureList(&[
            required("Id", NAME),
            required("Arn", ARN),
            optional("RoleArn", ARN),
            optional("Input", Shape::String(0, 8192)),
            optional("InputPath", Shape::String(0, 256)),
            optional("InputTransformer", Shape::Structure(&[required("InputTemplate", Shape::String(1, 8192))])),
            optional("DeadLetterConfig", Shape::Structure(&[optional("Arn", ARN)])),
            optional(
                "RetryPolicy",
                Shape::Structure(&[
                    optional("MaximumRetryAttempts", Shape::Integer(0, 185)),
                    optional("MaximumEventAgeInSeconds", Shape::Integer(60, 86_400)),
                ]),
            ),
        ]),
    ),
];
pub(super) const REMOVE_TARGETS: &[Member] =
    &[required("Rule", NAME), ON_BUS, required("Ids", Shape::List(&NAME)), optional("Force", Shape::Boolean)];
pub(super) const LIST_TARGETS_BY_RULE: &[Member] = &[required("Rule", NAME), ON_BUS, TOKEN, LIMIT];
pub(super) const PUT_EVENTS: &[Member] = &[
    required(
        "Entries",
        Shape::StructureList(&[
            ON_BUS,
            optional("TraceHeader", Shape::String(1, 500)),
            optional("Resources", Shape::List(&Shape::String(0, usize::MAX))),
        ]),
    ),
    optional("EndpointId", Shape::String(1, 50)),
];
pub(super) const TEST_EVENT_PATTERN: &[Member] =
    &[required("EventPattern", Shape::String(0, 4096)), required("Event", Shape::String(0, usize::MAX))];
pub(super) const TAG_RESOURCE: &[Member] = &[required("ResourceARN", ARN), required("Tags", TAGS)];
pub(super) const UNTAG_RESOURCE: &[Member] =
    &[required("ResourceARN", ARN), required("TagKeys", Shape::List(&TAG_KEY))];
pub(super) const LIST_TAGS_FOR_RESOURCE: &[Member] = &[required("ResourceARN", ARN)];

fn is_name(text: &str, signs: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
}

fn is_bus(text: &str) -> bool {
    match text.split_once(":event-bus/") {
        Some((place, name)) => {
            let parts: Vec<&str> = place.split(':').collect();
            let [arn, partition, service, region, account] = parts.as_slice() else { return false };
            *arn == "arn"
                && partition.starts_with("aws")
                && *service == "events"
                && region.split('-').count() >= 3
                && account.len() == 12
                && account.bytes().all(|digit| digit.is_ascii_digit())
                && is_name(name, "/.-_")
        }
        None => is_name(text, "/.-_"),
    }
}
