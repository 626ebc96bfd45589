//! Parallel and Map states: branches, iterations, and their results.

use std::sync::Arc;

use serde_json::Value;

use super::{
    Execution,
    context::StateContext,
    process::{parameters_that_fit, required},
    progress::{Child, Fork, Item, Parent, Phase, Strand, StrandId},
    run::{StepError, StepRunner},
};
use crate::stepfunctions::language::{
    data::{Data, StateError},
    definition::{Count, Kind, Machine, State},
    history_event::EventKind,
};

/// AWS's maximum concurrency of an inline Map state, which is also the default.
const MAX_ITERATIONS: i64 = 40;

impl Execution {
    /// The items of a Map state and its concurrency. Depends only on the definition and the input of the state, so a
    /// replay gives the same.
    pub(super) fn map_items(&self, strand: StrandId) -> Result<(Vec<Value>, usize), StateError> {
        let active = self.progress.strands.get(&strand).and_then(Strand::active);
        let active = active.ok_or_else(|| StateError::runtime("no state is active"))?;
        let Kind::Map(map) = &active.state.kind else { return Err(StateError::runtime("this is not a Map state")) };
        let context = self.context_object(StateContext::within(active, self.item_of(strand)));
        let data = Data { input: &active.input, context: &context };
        let input = active.state.input_path.apply(data)?;
        let data = data.with_input(&input);
        let (items, path) = match &map.items_path {
            Some(path) => (required(path, data)?, path.text()),
            None => (input.clone(), "$"),
        };
        let Value::Array(items) = items else {
            return Err(StateError::runtime(format!("Reference path \"{path}\" must point to array.")));
        };
        let concurrency = match &map.max_concurrency {
            Count::Fixed(count) => *count,
            Count::Path(path) => {
                let value = required(path, data)?;
                value.as_i64().filter(|count| *count >= 0).ok_or_else(|| {
                    let printed = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let message = format!("The MaxConcurrencyPath field refers to value \"{printed}\"");
                    StateError::runtime(format!("{message} which is not a valid integer: {}", path.text()))
                })?
            }
        };
        let concurrency = if concurrency == 0 { MAX_ITERATIONS } else { concurrency.min(MAX_ITERATIONS) };
        Ok((items, usize::try_from(concurrency).unwrap_or(1)))
    }
}

impl StepRunner<'_, '_> {
    pub(super) fn begin_parallel(
        &mut self,
        id: StrandId,
        state: &Arc<State>,
        branches: &[Arc<Machine>],
    ) -> Result<(), StepError> {
        let input = self.with_data(id, None, |data, host| state.effective_input(data, host))?;
        let input = match input {
            Ok(input) => input,
            Err(error) => return self.fail_state(id, error),
        };
        let last = self.strand(id)?.last;
        self.emit(last, EventKind::ParallelStateStarted)?;
        let children = self.fork(id)?.children.clone();
        let first_states = children.into_iter().zip(branches).filter_map(|(slot, branch)| match slot {
            Child::Running(child) => Some((child, branch.start_at.clone())),
            Child::Pending | Child::Done(_) => None,
        });
        self.execution.queue.push(first_states, input);
        Ok(())
    }

    pub(super) fn begin_map(&mut self, id: StrandId) -> Result<(), StepError> {
        let (items, concurrency) = match self.execution.map_items(id) {
            Ok(plan) => plan,
            Err(error) => return self.fail_state(id, error),
        };
        let last = self.strand(id)?.last;
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let started = self.emit(last, EventKind::MapStateStarted { length })?;
        if items.is_empty() {
            return self.join(id, started);
        }
        for index in 0..items.len().min(concurrency) {
            // If the item selector fails, the Map state fails, and its running iterations are aborted.
            if !self.start_iteration(id, index, started)? {
                break;
            }
        }
        Ok(())
    }

    fn fork(&self, id: StrandId) -> Result<&Fork, StepError> {
        match &self.active(id)?.phase {
            Phase::Forked(fork) => Ok(fork),
            _ => Err("a Parallel or Map state has no branches".to_owned().into()),
        }
    }

    /// Starts an iteration; false if its input cannot be computed, which fails the Map state.
    fn start_iteration(&mut self, id: StrandId, index: usize, previous: i64) -> Result<bool, StepError> {
        let active = self.execution.progress.strands.get(&id).and_then(Strand::active);
        let active = active.ok_or_else(|| "no state is active".to_owned())?;
        let (Kind::Map(map), Phase::Forked(fork)) = (&active.state.kind, &active.phase) else {
            return Err("an iteration starts outside of a Map state".to_owned().into());
        };
        let value = fork.items.get(index).cloned().ok_or_else(|| "the item does not exist".to_owned())?;
        let number = i64::try_from(index).unwrap_or(i64::MAX);
        let (name, start_at) = (active.state.name.clone(), map.processor.start_at.clone());
        let input = match &map.item_selector {
            None => Ok(value),
            Some(selector) => {
                let about = StateContext::within(active, None).with_item(Item { index: number, value });
                let context = self.execution.context_object(about);
                let data = Data { input: &active.input, context: &context };
                let input = active.state.input_path.apply(data);
                let input = input.and_then(|input| selector.evaluate(data.with_input(&input), self.host));
                input.and_then(|input| parameters_that_fit(input, &name))
            }
        };
        let input = match input {
            Ok(input) => input,
            Err(error) => return self.fail_state(id, error).map(|()| false),
        };
        self.emit(previous, EventKind::MapIterationStarted { name, index: number })?;
        if let Some(Child::Running(child)) = self.fork(id)?.children.get(index) {
            self.enqueue(*child, start_at, input);
        }
        Ok(true)
    }

    /// Handles the end of a branch or an iteration.
    pub(super) fn child_ended(&mut self, id: StrandId, parent: Parent) -> Result<(), StepError> {
        let last = self.strand(id)?.last;
        let state = Arc::clone(&self.active(parent.strand)?.state);
        if let Kind::Parallel(_) = state.kind {
            let children = self.fork(parent.strand)?.children.iter();
            let all_ended = children.into_iter().all(|slot| match slot {
                Child::Running(child) => self.is_idle(*child),
                Child::Pending | Child::Done(_) => true,
            });
            return if all_ended { self.join(parent.strand, last) } else { Ok(()) };
        }
        let index = i64::try_from(parent.slot).unwrap_or(i64::MAX);
        let kind = EventKind::MapIterationSucceeded { name: state.name.clone(), index };
        let succeeded = self.emit(last, kind)?;
        let children = &self.fork(parent.strand)?.children;
        if let Some(next) = children.iter().position(|slot| *slot == Child::Pending) {
            self.start_iteration(parent.strand, next, last)?;
        } else if children.iter().all(|slot| matches!(slot, Child::Done(_))) {
            return self.join(parent.strand, succeeded);
        }
        Ok(())
    }

    fn join(&mut self, id: StrandId, previous: i64) -> Result<(), StepError> {
        let is_map = matches!(self.active(id)?.state.kind, Kind::Map(_));
        let kind = if is_map { EventKind::MapStateSucceeded } else { EventKind::ParallelStateSucceeded };
        self.emit(previous, kind)?;
        match &self.active(id)?.phase {
            Phase::Joined(results) => {
                let results = Value::Array(results.clone());
                self.exit_with_result(id, results)
            }
            _ => Err("a Parallel or Map state has no results".to_owned().into()),
        }
    }
}
