//! Group E, seed 004: a workflow that an event from outside can end.

use serde_json::{Value, json};

use super::cloud::{Cloud, Tools};
use super::orders::{DESCRIBE, HISTORY};
use super::read::{at, history, same, text};
use super::report::{From, Report};

const ITEM: &str =
    r#"aws dynamodb get-item --table-name workflowMonitoringTable --key '{"workflowkey":{"S":"somekey123"}}'"#;
const ERROR: &str = r#"aws events put-events --entries '[{"Source":"someSource","DetailType":"someType","EventBusName":"workflow-montoring-bus","Detail":"{\"message\":\"WorkflowError\",\"workflowkey\":\"somekey123\"}"}]'"#;

pub(super) fn run(tools: &Tools, report: &mut Report) -> anyhow::Result<()> {
    let mut cloud = Cloud::start(tools, "e")?;
    cloud.deploy("workflow_monitor")?;
    cloud.set("YOUR_STATE_MACHINE_ARN", "arn:aws:states:us-east-1:000000000000:stateMachine:WorkflowMonitor");
    report.not_applicable(
        "E0",
        "cdk deploy",
        "deploy.py creates the same table, bus, rules, functions and state machine",
    );

    start(&mut cloud, report, "E1a")?;
    let token = stored_token(&cloud, report, "E1b")?;
    report.once(&cloud, ("E1c", From::Equivalent), HISTORY, "branch B waits", |outcome| {
        let printed = outcome.json()?;
        let waits = history(&printed)?.iter().any(|event| at(event, "/type") == "WaitStateEntered");
        if waits { Ok(((), "WaitStateEntered".to_owned())) } else { Err(printed.to_string()) }
    })?;
    cloud.advance(1000)?;
    let must = "after 1000 s SUCCEEDED with the text of the function twice";
    report.until(&cloud, ("E2a", From::Seed), DESCRIBE, must, |outcome| {
        let printed = outcome.json()?;
        same("the status", at(&printed, "/status"), &json!("SUCCEEDED"))?;
        let message = "Monitoring task stopped successfully.";
        let output: Value = serde_json::from_str(text(&printed, "/output")?).map_err(|error| error.to_string())?;
        same("the output", &output, &json!([message, message]))?;
        Ok(((), output.to_string()))
    })?;
    item_is_deleted(&cloud, report, "E2b")?;

    start(&mut cloud, report, "E3a")?;
    stored_token(&cloud, report, "E3b")?;
    put_error(&cloud, report, ("E3c", From::Seed), ERROR)?;
    let must = r#"FAILED with the error "Some error." and the cause "Error detected.", both with quotation marks"#;
    report.until(&cloud, ("E3d", From::Seed), DESCRIBE, must, |outcome| {
        let printed = outcome.json()?;
        same("the status", at(&printed, "/status"), &json!("FAILED"))?;
        same("the error", at(&printed, "/error"), &json!("\"Some error.\""))?;
        same("the cause", at(&printed, "/cause"), &json!("\"Error detected.\""))?;
        Ok(((), format!("{} {}", at(&printed, "/error"), at(&printed, "/cause"))))
    })?;
    item_is_deleted(&cloud, report, "E3e")?;
    report.not_applicable("E4", "cdk destroy", "there is no stack; the data folder is deleted");

    start(&mut cloud, report, "E5a")?;
    let first = stored_token(&cloud, report, "E5b")?;
    put_error(&cloud, report, ("E5c", From::Equivalent), &ERROR.replace("somekey123", "otherkey"))?;
    report.once(&cloud, ("E5d", From::Equivalent), DESCRIBE, "an unknown key changes nothing: RUNNING", |outcome| {
        same("the status", at(&outcome.json()?, "/status"), &json!("RUNNING"))?;
        Ok(((), "RUNNING".to_owned()))
    })?;
    start(&mut cloud, report, "E5e")?;
    let second = stored_token(&cloud, report, "E5f")?;
    let watch = crate::step::Stopwatch::start();
    let given =
        if first != second && token != first { Ok(((), "another".to_owned())) } else { Err("the same".to_owned()) };
    let must = "a second execution with the same key overwrites the token of the first";
    report.note("E5g", "[E]", "the tokens of E5b and E5f", must, given, watch);
    Ok(())
}

fn start(cloud: &mut Cloud, report: &mut Report, id: &str) -> anyhow::Result<()> {
    let command = r#"aws stepfunctions start-execution --state-machine-arn YOUR_STATE_MACHINE_ARN --input '{"workflowkey":"somekey123"}'"#;
    let arn = report.once(cloud, (id, From::Seed), command, "executionArn", |outcome| {
        let arn = text(&outcome.json()?, "/executionArn")?.to_owned();
        Ok((arn.clone(), arn))
    })?;
    cloud.set("YOUR_EXECUTION_ARN", &arn.unwrap_or_default());
    Ok(())
}

/// Waits for the token that the workflow writes to the table.
fn stored_token(cloud: &Cloud, report: &mut Report, id: &str) -> anyhow::Result<String> {
    let token = report.until(cloud, (id, From::Seed), ITEM, "the key with a tasktoken", |outcome| {
        let token = text(&outcome.json()?, "/Item/tasktoken/S")?.to_owned();
        Ok((token.clone(), format!("a token of {} characters", token.len())))
    })?;
    Ok(token.unwrap_or_default())
}

fn item_is_deleted(cloud: &Cloud, report: &mut Report, id: &str) -> anyhow::Result<()> {
    report.until(cloud, (id, From::Seed), ITEM, "the item is deleted", |outcome| Ok(((), outcome.silent()?)))?;
    Ok(())
}

fn put_error(cloud: &Cloud, report: &mut Report, id: (&str, From), command: &str) -> anyhow::Result<()> {
    super::completion::new_order(cloud, report, id, command)
}
