//! Orders: the record in the table, the commands that change it, and the callbacks that carry the workflow on.
//!
//! Reading order: [`record`] is one item; [`repository`] reads and writes items; [`update`] folds facts into them;
//! [`workflow_client`] speaks to the workflow, with the [`numbering`] of the business day; [`start`],
//! [`execute`], [`choice`] and [`bar_orders`] are the commands; [`upkeep`] is what happens by itself as time passes, and
//! [`change_feed`] brings in what other processes wrote.

mod bar_orders;
mod change_feed;
mod choice;
mod execute;
mod id;
mod numbering;
mod record;
mod repository;
mod start;
mod update;
mod upkeep;
mod workflow_client;

use std::sync::Arc;

use domain::Timestamp;

use self::workflow_client::Callbacks;
pub(crate) use self::{
    change_feed::follow,
    record::Stored,
    repository::{Repository, StoreError},
    update::ChangeError,
    upkeep::{due, upkeep},
    workflow_client::CancelCause,
};
use crate::{
    cloud::Cloud,
    live::Hub,
    metrics::Metrics,
    provision::Names,
    shop::ShopStore,
    time::{self, Clocks},
};

/// Everything that commands, event handlers and upkeep do with orders.
#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) repository: Repository,
    pub(crate) callbacks: Callbacks,
    pub(crate) shop: Arc<ShopStore>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) clocks: Clocks,
    pub(crate) metrics: Arc<Metrics>,
}

impl Orders {
    pub(crate) fn new(
        cloud: &Cloud,
        names: &Names,
        machine: String,
        shop: Arc<ShopStore>,
        hub: Arc<Hub>,
        clocks: Clocks,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            repository: Repository::new(cloud.tables.clone(), names.orders.clone()),
            callbacks: Callbacks::new(
                cloud.workflows.clone(),
                machine,
                metrics.callbacks.clone(),
                Arc::clone(&clocks.bar),
            ),
            shop,
            hub,
            clocks,
            metrics,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        time::now(&*self.clocks.bar)
    }
}
