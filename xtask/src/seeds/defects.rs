//! Group F: defects of the original systems, and that they do not exist here. Those of the engine are tested with the AWS
//! CLI, those of the bar with its own tests, which are selected by name.

use std::collections::BTreeMap;

use serde_json::json;

use super::cloud::Tools;
use super::completion::{manage, new_order, told};
use super::orders::{self, DESCRIBE, SUCCESS, first_token, item, running, second_token, start, succeeded};
use super::read::{at, same, text};
use super::report::{From, Report};
use crate::paths::Paths;
use crate::process::{cargo, read_quietly};
use crate::step::Stopwatch;

const FAILURE: &str =
    "aws stepfunctions send-task-failure --error Cancelled --cause cancelled --task-token YOUR_TASK_TOKEN";

pub(super) fn run(tools: &Tools, report: &mut Report) -> anyhow::Result<()> {
    let mut cloud = orders::cloud(tools, "f")?;
    start(&mut cloud, report, "F1a")?;
    let first = first_token(&mut cloud, report, "F1b")?;
    report.once(&cloud, ("F1c", From::Equivalent), SUCCESS, "submitted", |outcome| Ok(((), outcome.silent()?)))?;
    let second = second_token(&mut cloud, report, "F1d")?;
    cloud.set("YOUR_TASK_TOKEN", &first);
    let must = "a second submit spends nothing: TaskTimedOut";
    report
        .once(&cloud, ("F4a", From::Equivalent), SUCCESS, must, |outcome| Ok(((), outcome.refused("TaskTimedOut")?)))?;
    running(&cloud, report, "F4b", "and the order still waits for the barista")?;
    cloud.set("YOUR_TASK_TOKEN", &second);
    let double = format!("{SUCCESS} && {SUCCESS}");
    let must = "a double complete: the first is taken, the second is TaskTimedOut";
    report
        .once(&cloud, ("F1e", From::Equivalent), &double, must, |outcome| Ok(((), outcome.refused("TaskTimedOut")?)))?;
    succeeded(&cloud, report, "F1f", "SUCCEEDED once")?;

    start(&mut cloud, report, "F2a")?;
    first_token(&mut cloud, report, "F2b")?;
    report.once(&cloud, ("F2c", From::Equivalent), SUCCESS, "submitted", |outcome| Ok(((), outcome.silent()?)))?;
    second_token(&mut cloud, report, "F2d")?;
    let race = format!("({SUCCESS} && echo completed) & ({FAILURE} && echo cancelled) & wait");
    let must = "complete and cancel at the same time: one is taken, the other is TaskTimedOut";
    let winner = report.once(&cloud, ("F2e", From::Equivalent), &race, must, |outcome| {
        let (won, lost) = (outcome.out.trim().to_owned(), outcome.err.matches("(TaskTimedOut)").count());
        match won.as_str() {
            "completed" | "cancelled" if lost == 1 => {
                Ok((won.clone(), format!("{won}; the other was told TaskTimedOut")))
            }
            _ => Err(format!("{won} {}", outcome.err)),
        }
    })?;
    let wanted = if winner.as_deref() == Some("completed") { "SUCCEEDED" } else { "FAILED" };
    report.until(&cloud, ("F2f", From::Equivalent), DESCRIBE, "it ends as the winner said", |outcome| {
        same("the status", at(&outcome.json()?, "/status"), &json!(wanted))?;
        Ok(((), wanted.to_owned()))
    })?;

    start(&mut cloud, report, "F3a")?;
    first_token(&mut cloud, report, "F3b")?;
    cloud.advance(300)?;
    let must = "a cancel after the time-out of the customer: TaskTimedOut";
    report
        .once(&cloud, ("F3c", From::Equivalent), FAILURE, must, |outcome| Ok(((), outcome.refused("TaskTimedOut")?)))?;
    succeeded(&cloud, report, "F3d", "the time-out stands: SUCCEEDED by way of OrderTimeOut")?;

    unknown_event(&cloud, report)?;
    restart(&mut cloud, report)
}

fn unknown_event(cloud: &super::cloud::Cloud, report: &mut Report) -> anyhow::Result<()> {
    let count =
        "aws stepfunctions list-executions --state-machine-arn YOUR_STATE_MACHINE_ARN --query 'length(executions)'";
    let number = |outcome: &super::cloud::Outcome| {
        let number = outcome.json()?;
        Ok((number.clone(), format!("{number} executions")))
    };
    let before = report.once(cloud, ("F9a", From::Equivalent), count, "so many executions", number)?;
    let put = r#"aws events put-events --entries '[{"Source":"awsserverlessda.serverlesspresso","DetailType":"Nobody.KnowsThis","EventBusName":"Serverlesspresso","Detail":"{\"orderId\":\"9\"}"}]'"#;
    new_order(cloud, report, ("F9b", From::Equivalent), put)?;
    let must = "an unknown event is taken and logged, and starts nothing";
    report.once(cloud, ("F9c", From::Equivalent), count, must, |outcome| {
        let (after, gave) = number(outcome)?;
        if Some(after) == before { Ok(((), gave)) } else { Err(gave) }
    })?;
    Ok(())
}

/// The process is killed while an order waits.
fn restart(cloud: &mut super::cloud::Cloud, report: &mut Report) -> anyhow::Result<()> {
    orders::rule(cloud, report, "F14a", "WorkflowStarted")?;
    let order = r#"aws events put-events --entries '[{"Source":"awsserverlessda.serverlesspresso", "DetailType":"Validator.NewOrder", "EventBusName":"Serverlesspresso", "Detail": "{\"userId\":\"1\",\"orderId\":\"14\"}"}]'"#;
    new_order(cloud, report, ("F14b", From::Equivalent), order)?;
    let must = "an item with the token";
    let kept =
        item(cloud, report, ("F14c", From::Equivalent), "14", must, |item| text(item, "/TaskToken/S").map(drop))?;
    let token = kept.as_ref().and_then(|item| at(item, "/TaskToken/S").as_str()).unwrap_or_default().to_owned();
    let watch = Stopwatch::start();
    let given = cloud.kill_and_restart().map(|()| ((), "the same folder, opened anew".to_owned()));
    let given = given.map_err(|error| error.to_string());
    report.note("F14d", "[E]", "kill -9 of the engine, and a new process", "it starts", given, watch);
    let list = "aws stepfunctions list-executions --state-machine-arn YOUR_STATE_MACHINE_ARN --status-filter RUNNING";
    let arn = report.once(cloud, ("F14e", From::Equivalent), list, "the order still waits", |outcome| {
        let arn = text(&outcome.json()?, "/executions/0/executionArn")?.to_owned();
        Ok((arn.clone(), arn))
    })?;
    cloud.set("YOUR_EXECUTION_ARN", &arn.unwrap_or_default());
    cloud.set("YOUR_TASK_TOKEN", &token);
    let must = "the token of before the kill is taken";
    report.once(cloud, ("F14f", From::Equivalent), SUCCESS, must, |outcome| Ok(((), outcome.silent()?)))?;
    second_token(cloud, report, "F14g")?;
    report.once(cloud, ("F14h", From::Equivalent), SUCCESS, "the second is taken", |outcome| {
        Ok(((), outcome.silent()?))
    })?;
    succeeded(cloud, report, "F14i", "SUCCEEDED")?;

    let unmake = r#"{"action":"unmake","body":{},"orderId":"14","baristaUserId":"3"}"#;
    manage(cloud, report, "F10", unmake, "unmake: SUCCEEDED")?;
    item(cloud, report, ("F10c", From::Equivalent), "14", "baristaUserId \"\"", |item| {
        same("baristaUserId", at(item, "/baristaUserId"), &json!({ "S": "" }))
    })?;
    told(cloud, report, "F10d", "OrderManager.MakeOrder", "14", |detail| {
        same("baristaUserId", at(detail, "/baristaUserId"), &json!(""))
    })
}

/// A defect, and the test of the bar that shows that it does not exist here.
const TESTS: [(&str, &str, &str, &str); 18] = [
    ("F1", "double complete", "integration", "races::two_concurrent_completions_complete_once"),
    (
        "F2",
        "complete and cancel at the same time",
        "integration",
        "races::a_completion_and_a_cancel_at_the_same_time_have_one_winner",
    ),
    (
        "F2",
        "two cancels, or a cancel and the bar, at the same time",
        "integration",
        "races::a_cancel_and_a_cancel_at_the_bar_have_one_winner",
    ),
    ("F3", "cancel against the time-out", "integration", "races::a_command_after_the_time_out_is_refused_with_it"),
    ("F4", "re-submit after WaitingCompletion", "integration", "races::a_second_submit_never_finishes_the_order"),
    ("F5", "complete before submit", "integration", "refusals::complete_before_submit_is_refused"),
    ("F6", "late or duplicate WorkflowStarted", "order_life", "a_late_first_token_never_comes_back"),
    (
        "F6",
        "events in any order and any number",
        "order_life",
        "any_order_and_any_repetition_of_the_facts_gives_the_same_order",
    ),
    (
        "F7",
        "submit before the token is stored",
        "integration",
        "damaged_records::a_choice_before_the_token_is_sent_when_the_token_arrives",
    ),
    (
        "F7",
        "submit torn from its callback",
        "integration",
        "damaged_records::a_choice_that_was_recorded_but_not_sent_is_sent",
    ),
    (
        "F9",
        "missing settings, closed, full",
        "integration",
        "deadlines::a_shop_that_is_closed_full_or_not_set_up_refuses_with_the_reason",
    ),
    ("F10", "two claim one order", "integration", "races::of_two_concurrent_claims_one_wins"),
    (
        "F11",
        "non-admin complete",
        "integration",
        "refusals::without_the_staff_link_every_command_of_the_bar_is_refused",
    ),
    ("F12", "submit for the order of somebody else", "integration", "refusals::another_phone_finds_no_such_order"),
    (
        "F13",
        "no TaskToken in any byte that a browser is sent",
        "integration",
        "order_lifecycle::no_browser_is_ever_sent_a_task_token",
    ),
    ("F13", "no TaskToken in the log", "integration", "restart::no_task_token_is_in_the_log_however_much_is_logged"),
    (
        "F14",
        "kill -9 of the bar while orders wait",
        "integration",
        "restart::after_a_sigkill_both_orders_can_be_finished_and_numbers_continue",
    ),
    ("F14", "a shutdown and a restart", "integration", "restart::a_shutdown_sends_bye_and_a_restart_shows_the_same"),
];

/// Runs the named tests in one call of cargo. A missing test has failed.
pub(super) fn tests(paths: &Paths, report: &mut Report) -> anyhow::Result<()> {
    report.not_applicable(
        "F8",
        "two verifies of the last QR token",
        "the bar has no such tokens: a phone orders by its cookie, and one order at a time",
    );
    let mut binaries: Vec<&str> = TESTS.iter().map(|(_, _, binary, _)| *binary).collect();
    binaries.sort_unstable();
    binaries.dedup();
    // With the features of the whole workspace, so that the build of the unit tests is reused.
    let mut command = cargo(paths, &["test", "--workspace", "--locked", "--no-fail-fast"]);
    for binary in binaries {
        command.args(["--test", binary]);
    }
    command.args(["--", "--exact"]).args(TESTS.iter().map(|(_, _, _, name)| *name));
    let watch = Stopwatch::start();
    let mut verdicts = BTreeMap::new();
    read_quietly(&mut command, |line| {
        if let Some((name, verdict)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) {
            verdicts.insert(name.to_owned(), verdict.to_owned());
        }
    })?;
    for (id, what, binary, name) in TESTS {
        let given = match verdicts.get(name).map(String::as_str) {
            Some("ok") => Ok(((), "ok".to_owned())),
            Some(other) => Err(other.to_owned()),
            None => Err("there is no such test, or it does not compile".to_owned()),
        };
        report.note(id, "[test]", &format!("{binary}::{name}"), what, given, watch);
    }
    Ok(())
}
