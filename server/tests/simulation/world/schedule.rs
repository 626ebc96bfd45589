//! Future events.

use std::collections::BTreeMap;

use app::loaders::Snapshot;
use domain::{Order, OrderId};

use super::network::Direction;

/// An event with its time.
#[derive(Debug)]
pub(super) enum Event {
    Tick {
        device: usize,
    },
    Retry {
        device: usize,
        page: u64,
        timer: u64,
        generation: u32,
    },
    PacketArrives {
        connection: usize,
        direction: Direction,
    },
    /// The browser learns that a connection is lost.
    ConnectionLost {
        connection: usize,
    },
    /// The server receives a polling request that was sent at `at`.
    PollArrives {
        device: usize,
        page: u64,
        at: i64,
    },
    PollAnswered {
        device: usize,
        page: u64,
        at: i64,
        snapshots: Vec<Snapshot>,
    },
    /// The request has timed out, or the server is down.
    PollFailed {
        device: usize,
        page: u64,
        at: i64,
    },
    PageLoaded {
        device: usize,
        page: u64,
        snapshots: Vec<Snapshot>,
    },
    DeviceWakes {
        device: usize,
    },
    PageVisible {
        device: usize,
    },
    /// The device reads incoming data again.
    ReadingResumes {
        device: usize,
    },
    /// The network of the device is up again.
    NetworkUp {
        device: usize,
    },
    /// The hub gets an order with its version.
    OrderPublished {
        versioned: Box<(Order, u64)>,
    },
    /// An order changes, and then at most `left` times more.
    OrderChanges {
        order: OrderId,
        left: u32,
    },
    BurstStarts,
    /// The next of `left` changes of a burst.
    Burst {
        order: OrderId,
        left: u64,
    },
    Restart {
        graceful: bool,
        downtime: i64,
    },
    ServerStarts,
    ProcessExits {
        instance: u64,
    },
    /// A random fault.
    Fault,
    Upkeep,
}

/// Events in the order of their times; those at the same time in the order in which they were scheduled.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    events: BTreeMap<(i64, u64), Event>,
    scheduled: u64,
}

impl Schedule {
    pub(super) fn at(&mut self, at: i64, event: Event) {
        self.scheduled += 1;
        self.events.insert((at, self.scheduled), event);
    }

    pub(super) fn next(&self) -> Option<i64> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn take(&mut self) -> Option<Event> {
        self.events.pop_first().map(|(_, event)| event)
    }

    /// Drops all future changes of orders and all future faults.
    pub(super) fn drop_changes_and_faults(&mut self) {
        self.events.retain(|_, event| {
            let is_dropped = matches!(
                event,
                Event::OrderChanges { .. }
                    | Event::BurstStarts
                    | Event::Burst { .. }
                    | Event::Restart { .. }
                    | Event::Fault
                    | Event::OrderPublished { .. }
            );
            !is_dropped
        });
    }
}
