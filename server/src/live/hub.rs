//! The projection behind a lock, and who waits for it.

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

/// The hub of the live connections.
#[derive(Debug)]
pub(crate) struct Hub {
    clocks: Clocks,
    projection: Mutex<Projection>,
    /// Counts changes of any order.
    generation: watch::Sender<u64>,
    /// When the first order is to be forgotten.
    first_expiry: watch::Sender<Option<Timestamp>>,
}

impl Hub {
    /// A hub that knows no order yet. Its positions mean nothing to readers of another hub.
    pub(crate) fn new(clocks: Clocks, rng: &dyn Rng, shop: Shop) -> Self {
        let mut bytes = [0; 8];
        rng.fill(&mut bytes);
        // JavaScript's numbers are exact up to 53 bits, and other people's clients are written in it.
        let epoch = u64::from_le_bytes(bytes) >> 11;
        let projection = Projection::new(epoch, shop, Arc::clone(&clocks.line));
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

    /// Takes a version of an order in, unless a newer one is known. True when it was news.
    pub(crate) fn put(&self, order: &Order, version: u64) -> bool {
        let now = time::now(&*self.clocks.bar);
        let mut projection = self.lock();
        if !projection.put(order, version, now) {
            return false;
        }
        let first = projection.first_expiry();
        drop(projection);
        self.generation.send_modify(|generation| *generation += 1);
        self.first_expiry.send_if_modified(|known| std::mem::replace(known, first) != first);
        true
    }

    /// Takes new settings in.
    pub(crate) fn set_shop(&self, shop: Shop) {
        self.lock().set_shop(shop);
    }

    /// Forgets orders whose end has been shown long enough.
    pub(crate) fn expire(&self, now: Timestamp) {
        self.lock().expire(now);
    }

    /// Wakes when the first order to be forgotten becomes another one.
    pub(crate) fn first_expiry(&self) -> watch::Receiver<Option<Timestamp>> {
        self.first_expiry.subscribe()
    }

    /// When the next order is to be forgotten.
    pub(crate) fn next_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        self.lock().next_expiry(now)
    }

    /// Resolves when a version of the order after `version` is known.
    pub(crate) async fn changed(&self, id: &OrderId, version: u64) {
        let mut generation = self.generation.subscribe();
        while self.lock().version(id).is_none_or(|known| known <= version) {
            if generation.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// How many orders are in the queue, and how many are in each phase.
    pub(crate) fn count(&self) -> (usize, BTreeMap<&'static str, i64>) {
        self.lock().count()
    }

    /// How many orders have a workflow that waits.
    pub(crate) fn workflows_under_way(&self) -> usize {
        self.lock().workflows_under_way()
    }

    /// Learns from orders of the past how long a drink takes; the oldest comes first.
    pub(crate) fn remember<'a>(&self, orders: impl IntoIterator<Item = &'a Order>) {
        let mut projection = self.lock();
        orders.into_iter().for_each(|order| projection.remember(order));
    }

    /// The order as its customer sees it; the hub adds its place in the queue.
    pub(crate) fn view(&self, order: &Order) -> OrderView {
        OrderView::of(order, self.lock().place(order))
    }

    /// Wakes the crowds that read what everybody may read, until `stop`.
    pub(crate) async fn wake_the_crowds(&self, stop: CancellationToken) {
        let [board, queue, shop] = {
            let projection = self.lock();
            [&projection.board, &projection.queue, &projection.shop_log].map(Arc::clone)
        };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = future::join3(board.wake_the_crowd(), queue.wake_the_crowd(), shop.wake_the_crowd()) => {}
        }
    }

    /// A topic that everybody shares.
    pub(crate) fn shared(&self, topic: &Topic) -> Option<Arc<TopicLog>> {
        let projection = self.lock();
        match topic {
            Topic::Board => Some(Arc::clone(&projection.board)),
            Topic::Queue => Some(Arc::clone(&projection.queue)),
            Topic::Shop => Some(Arc::clone(&projection.shop_log)),
            Topic::Order(_) => None,
        }
    }

    /// The topic of an order. One that has ended long ago gets a topic that changes only if the order is recalled.
    pub(crate) fn order(&self, order: &Order) -> Arc<TopicLog> {
        let mut projection = self.lock();
        projection.log(&order.id).unwrap_or_else(|| projection.past_log(order))
    }

    /// The topic of an order that is known now; asking does not make one.
    #[cfg(test)]
    pub(crate) fn log_of(&self, id: &OrderId) -> Option<Arc<TopicLog>> {
        self.lock().log(id)
    }
}
