//! The model of a valid definition, as the interpreter uses it.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::stepfunctions::language::{
    choice::Rule,
    history_event::{Resource, StateType},
    host::Pattern,
    path::Path,
    template::{Expression, Template},
};

/// A state machine, a branch of a Parallel state or the processor of a Map state.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::stepfunctions::language) struct Machine {
    pub(in crate::stepfunctions::language) start_at: String,
    pub(in crate::stepfunctions::language) states: BTreeMap<String, Arc<State>>,
}

/// A state. Fields that its type does not have are empty.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) struct State {
    pub(in crate::stepfunctions::language) name: String,
    pub(in crate::stepfunctions::language) input_path: DataPath,
    pub(in crate::stepfunctions::language) output_path: DataPath,
    /// `Parameters`.
    pub(in crate::stepfunctions::language) parameters: Option<Template>,
    pub(in crate::stepfunctions::language) result_selector: Option<Template>,
    pub(in crate::stepfunctions::language) result_path: ResultPath,
    pub(in crate::stepfunctions::language) retry: Vec<Retrier>,
    pub(in crate::stepfunctions::language) catch: Vec<Catcher>,
    pub(in crate::stepfunctions::language) next: Next,
    pub(in crate::stepfunctions::language) kind: Kind,
}

/// The fields of one state type.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum Kind {
    Task(Task),
    /// The rules with their target states, and the default.
    Choice {
        rules: Vec<(Rule, String)>,
        default: Option<String>,
    },
    /// `Result`.
    Pass(Option<Value>),
    Wait(Until),
    Succeed,
    Fail {
        error: Option<Text>,
        cause: Option<Text>,
    },
    Parallel(Vec<Arc<Machine>>),
    Map(MapState),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) struct Task {
    pub(in crate::stepfunctions::language) resource: TaskResource,
    pub(in crate::stepfunctions::language) timeout: Option<Seconds>,
    pub(in crate::stepfunctions::language) heartbeat: Option<Seconds>,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum TaskResource {
    /// A function ARN.
    Function(String),
    Service {
        on: Resource,
        action: String,
        pattern: Pattern,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) struct MapState {
    pub(in crate::stepfunctions::language) processor: Arc<Machine>,
    pub(in crate::stepfunctions::language) items_path: Option<Path>,
    pub(in crate::stepfunctions::language) item_selector: Option<Template>,
    /// 0 means no limit.
    pub(in crate::stepfunctions::language) max_concurrency: Count,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum Count {
    Fixed(i64),
    Path(Path),
}

/// `InputPath` and `OutputPath`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum DataPath {
    /// `null`: an empty object.
    Nothing,
    At(Path),
    /// Absent, or `$`.
    Whole,
}

/// `ResultPath`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum ResultPath {
    /// Absent, or `$`: the result replaces the input.
    Replace,
    /// `null`: the result is discarded.
    Discard,
    At(Path),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum Next {
    State(String),
    End,
}

/// `TimeoutSeconds` and `HeartbeatSeconds`, or their `…Path` forms.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum Seconds {
    Fixed(i64),
    Path(Path),
}

/// When a Wait state ends.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum Until {
    /// After seconds.
    Seconds(i64),
    SecondsPath(Path),
    /// At a time, in milliseconds since the epoch.
    Timestamp(i64),
    TimestampPath(Path),
}

/// `Error` and `Cause` of a Fail state.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) enum Text {
    Literal(String),
    /// The name of the field, for messages, and the expression.
    Computed(&'static str, Expression),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) struct Retrier {
    pub(in crate::stepfunctions::language) error_equals: Vec<String>,
    pub(in crate::stepfunctions::language) interval_seconds: i64,
    pub(in crate::stepfunctions::language) max_attempts: i64,
    pub(in crate::stepfunctions::language) backoff_rate: f64,
    pub(in crate::stepfunctions::language) max_delay_seconds: Option<i64>,
    pub(in crate::stepfunctions::language) jitter: Jitter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::stepfunctions::language) enum Jitter {
    None,
    Full,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::stepfunctions::language) struct Catcher {
    pub(in crate::stepfunctions::language) error_equals: Vec<String>,
    pub(in crate::stepfunctions::language) result_path: ResultPath,
    pub(in crate::stepfunctions::language) next: String,
}

impl State {
    pub(in crate::stepfunctions::language) fn state_type(&self) -> StateType {
        match self.kind {
            Kind::Task(_) => StateType::Task,
            Kind::Choice { .. } => StateType::Choice,
            Kind::Pass(_) => StateType::Pass,
            Kind::Wait(_) => StateType::Wait,
            Kind::Succeed => StateType::Succeed,
            Kind::Fail { .. } => StateType::Fail,
            Kind::Parallel(_) => StateType::Parallel,
            Kind::Map(_) => StateType::Map,
        }
    }
}
