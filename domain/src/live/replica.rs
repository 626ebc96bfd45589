//! A reader's copy of a topic.

use super::{Change, Resume, TopicState};

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was the next change, and is applied.
    Yes,
    /// It had been applied before.
    Already,
    /// Changes before it are missing. Ask for a snapshot, and show nothing as live until it comes.
    Gap,
}

/// A copy of a topic, with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    state: TopicState,
    position: Resume,
}

impl Replica {
    /// A copy from a snapshot.
    pub const fn new(state: TopicState, position: Resume) -> Self {
        Self { state, position }
    }

    /// The state of the topic.
    pub const fn state(&self) -> &TopicState {
        &self.state
    }

    /// The position of the copy.
    pub const fn position(&self) -> Resume {
        self.position
    }

    /// Applies the change with the number `seq` if it is the next one.
    pub fn apply(&mut self, seq: u64, change: &Change) -> Applied {
        if seq <= self.position.seq {
            return Applied::Already;
        }
        if seq != self.position.seq + 1 {
            return Applied::Gap;
        }
        self.state.apply(change);
        self.position.seq = seq;
        Applied::Yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::OrderNumber,
        time::Timestamp,
        view::{BoardEntry, Column},
    };

    fn put(number: u32) -> Change {
        Change::BoardPut(BoardEntry {
            number: OrderNumber(number),
            column: Column::Preparing,
            since: Timestamp(i64::from(number)),
        })
    }

    #[test]
    fn only_the_next_change_is_applied() {
        let mut replica = Replica::new(TopicState::Board(vec![]), Resume { epoch: 1, seq: 4 });
        assert_eq!(replica.apply(5, &put(12)), Applied::Yes);
        assert_eq!(replica.apply(5, &put(12)), Applied::Already);
        assert_eq!(replica.apply(7, &put(14)), Applied::Gap);
        assert_eq!(replica.apply(6, &put(7)), Applied::Yes);
        let TopicState::Board(entries) = replica.state() else { panic!("a board stays a board") };
        assert_eq!(entries.iter().map(|entry| entry.number.0).collect::<Vec<_>>(), [7, 12]);
        assert_eq!(replica.position(), Resume { epoch: 1, seq: 6 });
    }
}
