//! Orders: their records in the table, the commands that change them, and their workflows.
//!
//! Reading order: [`record`] is one item of the table; [`repository`] reads and writes items; [`update`] applies events
//! to them; [`workflow_client`] calls WorkflowStep Functions, with the [`numbering`] of the business day. The commands are in
//! [`start`], [`execute`], [`choice`] and [`bar_orders`]. [`upkeep`] acts on [`deadlines`], and [`change_feed`] picks
//! up what other processes write.

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
