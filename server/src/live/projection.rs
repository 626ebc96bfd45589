//! The open orders, and what changes on which topic when one of them does.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{
    Order, OrderId, Phase, Shop, Timestamp,
    live::{Change, Topic, TopicState},
    view::{BoardEntry, OrderView, ShopView, Ticket},
};

use super::TopicLog;

/// How long an order that has ended is still shown where its end matters, in milliseconds.
pub(crate) const LINGER_MILLIS: i64 = 120_000;

/// An order as the hub knows it.
#[derive(Debug)]
struct Known {
    order: Order,
    version: u64,
    log: Arc<TopicLog>,
}

/// Everything that is shown.
#[derive(Debug)]
pub(super) struct Projection {
    epoch: u64,
    orders: BTreeMap<OrderId, Known>,
    shop: Shop,
    pub(super) board: Arc<TopicLog>,
    pub(super) queue: Arc<TopicLog>,
    pub(super) shop_log: Arc<TopicLog>,
}

impl Projection {
    pub(super) fn new(epoch: u64, shop: Shop) -> Self {
        let log = |topic, state| Arc::new(TopicLog::new(topic, epoch, state));
        let view = shop_view(&shop, 0);
        Self {
            epoch,
            orders: BTreeMap::new(),
            shop,
            board: log(Topic::Board, TopicState::Board(Vec::new())),
            queue: log(Topic::Queue, TopicState::Queue(Vec::new())),
            shop_log: log(Topic::Shop, TopicState::Shop(view)),
        }
    }

    /// Takes a newer version of an order in. False when it is not newer, or has ended too long ago to be shown.
    pub(super) fn put(&mut self, order: &Order, version: u64, now: Timestamp) -> bool {
        let known = self.orders.get(&order.id);
        if known.is_some_and(|known| known.version >= version) || (known.is_none() && is_past(order, now)) {
            return false;
        }
        let before = known.map(|known| (Ticket::of(&known.order), BoardEntry::of(&known.order)));
        let (ticket_before, entry_before) = before.unwrap_or_default();
        let log = match known {
            Some(known) => Arc::clone(&known.log),
            None => {
                let state = TopicState::Order(Box::new(OrderView::of(order, None)));
                Arc::new(TopicLog::new(Topic::Order(order.id.clone()), self.epoch, state))
            }
        };
        self.orders.insert(order.id.clone(), Known { order: order.clone(), version, log });
        self.show_ticket(&order.id, ticket_before.as_ref(), Ticket::of(order));
        self.show_entry(entry_before, BoardEntry::of(order));
        self.show_orders();
        self.show_shop();
        true
    }

    /// Forgets orders whose end has been shown long enough.
    pub(super) fn expire(&mut self, now: Timestamp) {
        let past: Vec<OrderId> = self
            .orders
            .values()
            .filter(|known| is_past(&known.order, now))
            .map(|known| known.order.id.clone())
            .collect();
        for id in past {
            if let Some(known) = self.orders.remove(&id) {
                self.show_ticket(&id, Ticket::of(&known.order).as_ref(), None);
            }
        }
    }

    /// Takes new settings in.
    pub(super) fn set_shop(&mut self, shop: Shop) {
        self.shop = shop;
        self.show_shop();
    }

    pub(super) fn version(&self, id: &OrderId) -> Option<u64> {
        self.orders.get(id).map(|known| known.version)
    }

    pub(super) fn log(&self, id: &OrderId) -> Option<(&Order, Arc<TopicLog>)> {
        self.orders.get(id).map(|known| (&known.order, Arc::clone(&known.log)))
    }

    pub(super) fn open(&self) -> impl Iterator<Item = &Order> {
        self.orders.values().map(|known| &known.order).filter(|order| order.ended.is_none())
    }

    fn show_ticket(&self, id: &OrderId, before: Option<&Ticket>, after: Option<Ticket>) {
        match after {
            Some(after) if before != Some(&after) => self.queue.push(Change::TicketPut(Box::new(after))),
            None if before.is_some() => self.queue.push(Change::TicketRemove(id.clone())),
            Some(_) | None => {}
        }
    }

    fn show_entry(&self, before: Option<BoardEntry>, after: Option<BoardEntry>) {
        match (before, after) {
            (before, Some(after)) if before != Some(after) => self.board.push(Change::BoardPut(after)),
            (Some(before), None) => self.board.push(Change::BoardRemove(before.number)),
            _ => {}
        }
    }

    /// Every order's own topic: one order's move changes how many are ahead of the others.
    fn show_orders(&self) {
        let ahead = self.ahead();
        for known in self.orders.values() {
            let view = OrderView::of(&known.order, ahead.get(&known.order.id).copied());
            if !matches!(known.log.now().0, TopicState::Order(shown) if *shown == view) {
                known.log.push(Change::Order(Box::new(view)));
            }
        }
    }

    /// How many orders are made before each: those in the queue or being made with a lower number.
    fn ahead(&self) -> HashMap<OrderId, u32> {
        let mut queue: Vec<&Order> =
            self.orders.values().map(|known| &known.order).filter(|order| in_queue(order)).collect();
        queue.sort_by_key(|order| order.number);
        (0..).zip(queue).map(|(ahead, order)| (order.id.clone(), ahead)).collect()
    }

    fn show_shop(&self) {
        let waiting = self.orders.values().filter(|known| in_queue(&known.order)).count();
        let view = shop_view(&self.shop, u32::try_from(waiting).unwrap_or(u32::MAX));
        if !matches!(self.shop_log.now().0, TopicState::Shop(shown) if shown == view) {
            self.shop_log.push(Change::Shop(view));
        }
    }
}

fn shop_view(shop: &Shop, in_queue: u32) -> ShopView {
    ShopView { name: shop.name.clone(), state: shop.state.clone(), in_queue }
}

fn in_queue(order: &Order) -> bool {
    matches!(order.phase(), Phase::Waiting | Phase::Making { .. })
}

fn is_past(order: &Order, now: Timestamp) -> bool {
    order.ended.as_ref().is_some_and(|(_, at)| now.millis_since(*at) >= LINGER_MILLIS)
}

#[cfg(test)]
mod tests;
