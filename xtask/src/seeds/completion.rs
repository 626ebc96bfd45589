//! Group C, seed 003: the second token, and an order from end to end.

use serde_json::{Value, json};

use super::cloud::{Cloud, Tools};
use super::orders::{self, BUS_LOG, SUCCESS, item, rule, succeeded};
use super::read::{at, event_of, logged, same, text};
use super::report::{From, Report};

/// The token in the text of the seed, which has expired.
const SAMPLE_TOKEN: &str = include_str!("sample_token.txt");
/// The command of the seed. Later orders have another number.
const NEW_ORDER: &str = r#"aws events put-events --entries '[{"Source":"awsserverlessda.serverlesspresso", "DetailType":"Validator.NewOrder", "EventBusName":"Serverlesspresso", "Detail": "{\"userId\":\"1\",\"orderId\":\"2\"}"}]'"#;

pub(super) fn run(tools: &Tools, report: &mut Report) -> anyhow::Result<()> {
    let mut cloud = orders::cloud(tools, "c")?;
    rule(&cloud, report, "C0", "WorkflowStarted")?;
    rule(&cloud, report, "C1", "WaitingCompletion")?;
    by_hand(&mut cloud, report)?;
    by_the_order_manager(&mut cloud, report)?;
    closed_and_full(&mut cloud, report)
}

fn by_hand(cloud: &mut Cloud, report: &mut Report) -> anyhow::Result<()> {
    new_order(cloud, report, ("C2", From::Seed), NEW_ORDER)?;
    let kept = item(cloud, report, ("C3", From::Seed), "2", "an item with SK \"2\" and a TaskToken", |item| {
        same("SK", at(item, "/SK/S"), &json!("2"))?;
        text(item, "/TaskToken/S").map(drop)
    })?;
    let kept = kept.unwrap_or_default();
    let first = at(&kept, "/TaskToken/S").as_str().unwrap_or_default().to_owned();
    cloud.set("YOUR_TASK_TOKEN", &first);
    report.once(cloud, ("C4a", From::Seed), SUCCESS, "exit 0 and no output", |outcome| Ok(((), outcome.silent()?)))?;
    let must = "OrderProcessor.WaitingCompletion on the bus";
    report.until(cloud, ("C4b", From::Seed), BUS_LOG, must, |outcome| {
        let event = event_of(&outcome.json()?, "OrderProcessor.WaitingCompletion", "2")?;
        Ok(((), format!("orderNumber {}", at(&event, "/detail/orderNumber"))))
    })?;
    let must = "another TaskToken, orderNumber \"1\", a later TS, ORDERSTATE still CREATED, no drinkOrder";
    item(cloud, report, ("C5a", From::Seed), "2", must, |item| {
        same("orderNumber", at(item, "/orderNumber"), &json!({ "S": "1" }))?;
        same("ORDERSTATE", at(item, "/ORDERSTATE"), &json!({ "S": "CREATED" }))?;
        same("drinkOrder", at(item, "/drinkOrder"), &Value::Null)?;
        let time = |item| text(item, "/TS/N").map(str::to_owned);
        if text(item, "/TaskToken/S")? == first || time(item)? <= time(&kept)? {
            return Err("the token or TS of before".to_owned());
        }
        Ok(())
    })?;
    let must = "OrderManager.WaitingCompletion with a null drink and without a token";
    report.until(cloud, ("C5b", From::Equivalent), BUS_LOG, must, |outcome| {
        let event = event_of(&outcome.json()?, "OrderManager.WaitingCompletion", "2")?;
        let detail = at(&event, "/detail");
        if !detail.get("drinkOrder").is_some_and(Value::is_null) || detail.get("TaskToken").is_some() {
            return Err(detail.to_string());
        }
        Ok(((), "drinkOrder null".to_owned()))
    })?;
    cloud.set("SAMPLE_TOKEN", SAMPLE_TOKEN.trim());
    let sample = SUCCESS.replace("YOUR_TASK_TOKEN", "SAMPLE_TOKEN");
    report.once(cloud, ("C6", From::Seed), &sample, "the token that the seed prints: InvalidToken", |outcome| {
        Ok(((), outcome.refused("InvalidToken")?))
    })?;
    Ok(())
}

fn by_the_order_manager(cloud: &mut Cloud, report: &mut Report) -> anyhow::Result<()> {
    new_order(cloud, report, ("C7a", From::Workshop), &NEW_ORDER.replace(r#"\"2\""#, r#"\"3\""#))?;
    let created = |item: &Value| same("ORDERSTATE", at(item, "/ORDERSTATE/S"), &json!("CREATED"));
    item(cloud, report, ("C7b", From::Equivalent), "3", "an item, CREATED", created)?;
    let drink = |name: &str| {
        format!(
            r#"{{"action":"","body":{{"userId":"1","drink":"{name}","modifiers":[],"icon":"barista-icons_cappuccino-alternative"}},"orderId":"3","baristaUserId":"3"}}"#
        )
    };
    manage(
        cloud,
        report,
        "C8",
        &drink("milkshake"),
        "a drink that is not on the menu: SUCCEEDED by \"not a valid order\"",
    )?;
    item(cloud, report, ("C8c", From::Workshop), "3", "no drinkOrder", |item| {
        same("drinkOrder", at(item, "/drinkOrder"), &Value::Null)
    })?;
    manage(cloud, report, "C9", &drink("Cappuccino"), "SUCCEEDED")?;
    item(cloud, report, ("C9c", From::Workshop), "3", "drinkOrder as JSON text, orderNumber \"2\"", |item| {
        let drink: Value = serde_json::from_str(text(item, "/drinkOrder/S")?).map_err(|error| error.to_string())?;
        same("the drink", at(&drink, "/drink"), &json!("Cappuccino"))?;
        same("orderNumber", at(item, "/orderNumber"), &json!({ "S": "2" }))
    })?;
    told(cloud, report, "C9d", "OrderManager.WaitingCompletion", "3", |detail| {
        same("drink", at(detail, "/drinkOrder/drink"), &json!("Cappuccino"))
    })?;
    let make = r#"{"action":"make","body":{},"orderId":"3","baristaUserId":"3"}"#;
    manage(cloud, report, "C10", make, "SUCCEEDED")?;
    item(cloud, report, ("C10c", From::Workshop), "3", "baristaUserId \"3\"", |item| {
        same("baristaUserId", at(item, "/baristaUserId"), &json!({ "S": "3" }))
    })?;
    told(cloud, report, "C10d", "OrderManager.MakeOrder", "3", |detail| {
        same("baristaUserId", at(detail, "/baristaUserId"), &json!("3"))
    })?;
    let complete = r#"{"action":"complete","body":{},"orderId":"3","baristaUserId":"3"}"#;
    manage(cloud, report, "C11", complete, "SUCCEEDED")?;
    item(cloud, report, ("C11c", From::Workshop), "3", "ORDERSTATE Completed", |item| {
        same("ORDERSTATE", at(item, "/ORDERSTATE/S"), &json!("Completed"))
    })?;
    told(cloud, report, "C11d", "OrderManager.OrderCompleted", "3", |_| Ok(()))?;
    told(cloud, report, "C11e", "OrderProcessor.orderFinished", "3", |_| Ok(()))
}

fn closed_and_full(cloud: &mut Cloud, report: &mut Report) -> anyhow::Result<()> {
    let put = |open: bool| {
        format!(
            r#"aws dynamodb put-item --table-name serverlesspresso-config-table --item '{{"PK":{{"S":"config"}},"storeOpen":{{"BOOL":{open}}},"maxOrdersPerUser":{{"N":"1"}},"maxOrdersInQueue":{{"N":"10"}}}}'"#
        )
    };
    report.once(cloud, ("C12a", From::Workshop), &put(false), "the shop is closed", |outcome| {
        Ok(((), outcome.silent()?))
    })?;
    orders::start(cloud, report, "C12b")?;
    succeeded(cloud, report, "C12c", "SUCCEEDED by way of \"Emit - Shop not ready\"")?;
    told(cloud, report, "C12d", "OrderProcessor.ShopUnavailable", "", |detail| {
        same("userId", at(detail, "/userId"), &json!("testuser"))
    })?;
    report.not_applicable(
        "C12e",
        "one ConfigService.ConfigChanged",
        "it comes from a stream of the table, and this engine has no DynamoDB streams",
    );
    report.once(cloud, ("C13a", From::Equivalent), &put(true), "the shop is open", |outcome| {
        Ok(((), outcome.silent()?))
    })?;
    // Order 2 still waits, so nineteen more orders fit into the queue.
    let many = r#"for n in $(seq 26); do aws stepfunctions start-execution --state-machine-arn YOUR_STATE_MACHINE_ARN --input "{\"detail\":{\"orderId\":\"1\",\"userId\":\"testuser\"}}" --query executionArn --output text || exit 1; done"#;
    report.once(cloud, ("C13b", From::Workshop), many, "26 executions", |outcome| {
        match outcome.out.lines().count() {
            26 if outcome.code == Some(0) => Ok(((), "26 ARNs".to_owned())),
            _ => Err(format!("{}{}", outcome.out, outcome.err)),
        }
    })?;
    let list = "aws stepfunctions list-executions --state-machine-arn YOUR_STATE_MACHINE_ARN --status-filter RUNNING --query 'length(executions)'";
    report.once(cloud, ("C13c", From::Workshop), list, "20 of all are RUNNING", |outcome| {
        same("their number", &outcome.json()?, &json!(20))?;
        Ok(((), "20".to_owned()))
    })?;
    report.until(
        cloud,
        ("C13d", From::Workshop),
        BUS_LOG,
        "the other seven found the shop unavailable",
        |outcome| {
            let events = logged(&outcome.json()?);
            let refused = events.iter().filter(|event| at(event, "/detail-type") == "OrderProcessor.ShopUnavailable");
            // One of them is the order that the closed shop refused.
            match refused.count() {
                8 => Ok(((), "8 ShopUnavailable, one of them from C12".to_owned())),
                other => Err(format!("{other} ShopUnavailable")),
            }
        },
    )?;
    for (id, what) in [
        ("C14a", "aws cognito-identity list-identity-pools --max-results 10"),
        ("C14b", "aws iot describe-endpoint --endpoint-type iot:Data-ATS"),
        ("C14c", "aws cloudformation list-stacks | grep serverlesspresso"),
        ("C14d", "aws s3 ls | grep serverlesspresso"),
    ] {
        report.not_applicable(id, what, "the engine has none of that service, and no order needs it");
    }
    Ok(())
}

pub(super) fn new_order(cloud: &Cloud, report: &mut Report, id: (&str, From), command: &str) -> anyhow::Result<()> {
    report.once(cloud, id, command, "FailedEntryCount 0", |outcome| {
        same("FailedEntryCount", at(&outcome.json()?, "/FailedEntryCount"), &json!(0))?;
        Ok(((), "FailedEntryCount 0".to_owned()))
    })?;
    Ok(())
}

/// Starts the OrderManager and waits for its end.
pub(super) fn manage(cloud: &mut Cloud, report: &mut Report, id: &str, input: &str, must: &str) -> anyhow::Result<()> {
    let command = format!("aws stepfunctions start-execution --state-machine-arn ORDER_MANAGER_ARN --input '{input}'");
    let arn = report.once(cloud, (&format!("{id}a"), From::Workshop), &command, "executionArn", |outcome| {
        let arn = text(&outcome.json()?, "/executionArn")?.to_owned();
        Ok((arn.clone(), arn))
    })?;
    cloud.set("YOUR_EXECUTION_ARN", &arn.unwrap_or_default());
    succeeded(cloud, report, &format!("{id}b"), must)?;
    Ok(())
}

/// Checks that the bus has received this event of the order.
pub(super) fn told(
    cloud: &Cloud,
    report: &mut Report,
    id: &str,
    detail_type: &str,
    order: &str,
    check: impl Fn(&Value) -> Result<(), String>,
) -> anyhow::Result<()> {
    report.until(cloud, (id, From::Workshop), BUS_LOG, &format!("{detail_type} on the bus"), |outcome| {
        let event = event_of(&outcome.json()?, detail_type, order)?;
        check(at(&event, "/detail"))?;
        Ok(((), at(&event, "/detail").to_string()))
    })?;
    Ok(())
}
