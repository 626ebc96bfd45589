//! Group B, seed 000: the rule and the function that store the first token.

use serde_json::{Value, json};

use super::cloud::Tools;
use super::orders::{self, item, rule};
use super::read::{at, history, same, text, types};
use super::report::{From, Report};

pub(super) fn run(tools: &Tools, report: &mut Report) -> anyhow::Result<()> {
    let mut cloud = orders::cloud(tools, "b")?;
    rule(&cloud, report, "B1", "WorkflowStarted")?;
    let put = r#"aws events put-events --entries '[{"Source":"awsserverlessda.serverlesspresso", "DetailType":"Validator.NewOrder", "EventBusName":"Serverlesspresso", "Detail": "{\"userId\":\"1\",\"orderId\":\"1\"}"}]'"#;
    let event = report.once(&cloud, ("B2a", From::Workshop), put, "FailedEntryCount 0 and an EventId", |outcome| {
        let answer = outcome.json()?;
        same("FailedEntryCount", at(&answer, "/FailedEntryCount"), &json!(0))?;
        let id = text(&answer, "/Entries/0/EventId")?.to_owned();
        Ok((id.clone(), id))
    })?;
    let event = event.unwrap_or_default();
    let list = "aws stepfunctions list-executions --state-machine-arn YOUR_STATE_MACHINE_ARN";
    let arn =
        report.until(&cloud, ("B2b", From::Equivalent), list, "an execution <EventId>_<uuid>, RUNNING", |outcome| {
            let printed = outcome.json()?;
            let name = text(&printed, "/executions/0/name")?;
            if !name.starts_with(&format!("{event}_")) || name.len() != event.len() + 37 {
                return Err(format!("its name is {name}"));
            }
            same("its status", at(&printed, "/executions/0/status"), &json!("RUNNING"))?;
            Ok((text(&printed, "/executions/0/executionArn")?.to_owned(), name.to_owned()))
        })?;
    cloud.set("YOUR_EXECUTION_ARN", &arn.clone().unwrap_or_default());
    report.once(&cloud, ("B2c", From::Equivalent), orders::DESCRIBE, "its input is the whole envelope", |outcome| {
        let printed = outcome.json()?;
        let input: Value = serde_json::from_str(text(&printed, "/input")?).map_err(|error| error.to_string())?;
        same("id", at(&input, "/id"), &json!(event))?;
        same("detail", at(&input, "/detail"), &json!({ "userId": "1", "orderId": "1" }))?;
        same("resources", at(&input, "/resources"), &json!([]))?;
        for member in ["version", "account", "time", "region"] {
            text(&input, &format!("/{member}"))?;
        }
        Ok(((), format!("{}", at(&input, "/detail-type"))))
    })?;
    let streams = "aws logs describe-log-streams --log-group-name /aws/events/serverlesspressoEventBus --order-by LastEventTime --descending";
    let names =
        report.until(&cloud, ("B3a", From::Equivalent), streams, "two streams, the newest first", |outcome| {
            let printed = outcome.json()?;
            let streams = at(&printed, "/logStreams").as_array().cloned().unwrap_or_default();
            let names: Vec<String> =
                streams.iter().filter_map(|stream| Some(text(stream, "/logStreamName").ok()?.to_owned())).collect();
            if names.len() == 2 { Ok((names.clone(), names.join(", "))) } else { Err(format!("{names:?}")) }
        })?;
    let [newest, other] = <[String; 2]>::try_from(names.unwrap_or_default()).unwrap_or_default();
    cloud.set("NEWEST_STREAM", &newest);
    cloud.set("OTHER_STREAM", &other);
    let read =
        "aws logs get-log-events --log-group-name /aws/events/serverlesspressoEventBus --log-stream-name NEWEST_STREAM";
    let must = "OrderProcessor.WorkflowStarted with TaskToken, source, resources and the detail";
    let token = report.once(&cloud, ("B3b", From::Equivalent), read, must, |outcome| {
        let printed = outcome.json()?;
        let event = super::read::event_of(&printed, "OrderProcessor.WorkflowStarted", "1")?;
        same("source", at(&event, "/source"), &json!("awsserverlessda.serverlesspresso"))?;
        same("resources", at(&event, "/resources"), &json!([orders::MACHINE, arn]))?;
        same("userId", at(&event, "/detail/userId"), &json!("1"))?;
        Ok((text(&event, "/detail/TaskToken")?.to_owned(), "all of them".to_owned()))
    })?;
    report.once(
        &cloud,
        ("B3c", From::Equivalent),
        &read.replace("NEWEST", "OTHER"),
        "Validator.NewOrder",
        |outcome| {
            let event = super::read::event_of(&outcome.json()?, "Validator.NewOrder", "1")?;
            Ok(((), at(&event, "/detail-type").to_string()))
        },
    )?;
    let must = "exactly PK, SK, USERID, TaskToken as on the bus, ORDERSTATE CREATED, robot false, TS";
    item(&cloud, report, ("B4", From::Equivalent), "1", must, |item| {
        let milliseconds = text(item, "/TS/N")?;
        if milliseconds.len() != 13 {
            return Err(format!("TS is {milliseconds}"));
        }
        let wanted = json!({ "PK": { "S": "orders" }, "SK": { "S": "1" }, "USERID": { "S": "1" },
            "TaskToken": { "S": token }, "ORDERSTATE": { "S": "CREATED" }, "robot": { "BOOL": false },
            "TS": { "N": milliseconds } });
        same("the item", item, &wanted)
    })?;
    let submit = r#"aws stepfunctions start-execution --state-machine-arn ORDER_MANAGER_ARN --input '{"action":"","body":{"userId":"1","drink":"Cappuccino","modifiers":[],"icon":"barista-icons_cappuccino-alternative"},"orderId":"1","baristaUserId":"3"}'"#;
    report.once(&cloud, ("B5a", From::Workshop), submit, "executionArn", |outcome| {
        Ok(((), text(&outcome.json()?, "/executionArn")?.to_owned()))
    })?;
    let must = "the OrderManager has sent the stored token: the same execution goes on with event 20";
    report.until(&cloud, ("B5b", From::Seed), orders::HISTORY, must, |outcome| {
        let printed = outcome.json()?;
        let seen = types(history(&printed)?, 20, 99);
        if seen.first() == Some(&"TaskSucceeded") { Ok(((), format!("{seen:?}"))) } else { Err(format!("{seen:?}")) }
    })?;
    Ok(())
}
