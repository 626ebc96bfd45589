//! Turns changes of orders into changes of topics.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Weak},
};

use domain::{
    BaristaId, Order, OrderId, OrderNumber, Phase, Shop, Timestamp,
    estimate::{Pace, QueueEstimate, Quote, WaitRange},
    live::{Change, Resume, Topic, TopicState},
    view::{BoardEntry, OrderView, QueuePosition, ShopView, Ticket},
};
use engine::clock::Clock;

use super::TopicLog;

/// How long an ended order stays in the queue of the tablets, in milliseconds.
pub(crate) const LINGER_MILLIS: i64 = 120_000;
/// How long an order that ended without a ticket is kept, in milliseconds: an older version of it may arrive late.
const KEPT_MILLIS: i64 = 10_000;

/// Waits are estimated for the first 60 in the queue only.
const ESTIMATED_PLACES: usize = 60;
/// After this time without a move, a barista does not count for the estimates, in milliseconds.
const AWAY_MILLIS: i64 = 10 * 60_000;

/// The sequence numbers that are reserved for one topic of an order. An epoch has room for 2^33 such topics in the
/// integers that JavaScript represents exactly.
const SEQ_SPAN: u64 = 1 << 20;

/// An order that is shown.
#[derive(Debug)]
struct ShownOrder {
    order: Order,
    version: u64,
    /// When the order is dropped; `None` while it is open.
    drop_at: Option<Timestamp>,
    log: Arc<TopicLog>,
    /// The first estimate that the customer was shown.
    quote: Option<Quote>,
}

/// Sort key of the queue: since when an order waits, and its number. The number alone would not do, because numbers
/// start again every day.
type QueueKey = (Timestamp, OrderNumber);

/// Everything that is shown. The cost of a change depends on the length of the queue, not on the number of past orders.
#[derive(Debug)]
pub(super) struct Projection {
    epoch: u64,
    /// The clock of connections.
    clock: Arc<dyn Clock>,
    orders: HashMap<OrderId, ShownOrder>,
    /// Topics of orders that are no longer shown but still have subscribers. A recalled order continues in its topic.
    detached: HashMap<OrderId, Weak<TopicLog>>,
    /// How many topics of orders were created in this epoch.
    topics_created: u64,
    /// The orders that wait or are being made, in that order.
    in_queue: BTreeMap<QueueKey, OrderId>,
    /// The ended orders, by the time at which they are dropped.
    expiries: BTreeSet<(Timestamp, OrderId)>,
    /// How long the last drinks took.
    pace: Pace,
    /// The baristas and the time of their last move.
    baristas: HashMap<BaristaId, Timestamp>,
    /// The time of the last update.
    now: Timestamp,
    shop: Shop,
    pub(super) board: Arc<TopicLog>,
    pub(super) queue: Arc<TopicLog>,
    pub(super) shop_log: Arc<TopicLog>,
}

impl Projection {
    pub(super) fn new(epoch: u64, shop: Shop, clock: Arc<dyn Clock>) -> Self {
        let log = |topic, state| Arc::new(TopicLog::new(topic, Resume { epoch, seq: 0 }, state, Arc::clone(&clock)));
        let view = shop_view(&shop, 0, None);
        Self {
            epoch,
            orders: HashMap::new(),
            detached: HashMap::new(),
            topics_created: 0,
            in_queue: BTreeMap::new(),
            expiries: BTreeSet::new(),
            pace: Pace::default(),
            baristas: HashMap::new(),
            now: Timestamp::default(),
            shop,
            board: log(Topic::Board, TopicState::Board(Vec::new())),
            queue: log(Topic::Queue, TopicState::Queue(Vec::new())),
            shop_log: log(Topic::Shop, TopicState::Shop(view)),
            clock,
        }
    }

    /// Takes over a newer version of an order. Returns false when it is not newer, or ended too long ago to be shown.
    pub(super) fn update(&mut self, order: &Order, version: u64, now: Timestamp) -> bool {
        self.now = self.now.max(now);
        let known = self.orders.get(&order.id);
        let over = drop_at(order).is_some_and(|at| at <= now);
        if known.is_some_and(|known| known.version >= version) || (known.is_none() && over) {
            return false;
        }
        if known.is_some_and(|known| known.order.made_in().is_none()) {
            record_pace(&mut self.pace, order);
        }
        let before =
            known.map(|known| (Ticket::of(&known.order), BoardEntry::of(&known.order), queue_key(&known.order)));
        let (ticket_before, entry_before, place_before) = before.unwrap_or_default();
        let quote = known.and_then(|known| known.quote);
        let log = match known {
            Some(known) => {
                if let Some(drop_at) = known.drop_at {
                    self.expiries.remove(&(drop_at, order.id.clone()));
                }
                Arc::clone(&known.log)
            }
            None => self.detached_topic(order),
        };
        let drop_at = drop_at(order);
        self.expiries.extend(drop_at.map(|at| (at, order.id.clone())));
        self.orders.insert(order.id.clone(), ShownOrder { order: order.clone(), version, drop_at, log, quote });
        if let Some((barista, at)) = order.made_by().zip(order.bar.as_ref().map(|last| last.at)) {
            let seen = self.baristas.entry(barista.clone()).or_insert(at);
            *seen = (*seen).max(at);
        }
        self.update_ticket(&order.id, ticket_before.as_ref(), Ticket::of(order));
        self.update_entry(entry_before, BoardEntry::of(order));
        self.update_queue(order, place_before, queue_key(order));
        true
    }

    /// Learns the pace from a past order.
    pub(super) fn learn_pace(&mut self, order: &Order) {
        record_pace(&mut self.pace, order);
    }

    /// Drops ended orders that have been shown long enough, and updates the estimated waits.
    pub(super) fn expire(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.baristas.retain(|_, seen| now.millis_since(*seen) <= AWAY_MILLIS);
        self.update_places(None, None);
        while let Some(expired) = self.expiries.first().filter(|(at, _)| *at <= now).cloned() {
            self.expiries.remove(&expired);
            let (_, id) = expired;
            if let Some(known) = self.orders.remove(&id) {
                self.update_ticket(&id, Ticket::of(&known.order).as_ref(), None);
                self.detached.insert(id, Arc::downgrade(&known.log));
            }
        }
        self.detached.retain(|_, log| log.strong_count() > 0);
    }

    /// The topic of an order that is not shown: the one that still has subscribers, or a new one.
    pub(super) fn detached_topic(&mut self, order: &Order) -> Arc<TopicLog> {
        if let Some(log) = self.detached.get(&order.id).and_then(Weak::upgrade) {
            return log;
        }
        let state = TopicState::Order(Box::new(OrderView::of(order, None)));
        // The order may have had a topic that was dropped. Its sequence numbers must not be used again, because a
        // client may still resume from one of them.
        self.topics_created += 1;
        let position = Resume { epoch: self.epoch, seq: self.topics_created * SEQ_SPAN };
        let log = Arc::new(TopicLog::new(Topic::Order(order.id.clone()), position, state, Arc::clone(&self.clock)));
        self.detached.insert(order.id.clone(), Arc::downgrade(&log));
        log
    }

    /// When the first ended order is dropped; the time may have passed.
    pub(super) fn first_expiry(&self) -> Option<Timestamp> {
        self.expiries.first().map(|(at, _)| *at)
    }

    /// When the next ended order is dropped.
    pub(super) fn next_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        self.expiries.iter().map(|(at, _)| *at).find(|at| *at > now)
    }

    /// Takes over new settings.
    pub(super) fn set_shop(&mut self, shop: Shop) {
        self.shop = shop;
        self.update_places(None, None);
    }

    /// The number of orders in the queue, and the number of open orders in each phase.
    pub(super) fn count(&self) -> (usize, BTreeMap<&'static str, i64>) {
        let mut phases = BTreeMap::from(OPEN_PHASES.map(|name| (name, 0)));
        for known in self.orders.values() {
            if let Some(count) = open_phase(&known.order.phase()).and_then(|name| phases.get_mut(name)) {
                *count += 1;
            }
        }
        (self.in_queue.len(), phases)
    }

    /// The number of orders whose workflow is running. It is over for orders that are ready or were recalled.
    pub(super) fn workflows_under_way(&self) -> usize {
        let waits = |order: &Order| order.ended().is_none() && order.ready_at.is_none() && order.round() == 0;
        self.orders.values().filter(|known| waits(&known.order)).count()
    }

    pub(super) fn version(&self, id: &OrderId) -> Option<u64> {
        self.orders.get(id).map(|known| known.version)
    }

    pub(super) fn log(&self, id: &OrderId) -> Option<Arc<TopicLog>> {
        self.orders.get(id).map(|known| Arc::clone(&known.log))
    }

    /// The place of an order in the queue, while it is there.
    pub(super) fn place(&self, order: &Order) -> Option<QueuePosition> {
        let mut queue = self.new_queue();
        let key = queue_key(order)?;
        // An order that is not in the queue yet comes last.
        let before = self.in_queue.range(..key).enumerate().fold(0, |_, (at, (_, id))| {
            self.add_to_queue(&mut queue, id);
            at + 1
        });
        let wait = (before < ESTIMATED_PLACES).then(|| queue.wait(drink(order))).flatten();
        let quote = self.orders.get(&order.id).and_then(|known| known.quote);
        Some(self.place_at(before, wait, quote).0)
    }

    /// The position of an order with `before` others ahead of it, and the estimate to store for it.
    fn place_at(&self, before: usize, wait: Option<WaitRange>, quote: Option<Quote>) -> (QueuePosition, Option<Quote>) {
        let ahead = u32::try_from(before).unwrap_or(u32::MAX);
        let now = wait.map(|wait| Quote::new(wait, ahead, self.active_baristas(), self.now));
        let delay = quote.zip(now).and_then(|(quote, now)| quote.delay(now));
        let quote = quote.zip(now).map(|(quote, now)| quote.earlier(now)).or(quote).or(now);
        (QueuePosition { ahead, wait, delay }, quote)
    }

    fn active_baristas(&self) -> usize {
        self.baristas.values().filter(|seen| self.now.millis_since(**seen) <= AWAY_MILLIS).count()
    }

    fn new_queue(&self) -> QueueEstimate<'_> {
        QueueEstimate::new(&self.pace, self.active_baristas(), self.now)
    }

    fn add_to_queue(&self, queue: &mut QueueEstimate<'_>, id: &OrderId) {
        if let Some(ShownOrder { order, .. }) = self.orders.get(id) {
            let claimed = matches!(order.phase(), Phase::Making { .. }).then_some(order.claimed_at).flatten();
            queue.join(drink(order), claimed);
        }
    }

    fn update_ticket(&self, id: &OrderId, before: Option<&Ticket>, after: Option<Ticket>) {
        match after {
            Some(after) if before != Some(&after) => self.queue.push(Change::TicketPut(Box::new(after))),
            None if before.is_some() => self.queue.push(Change::TicketRemove(id.clone())),
            Some(_) | None => {}
        }
    }

    fn update_entry(&self, before: Option<BoardEntry>, after: Option<BoardEntry>) {
        match (before, after) {
            (before, Some(after)) if before != Some(after) => self.board.push(Change::BoardPut(after)),
            (Some(before), None) => self.board.push(Change::BoardRemove(before.number)),
            _ => {}
        }
    }

    /// Updates the topic of the order and, when a place has changed, the topics of the others in the queue.
    fn update_queue(&mut self, order: &Order, before: Option<QueueKey>, after: Option<QueueKey>) {
        if let Some(key) = before.filter(|before| Some(*before) != after) {
            self.in_queue.remove(&key);
        }
        if let Some(key) = after {
            self.in_queue.insert(key, order.id.clone());
        }
        if after.is_none() {
            self.update_order(&order.id, None);
        }
        let moved = if before == after { None } else { before.into_iter().chain(after).min() };
        self.update_places(Some(&order.id), moved);
    }

    /// Updates the topics of the changed order, of those that moved (from `moved` on), and of those near the front:
    /// their estimates depend on every change.
    fn update_places(&mut self, changed: Option<&OrderId>, moved: Option<QueueKey>) {
        let mut queue = self.new_queue();
        let mut quotes = Vec::new();
        for (at, (key, id)) in self.in_queue.iter().enumerate() {
            let is_estimated = at < ESTIMATED_PLACES && self.pace.has_enough();
            if !is_estimated && changed != Some(id) && moved.is_none_or(|moved| *key < moved) {
                continue;
            }
            let known = self.orders.get(id);
            let wait = is_estimated.then(|| queue.wait(known.and_then(|known| drink(&known.order)))).flatten();
            let (place, quote) = self.place_at(at, wait, known.and_then(|known| known.quote));
            self.update_order(id, Some(place));
            quotes.push((id.clone(), quote));
            if is_estimated {
                self.add_to_queue(&mut queue, id);
            }
        }
        self.update_shop((self.in_queue.len() < ESTIMATED_PLACES).then(|| queue.wait(None)).flatten());
        for (id, quote) in quotes {
            if let Some(known) = self.orders.get_mut(&id) {
                known.quote = quote;
            }
        }
    }

    fn update_order(&self, id: &OrderId, place: Option<QueuePosition>) {
        let Some(known) = self.orders.get(id) else { return };
        let view = OrderView::of(&known.order, place);
        known.log.push_if_changed(TopicState::Order(Box::new(view.clone())), || Change::Order(Box::new(view)));
    }

    fn update_shop(&self, wait: Option<WaitRange>) {
        let view = shop_view(&self.shop, u32::try_from(self.in_queue.len()).unwrap_or(u32::MAX), wait);
        self.shop_log.push_if_changed(TopicState::Shop(view.clone()), || Change::Shop(view));
    }
}

/// Records how long a finished drink took.
fn record_pace(pace: &mut Pace, order: &Order) {
    if let Some((drink, millis)) = drink(order).zip(order.made_in()) {
        pace.record(drink, millis);
    }
}

fn drink(order: &Order) -> Option<&str> {
    order.submitted.as_ref().map(|(drink, _)| drink.drink.as_str())
}

fn shop_view(shop: &Shop, in_queue: u32, wait: Option<WaitRange>) -> ShopView {
    ShopView {
        name: shop.name.clone(),
        state: shop.state.clone(),
        in_queue,
        wait,
        sold_out: shop.sold_out.clone(),
        menu: shop.menu,
    }
}

/// The sort key of an order that waits or is being made.
fn queue_key(order: &Order) -> Option<QueueKey> {
    let number = order.number.filter(|_| matches!(order.phase(), Phase::Waiting | Phase::Making { .. }))?;
    Some((order.waiting_at.unwrap_or_default(), number))
}

/// Every name that [`open_phase`] returns.
const OPEN_PHASES: [&str; 6] = ["choosing", "submitted", "waiting", "making", "finishing", "ready"];

/// The value of the label `phase` in the metrics; `None` for an ended order.
const fn open_phase(phase: &Phase) -> Option<&'static str> {
    Some(match phase {
        Phase::Choosing => "choosing",
        Phase::Submitted => "submitted",
        Phase::Waiting => "waiting",
        Phase::Making { .. } => "making",
        Phase::Finishing { .. } => "finishing",
        Phase::Ready => "ready",
        Phase::Ended(_) => return None,
    })
}

/// When an ended order is dropped.
fn drop_at(order: &Order) -> Option<Timestamp> {
    let (_, at) = order.ended()?;
    Some(at.plus_millis(if Ticket::of(order).is_some() { LINGER_MILLIS } else { KEPT_MILLIS }))
}

#[cfg(test)]
mod tests;
