//! Distributes the available connections among the listeners.

use super::Capacity;
use crate::config::{ConnectionLimits, LiveLimits};

/// The maximum number of connections of the AWS API, and of the metrics.
const MAX_PER_INTERNAL_LISTENER: u32 = 256;

/// The capacity of each listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConnectionBudget {
    /// The pages, live connections included.
    pub(crate) pages: Capacity,
    /// The AWS API, and the metrics: each has this capacity, which guests cannot use up.
    pub(crate) internal: Capacity,
    /// The live connections. Some connections of the pages are kept for other requests.
    pub(crate) live: LiveLimits,
}

impl ConnectionBudget {
    /// The configured limits, reduced to what the operating system allows: `allowed` connections in total, if it has a
    /// limit.
    pub(crate) fn of(limits: ConnectionLimits, live: LiveLimits, allowed: Option<u32>) -> Self {
        let allowed = allowed.unwrap_or(u32::MAX);
        let internal = (allowed / 16).clamp(1, MAX_PER_INTERNAL_LISTENER);
        let total = limits.connection_limit.min(allowed - 2 * internal.min(allowed / 3)).max(1);
        // One network never gets all connections.
        let network = limits.connection_limit_network.min(total.div_ceil(2));
        let live_limit = live.live_limit.min(total - total / 8);
        // The configured limits may allow one network all live connections; reduced ones do not.
        let live_limit_address = match live_limit < live.live_limit {
            true => live.live_limit_address.min(live_limit.div_ceil(2)),
            false => live.live_limit_address,
        };
        if total < limits.connection_limit || live_limit < live.live_limit {
            tracing::info!(
                connections = total,
                live = live_limit,
                "fewer connections are possible than --connection-limit and --live-limit ask for; raise the system's limit of open files (ulimit -n)"
            );
        }
        Self {
            pages: Capacity { total, network },
            internal: Capacity { total: internal, network: internal },
            live: LiveLimits { live_limit, live_limit_address, ..live },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ConnectionLimits = ConnectionLimits { connection_limit: 24_000, connection_limit_network: 1_000 };
    const LIVE: LiveLimits = LiveLimits { live_limit: 20_000, live_limit_address: 4_000, live_limit_session: 32 };

    #[test]
    fn without_a_system_limit_the_configured_limits_apply() {
        let budget = ConnectionBudget::of(LIMITS, LIVE, None);
        assert_eq!(budget.pages, Capacity { total: 24_000, network: 1_000 });
        assert_eq!(budget.live, LIVE);
        // All phones at a venue may have one address, so one address may be allowed all live connections.
        let one_address = LiveLimits { live_limit: 20, ..LIVE };
        assert_eq!(ConnectionBudget::of(LIMITS, one_address, None).live, one_address);
    }

    #[test]
    fn all_listeners_together_stay_within_the_system_limit() {
        for allowed in [3, 20, 150, 768, 3_840, 20_000] {
            let ConnectionBudget { pages, internal, live } = ConnectionBudget::of(LIMITS, LIVE, Some(allowed));
            assert!(pages.total + 2 * internal.total <= allowed, "{allowed}");
            assert!(pages.network <= pages.total.div_ceil(2), "{allowed}: one network does not have all");
            assert!(live.live_limit <= pages.total, "{allowed}");
            assert!(
                live.live_limit_address <= live.live_limit.div_ceil(2),
                "{allowed}: one network does not have all live connections"
            );
            assert!(allowed < 20 || live.live_limit < pages.total, "{allowed}: some connections are left for requests");
        }
    }
}
