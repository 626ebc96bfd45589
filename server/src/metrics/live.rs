//! Metrics of live connections.

use domain::{Timestamp, live::Topic};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::labels::Labels;

/// The buckets of `live_lag`: from a millisecond, the resolution of the clock, to more than anybody should wait.
const LAG_SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How a subscription was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A snapshot, because the client has read nothing yet.
    First,
    /// The missing changes.
    Resumed,
    /// A snapshot, because not all missing changes are kept.
    Snapshot,
    /// A snapshot during the connection, because the client is slower than the changes.
    Behind,
    /// Access was denied.
    Denied,
}

impl Answer {
    const fn label(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Resumed => "resumed",
            Self::Snapshot => "snapshot",
            Self::Behind => "behind",
            Self::Denied => "denied",
        }
    }
}

#[derive(Debug)]
pub(crate) struct LiveMetrics {
    sockets: Gauge,
    answers: Family<Labels<2>, Counter>,
    refused: Family<Labels<1>, Counter>,
    cut: Family<Labels<1>, Counter>,
    /// One for each of [`Topic::KINDS`], so that sending a frame needs no lookup by label.
    topics: [TopicMetrics; 4],
}

#[derive(Debug, Clone)]
struct TopicMetrics {
    subscriptions: Gauge,
    lag: Histogram,
}

/// Increments a gauge for as long as it lives.
#[derive(Debug)]
pub(crate) struct GaugeGuard(Gauge);

impl GaugeGuard {
    fn to(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl LiveMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let sockets = Gauge::default();
        registry.register("live_sockets", "Live connections that are open", sockets.clone());
        let subscriptions = Family::<Labels<1>, Gauge>::default();
        registry.register("live_subscriptions", "Topics that are read by them, by kind", subscriptions.clone());
        let lag = Family::<Labels<1>, Histogram>::new_with_constructor(|| Histogram::new(LAG_SECONDS));
        let help = "From a change to the moment at which a connection has handed it to the system";
        registry.register_with_unit("live_lag", help, Unit::Seconds, lag.clone());
        let answers = Family::default();
        let help = "What readers of a topic got: first (a snapshot), resumed (what was missed), snapshot (in its place), \
                    behind (a snapshot, being too slow), denied";
        registry.register("live_answers", help, answers.clone());
        let refused = Family::default();
        registry.register("live_refused", "Connections that were not let in, by what forbade it", refused.clone());
        let cut = Family::default();
        registry.register("live_cut", "Connections that were cut, by the reason", cut.clone());
        let topics = Topic::KINDS.map(|kind| TopicMetrics {
            subscriptions: subscriptions.get_or_create_owned(&[("topic", kind)]),
            lag: lag.get_or_create_owned(&[("topic", kind)]),
        });
        Self { sockets, answers, refused, cut, topics }
    }

    fn topic(&self, topic: &Topic) -> &TopicMetrics {
        let [board, queue, shop, order] = &self.topics;
        match topic {
            Topic::Board => board,
            Topic::Queue => queue,
            Topic::Shop => shop,
            Topic::Order(_) => order,
        }
    }

    /// A connection has been opened.
    pub(crate) fn socket(&self) -> GaugeGuard {
        GaugeGuard::to(&self.sockets)
    }

    /// A connection has subscribed to a topic.
    pub(crate) fn subscribed(&self, topic: &Topic) -> GaugeGuard {
        GaugeGuard::to(&self.topic(topic).subscriptions)
    }

    /// A subscription has been answered.
    pub(crate) fn answered(&self, topic: &Topic, answer: Answer) {
        self.answers.get_or_create(&[("topic", topic.kind()), ("answer", answer.label())]).inc();
    }

    /// The changes since `since` have been sent.
    pub(crate) fn delivered(&self, topic: &Topic, since: Option<Timestamp>, now: Timestamp) {
        if let Some(since) = since {
            self.topic(topic).lag.observe(now.millis_since(since) as f64 / 1_000.0);
        }
    }

    /// A connection was refused.
    pub(crate) fn refused(&self, limit: &'static str) {
        self.refused.get_or_create(&[("limit", limit)]).inc();
    }

    /// A connection from a page of another site was refused.
    pub(crate) fn foreign(&self) {
        self.refused.get_or_create(&[("limit", "origin")]).inc();
    }

    /// The server has closed a connection.
    pub(crate) fn closed(&self, reason: &'static str) {
        self.cut.get_or_create(&[("reason", reason)]).inc();
    }
}
