//! The order workflow's state machine.

use aws_sdk_sfn::types::Tag;

use super::ProvisionError;
use crate::cloud::Cloud;

/// How many seconds the embedded cloud keeps the execution of an order that was refused. Its record says why, and stays.
/// Behind the slash is the state with which such an execution ends. See `engine/src/stepfunctions/service/retention.rs`.
const KEEP_REFUSED: (&str, &str) = ("engine:keep-seconds/Emit - Shop not ready", "900");

/// The role that AWS's API wants to hear of; the embedded cloud has no use for it.
pub(super) const EMBEDDED_ROLE: &str = "arn:aws:iam::000000000000:role/doppio";

/// The ARN of the state machine of that name.
pub(super) async fn find(cloud: &Cloud, name: &str) -> Result<Option<String>, ProvisionError> {
    let mut pages = cloud.workflows.list_state_machines().into_paginator().items().send();
    while let Some(machine) = pages.next().await {
        let machine = machine.map_err(|error| ProvisionError::refused(format!("workflow {name}"), error))?;
        if machine.name() == name {
            return Ok(Some(machine.state_machine_arn().to_owned()));
        }
    }
    Ok(None)
}

/// Makes the state machine, or gives it the definition and the tag of this release. Executions under way keep their
/// definition.
pub(super) async fn create_or_update(cloud: &Cloud, name: &str, definition: &str) -> Result<String, ProvisionError> {
    let arn = with_definition(cloud, name, definition).await?;
    let (key, value) = KEEP_REFUSED;
    let tag = cloud.workflows.tag_resource().resource_arn(&arn).tags(Tag::builder().key(key).value(value).build());
    tag.send().await.map_err(|error| ProvisionError::refused(format!("workflow {name}"), error))?;
    Ok(arn)
}

async fn with_definition(cloud: &Cloud, name: &str, definition: &str) -> Result<String, ProvisionError> {
    let what = || format!("workflow {name}");
    let Some(arn) = find(cloud, name).await? else {
        let create = cloud.workflows.create_state_machine().name(name).role_arn(EMBEDDED_ROLE).definition(definition);
        let made = create.send().await.map_err(|error| ProvisionError::refused(what(), error))?;
        tracing::info!(workflow = name, "workflow made");
        return Ok(made.state_machine_arn().to_owned());
    };
    let described = cloud.workflows.describe_state_machine().state_machine_arn(&arn).send().await;
    let described = described.map_err(|error| ProvisionError::refused(what(), error))?;
    if described.definition() != definition {
        let update = cloud.workflows.update_state_machine().state_machine_arn(&arn).definition(definition);
        update.send().await.map_err(|error| ProvisionError::refused(what(), error))?;
        tracing::info!(workflow = name, "workflow brought up to date");
    }
    Ok(arn)
}
