//! The order that the guest chooses for, or has open.

use domain::{
    live::{Topic, TopicState},
    view::{OrderView, Outcome, Stage},
};
use leptos::prelude::*;

use crate::{
    commands::{StartOrder, path_of},
    form_action::FormAction,
    live::{Live, use_live},
    loaders::Snapshot,
};

/// The current order, and the idempotency key of the next one.
#[derive(Clone, Copy)]
pub(super) struct CurrentOrder {
    /// The order that came with the page, or the one that was started since.
    pub(super) order: Signal<Option<OrderView>>,
    /// The command that starts an order.
    pub(super) started: FormAction,
    /// How the order that was started on this page ended, until the next is started.
    pub(super) lost: RwSignal<Option<Outcome>>,
    key: StoredValue<String>,
    /// Counts the orders that were started on this page and have ended. Each order needs another key.
    ended: RwSignal<u32>,
    started_here: StoredValue<bool>,
}

impl CurrentOrder {
    pub(super) fn new(start: Option<Snapshot>, key: String) -> Self {
        let started = FormAction::new(path_of::<StartOrder>());
        let current = Self {
            order: follow(start, started),
            started,
            lost: RwSignal::new(None),
            key: StoredValue::new(key),
            ended: RwSignal::new(0),
            started_here: StoredValue::new(false),
        };
        Effect::new(move |_| {
            let outcome = current.order.with(|order| match order.as_ref().map(|order| &order.stage) {
                Some(Stage::Ended { outcome }) => Some(outcome.clone()),
                _ => None,
            });
            if let Some(outcome) = outcome
                && current.started_here.get_value()
            {
                current.started_here.set_value(false);
                current.ended.update(|ended| *ended += 1);
                current.lost.set(Some(outcome));
            }
        });
        current
    }

    /// The idempotency key of the next order.
    pub(super) fn key(self) -> String {
        let key = self.key.get_value();
        match self.ended.get() {
            0 => key,
            ended => format!("{key}-{ended}"),
        }
    }

    /// Starts an order, on the first tap on a drink. The workflow then waits for the choice.
    pub(super) fn start_order(self) {
        let waits = self.order.with_untracked(|order| order.as_ref().is_some_and(|order| !is_ended(order)));
        if waits || self.started.pending().get_untracked() {
            return;
        }
        self.lost.set(None);
        self.started_here.set_value(true);
        self.started.send(format!("key={}", untrack(|| self.key())));
    }

    /// The id of the order without a choice, for a form. Empty if there is none.
    pub(super) fn unsubmitted_id(self) -> String {
        let choosing = |order: &&OrderView| order.stage == Stage::Choosing;
        self.order.with(|order| order.as_ref().filter(choosing).map(|order| order.id.to_string())).unwrap_or_default()
    }
}

/// Whether the order has ended.
pub(super) const fn is_ended(order: &OrderView) -> bool {
    matches!(order.stage, Stage::Ended { .. })
}

/// Whether the order has been submitted and has not ended.
pub(super) fn is_open(order: &OrderView) -> bool {
    order.stage != Stage::Choosing && !is_ended(order)
}

fn follow(start: Option<Snapshot>, started: FormAction) -> Signal<Option<OrderView>> {
    let live = use_live();
    let first = start.map(|snapshot| live.order(snapshot.topic.clone(), Some(snapshot)));
    let later = RwSignal::new(None::<Memo<Option<OrderView>>>);
    Effect::new(move |_| {
        if let Some(Ok(order)) = started.answer().get() {
            later.set(Some(subscribe(live, order)));
        }
    });
    Signal::derive(move || match later.get() {
        Some(order) => order.get(),
        None => first.and_then(|order| order.get()),
    })
}

fn subscribe(live: Live, order: OrderView) -> Memo<Option<OrderView>> {
    let state = live.subscribe(Topic::Order(order.id.clone()), None);
    if state.with_untracked(Option::is_none) {
        state.set(Some(TopicState::Order(Box::new(order))));
    }
    Memo::new(move |_| match state.get() {
        Some(TopicState::Order(order)) => Some(*order),
        _ => None,
    })
}
