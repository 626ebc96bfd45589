//! Creates what is missing in the embedded cloud.

use super::{
    ProvisionError, ResourceNames,
    files::{Files, Target, WorkflowFiles},
    items, rules,
    state_machine::{self, StateMachines},
    tables,
};
use crate::cloud::Cloud;

/// Creates what is missing. `function_arn` returns the ARN of a function. Returns the state machines.
///
/// # Errors
/// [`ProvisionError`].
pub(crate) async fn provision(
    cloud: &Cloud,
    names: &ResourceNames,
    function_arn: impl Fn(&str) -> String,
) -> Result<StateMachines, ProvisionError> {
    let files = Files::read(names)?;
    for table in &files.tables {
        tables::create_if_missing(cloud, table).await?;
    }
    items::put_if_missing(cloud, &names.config, &files.config).await?;
    items::put_if_missing(cloud, &names.config, &files.menu).await?;
    items::put_if_missing(cloud, &names.config, &files.translations).await?;
    rules::create_bus(cloud, &names.bus).await?;
    let mut machines = StateMachines::default();
    for WorkflowFiles { workflow, definition, .. } in &files.workflows {
        let arn = state_machine::create_or_update(cloud, &names.workflow(workflow), definition, workflow.tags).await?;
        machines.insert(workflow, arn);
    }
    for rule in files.workflows.iter().flat_map(|files| &files.rules) {
        let target = match &rule.target {
            Target::Function(name) => function_arn(name),
            Target::StateMachine(name) => machines.arn_of_name(name, names)?.to_owned(),
        };
        rules::put(cloud, &names.bus, rule, &target).await?;
    }
    Ok(machines)
}
