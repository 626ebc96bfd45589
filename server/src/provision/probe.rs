//! Checks whether each service answers and has what the server needs, by one small read each.

use aws_sdk_dynamodb::error::DisplayErrorContext;

use super::{ResourceNames, state_machine::StateMachines};
use crate::cloud::{Cloud, attributes::text};

/// The resources that [`Probe::check`] checks.
#[derive(Debug)]
pub(crate) struct Probe {
    cloud: Cloud,
    names: ResourceNames,
    machines: StateMachines,
}

impl Probe {
    pub(crate) const fn new(cloud: Cloud, names: ResourceNames, machines: StateMachines) -> Self {
        Self { cloud, names, machines }
    }

    /// # Errors
    /// What is missing or does not answer.
    pub(crate) async fn check(&self) -> Result<(), &'static str> {
        let (tables, bus) = tokio::join!(self.tables(), self.bus());
        tables.and(bus).and(self.workflows().await)
    }

    async fn tables(&self) -> Result<(), &'static str> {
        let get = self.cloud.tables.get_item().table_name(&self.names.orders);
        let orders = get.key("PK", text("readiness")).key("SK", text("readiness")).send().await;
        orders.map_err(|error| failed(error, "the order table"))?;
        let get = self.cloud.tables.get_item().table_name(&self.names.config).key("PK", text("config"));
        let config = get.send().await.map_err(|error| failed(error, "the config table"))?;
        config.item.map(drop).ok_or("the item `config` of the config table")
    }

    async fn bus(&self) -> Result<(), &'static str> {
        let described = self.cloud.events.describe_event_bus().name(&self.names.bus).send().await;
        described.map(drop).map_err(|error| failed(error, "the event bus"))
    }

    async fn workflows(&self) -> Result<(), &'static str> {
        for (workflow, arn) in self.machines.iter() {
            let described = self.cloud.workflows.describe_state_machine().state_machine_arn(arn).send().await;
            described.map_err(|error| failed(error, workflow.description))?;
        }
        Ok(())
    }
}

/// The details are logged. The response does not contain them.
fn failed(error: impl std::error::Error, what: &'static str) -> &'static str {
    tracing::warn!(error = %DisplayErrorContext(error), what, "not ready: a resource is missing or does not answer");
    what
}
