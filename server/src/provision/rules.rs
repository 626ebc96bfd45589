//! The event bus and its rules.

use super::{ProvisionError, files::Rule, state_machine::EMBEDDED_ROLE};
use crate::cloud::Cloud;

/// Creates the bus unless it exists.
pub(super) async fn create_bus(cloud: &Cloud, name: &str) -> Result<(), ProvisionError> {
    match cloud.events.create_event_bus().name(name).send().await {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_already_exists_exception()) => {
            Ok(())
        }
        Err(error) => Err(ProvisionError::refused(format!("event bus {name}"), error)),
    }
}

/// Puts the rule and its target; both calls replace what exists.
pub(super) async fn put(cloud: &Cloud, bus: &str, rule: &Rule, target_arn: &str) -> Result<(), ProvisionError> {
    let what = || format!("rule {}", rule.name);
    let put = cloud.events.put_rule().name(&rule.name).event_bus_name(bus).event_pattern(rule.pattern.to_string());
    put.send().await.map_err(|error| ProvisionError::refused(what(), error))?;
    let mut target = aws_sdk_eventbridge::types::Target::builder().id("1").arn(target_arn);
    if target_arn.contains(":states:") {
        target = target.role_arn(EMBEDDED_ROLE);
    }
    let target = target.build().map_err(|error| ProvisionError::refused(what(), error))?;
    let put = cloud.events.put_targets().rule(&rule.name).event_bus_name(bus).targets(target).send().await;
    let put = put.map_err(|error| ProvisionError::refused(what(), error))?;
    match put.failed_entries().first() {
        None => Ok(()),
        Some(failed) => Err(ProvisionError::Refused {
            what: what(),
            message: failed.error_message().unwrap_or("its target was refused").to_owned(),
        }),
    }
}
