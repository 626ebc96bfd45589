//! The bar behind the screens: the table of orders, which survives everything, and the hub, which dies with the process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::error::CommandError;
use domain::{
    Actor, BaristaId, CancelReason, Command, CustomerId, Ending, Order, OrderEvent, OrderId, OrderNumber, Phase, Shop,
    ShopState, TaskToken, Timestamp,
    live::{Topic, TopicState},
    menu::DrinkOrder,
    order::Decision,
    view::{BoardEntry, Ticket},
};
use engine::clock::{Rng, SeededRng};
use tokio_util::sync::CancellationToken;

use super::{clock::Hours, dice::Dice, truth::Truth};
use crate::{
    live::{Hub, LINGER_MILLIS, Source, TopicLog},
    metrics::{LiveMetrics, Metrics},
    time::{self, Clocks},
};

const DRINKS: [&str; 3] = ["Espresso", "Cappuccino", "Flat White"];
const BARISTAS: [&str; 3] = ["Ana", "Ben", "Chi"];

/// One life of the server.
pub(super) struct Life {
    pub(super) number: u64,
    pub(super) epoch: u64,
    pub(super) source: Arc<Counter>,
    /// Cancelled when it goes away in peace.
    pub(super) stop: CancellationToken,
}

/// What connections of a life read from.
#[derive(Debug)]
pub(super) struct Counter {
    pub(super) hub: Hub,
    table: Arc<Mutex<Table>>,
    truth: Arc<Mutex<Truth>>,
    clocks: Clocks,
    hours: Hours,
    rng: Arc<SeededRng>,
    metrics: Arc<Metrics>,
    dice: Dice,
}

impl Source for Counter {
    type Reader = ();

    fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    fn metrics(&self) -> &LiveMetrics {
        &self.metrics.live
    }

    async fn log(&self, (): &(), topic: &Topic) -> Result<Arc<TopicLog>, CommandError> {
        let Topic::Order(id) = topic else { return self.hub.shared(topic).ok_or(CommandError::Unavailable) };
        // A table takes its time, and sometimes does not answer.
        let (span, fails) = (self.dice.below(40), self.dice.chance(1, 300));
        time::pass(&*self.clocks.line, Duration::from_millis(span)).await;
        if fails {
            return Err(CommandError::Unavailable);
        }
        let (order, version) = self.table.lock().unwrap().orders.get(id).cloned().ok_or(CommandError::Unavailable)?;
        self.hub.put(&order, version);
        let log = self.hub.order(&order);
        self.truth.lock().unwrap().look(topic, &log, self.hours.millis());
        self.look();
        Ok(log)
    }
}

impl Counter {
    /// Writes down what each topic shows now.
    fn look(&self) {
        let now = self.hours.millis();
        let mut truth = self.truth.lock().unwrap();
        for topic in [Topic::Board, Topic::Queue, Topic::Shop] {
            truth.look(&topic, &self.hub.shared(&topic).unwrap(), now);
        }
        for id in self.table.lock().unwrap().orders.keys() {
            // Only what is being shown: to ask for the topic of an order that was forgotten would bring it back.
            if let Some(log) = self.hub.log_of(id) {
                truth.look(&Topic::Order(id.clone()), &log, now);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    orders: BTreeMap<OrderId, (Order, u64)>,
}

/// The bar.
pub(super) struct Bar {
    clocks: Clocks,
    hours: Hours,
    table: Arc<Mutex<Table>>,
    shop: Shop,
    numbers: u32,
    lives: u64,
    seed: u64,
    pub(super) truth: Arc<Mutex<Truth>>,
    pub(super) life: Option<Life>,
}

impl Bar {
    pub(super) fn new(seed: u64, hours: &Hours) -> Self {
        let clocks = Clocks::same(Arc::new(hours.clone()));
        let mut bar = Self {
            clocks,
            hours: hours.clone(),
            table: Arc::default(),
            shop: Shop::default(),
            numbers: 0,
            lives: 0,
            seed,
            truth: Arc::default(),
            life: None,
        };
        bar.open();
        bar
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.hours.millis())
    }

    /// Begins a new life, as the server's start does.
    pub(super) fn open(&mut self) {
        self.lives += 1;
        let rng = Arc::new(SeededRng::new(self.seed ^ (self.lives << 32)));
        let hub = Hub::new(self.clocks.clone(), &*rng, self.shop.clone(), |_| Timestamp(i64::MAX));
        let recently = self.now().plus_millis(-LINGER_MILLIS);
        for (order, version) in self.table.lock().unwrap().orders.values() {
            if order.ended().is_none_or(|(_, at)| at >= recently) {
                hub.put(order, *version);
            }
        }
        let epoch = hub.shared(&Topic::Board).unwrap().now().1.epoch;
        let source = Counter {
            hub,
            table: Arc::clone(&self.table),
            truth: Arc::clone(&self.truth),
            clocks: self.clocks.clone(),
            hours: self.hours.clone(),
            rng,
            metrics: Metrics::new(),
            dice: Dice::new(self.seed ^ self.lives),
        };
        let stop = CancellationToken::new();
        self.life = Some(Life { number: self.lives, epoch, source: Arc::new(source), stop });
        self.look();
    }

    /// The server takes nobody in any more.
    pub(super) fn end(&mut self) -> Option<Life> {
        let life = self.life.take()?;
        self.truth.lock().unwrap().end(life.epoch, self.hours.millis());
        Some(life)
    }

    /// Writes down what each topic shows now.
    pub(super) fn look(&self) {
        if let Some(life) = &self.life {
            life.source.look();
        }
    }

    /// An order that waits for a barista, and who has placed it.
    pub(super) fn place(&mut self, dice: &Dice) -> OrderId {
        self.numbers += 1;
        let customer = CustomerId::try_from(format!("phone-{}", self.numbers)).unwrap();
        let id = OrderId::try_from(format!("order-{}", self.numbers)).unwrap();
        let mut order = Order::new(id.clone(), customer.clone());
        let drink = DrinkOrder {
            drink: DRINKS[dice.place(DRINKS.len())].to_owned(),
            modifiers: Vec::new(),
            special: Vec::new(),
            icon: String::new(),
        };
        order.apply(OrderEvent::Started { customer, at: self.now() });
        order.apply(OrderEvent::Submitted { drink, at: self.now() });
        self.table.lock().unwrap().orders.insert(id.clone(), (order, 1));
        id
    }

    /// The workflow comes to the bar.
    pub(super) fn queue(&self, id: &OrderId) -> bool {
        let number: u32 = id.as_str().strip_prefix("order-").unwrap().parse().unwrap();
        let now = self.now();
        self.change(id, |order| {
            let customer = order.customer.clone();
            let token = TaskToken::new("two");
            let make_by = now.plus_millis(900_000);
            vec![OrderEvent::WaitingCompletion { customer, number: OrderNumber(number), token, at: now, make_by }]
        })
    }

    /// Something happens to an order, if the rules let it.
    pub(super) fn act(&self, id: &OrderId, dice: &Dice) -> bool {
        let now = self.now();
        let barista = BaristaId::new(BARISTAS[dice.place(BARISTAS.len())], "t1").unwrap();
        let fate = dice.below(100);
        self.change(id, |order| {
            let at_the_bar = Actor::Barista(barista);
            let reason = CancelReason::Words(String::new());
            let (actor, command) = match order.phase() {
                Phase::Waiting if fate < 8 => (Actor::Customer(order.customer.clone()), Command::Cancel { reason }),
                Phase::Waiting => (at_the_bar, Command::Claim { take_over: false }),
                Phase::Making { .. } if fate < 10 => (at_the_bar, Command::Cancel { reason }),
                Phase::Making { .. } if fate < 20 => (at_the_bar, Command::Release),
                Phase::Making { .. } if fate < 30 => (at_the_bar, Command::Claim { take_over: true }),
                Phase::Making { .. } => (at_the_bar, Command::Complete),
                Phase::Finishing { .. } if fate < 15 => (at_the_bar, Command::UndoComplete),
                Phase::Finishing { .. } => return vec![OrderEvent::Finished { at: now }],
                Phase::Ready if fate < 15 => (at_the_bar, Command::Recall),
                Phase::Ready => (at_the_bar, Command::Collect),
                Phase::Ended(Ending::Collected) => (at_the_bar, Command::Recall),
                Phase::Ended(_) => (at_the_bar, Command::Acknowledge),
                Phase::Choosing | Phase::Submitted => return Vec::new(),
            };
            match order.decide(&actor, &command, now) {
                Ok(
                    Decision::Record(facts) | Decision::RecordThenSend(facts, ..) | Decision::SendThenRecord(.., facts),
                ) => facts,
                Ok(Decision::AlreadyDone) | Err(_) => Vec::new(),
            }
        })
    }

    /// Writes facts into the table; true when there were any. The hub hears of it by [`Bar::tell`].
    fn change(&self, id: &OrderId, facts: impl FnOnce(&Order) -> Vec<OrderEvent>) -> bool {
        let mut table = self.table.lock().unwrap();
        let Some((order, version)) = table.orders.get_mut(id) else { return false };
        let facts = facts(order);
        *version += u64::from(!facts.is_empty());
        let any = !facts.is_empty();
        facts.into_iter().for_each(|fact| order.apply(fact));
        any
    }

    /// The order as the table has it.
    pub(super) fn read(&self, id: &OrderId) -> Option<(Order, u64)> {
        self.table.lock().unwrap().orders.get(id).cloned()
    }

    /// The hub hears of an order, perhaps not for the first time, perhaps of how it was before.
    pub(super) fn tell(&self, (order, version): &(Order, u64)) {
        if let Some(life) = &self.life {
            life.source.hub.put(order, *version);
            self.look();
        }
    }

    /// The bar closes or opens.
    pub(super) fn turn_sign(&mut self) {
        self.shop.state = if self.shop.state == ShopState::Open { ShopState::Closed } else { ShopState::Open };
        if let Some(life) = &self.life {
            life.source.hub.set_shop(self.shop.clone());
            self.look();
        }
    }

    /// What upkeep does from time to time.
    pub(super) fn expire(&self) {
        if let Some(life) = &self.life {
            life.source.hub.expire(self.now());
            self.look();
        }
    }

    /// The topic as it is now.
    pub(super) fn topic(&self, topic: &Topic) -> Option<Arc<TopicLog>> {
        let hub = &self.life.as_ref()?.source.hub;
        let log = match topic {
            Topic::Order(id) => hub.order(&self.read(id)?.0),
            Topic::Board | Topic::Queue | Topic::Shop => hub.shared(topic)?,
        };
        self.truth.lock().unwrap().look(topic, &log, self.hours.millis());
        Some(log)
    }

    /// Compares what the hub shows with what the table says.
    pub(super) fn balance(&self) -> Result<(), String> {
        let Some(Life { source, .. }) = &self.life else { return Err("the bar is closed".to_owned()) };
        let table = self.table.lock().unwrap();
        let shown = |topic| source.hub.shared(&topic).unwrap().now().0;
        let mut entries: Vec<BoardEntry> =
            table.orders.values().filter_map(|(order, _)| BoardEntry::of(order)).collect();
        entries.sort_by_key(|entry| entry.number);
        let board = shown(Topic::Board);
        if board != TopicState::Board(entries.clone()) {
            return Err(format!("the board shows {board:?}, and the table says {entries:?}"));
        }
        let TopicState::Queue(tickets) = shown(Topic::Queue) else {
            return Err("the queue is something else".to_owned());
        };
        for (id, (order, _)) in &table.orders {
            let (ticket, known) = (Ticket::of(order), tickets.iter().find(|ticket| ticket.id == *id));
            // The end of an order is shown for a while, and then no more.
            let may_be_gone = order.ended().is_some();
            if ticket.as_ref() != known && !(known.is_none() && may_be_gone) {
                return Err(format!("the queue shows {known:?}, and the table says {ticket:?}"));
            }
        }
        Ok(())
    }

    /// Ids of all orders so far.
    pub(super) fn orders(&self) -> Vec<OrderId> {
        self.table.lock().unwrap().orders.keys().cloned().collect()
    }
}
