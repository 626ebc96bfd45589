//! Runs a random machine on the engine: answers tasks, sends heartbeats and advances the clock.

use std::collections::{BTreeMap, VecDeque};

use serde_json::json;

use super::machine::{Act, Answer, Machine};
use crate::stepfunctions::language::{
    execution::tests::{Bench, task_error},
    history_event::{EventKind, HistoryEvent, StateType},
    host::Stimulus,
    testing::ScriptedHost,
};

/// A waiting task.
struct Waiting {
    started: i64,
    beats: VecDeque<u64>,
    answer: Option<Answer>,
    timeout: Option<i64>,
    interval: Option<i64>,
    silence: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
enum Next {
    Beat(i64),
    Answer(i64),
    Timeout(i64),
    Silence(i64),
    Timer(i64),
}

/// Runs the machine to its end.
pub(super) fn run_machine(machine: &Machine, n: i64, items: &[i64], timeout: Option<u64>) -> Bench {
    let input = json!({ "n": n, "items": items });
    let mut bench = Bench::start(&machine.definition(timeout), input, ScriptedHost::default());
    let mut waiting: BTreeMap<i64, Waiting> = BTreeMap::new();
    while bench.host.end.is_none() {
        waiting.retain(|id, _| bench.host.tasks.contains_key(id));
        for (id, task) in &bench.host.tasks {
            let started = bench.host.now;
            waiting.entry(*id).or_insert_with(|| {
                let Act { beats, answer } = act(machine, &bench.host.events, *id);
                let interval = task.deadlines.heartbeat_interval_ms;
                Waiting {
                    started,
                    beats: beats.into(),
                    answer,
                    timeout: task.deadlines.timeout.map(|due| due.millis()),
                    interval,
                    silence: interval.map(|interval| started + interval),
                }
            });
        }
        let (time, next) = next(&bench, &waiting).expect("it waits for nothing");
        bench.host.now = time;
        match next {
            Next::Timer(id) => drop(bench.fire(id)),
            Next::Beat(id) => {
                let task = waiting.get_mut(&id).unwrap();
                task.beats.pop_front();
                task.silence = task.interval.map(|interval| time + interval);
            }
            Next::Answer(id) => match waiting[&id].answer.unwrap().1 {
                Ok(n) => bench.succeed(id, json!({ "n": n })),
                Err(error) => {
                    let answer = Err(task_error(error, "random failure"));
                    bench.advance(Stimulus::TaskAnswered { scheduled_event_id: id, answer });
                }
            },
            Next::Timeout(id) => bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: id, heartbeat: false }),
            Next::Silence(id) => bench.advance(Stimulus::TaskTimedOut { scheduled_event_id: id, heartbeat: true }),
        }
    }
    bench
}

/// The next event, and when.
fn next(bench: &Bench, waiting: &BTreeMap<i64, Waiting>) -> Option<(i64, Next)> {
    let tasks = waiting.iter().flat_map(|(id, task)| {
        let after = |millis: u64| task.started + i64::try_from(millis).unwrap();
        [
            task.beats.front().map(|beat| (after(*beat), Next::Beat(*id))),
            task.answer.map(|(time, _)| (after(time), Next::Answer(*id))),
            task.timeout.map(|due| (due, Next::Timeout(*id))),
            task.silence.map(|due| (due, Next::Silence(*id))),
        ]
    });
    let timers = bench.host.timers.iter().map(|(id, due)| (due.millis(), Next::Timer(*id)));
    tasks.flatten().chain(timers).min_by_key(|(time, _)| *time)
}

/// The behaviour for the task that this event scheduled: that of the attempt since its state was entered.
fn act(machine: &Machine, events: &[HistoryEvent], scheduled: i64) -> Act {
    let at = |id: i64| &events[usize::try_from(id - 1).unwrap()];
    let (mut attempt, mut event) = (0, at(at(scheduled).previous_event_id));
    loop {
        match &event.kind {
            EventKind::StateEntered { state_type: StateType::Task, name, .. } => {
                let acts = &machine.task(name).unwrap().acts;
                return acts.get(attempt).or(acts.last()).unwrap().clone();
            }
            EventKind::TaskScheduled { .. } => attempt += 1,
            _ => {}
        }
        event = at(event.previous_event_id);
    }
}
