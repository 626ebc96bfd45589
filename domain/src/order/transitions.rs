//! The transition table: who may do what in which phase. Every pair of command and phase is decided.

use crate::{
    id::BaristaId,
    order::{
        Actor, BarMove, BarState, CancelReason, Ending, Extension, Order, OrderCommand, OrderEvent, Phase, Refusal,
        WorkflowStep,
    },
    time::Timestamp,
};

/// How long a barista can undo "ready", in milliseconds.
const UNDO_MILLIS: i64 = 4_000;

/// How long the workflow waits for the customer after each heartbeat, in milliseconds: `HeartbeatSeconds` of the
/// customer's step.
pub const CHOOSE_MILLIS: i64 = 300_000;
/// How often a customer may extend the time to choose: for one hour in all.
pub const MAX_EXTENSIONS: u32 = 12;
/// A second extension within this time is a repeated request, in milliseconds.
const REPEATED_MILLIS: i64 = 5_000;

/// A callback to the workflow's waiting step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskCallback {
    /// `SendTaskSuccess`.
    Success,
    /// `SendTaskFailure` with the error `OrderCancelled`.
    Cancelled,
    /// `SendTaskHeartbeat`: the step waits for the whole of its time again.
    Heartbeat,
}

/// The effect of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The same person has already done it. Answer as if it were done now.
    AlreadyDone,
    /// Write these facts. The workflow need not be called.
    Record(Vec<OrderEvent>),
    /// Write these facts, then call the workflow. If the process ends in between, the callback is sent later.
    RecordThenSend(Vec<OrderEvent>, WorkflowStep, TaskCallback),
    /// Call the workflow, then write these facts. Others may end the same step at the same time; the token decides who
    /// wins, and only the winner writes.
    SendThenRecord(WorkflowStep, TaskCallback, Vec<OrderEvent>),
}

impl Order {
    /// Decides a command.
    ///
    /// # Errors
    /// [`Refusal`] when it has no effect; the order is unchanged.
    pub fn decide(&self, actor: &Actor, command: &OrderCommand, now: Timestamp) -> Result<Decision, Refusal> {
        match actor {
            Actor::Customer(customer) if *customer != self.customer => Err(Refusal::NotFound),
            Actor::Customer(_) => self.decide_for_customer(command, now),
            Actor::Barista(barista) => self.decide_for_barista(barista, command, now),
        }
    }

    fn decide_for_customer(&self, command: &OrderCommand, now: Timestamp) -> Result<Decision, Refusal> {
        let phase = self.phase();
        match command {
            OrderCommand::Submit(drink) => match phase {
                Phase::Choosing => {
                    let submitted = OrderEvent::Submitted { drink: drink.clone(), at: now };
                    Ok(Decision::RecordThenSend(vec![submitted], WorkflowStep::Customer, TaskCallback::Success))
                }
                Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
                Phase::Submitted | Phase::Waiting | Phase::Making { .. } | Phase::Finishing { .. } | Phase::Ready => {
                    let same = self.submitted.as_ref().is_some_and(|(placed, _)| placed == drink);
                    if same { Ok(Decision::AlreadyDone) } else { Err(Refusal::AlreadyPlaced) }
                }
            },
            OrderCommand::Extend => match phase {
                Phase::Choosing => self.extend(now),
                Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
                Phase::Submitted | Phase::Waiting | Phase::Making { .. } | Phase::Finishing { .. } | Phase::Ready => {
                    Err(Refusal::AlreadyPlaced)
                }
            },
            OrderCommand::Cancel { .. } => match phase {
                Phase::Choosing => match self.customer_token.open() {
                    Some(_) => Ok(self.cancelled(WorkflowStep::Customer, Ending::CancelledByCustomer, now)),
                    None => Err(Refusal::OnItsWay),
                },
                Phase::Submitted => Err(Refusal::OnItsWay),
                Phase::Waiting => Ok(self.cancelled(WorkflowStep::Barista, Ending::CancelledByCustomer, now)),
                Phase::Making { barista } | Phase::Finishing { barista, .. } => Err(Refusal::being_made(&barista)),
                Phase::Ready => Err(Refusal::AlreadyReady),
                Phase::Ended(Ending::CancelledByCustomer) => Ok(Decision::AlreadyDone),
                Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            },
            OrderCommand::Collect => self.collect(phase, now),
            OrderCommand::Claim { .. }
            | OrderCommand::Release
            | OrderCommand::Complete
            | OrderCommand::UndoComplete
            | OrderCommand::Recall
            | OrderCommand::Acknowledge => Err(Refusal::StaffOnly),
        }
    }

    fn decide_for_barista(&self, me: &BaristaId, command: &OrderCommand, now: Timestamp) -> Result<Decision, Refusal> {
        let phase = match self.phase() {
            // After its end an order can still be collected again, recalled, or acknowledged.
            Phase::Ended(ending)
                if !matches!(command, OrderCommand::Collect | OrderCommand::Recall | OrderCommand::Acknowledge) =>
            {
                return Err(Refusal::already_ended(&ending));
            }
            Phase::Choosing if !matches!(command, OrderCommand::Submit(_)) => return Err(Refusal::NotPlaced),
            Phase::Submitted if !matches!(command, OrderCommand::Submit(_)) => return Err(Refusal::OnItsWay),
            phase => phase,
        };
        match command {
            OrderCommand::Submit(_) | OrderCommand::Extend => Err(Refusal::CustomerOnly),
            OrderCommand::Cancel { reason } => self.cancel_at_the_bar(me, reason, phase, now),
            OrderCommand::Claim { take_over } => self.claim(me, *take_over, phase, now),
            OrderCommand::Release => self.release(me, phase, now),
            OrderCommand::Complete => self.complete(me, phase, now),
            OrderCommand::UndoComplete => self.undo(me, phase, now),
            OrderCommand::Collect => self.collect(phase, now),
            OrderCommand::Recall => self.recall(me, phase, now),
            OrderCommand::Acknowledge => self.acknowledge(&phase),
        }
    }

    /// The token decides whether the workflow still waits, so the workflow is called first.
    fn extend(&self, now: Timestamp) -> Result<Decision, Refusal> {
        if self.customer_token.open().is_none() {
            return Err(Refusal::OnItsWay);
        }
        let left = self.choose_until().map_or(0, |until| until.millis_since(now));
        if left > CHOOSE_MILLIS - REPEATED_MILLIS {
            return Ok(Decision::AlreadyDone);
        }
        let times = self.extended.map_or(1, |last| last.times.saturating_add(1));
        if times > MAX_EXTENSIONS {
            return Err(Refusal::NoMoreTime);
        }
        let extension = Extension { times, choose_by: now.plus_millis(CHOOSE_MILLIS) };
        Ok(Decision::SendThenRecord(
            WorkflowStep::Customer,
            TaskCallback::Heartbeat,
            vec![OrderEvent::Extended(extension)],
        ))
    }

    fn cancel_at_the_bar(
        &self,
        me: &BaristaId,
        reason: &CancelReason,
        phase: Phase,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        match phase {
            Phase::Waiting | Phase::Making { .. } => {
                let ending = Ending::CancelledByBarista { barista: me.clone(), reason: reason.clone() };
                Ok(self.cancelled(WorkflowStep::Barista, ending, now))
            }
            Phase::Finishing { barista, .. } => Err(Refusal::already_made(&barista)),
            Phase::Ready => Err(self.on_the_counter(me)),
            Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            Phase::Choosing | Phase::Submitted => Err(Refusal::NotPlaced),
        }
    }

    fn claim(&self, me: &BaristaId, take_over: bool, phase: Phase, now: Timestamp) -> Result<Decision, Refusal> {
        let making = BarState::Making { barista: me.clone() };
        match phase {
            Phase::Waiting => Ok(self.moved(making, now)),
            Phase::Making { barista } if barista == *me => Ok(Decision::AlreadyDone),
            Phase::Making { .. } if take_over => Ok(self.moved(making, now)),
            Phase::Making { barista } => Err(Refusal::being_made(&barista)),
            Phase::Finishing { barista, .. } => Err(Refusal::already_made(&barista)),
            Phase::Ready => Err(self.on_the_counter(me)),
            Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            Phase::Choosing | Phase::Submitted => Err(Refusal::NotPlaced),
        }
    }

    fn release(&self, me: &BaristaId, phase: Phase, now: Timestamp) -> Result<Decision, Refusal> {
        match phase {
            Phase::Waiting => match self.bar {
                Some(_) => Ok(Decision::AlreadyDone),
                None => Err(Refusal::NotClaimed),
            },
            Phase::Making { barista } if barista == *me => Ok(self.moved(BarState::Unclaimed, now)),
            Phase::Making { barista } => Err(Refusal::being_made(&barista)),
            Phase::Finishing { barista, .. } => Err(Refusal::already_made(&barista)),
            Phase::Ready => Err(self.on_the_counter(me)),
            Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            Phase::Choosing | Phase::Submitted => Err(Refusal::NotPlaced),
        }
    }

    fn complete(&self, me: &BaristaId, phase: Phase, now: Timestamp) -> Result<Decision, Refusal> {
        let finishing = BarState::Finishing { barista: me.clone(), ready_due: now.plus_millis(UNDO_MILLIS) };
        match phase {
            Phase::Waiting => Ok(self.moved(finishing, now)),
            Phase::Making { barista } if barista == *me => Ok(self.moved(finishing, now)),
            Phase::Making { barista } => Err(Refusal::being_made(&barista)),
            Phase::Finishing { barista, .. } if barista == *me => Ok(Decision::AlreadyDone),
            Phase::Finishing { barista, .. } => Err(Refusal::already_made(&barista)),
            Phase::Ready if self.made_by() == Some(me) => Ok(Decision::AlreadyDone),
            Phase::Ready => Err(self.on_the_counter(me)),
            Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            Phase::Choosing | Phase::Submitted => Err(Refusal::NotPlaced),
        }
    }

    fn undo(&self, me: &BaristaId, phase: Phase, now: Timestamp) -> Result<Decision, Refusal> {
        match phase {
            Phase::Finishing { barista, ready_due } if barista == *me => {
                if now < ready_due {
                    Ok(self.moved(BarState::Making { barista }, now))
                } else {
                    Err(Refusal::NothingToUndo)
                }
            }
            Phase::Finishing { barista, .. } => Err(Refusal::already_made(&barista)),
            // A repeated undo finds it undone.
            Phase::Making { barista } if barista == *me && self.bar.as_ref().is_some_and(|last| last.turn > 1) => {
                Ok(Decision::AlreadyDone)
            }
            Phase::Waiting | Phase::Making { .. } | Phase::Ready => Err(Refusal::NothingToUndo),
            Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            Phase::Choosing | Phase::Submitted => Err(Refusal::NotPlaced),
        }
    }

    /// A made drink is made again. Its number and its age stay. The workflow has reported "ready" and ended, so only
    /// our record changes.
    fn recall(&self, me: &BaristaId, phase: Phase, now: Timestamp) -> Result<Decision, Refusal> {
        match phase {
            Phase::Ready | Phase::Ended(Ending::Collected | Ending::Uncollected) => {
                let round = self.round().saturating_add(1);
                Ok(self.moved_in(round, BarState::Making { barista: me.clone() }, now))
            }
            // A repeated recall finds it recalled.
            Phase::Making { barista } if barista == *me && self.round() > 0 => Ok(Decision::AlreadyDone),
            Phase::Making { barista } if self.round() > 0 => Err(Refusal::being_made(&barista)),
            Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            Phase::Choosing | Phase::Submitted | Phase::Waiting | Phase::Making { .. } | Phase::Finishing { .. } => {
                Err(Refusal::NotReady)
            }
        }
    }

    fn acknowledge(&self, phase: &Phase) -> Result<Decision, Refusal> {
        match phase {
            Phase::Ended(_) if self.is_acknowledged() => Ok(Decision::AlreadyDone),
            Phase::Ended(_) => Ok(Decision::Record(vec![OrderEvent::Acknowledged { round: self.round() }])),
            _ => Err(Refusal::NotReady),
        }
    }

    /// The effect of the end of the undo window: call the workflow, then notify the guest. After a recall the workflow
    /// has ended, so only the guest is notified.
    pub fn due(&self, now: Timestamp) -> Option<Decision> {
        match self.phase() {
            Phase::Finishing { ready_due, .. } if ready_due > now => None,
            Phase::Finishing { barista, .. } if self.round() > 0 => Some(self.moved(BarState::Served { barista }, now)),
            Phase::Finishing { .. } => Some(Decision::SendThenRecord(
                WorkflowStep::Barista,
                TaskCallback::Success,
                vec![OrderEvent::Finished { at: now }],
            )),
            _ => None,
        }
    }

    /// Names the barista who has made the drink, for a colleague.
    fn on_the_counter(&self, me: &BaristaId) -> Refusal {
        match self.made_by().filter(|maker| *maker != me) {
            Some(maker) => Refusal::already_made(maker),
            None => Refusal::AlreadyReady,
        }
    }

    /// The barista who has made the drink, or makes it.
    pub fn made_by(&self) -> Option<&BaristaId> {
        match self.bar.as_ref().map(|last| &last.state) {
            Some(BarState::Finishing { barista, .. } | BarState::Making { barista } | BarState::Served { barista }) => {
                Some(barista)
            }
            Some(BarState::Unclaimed) | None => None,
        }
    }

    fn moved(&self, state: BarState, now: Timestamp) -> Decision {
        self.moved_in(self.round(), state, now)
    }

    fn moved_in(&self, round: u32, state: BarState, now: Timestamp) -> Decision {
        let turn = self.bar.as_ref().map_or(1, |last| last.turn.saturating_add(1));
        Decision::Record(vec![OrderEvent::BarMoved(BarMove { turn, round, state, at: now })])
    }

    fn cancelled(&self, step: WorkflowStep, ending: Ending, now: Timestamp) -> Decision {
        let ended = vec![OrderEvent::Ended { round: self.round(), ending, at: now }];
        // After a recall no step of the workflow waits, so the token need not decide.
        if self.round() > 0 {
            Decision::Record(ended)
        } else {
            Decision::SendThenRecord(step, TaskCallback::Cancelled, ended)
        }
    }

    /// Collected, by the customer or by the bar.
    fn collect(&self, phase: Phase, now: Timestamp) -> Result<Decision, Refusal> {
        match phase {
            Phase::Ready => {
                let ended = OrderEvent::Ended { round: self.round(), ending: Ending::Collected, at: now };
                Ok(Decision::Record(vec![ended]))
            }
            Phase::Ended(Ending::Collected) => Ok(Decision::AlreadyDone),
            Phase::Ended(ending) => Err(Refusal::already_ended(&ending)),
            Phase::Choosing | Phase::Submitted | Phase::Waiting | Phase::Making { .. } | Phase::Finishing { .. } => {
                Err(Refusal::NotReady)
            }
        }
    }
}
