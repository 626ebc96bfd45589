//! Group D, seed 002: each step is an event, and a Map state processes names, at most two at once.

use serde_json::{Value, json};

use super::cloud::{Cloud, Tools};
use super::read::{at, history, logged, same, text};
use super::report::{From, Report};

const MAIN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:EventDrivenMachine";
const FINISHER: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:StepFinisher";
const SYSTEM: &str = "event_driven";
/// Long enough to check that the third waits.
const NAMES: u64 = 5;

pub(super) fn run(tools: &Tools, report: &mut Report) -> anyhow::Result<()> {
    let mut cloud = Cloud::start(tools, "d")?;
    cloud.deploy(SYSTEM)?;
    report.not_applicable("D0", "npx cdk deploy", "deploy.py sets up the same functions, machines and rules");
    fixed_names(&mut cloud, report, "D1a", NAMES)?;
    let arn = begin(&cloud, report, "D1b", 1)?;
    cloud.set("YOUR_EXECUTION_ARN", &arn);
    let output = super::orders::succeeded(&cloud, report, "D4a", "SUCCEEDED")?.unwrap_or_default();
    let log = "aws logs filter-log-events --log-group-name /aws/events/project";
    report.once(
        &cloud,
        ("D2", From::Equivalent),
        log,
        "getUsers with execution, stateName and token; done with it",
        |outcome| {
            let events = logged(&outcome.json()?);
            let asked = of_type(&events, "getUsers");
            let asked = asked.first().ok_or("no getUsers")?;
            same("execution", at(asked, "/detail/execution"), &json!(arn))?;
            same("stateName", at(asked, "/detail/stateName"), &json!("GetMultiple"))?;
            let token = text(asked, "/detail/TaskToken")?;
            let done = of_type(&events, "done");
            let done =
                done.iter().find(|event| at(event, "/detail/TaskToken") == token).ok_or("no done with its token")?;
            let names = at(done, "/detail/names").as_array().map_or(0, Vec::len);
            Ok(((), format!("done with {names} names")))
        },
    )?;
    let command = super::orders::HISTORY;
    report.once(
        &cloud,
        ("D3a", From::Equivalent),
        command,
        "never more than 2 unfinished names, and 2 at times",
        |outcome| {
            let printed = outcome.json()?;
            let (mut unfinished, mut most) = (0_i64, 0_i64);
            for event in history(&printed)? {
                match text(event, "/type")? {
                    "MapIterationStarted" => unfinished += 1,
                    "MapIterationSucceeded" => unfinished -= 1,
                    _ => {}
                }
                most = most.max(unfinished);
            }
            if most == 2 { Ok(((), "2 at most".to_owned())) } else { Err(format!("{most} at most")) }
        },
    )?;
    report.until(
        &cloud,
        ("D3b", From::Equivalent),
        log,
        "each name has its side effect, and that ends no step",
        |outcome| {
            let events = logged(&outcome.json()?);
            let (side, done) = (of_type(&events, "async.done").len() as u64, of_type(&events, "done").len() as u64);
            if (side, done) != (NAMES, NAMES + 2) {
                return Err(format!("{side} async.done, {done} done"));
            }
            Ok(((), format!("{side} async.done, {done} done")))
        },
    )?;
    let finished = format!(
        "aws stepfunctions list-executions --state-machine-arn {FINISHER} --status-filter SUCCEEDED --query 'length(executions)'"
    );
    report.until(&cloud, ("D3c", From::Equivalent), &finished, "one finisher for each done", |outcome| {
        let number = outcome.json()?;
        same("their number", &number, &json!(NAMES + 2))?;
        Ok(((), number.to_string()))
    })?;
    report_of(&cloud, report, "D4b", &arn, NAMES, &output);
    report.not_applicable("D5", "npx cdk-app-cli Bucket visit-console", "the bucket is a folder here");
    fixed_names(&mut cloud, report, "D6a", 0)?;
    let arn = begin(&cloud, report, "D6b", 2)?;
    cloud.set("YOUR_EXECUTION_ARN", &arn);
    let output = super::orders::succeeded(&cloud, report, "D6c", "no names: SUCCEEDED at once")?.unwrap_or_default();
    report_of(&cloud, report, "D6d", &arn, 0, &output);
    Ok(())
}

/// Sets how many names the function returns. The original function returns a random number of them.
fn fixed_names(cloud: &mut Cloud, report: &mut Report, id: &str, names: u64) -> anyhow::Result<()> {
    let address = cloud.serve_functions(SYSTEM, &[("FIXED_NAMES", &names.to_string())])?;
    cloud.set("THAT_ADDRESS", &address);
    let command = "aws lambda update-function-configuration --function-name getMultiple --environment 'Variables={FUNCTION_ADDRESS=THAT_ADDRESS}'";
    let must = format!("getMultiple is now the one that gives {names} names");
    report.once(cloud, (id, From::Equivalent), command, &must, |outcome| {
        let answer = outcome.json()?;
        same("LastUpdateStatus", at(&answer, "/LastUpdateStatus"), &json!("Successful"))?;
        Ok(((), "LastUpdateStatus Successful".to_owned()))
    })?;
    Ok(())
}

/// Runs the command of the seed, and returns the execution that it starts.
fn begin(cloud: &Cloud, report: &mut Report, id: &str, nth: usize) -> anyhow::Result<String> {
    let start = r#"aws events put-events --entries Source=project,DetailType=start,EventBusName=default,Detail=\"{}\" --region us-east-1"#;
    super::completion::new_order(cloud, report, (id, From::Seed), start)?;
    let list = format!("aws stepfunctions list-executions --state-machine-arn {MAIN}");
    let arn = report.until(
        cloud,
        (&format!("{id}2"), From::Equivalent),
        &list,
        "the event has started EventDrivenMachine",
        |outcome| {
            let printed = outcome.json()?;
            let executions = at(&printed, "/executions").as_array().map_or(0, Vec::len);
            if executions != nth {
                return Err(format!("{executions} executions"));
            }
            let arn = text(&printed, "/executions/0/executionArn")?.to_owned();
            Ok((arn.clone(), arn))
        },
    )?;
    Ok(arn.unwrap_or_default())
}

fn of_type<'e>(events: &'e [Value], detail_type: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| at(event, "/detail-type") == detail_type).collect()
}

/// Checks that the report in the bucket equals the output of the state machine.
fn report_of(cloud: &Cloud, report: &mut Report, id: &str, arn: &str, names: u64, output: &Value) {
    let watch = crate::step::Stopwatch::start();
    let given = || -> Result<((), String), String> {
        let file = cloud.bucket().join(arn).join("0-cookies.json");
        let written = std::fs::read_to_string(&file).map_err(|error| format!("no 0-cookies.json: {error}"))?;
        let written: Value = serde_json::from_str(&written).map_err(|error| error.to_string())?;
        same("numberOfPeople", at(&written, "/numberOfPeople"), &json!(names))?;
        same("the number of names", &json!(at(&written, "/names").as_array().map(Vec::len)), &json!(names))?;
        let total = json!({ "type": 0, "value": at(&written, "/totalCookiesConsumed") });
        same("the output", at(output, "/totalCookiesConsumed"), &total)?;
        Ok(((), format!("{names} people, {total}")))
    };
    let must = "numberOfPeople and totalCookiesConsumed as in the output of the machine";
    report.note(id, "[S]", "0-cookies.json below the ARN of the execution", must, given(), watch);
}
