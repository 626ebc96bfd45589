//! Checks an AWS account, where a stack creates everything.

use super::{
    ProvisionError, ResourceNames,
    files::{Files, WorkflowFiles},
    state_machine::{self, StateMachines},
};
use crate::cloud::Cloud;

/// Checks that tables, bus and workflows exist. Returns the state machines.
///
/// # Errors
/// [`ProvisionError::Missing`] names the first thing that does not exist.
pub(crate) async fn check(cloud: &Cloud, names: &ResourceNames) -> Result<StateMachines, ProvisionError> {
    let files = Files::read(names)?;
    for table in &files.tables {
        let what = format!("table {}", table.table_name);
        match cloud.tables.describe_table().table_name(&table.table_name).send().await {
            Ok(_) => {}
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                return Err(ProvisionError::Missing { what });
            }
            Err(error) => return Err(ProvisionError::refused(what, error)),
        }
    }
    let what = format!("event bus {}", names.bus);
    match cloud.events.describe_event_bus().name(&names.bus).send().await {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
            return Err(ProvisionError::Missing { what });
        }
        Err(error) => return Err(ProvisionError::refused(what, error)),
    }
    let mut machines = StateMachines::default();
    for WorkflowFiles { workflow, .. } in files.workflows {
        let name = names.workflow(workflow);
        let found = state_machine::find(cloud, &name).await?;
        machines.insert(workflow, found.ok_or_else(|| ProvisionError::missing(&name))?);
    }
    Ok(machines)
}
