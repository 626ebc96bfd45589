//! Failures: what a retrier takes, and what a failure cuts off.

use super::{Active, Casualty, Fold, Phase, Strand, StrandId};
use crate::stepfunctions::language::{definition::Kind, execution::failure::Raised};

impl Fold {
    /// An event says that the state of this strand failed: a retrier of it or of the state around it may take it.
    pub(super) fn raise(&mut self, id: StrandId, raised: Raised, event_id: i64, may_retry: bool) -> Result<(), String> {
        let active = self.active(id)?;
        if may_retry && active.retry(&raised, event_id) {
            self.new_retry = Some(id);
            return Ok(());
        }
        let catcher = raised.catcher(&active.state.catch);
        active.phase = Phase::Failing { raised: raised.clone(), catcher };
        let strand = self.strand(id)?;
        let (last, parent) = (strand.last, strand.parent);
        // The state around the task gets the error by its name, which is that of a time-out: what is retried there and
        // what is caught there must be the same.
        let raised = Raised { heartbeat: false, ..raised };
        if let (None, Some(parent)) = (catcher, parent)
            && self.active(parent.strand)?.would_retry(&raised)
        {
            self.cut_children(parent.strand, last);
            self.active(parent.strand)?.retry(&raised, event_id);
            self.new_retry = Some(parent.strand);
        }
        Ok(())
    }

    /// Takes all strands below `parent` away, remembering what has to be told; `last` becomes the parent's last event.
    pub(in crate::stepfunctions::language::execution) fn cut_children(&mut self, parent: StrandId, last: i64) {
        let children: Vec<StrandId> = self
            .strands
            .iter()
            .filter(|(_, strand)| strand.parent.is_some_and(|p| p.strand == parent))
            .map(|(id, _)| *id)
            .collect();
        let map_name = self
            .strands
            .get(&parent)
            .and_then(Strand::active)
            .and_then(|active| matches!(active.state.kind, Kind::Map(_)).then(|| active.state.name.clone()));
        for child in children {
            let Some(strand) = self.strands.get(&child) else { continue };
            let active = strand.active();
            let casualty = Casualty {
                iteration: map_name.clone().zip(strand.item.as_ref().map(|item| item.index)),
                state_type: active.map(|active| active.state.state_type()),
                task: active.and_then(Active::open_task),
                timer: active.and_then(Active::open_timer),
                is_cause: strand.last == last,
            };
            self.casualties.push(casualty);
            self.cut_children(child, last);
            self.strands.remove(&child);
        }
        if let Some(strand) = self.strands.get_mut(&parent) {
            strand.last = last;
        }
    }
}

impl Active {
    fn would_retry(&self, raised: &Raised) -> bool {
        raised.retrier(&self.state.retry, &self.attempts).is_some()
    }

    /// Begins the pause before another attempt, if a retrier takes the error.
    fn retry(&mut self, raised: &Raised, event_id: i64) -> bool {
        let Some(retrier) = raised.retrier(&self.state.retry, &self.attempts) else { return false };
        if let Some(attempts) = self.attempts.get_mut(retrier) {
            *attempts += 1;
        }
        self.retry_count += 1;
        self.phase = Phase::Retrying { event_id, retrier };
        true
    }
}
