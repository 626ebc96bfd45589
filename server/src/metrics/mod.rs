//! What can be measured of a bar that runs, in the text format of OpenMetrics, which Prometheus reads. No label names an
//! order, a person or a secret: each is one of a few words of ours.

mod commands;
mod connections;
mod labels;
mod live;
mod orders;
mod registry;

pub(crate) use self::{
    commands::CommandMetrics,
    connections::{ConnectionMetrics, ListenerMetrics},
    live::{Answer, LiveMetrics, Subscribed},
    orders::CallbackMetrics,
    registry::Metrics,
};
