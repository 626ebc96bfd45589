//! A history as lines of control, told apart by the events that each event names as the one before.

use std::collections::{BTreeMap, HashMap};

use crate::stepfunctions::language::history::{EventKind, HistoryEvent};

/// An event, or what runs side by side behind it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Strand {
    Event(String),
    Fork(BTreeMap<usize, Vec<Strand>>),
}

/// A line under construction: whose branch it is, whether all that ran beside it has ended, and its events.
#[derive(Default)]
struct Line {
    parent: Option<usize>,
    is_joined: bool,
    nodes: Vec<Node>,
}

enum Node {
    Event(String),
    /// The line of each branch.
    Fork(BTreeMap<usize, usize>),
}

/// The events of the first line. `starts` tells which branch a first state belongs to.
pub(super) fn of(events: &[HistoryEvent], starts: &HashMap<String, usize>) -> Vec<Strand> {
    let mut lines = vec![Line::default()];
    // The line of each event; event 0 is before the first.
    let mut line_of = vec![0];
    let mut kinds = vec![String::new()];
    for event in events {
        let kind = event.kind.type_name();
        let previous = usize::try_from(event.previous_event_id).unwrap();
        let mut before: usize = line_of[previous];
        // As in AWS, what comes behind branches may name the last event of one of them.
        while lines[before].is_joined {
            before = lines[before].parent.unwrap();
        }
        let line = match &event.kind {
            // They tell of lines that were cut off and belong to none.
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
            // Another attempt: AWS tells of no failure then.
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
    told(&lines, 0)
}

/// A new line beside the others of the last fork.
fn fork(lines: &mut Vec<Line>, parent: usize, slot: usize) -> usize {
    let new = lines.len();
    match lines[parent].nodes.last_mut() {
        Some(Node::Fork(branches)) => assert!(branches.insert(slot, new).is_none(), "a branch begins twice"),
        _ => panic!("a branch begins where nothing runs side by side"),
    }
    lines.push(Line { parent: Some(parent), ..Line::default() });
    new
}

/// Ends what runs side by side around this line, or behind it; returns the line that goes on.
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

fn told(lines: &[Line], line: usize) -> Vec<Strand> {
    let strand = |node: &Node| match node {
        Node::Event(kind) => Strand::Event(kind.clone()),
        Node::Fork(branches) => Strand::Fork(branches.iter().map(|(slot, line)| (*slot, told(lines, *line))).collect()),
    };
    lines[line].nodes.iter().map(strand).collect()
}
