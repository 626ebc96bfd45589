//! Differences that are known, each with the reason why ours stays as it is.

use serde_json::Value;

use crate::{compare::Difference, generate::Call};

/// A known difference: how it is recognised, and the reason.
type Known = (fn(&Call, &Sides) -> bool, &'static str);

const KNOWN: &[Known] = &[
    (
        |_, sides| {
            [
                "Incorrect operand type for operator or function; operator",
                "The BETWEEN operator requires",
                "The first operand must be distinct",
                "Invalid attribute type name found",
                "unused in expressions",
                "contains duplicates",
                "ExpressionAttributeValues contains invalid value",
                "is not defined; attribute",
            ]
            .iter()
            .any(|text| sides.our_text.contains(text))
                && sides.our_code == "ValidationException"
        },
        "AWS checks operands, names and values that the request gives when it reads the expression: before the item, \
         and outside of a transaction's reasons. The judge makes some of these checks only as far as it evaluates",
    ),
    (
        |_, sides| sides.our_text.contains("Two document paths conflict"),
        "AWS refuses an expression that takes one value for a map and for a list; the judge fails at the item",
    ),
    (
        |_, sides| sides.our_text.contains("ALLOWED_FOR_DELETE_OPERAND"),
        "AWS names the type set of DELETE after DELETE, and refuses other operands whether or not the attribute exists",
    ),
    (
        |call, sides| {
            call.operation == "TransactWriteItems"
                && sides.our_text.contains("can only be specified when using expressions")
        },
        "AWS refuses names and values without an expression in the actions of a transaction too",
    ),
    (
        |call, sides| {
            call.operation == "UpdateItem"
                && sides.path.starts_with("/ok/Attributes")
                && call.request["ReturnValues"].as_str().is_some_and(|returns| returns.starts_with("UPDATED"))
                && call.request["UpdateExpression"].as_str().is_some_and(|text| text.contains('['))
        },
        "AWS returns the updated elements of a list; the judge the whole attribute",
    ),
    (
        |_, sides| {
            sides.our_code == "TransactionCanceledException"
                && sides.judge_text == "Transaction request cannot include multiple operations on one item"
        },
        "a key with an attribute too many is no key, so it cannot be that of another action",
    ),
    (
        |_, sides| {
            sides.our_code == "ValidationException" && sides.judge_code == "IdempotentParameterMismatchException"
        },
        "a request that cannot be read is refused before its token is looked at",
    ),
    (
        |_, sides| sides.our_code == "IdempotentParameterMismatchException" && sides.our_code == sides.judge_code,
        "the judge has no text for this error",
    ),
    (
        |_, sides| {
            sides.our_code == "TransactionCanceledException" && sides.our_reasons.contains("cannot contain an empty")
        },
        "an empty key is told as its action's reason, as every other wrong key is; the judge refuses the whole request",
    ),
    (
        |_, sides| sides.path.starts_with("/error/CancellationReasons") && sides.path.ends_with("/Message"),
        "the same action fails with the same code: of several faults each names another first",
    ),
    (
        |call, sides| call.operation == "UpdateTimeToLive" && sides.our_text.contains("TimeToLive is a"),
        "AWS refuses to enable what is enabled and to disable what is disabled",
    ),
    (
        |call, sides| call.operation == "TransactGetItems" && sides.path.contains("/Item"),
        "a projection answers only what it names; the judge adds the key",
    ),
    (
        |call, sides| call.operation == "Query" && sides.our_text.contains("cannot contain an empty"),
        "AWS refuses an empty key in a key condition as it does in a key",
    ),
    (
        |_, sides| sides.our_text.contains("Global secondary index by-user does not project"),
        "AWS: in a global index only projected attributes can be asked for",
    ),
    (
        |call, sides| {
            call.operation == "UpdateItem"
                && sides.path == "/ok/Attributes"
                && sides.ours_is_nothing
                && call.request["ReturnValues"] == "ALL_OLD"
        },
        "ALL_OLD is the item as it was before the update: an item that the update made had no attributes",
    ),
    (
        |call, sides| sides.path.starts_with("/ok/") && call.request["IndexName"] == "by-number",
        "AWS fetches from the table what a query or scan of a local index asks for beyond its projection",
    ),
    (
        |_, sides| {
            sides.our_code == "ValidationException"
                && sides.judge_code == "ValidationException"
                && kind(&sides.our_text) != kind(&sides.judge_text)
        },
        "both refuse: of several faults each names another first, or AWS's two request layers have two texts",
    ),
    (
        |_, sides| {
            sides.our_code == "ValidationException"
                && sides.judge_code == "ValidationException"
                && [
                    "Two document paths overlap",
                    "unused in expressions",
                    "can only be specified when using expressions",
                    "Syntax error",
                    "contains duplicates",
                ]
                .iter()
                .any(|text| sides.our_text.contains(text) && sides.judge_text.contains(text))
        },
        "both refuse for the same fault: which paths, placeholders or tokens are shown depends on the order of a map",
    ),
];

/// The two sides of a difference, as the rules look at them.
struct Sides {
    path: String,
    ours_is_nothing: bool,
    our_reasons: String,
    our_code: String,
    our_text: String,
    judge_code: String,
    judge_text: String,
}

/// Why this difference is none to worry about.
pub(crate) fn reason(call: &Call, difference: &Difference) -> Option<&'static str> {
    let (path, ours, _) = difference.place();
    let text = |side: &Value, name: &str| side["error"][name].as_str().unwrap_or_default().to_owned();
    let sides = Sides {
        path,
        ours_is_nothing: ours.is_null(),
        our_reasons: difference.ours["error"]["CancellationReasons"].to_string(),
        our_code: text(&difference.ours, "__type"),
        our_text: text(&difference.ours, "message"),
        judge_code: text(&difference.judge, "__type"),
        judge_text: text(&difference.judge, "message"),
    };
    KNOWN.iter().find(|(is_it, _)| is_it(call, &sides)).map(|(_, reason)| *reason)
}

/// What kind of fault a text tells: the part before its details, without the name of the expression.
fn kind(text: &str) -> &str {
    let text = match text.split_once(": ") {
        Some((before, after)) if before.starts_with("Invalid ") && before.ends_with("Expression") => after,
        _ => text,
    };
    text.split([';', '[', '{', '"']).next().unwrap_or(text)
}
