//! The state that commands, event handlers and upkeep share.

use std::sync::Arc;

use domain::{Shop, Timestamp};

use super::{StoredOrder, deadlines::Deadlines, repository::Repository, workflow_client::WorkflowClient};
use crate::{
    cloud::Cloud,
    live::Hub,
    metrics::Metrics,
    provision::ResourceNames,
    shop::ShopStore,
    time::{self, Clocks},
};

/// The state that commands, event handlers and upkeep share.
#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) repository: Repository,
    pub(crate) workflow: WorkflowClient,
    pub(crate) shop: Arc<ShopStore>,
    pub(crate) hub: Arc<Hub>,
    pub(super) deadlines: Deadlines,
    pub(crate) clocks: Clocks,
    pub(crate) metrics: Arc<Metrics>,
}

impl Orders {
    pub(crate) fn new(
        cloud: &Cloud,
        names: &ResourceNames,
        workflow_arn: String,
        shop: Arc<ShopStore>,
        hub: Arc<Hub>,
        clocks: Clocks,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            repository: Repository::new(cloud.tables.clone(), names.orders.clone()),
            workflow: WorkflowClient::new(
                cloud.workflows.clone(),
                workflow_arn,
                metrics.callbacks.clone(),
                Arc::clone(&clocks.orders),
            ),
            deadlines: Deadlines::new(&shop.current().state),
            shop,
            hub,
            clocks,
            metrics,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        time::now(&*self.clocks.orders)
    }

    /// Publishes a version of an order to the live connections and to upkeep, unless they know a newer one. Returns
    /// whether it was new to the live connections.
    pub(crate) fn publish(&self, stored: &StoredOrder) -> bool {
        self.deadlines.update(&stored.order, stored.version, self.now());
        self.hub.update(&stored.order, stored.version)
    }

    /// Publishes new settings to the live connections and to upkeep.
    pub(crate) fn publish_shop(&self, shop: Shop) {
        self.deadlines.update_shop(&shop.state);
        self.hub.set_shop(shop);
    }
}
