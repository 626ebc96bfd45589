//! The open orders, and what changes on which topic when one of them does.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Weak},
};

use domain::{
    BaristaId, Order, OrderId, OrderNumber, Phase, Shop, Timestamp,
    estimate::{Pace, Queue, Told, Wait},
    live::{Change, Resume, Topic, TopicState},
    view::{BoardEntry, OrderView, Place, ShopView, Ticket},
};
use engine::clock::Clock;

use super::TopicLog;

/// How long the end of an order is shown to the bar, in milliseconds.
pub(crate) const LINGER_MILLIS: i64 = 120_000;
/// How long an order is kept after an end that the bar needs not see: as long as an older version of it may still be
/// under way to us.
const GUARD_MILLIS: i64 = 10_000;

/// So many places from the front a wait is told; further back nobody can say.
const TOLD: usize = 60;
/// A barista who has not touched an order for so long is not at the bar, in milliseconds.
const AWAY_MILLIS: i64 = 10 * 60_000;

/// No topic of an order has so many changes. An epoch has room for 2^33 such topics in the numbers that JavaScript knows
/// exactly.
const SEQ_SPAN: u64 = 1 << 20;

/// An order as the hub knows it.
#[derive(Debug)]
struct Known {
    order: Order,
    version: u64,
    /// When it is forgotten; `None` while it is open.
    forget_at: Option<Timestamp>,
    log: Arc<TopicLog>,
    /// The earliest time that its guest has been told.
    told: Option<Told>,
}

/// The place of an order in the queue: since when it waits, and its number. Not the number alone, because numbers start
/// again.
type QueueKey = (Timestamp, OrderNumber);

/// Everything that is shown. A change costs as much as the queue before the counter is long, however many orders there
/// have been.
#[derive(Debug)]
pub(super) struct Projection {
    epoch: u64,
    /// What connections go by.
    line: Arc<dyn Clock>,
    orders: HashMap<OrderId, Known>,
    /// The topics of orders that are known no more but still read by somebody: a recall goes on there.
    past: HashMap<OrderId, Weak<TopicLog>>,
    /// How many topics of orders there have been in this epoch.
    begun: u64,
    /// The orders that wait or are being made, in the order in which they are made.
    in_queue: BTreeMap<QueueKey, OrderId>,
    /// The orders that have ended, by the time at which they are forgotten.
    expiries: BTreeSet<(Timestamp, OrderId)>,
    /// How long the last drinks took.
    pace: Pace,
    /// Who is at the bar, and when they last touched an order.
    baristas: HashMap<BaristaId, Timestamp>,
    /// The time of the last word.
    now: Timestamp,
    shop: Shop,
    pub(super) board: Arc<TopicLog>,
    pub(super) queue: Arc<TopicLog>,
    pub(super) shop_log: Arc<TopicLog>,
}

impl Projection {
    pub(super) fn new(epoch: u64, shop: Shop, line: Arc<dyn Clock>) -> Self {
        let log = |topic, state| Arc::new(TopicLog::new(topic, Resume { epoch, seq: 0 }, state, Arc::clone(&line)));
        let view = shop_view(&shop, 0, None);
        Self {
            epoch,
            orders: HashMap::new(),
            past: HashMap::new(),
            begun: 0,
            in_queue: BTreeMap::new(),
            expiries: BTreeSet::new(),
            pace: Pace::default(),
            baristas: HashMap::new(),
            now: Timestamp::default(),
            shop,
            board: log(Topic::Board, TopicState::Board(Vec::new())),
            queue: log(Topic::Queue, TopicState::Queue(Vec::new())),
            shop_log: log(Topic::Shop, TopicState::Shop(view)),
            line,
        }
    }

    /// Takes a newer version of an order in. False when it is not newer, or has ended too long ago to be shown.
    pub(super) fn put(&mut self, order: &Order, version: u64, now: Timestamp) -> bool {
        self.now = self.now.max(now);
        let known = self.orders.get(&order.id);
        let over = forget_at(order).is_some_and(|at| at <= now);
        if known.is_some_and(|known| known.version >= version) || (known.is_none() && over) {
            return false;
        }
        if known.is_some_and(|known| known.order.made_in().is_none()) {
            note(&mut self.pace, order);
        }
        let before =
            known.map(|known| (Ticket::of(&known.order), BoardEntry::of(&known.order), queue_key(&known.order)));
        let (ticket_before, entry_before, place_before) = before.unwrap_or_default();
        let told = known.and_then(|known| known.told);
        let log = match known {
            Some(known) => {
                if let Some(forget_at) = known.forget_at {
                    self.expiries.remove(&(forget_at, order.id.clone()));
                }
                Arc::clone(&known.log)
            }
            None => self.past_log(order),
        };
        let forget_at = forget_at(order);
        self.expiries.extend(forget_at.map(|at| (at, order.id.clone())));
        self.orders.insert(order.id.clone(), Known { order: order.clone(), version, forget_at, log, told });
        if let Some((barista, at)) = order.made_by().zip(order.bar.as_ref().map(|last| last.at)) {
            let seen = self.baristas.entry(barista.clone()).or_insert(at);
            *seen = (*seen).max(at);
        }
        self.show_ticket(&order.id, ticket_before.as_ref(), Ticket::of(order));
        self.show_entry(entry_before, BoardEntry::of(order));
        self.show_queue(order, place_before, queue_key(order));
        true
    }

    /// Learns the pace from an order of the past.
    pub(super) fn remember(&mut self, order: &Order) {
        note(&mut self.pace, order);
    }

    /// Forgets orders whose end has been shown long enough, and tells the waits anew: time has passed.
    pub(super) fn expire(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.baristas.retain(|_, seen| now.millis_since(*seen) <= AWAY_MILLIS);
        self.show_places(None, None);
        while let Some(expired) = self.expiries.first().filter(|(at, _)| *at <= now).cloned() {
            self.expiries.remove(&expired);
            let (_, id) = expired;
            if let Some(known) = self.orders.remove(&id) {
                self.show_ticket(&id, Ticket::of(&known.order).as_ref(), None);
                self.past.insert(id, Arc::downgrade(&known.log));
            }
        }
        self.past.retain(|_, log| log.strong_count() > 0);
    }

    /// The topic of an order that is not known now: the one that is still being read, or a new one.
    pub(super) fn past_log(&mut self, order: &Order) -> Arc<TopicLog> {
        if let Some(log) = self.past.get(&order.id).and_then(Weak::upgrade) {
            return log;
        }
        let state = TopicState::Order(Box::new(OrderView::of(order, None)));
        // The order may have had a topic before that nobody reads any more; a reader of then must not take a number of
        // now for one that it has read.
        self.begun += 1;
        let position = Resume { epoch: self.epoch, seq: self.begun * SEQ_SPAN };
        let log = Arc::new(TopicLog::new(Topic::Order(order.id.clone()), position, state, Arc::clone(&self.line)));
        self.past.insert(order.id.clone(), Arc::downgrade(&log));
        log
    }

    /// When the first order is to be forgotten, be that time past or not.
    pub(super) fn first_expiry(&self) -> Option<Timestamp> {
        self.expiries.first().map(|(at, _)| *at)
    }

    /// When the next order is to be forgotten.
    pub(super) fn next_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        self.expiries.iter().map(|(at, _)| *at).find(|at| *at > now)
    }

    /// Takes new settings in.
    pub(super) fn set_shop(&mut self, shop: Shop) {
        self.shop = shop;
        self.show_places(None, None);
    }

    /// How many orders are in the queue, and how many are in each phase that has not ended.
    pub(super) fn count(&self) -> (usize, BTreeMap<&'static str, i64>) {
        let mut phases = BTreeMap::from(OPEN_PHASES.map(|name| (name, 0)));
        for known in self.orders.values() {
            if let Some(count) = open_phase(&known.order.phase()).and_then(|name| phases.get_mut(name)) {
                *count += 1;
            }
        }
        (self.in_queue.len(), phases)
    }

    /// Of a recalled order, and of one on the counter, the workflow is over.
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

    /// Where an order is in the queue, while it is there.
    pub(super) fn place(&self, order: &Order) -> Option<Place> {
        let mut queue = self.queue_of_work();
        let key = queue_key(order)?;
        // An order that is not in yet comes behind those that are.
        let before = self.in_queue.range(..key).enumerate().fold(0, |_, (at, (_, id))| {
            self.join(&mut queue, id);
            at + 1
        });
        let wait = (before < TOLD).then(|| queue.wait(drink(order))).flatten();
        let told = self.orders.get(&order.id).and_then(|known| known.told);
        Some(self.place_at(before, wait, told).0)
    }

    /// The place of an order before which so many others are, and what its guest will have been told with that.
    fn place_at(&self, before: usize, wait: Option<Wait>, told: Option<Told>) -> (Place, Option<Told>) {
        let ahead = u32::try_from(before).unwrap_or(u32::MAX);
        let now = wait.map(|wait| Told::new(wait, ahead, self.at_the_bar(), self.now));
        let delay = told.zip(now).and_then(|(told, now)| told.delay(now));
        let told = told.zip(now).map(|(told, now)| told.earlier(now)).or(told).or(now);
        (Place { ahead, wait, delay }, told)
    }

    fn at_the_bar(&self) -> usize {
        self.baristas.values().filter(|seen| self.now.millis_since(**seen) <= AWAY_MILLIS).count()
    }

    fn queue_of_work(&self) -> Queue<'_> {
        Queue::new(&self.pace, self.at_the_bar(), self.now)
    }

    fn join(&self, queue: &mut Queue<'_>, id: &OrderId) {
        if let Some(Known { order, .. }) = self.orders.get(id) {
            let claimed = matches!(order.phase(), Phase::Making { .. }).then_some(order.claimed_at).flatten();
            queue.join(drink(order), claimed);
        }
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

    /// The order's own topic and, when that changes their place or wait, those of the others in the queue.
    fn show_queue(&mut self, order: &Order, before: Option<QueueKey>, after: Option<QueueKey>) {
        if let Some(key) = before.filter(|before| Some(*before) != after) {
            self.in_queue.remove(&key);
        }
        if let Some(key) = after {
            self.in_queue.insert(key, order.id.clone());
        }
        if after.is_none() {
            self.show_order(&order.id, None);
        }
        let moved = if before == after { None } else { before.into_iter().chain(after).min() };
        self.show_places(Some(&order.id), moved);
    }

    /// The order that has changed, those whose place has moved (from `moved` on), and those near enough to the front to
    /// be told a wait, which changes with everything.
    fn show_places(&mut self, changed: Option<&OrderId>, moved: Option<QueueKey>) {
        let mut queue = self.queue_of_work();
        let mut all_told = Vec::new();
        for (at, (key, id)) in self.in_queue.iter().enumerate() {
            let tells = at < TOLD && self.pace.tells();
            if !tells && changed != Some(id) && moved.is_none_or(|moved| *key < moved) {
                continue;
            }
            let known = self.orders.get(id);
            let wait = tells.then(|| queue.wait(known.and_then(|known| drink(&known.order)))).flatten();
            let (place, told) = self.place_at(at, wait, known.and_then(|known| known.told));
            self.show_order(id, Some(place));
            all_told.push((id.clone(), told));
            if tells {
                self.join(&mut queue, id);
            }
        }
        self.show_shop_with((self.in_queue.len() < TOLD).then(|| queue.wait(None)).flatten());
        for (id, told) in all_told {
            if let Some(known) = self.orders.get_mut(&id) {
                known.told = told;
            }
        }
    }

    fn show_order(&self, id: &OrderId, place: Option<Place>) {
        let Some(known) = self.orders.get(id) else { return };
        let view = OrderView::of(&known.order, place);
        known.log.show(TopicState::Order(Box::new(view.clone())), || Change::Order(Box::new(view)));
    }

    fn show_shop_with(&self, wait: Option<Wait>) {
        let view = shop_view(&self.shop, u32::try_from(self.in_queue.len()).unwrap_or(u32::MAX), wait);
        self.shop_log.show(TopicState::Shop(view.clone()), || Change::Shop(view));
    }
}

/// A drink that has been made says how long that takes.
fn note(pace: &mut Pace, order: &Order) {
    if let Some((drink, millis)) = drink(order).zip(order.made_in()) {
        pace.note(drink, millis);
    }
}

fn drink(order: &Order) -> Option<&str> {
    order.submitted.as_ref().map(|(drink, _)| drink.drink.as_str())
}

fn shop_view(shop: &Shop, in_queue: u32, wait: Option<Wait>) -> ShopView {
    ShopView {
        name: shop.name.clone(),
        state: shop.state.clone(),
        in_queue,
        wait,
        sold_out: shop.sold_out.clone(),
        menu: shop.menu,
    }
}

/// The order's place in the queue, while it waits or is being made.
fn queue_key(order: &Order) -> Option<QueueKey> {
    let number = order.number.filter(|_| matches!(order.phase(), Phase::Waiting | Phase::Making { .. }))?;
    Some((order.waiting_at.unwrap_or_default(), number))
}

/// Every name that [`open_phase`] gives.
const OPEN_PHASES: [&str; 6] = ["choosing", "submitted", "waiting", "making", "finishing", "ready"];

/// The name of a phase in the metrics; `None` for one that has ended.
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

/// When an order that has ended is forgotten.
fn forget_at(order: &Order) -> Option<Timestamp> {
    let (_, at) = order.ended()?;
    Some(at.plus_millis(if Ticket::of(order).is_some() { LINGER_MILLIS } else { GUARD_MILLIS }))
}

#[cfg(test)]
mod tests;
