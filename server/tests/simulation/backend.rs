//! The backend: the table of orders, which is durable, and the hub, which is lost when the process ends.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use domain::{
    Actor, BaristaId, CancelReason, CustomerId, Ending, Order, OrderCommand, OrderEvent, OrderId, OrderNumber, Phase,
    Shop, ShopState, TaskToken, Timestamp, live::Topic, menu::DrinkOrder, order::Decision,
};
use engine::clock::SeededRng;
use tokio_util::sync::CancellationToken;

use super::{clock::SimulatedClock, history::History, random::Random, source::SimulatedSource};
use crate::{
    live::{Hub, LINGER_MILLIS, TopicLog},
    metrics::Metrics,
    time::Clocks,
};

const DRINKS: [&str; 3] = ["Espresso", "Cappuccino", "Flat White"];
const BARISTAS: [&str; 3] = ["Ana", "Ben", "Chi"];

/// A running instance of the server.
pub(super) struct Instance {
    pub(super) number: u64,
    pub(super) epoch: u64,
    pub(super) source: Arc<SimulatedSource>,
    /// Cancelled by a graceful shutdown.
    pub(super) stop: CancellationToken,
}

/// The orders with their versions.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) orders: BTreeMap<OrderId, (Order, u64)>,
}

/// The backend.
pub(super) struct SimulatedBackend {
    clocks: Clocks,
    clock: SimulatedClock,
    table: Arc<Mutex<Table>>,
    pub(super) shop: Shop,
    numbers: u32,
    instances: u64,
    seed: u64,
    pub(super) history: Arc<Mutex<History>>,
    pub(super) instance: Option<Instance>,
}

impl SimulatedBackend {
    pub(super) fn new(seed: u64, clock: &SimulatedClock) -> Self {
        let clocks = Clocks::single(Arc::new(clock.clone()));
        let mut backend = Self {
            clocks,
            clock: clock.clone(),
            table: Arc::default(),
            shop: Shop::default(),
            numbers: 0,
            instances: 0,
            seed,
            history: Arc::default(),
            instance: None,
        };
        backend.start();
        backend
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.clock.millis())
    }

    /// Starts an instance, as the start of the server does.
    pub(super) fn start(&mut self) {
        self.instances += 1;
        let rng = Arc::new(SeededRng::new(self.seed ^ (self.instances << 32)));
        let hub = Hub::new(self.clocks.clone(), &*rng, self.shop.clone());
        let recently = self.now().plus_millis(-LINGER_MILLIS);
        for (order, version) in self.table.lock().unwrap().orders.values() {
            if order.ended().is_none_or(|(_, at)| at >= recently) {
                hub.update(order, *version);
            }
        }
        let epoch = hub.shared_topic(&Topic::Board).unwrap().current().1.epoch;
        let source = SimulatedSource {
            hub,
            table: Arc::clone(&self.table),
            history: Arc::clone(&self.history),
            clocks: self.clocks.clone(),
            clock: self.clock.clone(),
            rng,
            metrics: Metrics::new(),
            random: Random::new(self.seed ^ self.instances),
        };
        let stop = CancellationToken::new();
        self.instance = Some(Instance { number: self.instances, epoch, source: Arc::new(source), stop });
        self.record();
    }

    /// The instance accepts no more connections.
    pub(super) fn stop_accepting(&mut self) -> Option<Instance> {
        let instance = self.instance.take()?;
        self.history.lock().unwrap().record_end(instance.epoch, self.clock.millis());
        Some(instance)
    }

    /// Records the current state of each topic.
    pub(super) fn record(&self) {
        if let Some(instance) = &self.instance {
            instance.source.record();
        }
    }

    /// Creates an order that waits for a barista.
    pub(super) fn create_order(&mut self, random: &Random) -> OrderId {
        self.create_order_at(self.now(), random)
    }

    /// Creates an order that its customer has cancelled some time ago; its ticket is dropped within two minutes.
    pub(super) fn create_ended_order(&mut self, random: &Random) -> OrderId {
        let now = self.now();
        let ended_at = now.plus_millis(-random.between(1_000, LINGER_MILLIS - 1_000));
        let id = self.create_order_at(ended_at, random);
        self.enter_queue_at(&id, ended_at);
        self.change(&id, |order| {
            let reason = CancelReason::Custom(String::new());
            events(order, &Actor::Customer(order.customer.clone()), &OrderCommand::Cancel { reason }, ended_at)
        });
        if let Some(versioned) = self.read(&id) {
            self.publish(&versioned);
        }
        id
    }

    fn create_order_at(&mut self, now: Timestamp, random: &Random) -> OrderId {
        self.numbers += 1;
        let customer = CustomerId::try_from(format!("phone-{}", self.numbers)).unwrap();
        let id = OrderId::try_from(format!("order-{}", self.numbers)).unwrap();
        let mut order = Order::new(id.clone(), customer.clone());
        let drink = DrinkOrder {
            drink: DRINKS[random.index(DRINKS.len())].to_owned(),
            modifiers: Vec::new(),
            special: Vec::new(),
            icon: String::new(),
        };
        order.apply(OrderEvent::Started { customer, at: now });
        order.apply(OrderEvent::Submitted { drink, at: now });
        self.table.lock().unwrap().orders.insert(id.clone(), (order, 1));
        id
    }

    /// The workflow reaches the barista's step.
    pub(super) fn enter_queue(&self, id: &OrderId) -> bool {
        self.enter_queue_at(id, self.now())
    }

    fn enter_queue_at(&self, id: &OrderId, now: Timestamp) -> bool {
        let number: u32 = id.as_str().strip_prefix("order-").unwrap().parse().unwrap();
        self.change(id, |order| {
            let customer = order.customer.clone();
            let token = TaskToken::new("two");
            let make_by = now.plus_millis(900_000);
            vec![OrderEvent::WaitingCompletion { customer, number: OrderNumber(number), token, at: now, make_by }]
        })
    }

    /// Executes a random command that the rules allow.
    pub(super) fn execute_random_command(&self, id: &OrderId, random: &Random) -> bool {
        let now = self.now();
        let barista = BaristaId::new(BARISTAS[random.index(BARISTAS.len())], "t1").unwrap();
        let percent = random.below(100);
        self.change(id, |order| {
            let at_the_bar = Actor::Barista(barista);
            let reason = CancelReason::Custom(String::new());
            let (actor, command) = match order.phase() {
                Phase::Waiting if percent < 8 => {
                    (Actor::Customer(order.customer.clone()), OrderCommand::Cancel { reason })
                }
                Phase::Waiting => (at_the_bar, OrderCommand::Claim { take_over: false }),
                Phase::Making { .. } if percent < 10 => (at_the_bar, OrderCommand::Cancel { reason }),
                Phase::Making { .. } if percent < 20 => (at_the_bar, OrderCommand::Release),
                Phase::Making { .. } if percent < 30 => (at_the_bar, OrderCommand::Claim { take_over: true }),
                Phase::Making { .. } => (at_the_bar, OrderCommand::Complete),
                Phase::Finishing { .. } if percent < 15 => (at_the_bar, OrderCommand::UndoComplete),
                Phase::Finishing { .. } => return vec![OrderEvent::Finished { at: now }],
                Phase::Ready if percent < 15 => (at_the_bar, OrderCommand::Recall),
                Phase::Ready => (at_the_bar, OrderCommand::Collect),
                Phase::Ended(Ending::Collected) => (at_the_bar, OrderCommand::Recall),
                Phase::Ended(_) => (at_the_bar, OrderCommand::Acknowledge),
                Phase::Choosing | Phase::Submitted => return Vec::new(),
            };
            events(order, &actor, &command, now)
        })
    }

    /// A barista claims an order or releases it.
    pub(super) fn claim_or_release(&self, id: &OrderId, random: &Random) -> bool {
        let now = self.now();
        let barista = BaristaId::new(BARISTAS[random.index(BARISTAS.len())], "t1").unwrap();
        self.change(id, |order| {
            let (actor, command) = match order.phase() {
                Phase::Making { barista } => (Actor::Barista(barista), OrderCommand::Release),
                _ => (Actor::Barista(barista), OrderCommand::Claim { take_over: false }),
            };
            events(order, &actor, &command, now)
        })
    }

    /// A random order that waits or is being made.
    pub(super) fn active_order(&self, random: &Random) -> Option<OrderId> {
        let table = self.table.lock().unwrap();
        let orders = table.orders.values().map(|(order, _)| order);
        let active: Vec<_> =
            orders.filter(|order| matches!(order.phase(), Phase::Waiting | Phase::Making { .. })).collect();
        let chosen = active.get(random.index(active.len().max(1)))?;
        Some(chosen.id.clone())
    }

    /// Writes events into the table; returns whether there were any. [`SimulatedBackend::publish`] publishes them to the
    /// hub.
    fn change(&self, id: &OrderId, events: impl FnOnce(&Order) -> Vec<OrderEvent>) -> bool {
        let mut table = self.table.lock().unwrap();
        let Some((order, version)) = table.orders.get_mut(id) else { return false };
        let events = events(order);
        *version += u64::from(!events.is_empty());
        let any = !events.is_empty();
        events.into_iter().for_each(|event| order.apply(event));
        any
    }

    /// The order in the table.
    pub(super) fn read(&self, id: &OrderId) -> Option<(Order, u64)> {
        self.table.lock().unwrap().orders.get(id).cloned()
    }

    /// Publishes a version to the hub, which may know it or a newer one already.
    pub(super) fn publish(&self, (order, version): &(Order, u64)) {
        if let Some(instance) = &self.instance {
            instance.source.hub.update(order, *version);
            self.record();
        }
    }

    /// The shop opens or closes.
    pub(super) fn toggle_shop(&mut self) {
        self.shop.state = if self.shop.state == ShopState::Open { ShopState::Closed } else { ShopState::Open };
        if let Some(instance) = &self.instance {
            instance.source.hub.set_shop(self.shop.clone());
            self.record();
        }
    }

    /// Upkeep drops expired orders.
    pub(super) fn expire(&self) {
        self.expire_as_at(self.now());
    }

    /// Upkeep drops expired orders at another time than the current one.
    pub(super) fn expire_as_at(&self, now: Timestamp) {
        if let Some(instance) = &self.instance {
            instance.source.hub.expire(now);
            self.record();
        }
    }

    /// The topic of the running instance.
    pub(super) fn topic(&self, topic: &Topic) -> Option<Arc<TopicLog>> {
        let hub = &self.instance.as_ref()?.source.hub;
        let log = match topic {
            Topic::Order(id) => hub.order_topic(&self.read(id)?.0),
            Topic::Board | Topic::Queue | Topic::Shop => hub.shared_topic(topic)?,
        };
        self.history.lock().unwrap().record(topic, &log, self.clock.millis());
        Some(log)
    }

    /// The ids of all orders.
    pub(super) fn orders(&self) -> Vec<OrderId> {
        self.table.lock().unwrap().orders.keys().cloned().collect()
    }
}

/// The events by which an order reacts to a command.
fn events(order: &Order, actor: &Actor, command: &OrderCommand, now: Timestamp) -> Vec<OrderEvent> {
    match order.decide(actor, command, now) {
        Ok(Decision::Record(events) | Decision::RecordThenSend(events, ..) | Decision::SendThenRecord(.., events)) => {
            events
        }
        Ok(Decision::AlreadyDone) | Err(_) => Vec::new(),
    }
}
