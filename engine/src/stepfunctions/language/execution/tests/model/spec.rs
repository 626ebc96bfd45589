//! The model of the Amazon States Language. Time is in milliseconds from the start.

use serde_json::{Value, json};

use super::machine::{Act, Elsewhere, Kind, Machine, Step, Task};

/// An event, or strands that run in parallel.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Event(String),
    Fork(Vec<Branch>),
}

/// A branch or an iteration, and when a failure elsewhere aborts it.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) line: Vec<(u64, Node)>,
    pub(super) cut: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    Succeeded(Value),
    Failed(String),
    TimedOut,
}

/// The result of an execution.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) end: End,
    /// All events but the last.
    pub(super) line: Vec<(u64, Node)>,
    pub(super) cut: Option<u64>,
    pub(super) last: &'static str,
    /// Whether two events that exclude each other happen at the same moment.
    pub(super) is_ambiguous: bool,
}

/// An error name, and whether a missing heartbeat caused it.
#[derive(Debug, Clone)]
struct RaisedError {
    error: String,
    heartbeat: bool,
}

/// Runs a machine with the input `{"n": n, "items": items}`.
pub(super) fn run(machine: &Machine, n: i64, items: &[i64], timeout: Option<u64>) -> Outcome {
    let mut line = Line { time: 0, nodes: Vec::new(), items, is_ambiguous: false };
    line.event("ExecutionStarted");
    let end = line.machine(machine, json!({ "n": n, "items": items }));
    let limit = timeout.map(|seconds| seconds * 1000).filter(|limit| *limit <= line.time);
    let is_ambiguous = line.is_ambiguous || limit == Some(line.time);
    let (end, last) = match (limit, end) {
        (Some(_), _) => (End::TimedOut, "ExecutionTimedOut"),
        (None, Ok(output)) => (End::Succeeded(output), "ExecutionSucceeded"),
        (None, Err(raised)) => (End::Failed(raised.error), "ExecutionFailed"),
    };
    Outcome { end, line: line.nodes, cut: limit, last, is_ambiguous }
}

/// A strand of the model.
struct Line<'i> {
    time: u64,
    nodes: Vec<(u64, Node)>,
    items: &'i [i64],
    is_ambiguous: bool,
}

/// The outcome of a state.
enum Outgoing {
    Next(Value),
    Last(Value),
    End(Value),
}

impl<'i> Line<'i> {
    fn event(&mut self, kind: impl Into<String>) {
        self.nodes.push((self.time, Node::Event(kind.into())));
    }

    fn machine(&mut self, machine: &Machine, mut data: Value) -> Result<Value, RaisedError> {
        for step in &machine.steps {
            match self.step(step, data)? {
                Outgoing::Next(output) => data = output,
                Outgoing::End(output) => return Ok(output),
                Outgoing::Last(output) => {
                    data = output;
                    break;
                }
            }
        }
        self.event("PassStateEntered");
        self.event("PassStateExited");
        Ok(data)
    }

    fn step(&mut self, step: &Step, input: Value) -> Result<Outgoing, RaisedError> {
        let kind = match &step.kind {
            Kind::Pass(_) => "Pass",
            Kind::Wait(_) => "Wait",
            Kind::Choose(..) => "Choice",
            Kind::Task(_) => "Task",
            Kind::Parallel(_) => "Parallel",
            Kind::Map(..) => "Map",
        };
        self.event(format!("{kind}StateEntered"));
        let outgoing = match &step.kind {
            Kind::Pass(number) => Outgoing::Next(with(input, "p", json!(number))),
            Kind::Wait(seconds) => {
                self.time += seconds * 1000;
                Outgoing::Next(input)
            }
            Kind::Choose(below, elsewhere) => {
                self.event("ChoiceStateExited");
                if input["n"].as_i64().unwrap() >= *below {
                    return Ok(Outgoing::Next(input));
                }
                return match elsewhere {
                    Elsewhere::Last => Ok(Outgoing::Last(input)),
                    Elsewhere::Succeed => {
                        self.event("SucceedStateEntered");
                        self.event("SucceedStateExited");
                        Ok(Outgoing::End(input))
                    }
                    Elsewhere::Fail(error) => {
                        self.event("FailStateEntered");
                        Err(RaisedError { error: (*error).to_owned(), heartbeat: false })
                    }
                };
            }
            Kind::Task(_) | Kind::Parallel(_) | Kind::Map(..) => self.with_retries(step, input)?,
        };
        self.event(format!("{kind}StateExited"));
        Ok(outgoing)
    }

    /// Repeats the work as long as a retrier matches; then tries the catchers.
    fn with_retries(&mut self, step: &Step, input: Value) -> Result<Outgoing, RaisedError> {
        let mut made = vec![0; step.retry.len()];
        for attempt in 0.. {
            let raised = match self.work(step, &input, attempt) {
                Ok(output) => return Ok(Outgoing::Next(output)),
                Err(raised) => raised,
            };
            let retrier = step.retry.iter().position(|retrier| raised.is(retrier.error));
            match retrier.map(|at| (&step.retry[at], &mut made[at])) {
                Some((retrier, made)) if *made < retrier.attempts => {
                    let pause = retrier.interval * retrier.backoff.pow(u32::try_from(*made).unwrap());
                    self.time += 1000 * retrier.longest.map_or(pause, |longest| pause.min(longest));
                    *made += 1;
                }
                _ => {
                    match step.kind {
                        Kind::Parallel(_) => self.event("ParallelStateFailed"),
                        Kind::Map(..) => self.event("MapStateFailed"),
                        _ => {}
                    }
                    if step.catch.iter().any(|error| raised.is(error)) {
                        return Ok(Outgoing::Last(with(input, "caught", json!({ "Error": raised.error }))));
                    }
                    return Err(raised);
                }
            }
        }
        unreachable!("attempts are counted")
    }

    fn work(&mut self, step: &Step, input: &Value, attempt: usize) -> Result<Value, RaisedError> {
        match &step.kind {
            Kind::Task(task) => {
                let act = task.acts.get(attempt).or(task.acts.last()).unwrap();
                let answer = json!({ "n": self.task(task, act)? });
                Ok(if task.replaces { answer } else { with(input.clone(), "r", answer) })
            }
            Kind::Parallel(branches) => {
                self.event("ParallelStateStarted");
                let lines = branches.iter().map(|branch| {
                    let mut line = self.new_line(self.time);
                    let end = line.machine(branch, input.clone());
                    (line, end)
                });
                let lines = lines.collect();
                Ok(with(input.clone(), "parts", self.join(lines, "Parallel")?))
            }
            Kind::Map(most, machine) => {
                self.event("MapStateStarted");
                let lines = self.iterations(*most, machine);
                Ok(with(input.clone(), "each", self.join(lines, "Map")?))
            }
            _ => unreachable!("only these can fail"),
        }
    }

    fn task(&mut self, task: &Task, act: &Act) -> Result<i64, RaisedError> {
        ["TaskScheduled", "TaskStarted", "TaskSubmitted"].into_iter().for_each(|event| self.event(event));
        let answered = act.answer.map(|(time, _)| time);
        let timeout = task.timeout.map(|seconds| seconds * 1000);
        // A heartbeat is missing if the next one, or the answer, comes later than the interval after the last one.
        let mut silence = None;
        if let Some(interval) = task.heartbeat.map(|seconds| seconds * 1000) {
            let mut last = 0;
            for beat in act.beats.iter().copied().filter(|beat| answered.is_none_or(|answered| *beat < answered)) {
                self.is_ambiguous |= beat == last + interval;
                if beat > last + interval {
                    break;
                }
                last = beat;
            }
            silence = Some(last + interval);
        }
        let times = [answered, timeout, silence];
        let first = times.into_iter().flatten().min().unwrap();
        self.is_ambiguous |= times.iter().filter(|time| **time == Some(first)).count() > 1;
        self.time += first;
        if answered == Some(first) {
            let (_, answer) = act.answer.unwrap();
            self.event(if answer.is_ok() { "TaskSucceeded" } else { "TaskFailed" });
            return answer.map_err(|error| RaisedError { error: error.to_owned(), heartbeat: false });
        }
        self.event("TaskTimedOut");
        Err(RaisedError { error: "States.Timeout".to_owned(), heartbeat: silence == Some(first) })
    }

    fn new_line(&self, time: u64) -> Line<'i> {
        Line { time, nodes: Vec::new(), items: self.items, is_ambiguous: false }
    }

    /// Iterations start in the order of the items, as the concurrency permits.
    fn iterations(&self, most: usize, machine: &Machine) -> Vec<(Line<'i>, Result<Value, RaisedError>)> {
        let room = if most == 0 { usize::MAX } else { most };
        let mut ends: Vec<u64> = Vec::new();
        let mut lines = Vec::new();
        for item in self.items {
            let mut begin = self.time;
            if ends.len() >= room {
                ends.sort_unstable();
                begin = ends.remove(0);
            }
            let mut line = self.new_line(begin);
            line.event("MapIterationStarted");
            let end = line.machine(machine, json!({ "n": item }));
            if end.is_ok() {
                line.event("MapIterationSucceeded");
            }
            ends.push(line.time);
            lines.push((line, end));
        }
        lines
    }

    /// Either all have ended, or the first failure aborts the others.
    fn join(&mut self, lines: Vec<(Line<'_>, Result<Value, RaisedError>)>, kind: &str) -> Result<Value, RaisedError> {
        let failures = lines.iter().filter_map(|(line, end)| Some((line.time, end.as_ref().err()?.clone())));
        let first = failures.clone().min_by_key(|(time, _)| *time);
        let mut is_ambiguous = false;
        if let Some((cut, _)) = &first {
            is_ambiguous |= failures.filter(|(time, _)| time == cut).count() > 1;
        }
        let started = self.time;
        let mut results = Vec::new();
        let mut branches = Vec::new();
        let mut finished = self.time;
        for (line, end) in lines {
            let cut = first.as_ref().map(|(cut, _)| *cut);
            // Ambiguities after the abort do not matter.
            is_ambiguous |= line.is_ambiguous;
            let is_cause = end.is_err() && cut == Some(line.time);
            finished = finished.max(line.time);
            branches.push(Branch { line: line.nodes, cut: cut.filter(|_| !is_cause) });
            results.extend(end);
        }
        self.is_ambiguous |= is_ambiguous;
        self.nodes.push((started, Node::Fork(branches)));
        match first {
            Some((cut, raised)) => {
                self.time = cut;
                Err(RaisedError { heartbeat: false, ..raised })
            }
            None => {
                self.time = finished;
                self.event(format!("{kind}StateSucceeded"));
                Ok(Value::Array(results))
            }
        }
    }
}

impl RaisedError {
    /// Whether a retrier or a catcher with this name matches the error.
    fn is(&self, name: &str) -> bool {
        match name {
            "States.ALL" => true,
            "States.TaskFailed" => self.error != "States.Timeout",
            "States.HeartbeatTimeout" => self.heartbeat,
            name => name == self.error,
        }
    }
}

fn with(mut data: Value, name: &str, value: Value) -> Value {
    data[name] = value;
    data
}
