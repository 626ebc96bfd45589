//! Group A, seed 001: an execution that waits twice for a callback.

use serde_json::{Value, json};

use super::cloud::Tools;
use super::orders::{self, BUS_LOG, HISTORY, SUCCESS, first_token, running, second_token, start, succeeded};
use super::read::{at, event_of, history, same, text, token, types};
use super::report::{From, Report};

const STAGE: &str = "serverlesspresso/order_processor_waiting.asl.json";

pub(super) fn run(tools: &Tools, report: &mut Report) -> anyhow::Result<()> {
    let mut cloud = orders::cloud(tools, "a")?;
    let file = std::fs::read_to_string(tools.systems.join(STAGE))?;
    let wanted: Value = serde_json::from_str(&file)?;

    let update = format!(
        "aws stepfunctions update-state-machine --state-machine-arn YOUR_STATE_MACHINE_ARN --definition file://{STAGE}"
    );
    report.once(
        &cloud,
        ("A0a", From::Equivalent),
        &update,
        "the definition with both callback states is taken",
        |outcome| {
            let answer = outcome.json()?;
            Ok(((), format!("updateDate {}", at(&answer, "/updateDate"))))
        },
    )?;
    let describe = "aws stepfunctions describe-state-machine --state-machine-arn YOUR_STATE_MACHINE_ARN";
    let must = "heartbeats 300 and 900, catchers of States.Timeout at $.cause and $.comment, results null and $.order";
    report.once(&cloud, ("A0b", From::Seed), describe, must, |outcome| {
        let printed = outcome.json()?;
        let kept: Value = serde_json::from_str(text(&printed, "/definition")?).map_err(|error| error.to_string())?;
        same("the definition", &kept, &wanted)?;
        for (state, heartbeat, catch, result) in [
            ("Emit - Workflow Started TT", 300, "$.cause", Value::Null),
            ("Emit - Awaiting Completion TT", 900, "$.comment", json!("$.order")),
        ] {
            let state = at(&kept, &format!("/States/{state}")).clone();
            same("the heartbeat", at(&state, "/HeartbeatSeconds"), &heartbeat.into())?;
            same("what is caught", at(&state, "/Catch/0/ErrorEquals/0"), &json!("States.Timeout"))?;
            same("the catcher's path", at(&state, "/Catch/0/ResultPath"), &json!(catch))?;
            same("the result's path", state.get("ResultPath").unwrap_or(&json!("absent")), &result)?;
        }
        Ok(((), "the definition as it was given".to_owned()))
    })?;

    start(&mut cloud, report, "A1a")?;
    running(&cloud, report, "A1b", "RUNNING")?;
    let first = first_token(&mut cloud, report, "A2a")?;
    let must = "the states before have the events 2 to 16 in order";
    report.once(&cloud, ("A2b", From::Equivalent), HISTORY, must, |outcome| {
        let printed = outcome.json()?;
        let task = ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"];
        let choice = ["ChoiceStateEntered", "ChoiceStateExited"];
        let wanted = [&["ExecutionStarted"][..], &task, &choice, &task, &choice, &["TaskStateEntered"]].concat();
        let seen = types(history(&printed)?, 1, 16);
        if seen != wanted { Err(format!("{seen:?}")) } else { Ok(((), "as it must be".to_owned())) }
    })?;
    report.until(
        &cloud,
        ("A2c", From::Equivalent),
        BUS_LOG,
        "one OrderProcessor.WorkflowStarted with the same token",
        |outcome| {
            let event = event_of(&outcome.json()?, "OrderProcessor.WorkflowStarted", "1")?;
            if text(&event, "/detail/TaskToken")? != first {
                return Err("another token".to_owned());
            }
            Ok(((), format!("{} from {}", at(&event, "/detail-type"), at(&event, "/resources"))))
        },
    )?;

    let bad = "aws stepfunctions send-task-success --task-output 'not json' --task-token YOUR_TASK_TOKEN";
    report.once(&cloud, ("A7a", From::Equivalent), bad, "InvalidOutput", |outcome| {
        Ok(((), outcome.refused("InvalidOutput")?))
    })?;
    let garbage = r#"aws stepfunctions send-task-success --task-output '{"orderId":1}' --task-token garbage"#;
    report.once(&cloud, ("A7b", From::Equivalent), garbage, "InvalidToken", |outcome| {
        Ok(((), outcome.refused("InvalidToken")?))
    })?;
    running(&cloud, report, "A7c", "the execution is unchanged")?;

    report.once(&cloud, ("A3a", From::Seed), SUCCESS, "exit 0 and no output", |outcome| Ok(((), outcome.silent()?)))?;
    let spent = first.clone();
    let second = second_token(&mut cloud, report, "A3b")?;
    report.once(
        &cloud,
        ("A3c", From::Equivalent),
        HISTORY,
        "event 20 has the output of the callback; the state does not",
        |outcome| {
            let printed = outcome.json()?;
            let events = history(&printed)?;
            let event = events.iter().find(|event| at(event, "/id") == 20).ok_or("there is no event 20")?;
            same("its output", at(event, "/taskSucceededEventDetails/output"), &json!(r#"{"orderId":1}"#))?;
            let exited = events.iter().find(|event| at(event, "/id") == 21).ok_or("there is no event 21")?;
            let state = text(exited, "/stateExitedEventDetails/output")?;
            let state: Value = serde_json::from_str(state).map_err(|error| error.to_string())?;
            same("orderId of the state", at(&state, "/orderId"), &Value::Null)?;
            Ok(((), "output {\"orderId\":1}, discarded".to_owned()))
        },
    )?;
    report.until(
        &cloud,
        ("A3d", From::Equivalent),
        BUS_LOG,
        "OrderProcessor.WaitingCompletion with orderNumber as text",
        |outcome| {
            let event = event_of(&outcome.json()?, "OrderProcessor.WaitingCompletion", "1")?;
            same("orderNumber", at(&event, "/detail/orderNumber"), &json!("1"))?;
            Ok(((), "orderNumber \"1\"".to_owned()))
        },
    )?;
    report.once(
        &cloud,
        ("A4", From::Seed),
        HISTORY,
        "the token of event 28 is another than that of event 17",
        |outcome| {
            let printed = outcome.json()?;
            let events = history(&printed)?;
            if token(events, 17)? == token(events, 28)? {
                Err("the same".to_owned())
            } else {
                Ok(((), "another".to_owned()))
            }
        },
    )?;
    report.once(&cloud, ("A5a", From::Seed), SUCCESS, "exit 0 and no output", |outcome| Ok(((), outcome.silent()?)))?;
    let must = "SUCCEEDED; output with order, Order.Payload.orderNumber, GetStore, isCapacityAvailable, detail";
    report.until(&cloud, ("A5b", From::Seed), orders::DESCRIBE, must, |outcome| {
        let printed = outcome.json()?;
        same("the status", at(&printed, "/status"), &json!("SUCCEEDED"))?;
        let output: Value = serde_json::from_str(text(&printed, "/output")?).map_err(|error| error.to_string())?;
        same("order", at(&output, "/order"), &json!({ "orderId": 1 }))?;
        same("Order", at(&output, "/Order"), &json!({ "Payload": { "orderNumber": "1" } }))?;
        same("detail", at(&output, "/detail"), &json!({ "orderId": "1", "userId": "testuser" }))?;
        text(&output, "/isCapacityAvailable/Executions/0/ExecutionArn")?;
        same("storeOpen", at(&output, "/GetStore/Item/storeOpen/BOOL"), &json!(true))?;
        Ok(((), "all of them".to_owned()))
    })?;
    report.once(
        &cloud,
        ("A5c", From::Equivalent),
        HISTORY,
        "31 to 34 TaskSucceeded … PassStateExited, 35 ExecutionSucceeded",
        |outcome| {
            let printed = outcome.json()?;
            let seen = types(history(&printed)?, 31, 99);
            let wanted =
                ["TaskSucceeded", "TaskStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"];
            if seen == wanted { Ok(((), "35 events".to_owned())) } else { Err(format!("{seen:?}")) }
        },
    )?;
    for (id, used) in [("A6a", spent), ("A6b", second)] {
        cloud.set("YOUR_TASK_TOKEN", &used);
        report.once(&cloud, (id, From::Equivalent), SUCCESS, "TaskTimedOut", |outcome| {
            Ok(((), outcome.refused("TaskTimedOut")?))
        })?;
    }

    start(&mut cloud, report, "A8a")?;
    first_token(&mut cloud, report, "A8b")?;
    cloud.advance(290)?;
    running(&cloud, report, "A8c", "after 290 s it still waits")?;
    cloud.advance(10)?;
    if let Some(output) = succeeded(&cloud, report, "A8d", "after 300 s SUCCEEDED by way of \"Customer timedout\"")? {
        expect(report, "A8e", "$.cause", at(&output, "/cause"), &json!("Customer timedout"));
    }
    start(&mut cloud, report, "A8f")?;
    first_token(&mut cloud, report, "A8g")?;
    let quoted = r#"aws stepfunctions send-task-success --task-output "{\"orderId\":1}" --task-token YOUR_TASK_TOKEN"#;
    report.once(&cloud, ("A8h", From::Equivalent), quoted, "the same in double quotes: exit 0", |outcome| {
        Ok(((), outcome.silent()?))
    })?;
    second_token(&mut cloud, report, "A8i")?;
    cloud.advance(900)?;
    if let Some(output) = succeeded(&cloud, report, "A8j", "after 900 s SUCCEEDED by way of \"Barista timedout\"")? {
        expect(report, "A8k", "$.cause", at(&output, "/cause"), &json!("Barista timedout"));
        expect(report, "A8l", "$.comment.Error", at(&output, "/comment/Error"), &json!("States.Timeout"));
    }
    let last = update.replace(STAGE, "serverlesspresso/order_processor.asl.json");
    report.once(&cloud, ("A8m", From::Equivalent), &last, "the final version is taken", |outcome| {
        Ok(((), format!("updateDate {}", at(&outcome.json()?, "/updateDate"))))
    })?;
    start(&mut cloud, report, "A8n")?;
    first_token(&mut cloud, report, "A8o")?;
    let empty = "aws stepfunctions send-task-success --task-output '{}' --task-token YOUR_TASK_TOKEN";
    report.once(&cloud, ("A8p", From::Equivalent), empty, "an empty object is an output: exit 0", |outcome| {
        Ok(((), outcome.silent()?))
    })?;
    second_token(&mut cloud, report, "A8q")?;
    cloud.advance(900)?;
    succeeded(&cloud, report, "A8r", "SUCCEEDED")?;
    report.until(
        &cloud,
        ("A8s", From::Equivalent),
        BUS_LOG,
        "OrderProcessor.OrderTimeOut with the cause",
        |outcome| {
            let event = event_of(&outcome.json()?, "OrderProcessor.OrderTimeOut", "1")?;
            same("cause", at(&event, "/detail/cause"), &json!("Barista timedout"))?;
            Ok(((), at(&event, "/detail/cause").to_string()))
        },
    )?;
    Ok(())
}

fn expect(report: &mut Report, id: &str, what: &str, found: &Value, wanted: &Value) {
    let given = same(what, found, wanted).map(|()| ((), found.to_string()));
    let watch = crate::step::Stopwatch::start();
    report.note(id, "[S]", &format!("{what} of the output before"), &wanted.to_string(), given, watch);
}
