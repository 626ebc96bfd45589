//! Compares what the hub shows with what the table contains.

use domain::{
    Order, OrderId, OrderNumber, Phase, Timestamp,
    live::{Topic, TopicState},
    view::{BoardEntry, OrderView, QueuePosition, Ticket},
};

use super::backend::{Instance, SimulatedBackend};
use crate::live::LINGER_MILLIS;

impl SimulatedBackend {
    /// Must be called when the hub has every change and has just dropped expired orders. The estimated waits are not
    /// compared, because only the hub has them.
    pub(super) fn check_consistency(&self) -> Result<(), String> {
        let Some(Instance { source, .. }) = &self.instance else { return Err("the server is down".to_owned()) };
        let table = source.table.lock().unwrap();
        let orders = || table.orders.values().map(|(order, _)| order);
        let shown = |topic| source.hub.shared_topic(&topic).unwrap().current().0;

        let mut entries: Vec<BoardEntry> = orders().filter_map(BoardEntry::of).collect();
        entries.sort_by_key(|entry| entry.number);
        same("the board", &shown(Topic::Board), &TopicState::Board(entries))?;

        let now = self.now();
        let lingers = |order: &&Order| order.ended().is_none_or(|(_, at)| at.plus_millis(LINGER_MILLIS) > now);
        let mut tickets: Vec<Ticket> = orders().filter(lingers).filter_map(Ticket::of).collect();
        tickets.sort_by_key(|ticket| (ticket.waiting_since, ticket.number, ticket.id.clone()));
        same("the queue", &shown(Topic::Queue), &TopicState::Queue(tickets))?;

        let mut queue: Vec<((Option<Timestamp>, OrderNumber), &OrderId)> = orders()
            .filter(|order| matches!(order.phase(), Phase::Waiting | Phase::Making { .. }))
            .filter_map(|order| Some(((order.waiting_at, order.number?), &order.id)))
            .collect();
        queue.sort();
        let TopicState::Shop(shop) = shown(Topic::Shop) else {
            return Err("the topic of the shop has another kind of state".to_owned());
        };
        same("the shop", &(&shop.state, shop.in_queue as usize), &(&self.shop.state, queue.len()))?;

        for order in orders() {
            let Some(log) = source.hub.log_of(&order.id) else { continue };
            let TopicState::Order(view) = log.current().0 else {
                return Err("the topic of an order has another kind of state".to_owned());
            };
            let ahead = queue.iter().position(|(_, id)| **id == order.id);
            let place = ahead.map(|ahead| QueuePosition { ahead: ahead as u32, wait: view.wait, delay: view.delay });
            same("an order", &*view, &OrderView::of(order, place))?;
        }
        Ok(())
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, shown: &T, expected: &T) -> Result<(), String> {
    if shown == expected {
        Ok(())
    } else {
        Err(format!("the hub has {shown:?} for {what}, the table has {expected:?}"))
    }
}
