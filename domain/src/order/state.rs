//! What is known of an order, and how a fact adds to it.

use crate::{
    id::{CustomerId, OrderId, OrderNumber},
    menu::DrinkOrder,
    order::{BarMove, BarState, Ending, Extension, OrderEvent, Phase, TaskToken},
    time::Timestamp,
};

/// How long a recalled order may wait or be made without a tap, in milliseconds: as long as the workflow waits.
const RECALL_MILLIS: i64 = 900_000;

/// An end of an order. A recall begins a new round; the end of an earlier round then counts no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How often the order had been recalled before.
    pub round: u32,
    /// How.
    pub ending: Ending,
    /// When.
    pub at: Timestamp,
}

/// The step of the workflow that a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkflowStep {
    /// Token 1: the customer's choice (`awaiting` = `CUSTOMER`).
    Customer,
    /// Token 2: the barista's work (`awaiting` = `BARISTA`).
    Barista,
}

/// What is known of the token of one step. It only moves down this list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TokenState {
    /// The workflow has not come to this step yet, as far as we know.
    #[default]
    Unknown,
    /// The workflow waits for this token.
    Open(TaskToken),
    /// The token has done its work or its step is over.
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

/// One order: every fact that is known of it. Each field only grows, so the order in which facts arrive does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id (`SK`).
    pub id: OrderId,
    /// Whose it is (`USERID`). It never changes.
    pub customer: CustomerId,
    /// When a phone asked for it; `None` for an order that an outside event began.
    pub started_at: Option<Timestamp>,
    /// When the workflow stops waiting for the customer, as it said itself; see [`Order::choose_until`].
    pub choose_by: Option<Timestamp>,
    /// The last extension of that time.
    pub extended: Option<Extension>,
    /// What was ordered (`drinkOrder`), and when.
    pub submitted: Option<(DrinkOrder, Timestamp)>,
    /// The number to call (`orderNumber`).
    pub number: Option<OrderNumber>,
    /// When it joined the queue.
    pub waiting_at: Option<Timestamp>,
    /// When the workflow stops waiting for the bar.
    pub make_by: Option<Timestamp>,
    /// When a barista first took it.
    pub claimed_at: Option<Timestamp>,
    /// The last move at the bar.
    pub bar: Option<BarMove>,
    /// When it was put on the counter for the first time.
    pub ready_at: Option<Timestamp>,
    /// How it ended, in the last round that has ended. Ask [`Order::ended`] whether that still counts.
    pub end: Option<End>,
    /// The last round whose end the bar has seen.
    pub acknowledged: Option<u32>,
    /// Token 1.
    pub customer_token: TokenState,
    /// Token 2.
    pub barista_token: TokenState,
}

impl Order {
    /// An order of which nothing is known but its names.
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

    /// Where it stands.
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

    /// How long it took to make, in milliseconds: from the first claim to the tap that said it is made. `None` until
    /// that tap cannot be taken back any more, and for a drink that nobody had claimed.
    pub fn made_in(&self) -> Option<i64> {
        let BarMove { round: 0, state: BarState::Finishing { .. }, at, .. } = self.bar.as_ref()? else { return None };
        self.ready_at?;
        Some(at.millis_since(self.claimed_at?))
    }

    /// How often it has been recalled.
    pub fn round(&self) -> u32 {
        self.bar.as_ref().map_or(0, |last| last.round)
    }

    /// How it ended and when, unless it has been recalled since.
    pub fn ended(&self) -> Option<(&Ending, Timestamp)> {
        self.end.as_ref().filter(|end| end.round >= self.round()).map(|end| (&end.ending, end.at))
    }

    /// Since when it is on the counter, while it is there or after it was.
    pub fn ready_since(&self) -> Option<Timestamp> {
        match &self.bar {
            Some(BarMove { round: 1.., state: BarState::Served { .. }, at, .. }) => Some(*at),
            Some(BarMove { round: 1.., .. }) => None,
            Some(_) | None => self.ready_at,
        }
    }

    /// When its making is given up: by the workflow the first time, and as long after the last tap once it was recalled.
    pub fn give_up_at(&self) -> Option<Timestamp> {
        match &self.bar {
            Some(BarMove { round: 1.., at, .. }) => Some(at.plus_millis(RECALL_MILLIS)),
            Some(_) | None => self.make_by,
        }
    }

    /// Whether the bar has seen that it ended.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.is_some_and(|round| round >= self.round())
    }

    /// The token that the workflow waits for now, with the step it belongs to.
    pub fn callback(&self) -> Option<(WorkflowStep, &TaskToken)> {
        let barista = self.barista_token.open().map(|token| (WorkflowStep::Barista, token));
        barista.or_else(|| self.customer_token.open().map(|token| (WorkflowStep::Customer, token)))
    }

    /// The token of a choice that was written down but, as far as we know, not yet sent to the workflow.
    pub fn unsent_choice(&self) -> Option<&TaskToken> {
        (self.phase() == Phase::Submitted).then(|| self.customer_token.open()).flatten()
    }

    /// Adds a fact. Adding it again, or later than its successors, changes nothing. Nor does a fact about an order of
    /// another customer: whoever wrote the order first owns it.
    pub fn apply(&mut self, event: OrderEvent) {
        if event.customer().is_some_and(|customer| *customer != self.customer) {
            return;
        }
        match event {
            OrderEvent::Started { at, .. } => keep_earliest(&mut self.started_at, at),
            OrderEvent::WorkflowStarted { token, choose_by, .. } => {
                keep_earliest(&mut self.choose_by, choose_by);
                grow(&mut self.customer_token, TokenState::Open(token));
            }
            OrderEvent::Submitted { drink, at } => {
                // A choice is made once; should two ever be known, the earlier one counts everywhere alike.
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
                grow(&mut self.barista_token, TokenState::Open(token));
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
                self.spend_all();
            }
            OrderEvent::Ended { round, ending, at } => {
                // Of the last round the first end counts, in whatever order they become known.
                let counts = self.end.as_ref().is_none_or(|known| {
                    round > known.round || round == known.round && (at, &ending) < (known.at, &known.ending)
                });
                if counts {
                    self.end = Some(End { round, ending, at });
                }
                self.spend_all();
            }
            OrderEvent::Acknowledged { round } => self.acknowledged = self.acknowledged.max(Some(round)),
        }
    }

    fn spend_all(&mut self) {
        self.customer_token = TokenState::Spent;
        self.barista_token = TokenState::Spent;
    }
}

fn keep_earliest(known: &mut Option<Timestamp>, at: Timestamp) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}

fn grow(known: &mut TokenState, state: TokenState) {
    if *known < state {
        *known = state;
    }
}
