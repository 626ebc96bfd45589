//! Orders: the record in the table, the commands that change it, and the callbacks that carry the workflow on.
//!
//! Reading order: [`record`] is one item; [`repository`] reads and writes items; [`update`] folds facts into them;
//! [`workflow_client`] speaks to the workflow, with the [`numbering`] of the business day; [`start`],
//! [`execute`], [`choice`] and [`bar_orders`] are the commands; [`upkeep`] is what happens by itself as time passes, and
//! [`change_feed`] brings in what other processes wrote.

mod bar_orders;
mod change_feed;
mod choice;
mod deadlines;
mod error;
mod execute;
mod id;
mod numbering;
mod record;
mod repository;
mod service;
mod start;
mod update;
mod upkeep;
mod workflow_client;

pub(crate) use self::{
    change_feed::follow_changes, error::OrderError, record::StoredOrder, repository::StoreError, service::Orders,
    update::UpdateError, upkeep::upkeep, workflow_client::CancelCause,
};
