//! The connections of one listener: counts them in total and per network, and closes one when there is no room for
//! another.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use engine::clock::{Clock, Timestamp};

use super::activity::{Activity, Instruction};
use crate::{
    client_address::{TrustedProxies, network},
    metrics::ListenerMetrics,
};

/// How many connections may exist beyond the total while they are being closed to make room.
const CLOSING: u32 = 64;

/// How many connections a listener may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// In total, live connections included.
    pub(crate) total: u32,
    /// From one network, without live connections, which have a limit of their own.
    pub(crate) network: u32,
}

/// The limit that a connection would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The total of the listener.
    Total,
    /// The limit of one network.
    Network,
}

impl Limit {
    /// The value of the label `limit` in the metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Network => "network",
        }
    }
}

/// The connections of one listener.
#[derive(Debug)]
pub(crate) struct Registry {
    capacity: Capacity,
    proxies: TrustedProxies,
    clock: Arc<dyn Clock>,
    pub(super) metrics: ListenerMetrics,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    total: u32,
    networks: HashMap<IpAddr, HashMap<u64, Arc<Activity>>>,
}

impl Open {
    fn remove(&mut self, network: IpAddr, id: u64) -> Option<Arc<Activity>> {
        let connections = self.networks.get_mut(&network)?;
        let removed = connections.remove(&id);
        if connections.is_empty() {
            self.networks.remove(&network);
        }
        removed
    }

    /// Closes the connection that has been idle longest, of the network with the most connections. Returns false when
    /// none is idle.
    fn make_room(&mut self, only_in: Option<IpAddr>) -> bool {
        let candidates = self.networks.iter().filter(|(network, _)| only_in.is_none_or(|only| only == **network));
        let longest = candidates.filter_map(|(network, connections)| {
            longest_waiting(connections).map(|(id, _)| (connections.len(), *network, id))
        });
        let Some((_, network, id)) = longest.max_by_key(|(count, ..)| *count) else { return false };
        // It no longer counts for its network, or the next call would choose it again.
        if let Some(activity) = self.remove(network, id) {
            activity.instruct(Instruction::MakeRoom);
        }
        true
    }
}

fn longest_waiting(connections: &HashMap<u64, Arc<Activity>>) -> Option<(u64, Timestamp)> {
    let waiting = connections.iter().filter_map(|(id, activity)| Some((*id, activity.waiting_since()?)));
    waiting.min_by_key(|(id, since)| (*since, *id))
}

impl Registry {
    pub(crate) fn new(
        capacity: Capacity,
        proxies: TrustedProxies,
        clock: Arc<dyn Clock>,
        metrics: ListenerMetrics,
    ) -> Arc<Self> {
        Arc::new(Self { capacity, proxies, clock, metrics, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection. Without a free place, the connection that has been idle longest is closed: browsers and
    /// proxies do not treat that as an error and open another when they need one.
    pub(super) fn admit(self: &Arc<Self>, peer: SocketAddr) -> Result<Permit, Limit> {
        let (network, from_proxy) = (network(peer.ip()), self.proxies.trusts(peer.ip()));
        let mut open = self.open();
        let of_network = open.networks.get(&network).map_or(0, HashMap::len);
        let network_is_full = !from_proxy && of_network >= usize::try_from(self.capacity.network).unwrap_or(usize::MAX);
        if network_is_full && !open.make_room(Some(network)) {
            return Err(Limit::Network);
        }
        let full = open.total >= self.capacity.total;
        let too_many_closing = open.total >= self.capacity.total.saturating_add(CLOSING);
        if full && (too_many_closing || (!network_is_full && !open.make_room(None))) {
            return Err(Limit::Total);
        }
        let activity = Arc::new(Activity::new(from_proxy, Arc::clone(&self.clock)));
        let id = open.next;
        open.next += 1;
        open.total += 1;
        open.networks.entry(network).or_default().insert(id, Arc::clone(&activity));
        self.metrics.opened();
        Ok(Permit { registry: Arc::clone(self), network, id, activity })
    }

    /// Closes an idle connection, if there is one.
    pub(super) fn make_room(&self) {
        self.open().make_room(None);
    }

    /// Ends every connection as soon as its request is answered.
    pub(super) fn finish(&self) {
        self.instruct(Instruction::Finish);
    }

    /// Ends every connection at once, except live connections, which their own protocol ends.
    pub(crate) fn abort(&self) {
        self.instruct(Instruction::Abort);
    }

    fn instruct(&self, instruction: Instruction) {
        for activity in self.open().networks.values().flat_map(HashMap::values) {
            activity.instruct(instruction);
        }
    }
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    registry: Arc<Registry>,
    network: IpAddr,
    id: u64,
    activity: Arc<Activity>,
}

impl Permit {
    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Returns a function that stops counting the connection for its network while it stays open.
    pub(super) fn release_network(&self) -> impl FnOnce() + use<> {
        let (registry, network, id) = (Arc::clone(&self.registry), self.network, self.id);
        move || drop(registry.open().remove(network, id))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.registry.open();
        open.total = open.total.saturating_sub(1);
        open.remove(self.network, self.id);
        self.registry.metrics.closed();
    }
}
