//! Metrics in the OpenMetrics text format, which Prometheus reads.

mod commands;
mod connections;
mod labels;
mod live;
mod orders;
mod registry;

pub(crate) use self::{
    commands::CommandMetrics,
    connections::ListenerMetrics,
    live::{Answer, GaugeGuard, LiveMetrics},
    orders::CallbackMetrics,
    registry::Metrics,
};
