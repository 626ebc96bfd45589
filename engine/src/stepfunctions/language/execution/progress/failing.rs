//! Failures: retries, and aborting strands.

use super::{AbortedStrand, Active, Phase, Progress, Strand, StrandId};
use crate::stepfunctions::language::{definition::Kind, execution::failure::RaisedError};

impl Progress {
    /// Records that the state of this strand failed. A retrier of it or of the surrounding state may retry.
    pub(super) fn raise(
        &mut self,
        id: StrandId,
        raised: RaisedError,
        event_id: i64,
        may_retry: bool,
    ) -> Result<(), String> {
        let active = self.active(id)?;
        if may_retry && active.retry(&raised, event_id) {
            self.new_retry = Some(id);
            return Ok(());
        }
        let catcher = raised.catcher(&active.state.catch);
        active.phase = Phase::Failing { raised: raised.clone(), catcher };
        let strand = self.strand(id)?;
        let (last, parent) = (strand.last, strand.parent);
        // The surrounding state sees the error as `States.Timeout`, for its retriers as for its catchers.
        let raised = RaisedError { heartbeat: false, ..raised };
        if let (None, Some(parent)) = (catcher, parent)
            && self.active(parent.strand)?.would_retry(&raised)
        {
            self.abort_children(parent.strand, last);
            self.active(parent.strand)?.retry(&raised, event_id);
            self.new_retry = Some(parent.strand);
        }
        Ok(())
    }

    /// Removes all strands below `parent` and records them as aborted; `last` becomes the last event of the parent.
    pub(in crate::stepfunctions::language::execution) fn abort_children(&mut self, parent: StrandId, last: i64) {
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
            let aborted_strand = AbortedStrand {
                iteration: map_name.clone().zip(strand.item.as_ref().map(|item| item.index)),
                state_type: active.map(|active| active.state.state_type()),
                task: active.and_then(Active::open_task),
                timer: active.and_then(Active::open_timer),
                is_cause: strand.last == last,
            };
            self.aborted.push(aborted_strand);
            self.abort_children(child, last);
            self.strands.remove(&child);
        }
        if let Some(strand) = self.strands.get_mut(&parent) {
            strand.last = last;
        }
    }
}

impl Active {
    fn would_retry(&self, raised: &RaisedError) -> bool {
        raised.retrier(&self.state.retry, &self.attempts).is_some()
    }

    /// Starts the pause before another attempt, if a retrier matches the error.
    fn retry(&mut self, raised: &RaisedError, event_id: i64) -> bool {
        let Some(retrier) = raised.retrier(&self.state.retry, &self.attempts) else { return false };
        if let Some(attempts) = self.attempts.get_mut(retrier) {
            *attempts += 1;
        }
        self.retry_count += 1;
        self.phase = Phase::Retrying { event_id, retrier };
        true
    }
}
