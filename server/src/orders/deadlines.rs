//! The deadlines by which upkeep has to look at open orders.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{Order, OrderId, Phase, ShopState, Timestamp, order::TokenState};
use tokio::sync::watch;

/// How long a command may take before upkeep takes it for interrupted, in milliseconds.
pub(super) const INTERRUPTED_MILLIS: i64 = 3_000;
/// How long after the deadline of a step the event about its time-out may take, in milliseconds.
pub(super) const OVERDUE_MILLIS: i64 = 60_000;
/// How long a drink stands on the counter, in milliseconds.
const UNCOLLECTED_MILLIS: i64 = 10 * 60_000;
/// How long an order that has ended is remembered, in milliseconds: an older version of it may arrive late.
const REMEMBERED_MILLIS: i64 = 10_000;

/// When upkeep has to look at an order if nothing else happens to it; `None` when it never has to.
pub(super) fn deadline(order: &Order) -> Option<Timestamp> {
    let plus = |time: Option<Timestamp>, millis| time.map(|time| time.plus_millis(millis));
    match order.phase() {
        Phase::Choosing if order.customer_token == TokenState::Unknown => plus(order.started_at, INTERRUPTED_MILLIS),
        Phase::Choosing => plus(order.choose_until(), OVERDUE_MILLIS),
        Phase::Submitted if order.customer_token == TokenState::Spent => None,
        Phase::Submitted => plus(order.submitted.as_ref().map(|(_, at)| *at), INTERRUPTED_MILLIS),
        // No workflow ends a recalled order.
        Phase::Waiting | Phase::Making { .. } if order.round() > 0 => order.give_up_at(),
        Phase::Waiting | Phase::Making { .. } => plus(order.make_by, OVERDUE_MILLIS),
        Phase::Finishing { ready_due, .. } => Some(ready_due),
        Phase::Ready => plus(order.ready_since(), UNCOLLECTED_MILLIS),
        Phase::Ended(_) => None,
    }
}

/// The deadlines of all open orders, and of a pause of the shop.
#[derive(Debug)]
pub(super) struct Deadlines {
    tracked: Mutex<Tracked>,
    /// The earliest deadline, passed or not.
    first: watch::Sender<Option<Timestamp>>,
}

#[derive(Debug, Default)]
struct Tracked {
    orders: HashMap<OrderId, TrackedOrder>,
    deadlines: BTreeSet<(Timestamp, OrderId)>,
    pause_ends: Option<Timestamp>,
}

/// The newest version of an order that is known.
#[derive(Debug)]
struct TrackedOrder {
    version: u64,
    deadline: Option<Timestamp>,
    /// When it can be forgotten; `None` while it is open.
    forget_at: Option<Timestamp>,
}

impl Tracked {
    fn first(&self) -> Option<Timestamp> {
        let order = self.deadlines.first().map(|(deadline, _)| *deadline);
        order.into_iter().chain(self.pause_ends).min()
    }
}

impl Deadlines {
    pub(super) fn new(shop: &ShopState) -> Self {
        let tracked = Tracked { pause_ends: pause_ends(shop), ..Tracked::default() };
        Self { first: watch::Sender::new(tracked.first()), tracked: Mutex::new(tracked) }
    }

    fn lock(&self) -> MutexGuard<'_, Tracked> {
        self.tracked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a version of an order, unless it is older than the one that is known.
    pub(super) fn update(&self, order: &Order, version: u64, now: Timestamp) {
        let mut tracked = self.lock();
        let known = tracked.orders.get(&order.id).map(|known| (known.version, known.deadline));
        let forget_at = order.ended().map(|(_, at)| at.plus_millis(REMEMBERED_MILLIS));
        let is_over = forget_at.is_some_and(|at| at <= now);
        if known.map_or(is_over, |(known, _)| known >= version) {
            return;
        }
        if let Some(deadline) = known.and_then(|(_, deadline)| deadline) {
            tracked.deadlines.remove(&(deadline, order.id.clone()));
        }
        let deadline = deadline(order);
        tracked.deadlines.extend(deadline.map(|deadline| (deadline, order.id.clone())));
        tracked.orders.insert(order.id.clone(), TrackedOrder { version, deadline, forget_at });
        self.announce(tracked);
    }

    /// Takes over the state of the shop.
    pub(super) fn update_shop(&self, shop: &ShopState) {
        let mut tracked = self.lock();
        tracked.pause_ends = pause_ends(shop);
        self.announce(tracked);
    }

    fn announce(&self, tracked: MutexGuard<'_, Tracked>) {
        let first = tracked.first();
        drop(tracked);
        self.first.send_if_modified(|known| std::mem::replace(known, first) != first);
    }

    /// Forgets orders that ended long enough ago.
    pub(super) fn expire(&self, now: Timestamp) {
        self.lock().orders.retain(|_, order| order.forget_at.is_none_or(|at| at > now));
    }

    /// The orders whose deadline has passed, and the next deadline that has not.
    pub(super) fn due(&self, now: Timestamp) -> (Vec<OrderId>, Option<Timestamp>) {
        let tracked = self.lock();
        let due = tracked.deadlines.iter().take_while(|(deadline, _)| *deadline <= now).map(|(_, id)| id.clone());
        let next = tracked.deadlines.iter().map(|(deadline, _)| *deadline).find(|deadline| *deadline > now);
        let pause_ends = tracked.pause_ends.filter(|ends| *ends > now);
        (due.collect(), next.into_iter().chain(pause_ends).min())
    }

    /// Wakes when the earliest deadline becomes another one.
    pub(super) fn first(&self) -> watch::Receiver<Option<Timestamp>> {
        self.first.subscribe()
    }
}

fn pause_ends(shop: &ShopState) -> Option<Timestamp> {
    match shop {
        ShopState::Paused { until, .. } => *until,
        ShopState::Open | ShopState::Closed => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::{CustomerId, Ending, OrderEvent, OrderNumber, TaskToken};

    use super::*;

    /// An order that has to be made by `make_by`.
    fn waiting(number: u32, make_by: i64) -> Order {
        let customer = CustomerId::try_from("phone").unwrap();
        let mut order = Order::new(OrderId::try_from(format!("o{number}")).unwrap(), customer.clone());
        order.apply(OrderEvent::WaitingCompletion {
            customer,
            number: OrderNumber(number),
            token: TaskToken::new("two"),
            at: Timestamp(0),
            make_by: Timestamp(make_by - OVERDUE_MILLIS),
        });
        order
    }

    fn ended(mut order: Order, at: i64) -> Order {
        order.apply(OrderEvent::Ended { round: 0, ending: Ending::CancelledByCustomer, at: Timestamp(at) });
        order
    }

    fn deadlines() -> Deadlines {
        let deadlines = Deadlines::new(&ShopState::Open);
        for number in [3, 1, 2] {
            deadlines.update(&waiting(number, i64::from(number) * 100), 1, Timestamp(0));
        }
        deadlines
    }

    #[test]
    fn an_order_is_due_from_its_deadline_on_until_it_ends() {
        let deadlines = deadlines();
        assert_eq!(deadlines.due(Timestamp(99)), (vec![], Some(Timestamp(100))));
        deadlines.update(&ended(waiting(1, 100), 50), 2, Timestamp(50));
        let (due, next) = deadlines.due(Timestamp(250));
        assert_eq!(
            (due.iter().map(ToString::to_string).collect::<Vec<_>>(), next),
            (vec!["o2".to_owned()], Some(Timestamp(300)))
        );
    }

    #[test]
    fn an_older_version_that_arrives_late_does_not_bring_a_deadline_back() {
        let deadlines = deadlines();
        deadlines.update(&ended(waiting(1, 100), 50), 2, Timestamp(50));
        deadlines.update(&waiting(1, 100), 1, Timestamp(60));
        deadlines.expire(Timestamp(50 + REMEMBERED_MILLIS));
        assert_eq!(deadlines.lock().orders.len(), 2, "it is forgotten after REMEMBERED_MILLIS");
        deadlines.update(&ended(waiting(1, 100), 50), 2, Timestamp(50 + REMEMBERED_MILLIS));
        assert_eq!(deadlines.lock().orders.len(), 2, "an order that ended long ago is not tracked");
    }

    #[test]
    fn the_end_of_a_pause_is_a_deadline() {
        let deadlines = deadlines();
        let mut first = deadlines.first();
        first.mark_unchanged();
        deadlines.update_shop(&ShopState::Paused { reason: String::new().into(), until: Some(Timestamp(70)) });
        assert_eq!(deadlines.due(Timestamp(0)).1, Some(Timestamp(70)));
        assert!(first.has_changed().unwrap());
        assert_eq!(*first.borrow(), Some(Timestamp(70)));
    }
}
