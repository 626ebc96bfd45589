//! Steps on the order workflow that several groups share.

use serde_json::Value;

use super::cloud::Cloud;
use super::read::{at, history, same, text, token, types};
use super::report::{From, Report};

pub(super) const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:OrderProcessorWorkflow";
pub(super) const MANAGER: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:OrderManager";

/// The command of the seed, with its two spaces.
pub(super) const SUCCESS: &str =
    r#"aws stepfunctions send-task-success  --task-output '{"orderId":1}' --task-token YOUR_TASK_TOKEN"#;
pub(super) const HISTORY: &str = "aws stepfunctions get-execution-history --execution-arn YOUR_EXECUTION_ARN";
pub(super) const DESCRIBE: &str = "aws stepfunctions describe-execution --execution-arn YOUR_EXECUTION_ARN";
pub(super) const BUS_LOG: &str = "aws logs filter-log-events --log-group-name /aws/events/serverlesspressoEventBus";

/// Starts a cloud with the order workflow.
pub(super) fn cloud(tools: &super::cloud::Tools, group: &str) -> anyhow::Result<Cloud> {
    let mut cloud = Cloud::start(tools, group)?;
    cloud.deploy("serverlesspresso")?;
    cloud.set("YOUR_STATE_MACHINE_ARN", MACHINE);
    cloud.set("ORDER_MANAGER_ARN", MANAGER);
    Ok(cloud)
}

/// Starts an execution for order 1 of `testuser`, as in seed 001.
pub(super) fn start(cloud: &mut Cloud, report: &mut Report, id: &str) -> anyhow::Result<()> {
    let command = r#"aws stepfunctions start-execution --state-machine-arn YOUR_STATE_MACHINE_ARN --input '{"detail":{"orderId":"1","userId":"testuser"}}'"#;
    let arn = report.once(cloud, (id, From::Equivalent), command, "executionArn and startDate", |outcome| {
        let answer = outcome.json()?;
        let arn = text(&answer, "/executionArn")?.to_owned();
        if at(&answer, "/startDate").is_null() {
            return Err(format!("no startDate in {answer}"));
        }
        Ok((arn.clone(), arn))
    })?;
    cloud.set("YOUR_EXECUTION_ARN", &arn.unwrap_or_default());
    Ok(())
}

/// Waits until the execution waits for its first token, and reads the token from event 17.
pub(super) fn first_token(cloud: &mut Cloud, report: &mut Report, id: &str) -> anyhow::Result<String> {
    let must =
        "17 TaskScheduled with putEvents.waitForTaskToken and a token, 18 TaskStarted, 19 TaskSubmitted, no more";
    paused(cloud, report, id, must, 17)
}

/// The same for the second token and event 28.
pub(super) fn second_token(cloud: &mut Cloud, report: &mut Report, id: &str) -> anyhow::Result<String> {
    let must = "20 TaskSucceeded, the number assigned, 28 TaskScheduled with a token, 29 TaskStarted, 30 TaskSubmitted, no more";
    paused(cloud, report, id, must, 28)
}

fn paused(cloud: &mut Cloud, report: &mut Report, id: &str, must: &str, scheduled: u64) -> anyhow::Result<String> {
    let found = report.until(cloud, (id, From::Seed), HISTORY, must, |outcome| {
        let printed = outcome.json()?;
        let events = history(&printed)?;
        let seen = types(events, scheduled, 99);
        if seen != ["TaskScheduled", "TaskStarted", "TaskSubmitted"] {
            return Err(format!("from {scheduled} on: {seen:?}"));
        }
        let token = token(events, scheduled)?;
        Ok((
            token.clone(),
            format!("{} events, a token of {} characters in event {scheduled}", events.len(), token.len()),
        ))
    })?;
    let token = found.unwrap_or_default();
    cloud.set("YOUR_TASK_TOKEN", &token);
    Ok(token)
}

/// Checks that the execution has ended as `SUCCEEDED`, and returns its output.
pub(super) fn succeeded(cloud: &Cloud, report: &mut Report, id: &str, must: &str) -> anyhow::Result<Option<Value>> {
    report.until(cloud, (id, From::Equivalent), DESCRIBE, must, |outcome| {
        let printed = outcome.json()?;
        same("the status", at(&printed, "/status"), &"SUCCEEDED".into())?;
        let output: Value = serde_json::from_str(text(&printed, "/output")?).map_err(|error| error.to_string())?;
        Ok((output.clone(), format!("SUCCEEDED with {output}")))
    })
}

/// Checks that the execution is running.
pub(super) fn running(cloud: &Cloud, report: &mut Report, id: &str, must: &str) -> anyhow::Result<()> {
    report.once(cloud, (id, From::Equivalent), DESCRIBE, must, |outcome| {
        let printed = outcome.json()?;
        same("the status", at(&printed, "/status"), &"RUNNING".into())?;
        Ok(((), "RUNNING".to_owned()))
    })?;
    Ok(())
}

/// Waits until the item of an order passes `check`, and returns the item.
pub(super) fn item(
    cloud: &Cloud,
    report: &mut Report,
    (id, from): (&str, From),
    order: &str,
    must: &str,
    check: impl Fn(&Value) -> Result<(), String>,
) -> anyhow::Result<Option<Value>> {
    let command = format!(
        r#"aws dynamodb get-item --table-name serverlesspresso-order-table --key '{{"PK":{{"S":"orders"}},"SK":{{"S":"{order}"}}}}'"#
    );
    report.until(cloud, (id, from), &command, must, |outcome| {
        let printed = outcome.json().map_err(|_| format!("no item; {}", outcome.err.trim()))?;
        let item = at(&printed, "/Item").clone();
        check(&item)?;
        let members: Vec<&str> = item.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        Ok((item.clone(), format!("an item with {}", members.join(", "))))
    })
}

/// Creates a rule on the bus for a function, as in seeds 000 and 003, and checks that it is listed.
pub(super) fn rule(cloud: &Cloud, report: &mut Report, id: &str, name: &str) -> anyhow::Result<()> {
    let put = format!(
        r#"aws events put-rule --name {name} --event-bus-name Serverlesspresso --event-pattern '{{"detail-type":["OrderProcessor.{name}"],"source":["awsserverlessda.serverlesspresso"]}}'"#
    );
    let must = format!("RuleArn …:rule/Serverlesspresso/{name}");
    report.once(cloud, (&format!("{id}a"), From::Seed), &put, &must, |outcome| {
        let answer = outcome.json()?;
        let arn = text(&answer, "/RuleArn")?;
        if !arn.ends_with(&format!(":rule/Serverlesspresso/{name}")) {
            return Err(arn.to_owned());
        }
        Ok(((), arn.to_owned()))
    })?;
    let target = format!(
        "aws events put-targets --event-bus-name Serverlesspresso --rule {name} --targets Id=1,Arn=arn:aws:lambda:us-east-1:000000000000:function:{name}"
    );
    report.once(cloud, (&format!("{id}b"), From::Equivalent), &target, "FailedEntryCount 0", |outcome| {
        same("FailedEntryCount", at(&outcome.json()?, "/FailedEntryCount"), &0.into())?;
        Ok(((), "FailedEntryCount 0".to_owned()))
    })?;
    let list = "aws events list-rules --event-bus-name Serverlesspresso";
    report.once(cloud, (&format!("{id}c"), From::Workshop), list, &format!("{name} is ENABLED"), |outcome| {
        let printed = outcome.json()?;
        let rules = at(&printed, "/Rules").as_array().cloned().unwrap_or_default();
        let found = rules.iter().find(|rule| at(rule, "/Name") == name).ok_or("it is not listed")?;
        same("its state", at(found, "/State"), &"ENABLED".into())?;
        Ok(((), format!("{} rules, {name} ENABLED", rules.len())))
    })?;
    Ok(())
}
