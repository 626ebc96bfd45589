//! Branches and iterations: starting, ending and joining them.

use std::sync::Arc;

use serde_json::Value;

use super::{Child, Fork, Item, Parent, Phase, Position, Progress, Strand, StrandId};
use crate::stepfunctions::language::definition::Kind;

impl Progress {
    /// The running Parallel or Map state whose last event, or whose child's last event, is `previous`.
    pub(super) fn find_fork(&self, previous: i64) -> Result<StrandId, String> {
        // A state that has failed is skipped; then `previous` belongs to a child.
        let is_fork = |strand: &Strand| strand.active().is_some_and(|active| matches!(active.phase, Phase::Forked(_)));
        self.find(|strand| strand.last == previous && is_fork(strand)).or_else(|_| {
            let child = self.find(|strand| strand.last == previous && strand.parent.is_some())?;
            let parent = self.strands.get(&child).and_then(|strand| strand.parent);
            parent.map(|parent| parent.strand).ok_or_else(|| "it has no Parallel or Map state".to_owned())
        })
    }

    pub(super) fn fork_branches(&mut self, strand: StrandId, id: i64) -> Result<(), String> {
        let state = Arc::clone(&self.active(strand)?.state);
        let Kind::Parallel(branches) = &state.kind else { return Err(format!("'{}' has no branches", state.name)) };
        let mut children = Vec::with_capacity(branches.len());
        for (slot, machine) in branches.iter().enumerate() {
            let parent = Some(Parent { strand, slot });
            let machine = Arc::clone(machine);
            let position = Position::BetweenStates(Value::Null);
            children.push(Child::Running(self.add(Strand { parent, machine, last: id, item: None, position })));
        }
        let max_concurrency = children.len();
        self.active(strand)?.phase =
            Phase::Forked(Fork { children, items: Vec::new(), max_concurrency, predecessors: Vec::new() });
        Ok(())
    }

    pub(super) fn start_iteration(&mut self, previous: i64, id: i64, index: i64) -> Result<(), String> {
        let map = self.find(|strand| match strand.active().map(|active| &active.phase) {
            Some(Phase::Forked(fork)) => fork.predecessors.contains(&previous),
            _ => false,
        })?;
        let active = self.active(map)?;
        let Kind::Map(definition) = &active.state.kind else { return Err("it is not in a Map state".to_owned()) };
        let machine = Arc::clone(&definition.processor);
        let slot = usize::try_from(index).map_err(|_| "its index is negative".to_owned())?;
        let value = active.fork_mut().and_then(|fork| fork.items.get(slot)).cloned();
        let item = Item { index, value: value.ok_or("the item does not exist")? };
        let parent = Some(Parent { strand: map, slot });
        let child = self.add(Strand {
            parent,
            machine,
            last: id,
            item: Some(item),
            position: Position::BetweenStates(Value::Null),
        });
        let slot = self.active(map)?.fork_mut().and_then(|fork| fork.children.get_mut(slot));
        *slot.ok_or("the iteration does not exist")? = Child::Running(child);
        Ok(())
    }

    pub(super) fn end_iteration(&mut self, previous: i64, id: i64) -> Result<(), String> {
        let child = self.find(|strand| strand.last == previous && strand.parent.is_some() && strand.item.is_some())?;
        let Some(Strand { parent: Some(parent), position: Position::BetweenStates(output), .. }) =
            self.strands.remove(&child)
        else {
            return Err("its iteration is still in a state".to_owned());
        };
        self.strand(parent.strand)?.last = id;
        let fork = self.active(parent.strand)?.fork_mut().ok_or("its Map state does not run")?;
        fork.predecessors.push(previous);
        *fork.children.get_mut(parent.slot).ok_or("the iteration does not exist")? = Child::Done(output);
        Ok(())
    }

    pub(super) fn join(&mut self, previous: i64) -> Result<(), String> {
        let strand = self.find_fork(previous)?;
        let children = match self.active(strand)?.fork_mut() {
            Some(fork) => std::mem::take(&mut fork.children),
            None => return Err("its Parallel or Map state does not run".to_owned()),
        };
        let mut results = Vec::with_capacity(children.len());
        for slot in children {
            results.push(match slot {
                Child::Done(value) => value,
                Child::Pending => return Err("not every iteration has run".to_owned()),
                Child::Running(child) => match self.strands.remove(&child).map(|child| child.position) {
                    Some(Position::BetweenStates(output)) => output,
                    _ => return Err("a branch is still in a state".to_owned()),
                },
            });
        }
        self.strand(strand)?.last = previous;
        self.active(strand)?.phase = Phase::Joined(results);
        Ok(())
    }
}
