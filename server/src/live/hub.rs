//! The projection behind a lock, with notifications for those who wait for changes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Order, OrderId, Shop, Timestamp, live::Topic, view::OrderView};
use engine::clock::Rng;
use futures_util::future;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{TopicLog, projection::Projection};
use crate::time::{self, Clocks};

/// Distributes changes of orders to the live connections.
#[derive(Debug)]
pub(crate) struct Hub {
    clocks: Clocks,
    projection: Mutex<Projection>,
    /// Incremented by every change of an order.
    generation: watch::Sender<u64>,
    /// When the first ended order is dropped from the projection.
    first_expiry: watch::Sender<Option<Timestamp>>,
}

impl Hub {
    /// Creates a hub without orders. Its positions have a random epoch, so clients of another hub cannot resume here.
    pub(crate) fn new(clocks: Clocks, rng: &dyn Rng, shop: Shop) -> Self {
        let mut bytes = [0; 8];
        rng.fill(&mut bytes);
        // JavaScript represents integers exactly up to 53 bits.
        let epoch = u64::from_le_bytes(bytes) >> 11;
        let projection = Projection::new(epoch, shop, Arc::clone(&clocks.connections));
        Self {
            clocks,
            projection: Mutex::new(projection),
            generation: watch::Sender::new(0),
            first_expiry: watch::Sender::new(None),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Projection> {
        self.projection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a version of an order, unless a newer one is known. Returns whether it was new.
    pub(crate) fn update(&self, order: &Order, version: u64) -> bool {
        let now = time::now(&*self.clocks.orders);
        let mut projection = self.lock();
        if !projection.update(order, version, now) {
            return false;
        }
        let first = projection.first_expiry();
        drop(projection);
        self.generation.send_modify(|generation| *generation += 1);
        self.first_expiry.send_if_modified(|known| std::mem::replace(known, first) != first);
        true
    }

    /// Takes over new settings.
    pub(crate) fn set_shop(&self, shop: Shop) {
        self.lock().set_shop(shop);
    }

    /// Drops ended orders that have been shown long enough, and updates the estimated waits.
    pub(crate) fn expire(&self, now: Timestamp) {
        self.lock().expire(now);
    }

    /// Notifies when [`Projection::first_expiry`] changes.
    pub(crate) fn first_expiry(&self) -> watch::Receiver<Option<Timestamp>> {
        self.first_expiry.subscribe()
    }

    /// When the next ended order is dropped.
    pub(crate) fn next_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        self.lock().next_expiry(now)
    }

    /// Resolves as soon as a version of the order newer than `version` is known.
    pub(crate) async fn wait_for_version(&self, id: &OrderId, version: u64) {
        let mut generation = self.generation.subscribe();
        while self.lock().version(id).is_none_or(|known| known <= version) {
            if generation.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The number of orders in the queue, and the number of orders in each phase.
    pub(crate) fn count(&self) -> (usize, BTreeMap<&'static str, i64>) {
        self.lock().count()
    }

    /// The number of orders whose workflow is running.
    pub(crate) fn workflows_under_way(&self) -> usize {
        self.lock().workflows_under_way()
    }

    /// Learns from past orders how long a drink takes. The oldest comes first.
    pub(crate) fn learn_pace<'a>(&self, orders: impl IntoIterator<Item = &'a Order>) {
        let mut projection = self.lock();
        orders.into_iter().for_each(|order| projection.learn_pace(order));
    }

    /// The order as its customer sees it, with its place in the queue.
    pub(crate) fn view(&self, order: &Order) -> OrderView {
        OrderView::of(order, self.lock().place(order))
    }

    /// Notifies the subscribers of shared topics in slices, until `stop` is cancelled.
    pub(crate) async fn broadcast_loop(&self, stop: CancellationToken) {
        let [board, queue, shop] = {
            let projection = self.lock();
            [&projection.board, &projection.queue, &projection.shop_log].map(Arc::clone)
        };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = future::join3(board.broadcast_loop(), queue.broadcast_loop(), shop.broadcast_loop()) => {}
        }
    }

    /// A topic that all its subscribers share; `None` for the topic of an order.
    pub(crate) fn shared_topic(&self, topic: &Topic) -> Option<Arc<TopicLog>> {
        let projection = self.lock();
        match topic {
            Topic::Board => Some(Arc::clone(&projection.board)),
            Topic::Queue => Some(Arc::clone(&projection.queue)),
            Topic::Shop => Some(Arc::clone(&projection.shop_log)),
            Topic::Order(_) => None,
        }
    }

    /// The topic of an order. An order that ended long ago gets a new topic, which changes only if the order is
    /// recalled.
    pub(crate) fn order_topic(&self, order: &Order) -> Arc<TopicLog> {
        let mut projection = self.lock();
        projection.log(&order.id).unwrap_or_else(|| projection.detached_topic(order))
    }

    /// The topic of an order that is shown now. Unlike [`Hub::order_topic`] it never creates one.
    #[cfg(test)]
    pub(crate) fn log_of(&self, id: &OrderId) -> Option<Arc<TopicLog>> {
        self.lock().log(id)
    }
}
