//! The known facts of an order, and how another fact adds to them.

use crate::{
    id::{CustomerId, OrderId, OrderNumber},
    menu::DrinkOrder,
    order::{BarMove, BarState, Ending, Extension, OrderEvent, Phase, TaskToken},
    time::Timestamp,
};

/// How long a recalled order may be open without a tap, in milliseconds: as long as the workflow waits for the bar.
const RECALL_MILLIS: i64 = 900_000;

/// The end of an order. A recall begins a new round, and the end of an earlier round no longer counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How often the order had been recalled before.
    pub round: u32,
    /// How it ended.
    pub ending: Ending,
    /// When it happened.
    pub at: Timestamp,
}

/// A step of the workflow that waits for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkflowStep {
    /// The customer's choice (`awaiting` = `CUSTOMER`).
    Customer,
    /// The barista's work (`awaiting` = `BARISTA`).
    Barista,
}

/// The known state of a step's token. It only moves down this list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TokenState {
    /// The workflow has not entered the step, as far as is known.
    #[default]
    Unknown,
    /// The workflow waits for this token.
    Open(TaskToken),
    /// The token has been used, or its step has ended.
    Spent,
}

impl TokenState {
    /// The token, while the workflow waits for it.
    pub const fn open(&self) -> Option<&TaskToken> {
        match self {
            Self::Open(token) => Some(token),
            Self::Unknown | Self::Spent => None,
        }
    }
}

/// An order: every fact that is known of it. Each field only grows, so the order in which facts arrive does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The id (`SK`).
    pub id: OrderId,
    /// The customer (`USERID`). It never changes.
    pub customer: CustomerId,
    /// When a guest started the order. `None` for an order that began with an event from outside.
    pub started_at: Option<Timestamp>,
    /// When the workflow stops waiting for the customer, without extensions. See [`Order::choose_until`].
    pub choose_by: Option<Timestamp>,
    /// The last extension of that time.
    pub extended: Option<Extension>,
    /// The drink (`drinkOrder`), and when it was submitted.
    pub submitted: Option<(DrinkOrder, Timestamp)>,
    /// The number to call (`orderNumber`).
    pub number: Option<OrderNumber>,
    /// When the order joined the queue.
    pub waiting_at: Option<Timestamp>,
    /// When the workflow stops waiting for the bar.
    pub make_by: Option<Timestamp>,
    /// When a barista first claimed the order.
    pub claimed_at: Option<Timestamp>,
    /// The last move at the bar.
    pub bar: Option<BarMove>,
    /// When the drink was first put on the counter.
    pub ready_at: Option<Timestamp>,
    /// The end of the last round that has ended. [`Order::ended`] says whether it still counts.
    pub end: Option<End>,
    /// The last round whose end the bar has acknowledged.
    pub acknowledged: Option<u32>,
    /// The token of the customer's step.
    pub customer_token: TokenState,
    /// The token of the barista's step.
    pub barista_token: TokenState,
}

impl Order {
    /// An order without facts.
    pub fn new(id: OrderId, customer: CustomerId) -> Self {
        Self {
            id,
            customer,
            started_at: None,
            choose_by: None,
            extended: None,
            submitted: None,
            number: None,
            waiting_at: None,
            make_by: None,
            claimed_at: None,
            bar: None,
            ready_at: None,
            end: None,
            acknowledged: None,
            customer_token: TokenState::Unknown,
            barista_token: TokenState::Unknown,
        }
    }

    /// The phase that follows from the facts.
    pub fn phase(&self) -> Phase {
        if let Some((ending, _)) = self.ended() {
            return Phase::Ended(ending.clone());
        }
        if self.ready_at.is_some() && self.round() == 0 {
            return Phase::Ready;
        }
        if self.number.is_some() {
            return match self.bar.as_ref().map(|last| &last.state) {
                Some(BarState::Served { .. }) => Phase::Ready,
                None | Some(BarState::Unclaimed) => Phase::Waiting,
                Some(BarState::Making { barista }) => Phase::Making { barista: barista.clone() },
                Some(BarState::Finishing { barista, ready_due }) => {
                    Phase::Finishing { barista: barista.clone(), ready_due: *ready_due }
                }
            };
        }
        if self.submitted.is_some() { Phase::Submitted } else { Phase::Choosing }
    }

    /// When the workflow stops waiting for the customer.
    pub fn choose_until(&self) -> Option<Timestamp> {
        self.extended.map(|extension| extension.choose_by).or(self.choose_by)
    }

    /// The preparation time, in milliseconds: from the first claim to the tap that completed the order. `None` until
    /// that tap cannot be undone any more, and for a drink that nobody had claimed.
    pub fn made_in(&self) -> Option<i64> {
        let BarMove { round: 0, state: BarState::Finishing { .. }, at, .. } = self.bar.as_ref()? else { return None };
        self.ready_at?;
        Some(at.millis_since(self.claimed_at?))
    }

    /// How often the order has been recalled.
    pub fn round(&self) -> u32 {
        self.bar.as_ref().map_or(0, |last| last.round)
    }

    /// How and when the order ended, unless it has been recalled since.
    pub fn ended(&self) -> Option<(&Ending, Timestamp)> {
        self.end.as_ref().filter(|end| end.round >= self.round()).map(|end| (&end.ending, end.at))
    }

    /// When the drink was put on the counter, in this round.
    pub fn ready_since(&self) -> Option<Timestamp> {
        match &self.bar {
            Some(BarMove { round: 1.., state: BarState::Served { .. }, at, .. }) => Some(*at),
            Some(BarMove { round: 1.., .. }) => None,
            Some(_) | None => self.ready_at,
        }
    }

    /// When the order is given up: by the workflow in the first round, and that long after the last tap once it was
    /// recalled.
    pub fn give_up_at(&self) -> Option<Timestamp> {
        match &self.bar {
            Some(BarMove { round: 1.., at, .. }) => Some(at.plus_millis(RECALL_MILLIS)),
            Some(_) | None => self.make_by,
        }
    }

    /// Whether the bar has acknowledged the end.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.is_some_and(|round| round >= self.round())
    }

    /// The token that the workflow waits for, with its step.
    pub fn callback(&self) -> Option<(WorkflowStep, &TaskToken)> {
        let barista = self.barista_token.open().map(|token| (WorkflowStep::Barista, token));
        barista.or_else(|| self.customer_token.open().map(|token| (WorkflowStep::Customer, token)))
    }

    /// The token of a choice that was written but, as far as is known, not sent to the workflow.
    pub fn unsent_choice(&self) -> Option<&TaskToken> {
        (self.phase() == Phase::Submitted).then(|| self.customer_token.open()).flatten()
    }

    /// Adds a fact. A fact that is known, or that later facts have overtaken, changes nothing. Nor does a fact that
    /// names another customer: the first writer of an order owns it.
    pub fn apply(&mut self, event: OrderEvent) {
        if event.customer().is_some_and(|customer| *customer != self.customer) {
            return;
        }
        match event {
            OrderEvent::Started { at, .. } => keep_earliest(&mut self.started_at, at),
            OrderEvent::WorkflowStarted { token, choose_by, .. } => {
                keep_earliest(&mut self.choose_by, choose_by);
                advance(&mut self.customer_token, TokenState::Open(token));
            }
            OrderEvent::Submitted { drink, at } => {
                // A choice is submitted once. If two are ever known, the earlier one counts on every node.
                let earlier = self.submitted.as_ref().is_none_or(|(known, since)| (at, &drink) < (*since, known));
                if earlier {
                    self.submitted = Some((drink, at));
                }
            }
            OrderEvent::Extended(extension) => {
                if self.extended.is_none_or(|known| known < extension) {
                    self.extended = Some(extension);
                }
            }
            OrderEvent::CustomerTokenSpent => self.customer_token = TokenState::Spent,
            OrderEvent::WaitingCompletion { number, token, at, make_by, .. } => {
                self.number = Some(self.number.map_or(number, |known| known.min(number)));
                keep_earliest(&mut self.waiting_at, at);
                keep_earliest(&mut self.make_by, make_by);
                self.customer_token = TokenState::Spent;
                advance(&mut self.barista_token, TokenState::Open(token));
            }
            OrderEvent::BarMoved(bar_move) => {
                if matches!(bar_move.state, BarState::Making { .. }) {
                    keep_earliest(&mut self.claimed_at, bar_move.at);
                }
                if self.bar.as_ref().is_none_or(|last| *last < bar_move) {
                    self.bar = Some(bar_move);
                }
            }
            OrderEvent::Finished { at } => {
                keep_earliest(&mut self.ready_at, at);
                self.mark_tokens_spent();
            }
            OrderEvent::Ended { round, ending, at } => {
                // In the last round the first end counts, in whatever order ends become known.
                let counts = self.end.as_ref().is_none_or(|known| {
                    round > known.round || round == known.round && (at, &ending) < (known.at, &known.ending)
                });
                if counts {
                    self.end = Some(End { round, ending, at });
                }
                self.mark_tokens_spent();
            }
            OrderEvent::Acknowledged { round } => self.acknowledged = self.acknowledged.max(Some(round)),
        }
    }

    fn mark_tokens_spent(&mut self) {
        self.customer_token = TokenState::Spent;
        self.barista_token = TokenState::Spent;
    }
}

fn keep_earliest(known: &mut Option<Timestamp>, at: Timestamp) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}

fn advance(known: &mut TokenState, state: TokenState) {
    if *known < state {
        *known = state;
    }
}
