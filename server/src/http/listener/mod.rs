//! Accepts connections and serves HTTP/1.1 on them, within limits of time, size and number.
//!
//! Reading order: [`accept`] accepts; [`capacity`] says how many connections there may be; [`registry`] counts them;
//! [`connection`] serves one, over its [`stream`] and with its [`service`], within the time limits of its [`activity`].

mod accept;
mod activity;
mod capacity;
mod connection;
mod read_ahead;
mod registry;
mod service;
mod stream;

pub(crate) use self::{
    accept::Listener,
    capacity::ConnectionBudget,
    registry::{Capacity, Registry},
};
