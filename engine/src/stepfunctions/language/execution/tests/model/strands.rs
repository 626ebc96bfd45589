//! Splits a history into strands, using the previous event id of each event.

use std::collections::{BTreeMap, HashMap};

use crate::stepfunctions::language::history_event::{EventKind, HistoryEvent};

/// An event, or strands that run in parallel after it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Strand {
    Event(String),
    Fork(BTreeMap<usize, Vec<Strand>>),
}

/// A strand under construction: its branch, whether everything in parallel to it has ended, and its events.
#[derive(Default)]
struct Line {
    parent: Option<usize>,
    is_joined: bool,
    nodes: Vec<Node>,
}

enum Node {
    Event(String),
    /// The strand of each branch.
    Fork(BTreeMap<usize, usize>),
}

/// The events of the first strand. `starts` maps first states to branches.
pub(super) fn of(events: &[HistoryEvent], starts: &HashMap<String, usize>) -> Vec<Strand> {
    let mut lines = vec![Line::default()];
    // The strand of each event; event 0 is before the first.
    let mut line_of = vec![0];
    let mut kinds = vec![String::new()];
    for event in events {
        let kind = event.kind.type_name();
        let previous = usize::try_from(event.previous_event_id).unwrap();
        let mut before: usize = line_of[previous];
        // As in AWS, an event after branches may name the last event of one of them as the previous one.
        while lines[before].is_joined {
            before = lines[before].parent.unwrap();
        }
        let line = match &event.kind {
            // These belong to aborted strands.
            EventKind::StateAborted { .. }
            | EventKind::MapIterationAborted { .. }
            | EventKind::MapIterationFailed { .. } => {
                line_of.push(before);
                kinds.push(kind);
                continue;
            }
            EventKind::StateEntered { name, .. } if kinds[previous] == "ParallelStateStarted" => {
                fork(&mut lines, before, starts[name])
            }
            EventKind::MapIterationStarted { index, .. } => {
                let map = if kinds[previous] == "MapStateStarted" { before } else { lines[before].parent.unwrap() };
                fork(&mut lines, map, usize::try_from(*index).unwrap())
            }
            EventKind::ParallelStateSucceeded
            | EventKind::ParallelStateFailed(_)
            | EventKind::MapStateSucceeded
            | EventKind::MapStateFailed(_) => end_branches(&mut lines, before),
            // Another attempt, for which AWS emits no event of the failure.
            EventKind::ParallelStateStarted | EventKind::MapStateStarted { .. }
                if !matches!(kinds[previous].as_str(), "ParallelStateEntered" | "MapStateEntered") =>
            {
                end_branches(&mut lines, before)
            }
            _ => before,
        };
        lines[line].nodes.push(Node::Event(kind.clone()));
        if matches!(event.kind, EventKind::ParallelStateStarted | EventKind::MapStateStarted { .. }) {
            lines[line].nodes.push(Node::Fork(BTreeMap::new()));
        }
        line_of.push(line);
        kinds.push(kind);
    }
    expected_strands(&lines, 0)
}

/// A new strand in parallel to the others of the last fork.
fn fork(lines: &mut Vec<Line>, parent: usize, slot: usize) -> usize {
    let new = lines.len();
    match lines[parent].nodes.last_mut() {
        Some(Node::Fork(branches)) => assert!(branches.insert(slot, new).is_none(), "a branch begins twice"),
        _ => panic!("a branch begins where nothing runs side by side"),
    }
    lines.push(Line { parent: Some(parent), ..Line::default() });
    new
}

/// Ends the parallel strands around or after this one; returns the strand that continues.
fn end_branches(lines: &mut [Line], mut line: usize) -> usize {
    loop {
        if let Some(Node::Fork(branches)) = lines[line].nodes.last() {
            let branches: Vec<usize> = branches.values().copied().collect();
            branches.into_iter().for_each(|branch| lines[branch].is_joined = true);
            return line;
        }
        line = lines[line].parent.expect("nothing runs side by side that could end");
    }
}

fn expected_strands(lines: &[Line], line: usize) -> Vec<Strand> {
    let strand = |node: &Node| match node {
        Node::Event(kind) => Strand::Event(kind.clone()),
        Node::Fork(branches) => {
            Strand::Fork(branches.iter().map(|(slot, line)| (*slot, expected_strands(lines, *line))).collect())
        }
    };
    lines[line].nodes.iter().map(strand).collect()
}
