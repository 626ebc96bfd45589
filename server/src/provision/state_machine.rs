//! The state machines of the workflows.

use aws_sdk_sfn::types::Tag;

use super::{ProvisionError, ResourceNames, workflows::Workflow};
use crate::cloud::Cloud;

/// The API requires a role; the embedded cloud does not use it.
pub(super) const EMBEDDED_ROLE: &str = "arn:aws:iam::000000000000:role/doppio";

/// The state machines of all workflows.
#[derive(Debug, Clone, Default)]
pub(crate) struct StateMachines(Vec<(&'static Workflow, String)>);

impl StateMachines {
    pub(super) fn insert(&mut self, workflow: &'static Workflow, arn: String) {
        self.0.push((workflow, arn));
    }

    /// Every workflow with the ARN of its state machine.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static Workflow, &str)> {
        self.0.iter().map(|(workflow, arn)| (*workflow, arn.as_str()))
    }

    /// The ARN of the state machine of a workflow.
    ///
    /// # Errors
    /// [`ProvisionError::Missing`] when there is none.
    pub(crate) fn arn(&self, workflow: &Workflow) -> Result<&str, ProvisionError> {
        let found = self.iter().find(|(known, _)| known.name == workflow.name);
        found.map(|(_, arn)| arn).ok_or_else(|| ProvisionError::missing(workflow.name))
    }

    /// The ARN of the state machine with this (prefixed) name.
    pub(super) fn arn_of_name(&self, name: &str, names: &ResourceNames) -> Result<&str, ProvisionError> {
        let found = self.iter().find(|(workflow, _)| names.workflow(workflow) == name);
        found.map(|(_, arn)| arn).ok_or_else(|| ProvisionError::missing(name))
    }
}

/// The ARN of the state machine with this name.
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

/// Creates the state machine, or updates its definition and tags. Running executions keep their definition.
pub(super) async fn create_or_update(
    cloud: &Cloud,
    name: &str,
    definition: &str,
    tags: &[(&str, &str)],
) -> Result<String, ProvisionError> {
    let arn = with_definition(cloud, name, definition).await?;
    for (key, value) in tags {
        let tag = Tag::builder().key(*key).value(*value).build();
        let tagged = cloud.workflows.tag_resource().resource_arn(&arn).tags(tag).send().await;
        tagged.map_err(|error| ProvisionError::refused(format!("workflow {name}"), error))?;
    }
    Ok(arn)
}

async fn with_definition(cloud: &Cloud, name: &str, definition: &str) -> Result<String, ProvisionError> {
    let what = || format!("workflow {name}");
    let Some(arn) = find(cloud, name).await? else {
        let create = cloud.workflows.create_state_machine().name(name).role_arn(EMBEDDED_ROLE).definition(definition);
        let made = create.send().await.map_err(|error| ProvisionError::refused(what(), error))?;
        tracing::info!(workflow = name, "workflow created");
        return Ok(made.state_machine_arn().to_owned());
    };
    let described = cloud.workflows.describe_state_machine().state_machine_arn(&arn).send().await;
    let described = described.map_err(|error| ProvisionError::refused(what(), error))?;
    if described.definition() != definition {
        let update = cloud.workflows.update_state_machine().state_machine_arn(&arn).definition(definition);
        update.send().await.map_err(|error| ProvisionError::refused(what(), error))?;
        tracing::info!(workflow = name, "workflow updated");
    }
    Ok(arn)
}
