//! Parsing machines, states and the fields of each state type.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    errors,
    fields::Fields,
    model::{Count, DataPath, Kind, Machine, MapState, Next, ResultPath, Seconds, State, Task, Text, Until},
    resource,
};
use crate::stepfunctions::language::{choice::Rule, date_time::DateTime};

/// AWS's maximum time-out and wait in JSONPath states, in seconds.
const MAX_SECONDS: i64 = 99_999_999;

/// Which of the common fields a state type has.
struct Shared {
    parameters: bool,
    result: bool,
    retry: bool,
    paths: bool,
    next: bool,
}

/// Parses a state; `None` if its type is unknown.
pub(super) fn parse(name: &str, mut fields: Fields<'_, '_>) -> Option<State> {
    fields.json_path_only();
    let state_type = fields.text("Type");
    let (kind, shared) = match state_type.as_deref() {
        Some("Task") => (Kind::Task(task(&mut fields)?), Shared::all()),
        Some("Pass") => (Kind::Pass(fields.get("Result").cloned()), Shared { retry: false, ..Shared::all() }),
        Some("Choice") => (choice(&mut fields), Shared { paths: true, ..Shared::none() }),
        Some("Wait") => (Kind::Wait(wait(&mut fields)?), Shared { paths: true, next: true, ..Shared::none() }),
        Some("Succeed") => (Kind::Succeed, Shared { paths: true, ..Shared::none() }),
        Some("Fail") => (fail(&mut fields), Shared::none()),
        Some("Parallel") => (Kind::Parallel(branches(&mut fields)), Shared::all()),
        Some("Map") => {
            let map = map(&mut fields)?;
            // `Parameters` is the older name of `ItemSelector`.
            (Kind::Map(map), Shared { parameters: false, ..Shared::all() })
        }
        _ => {
            let types = "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";
            fields.refuse("/Type", format!("The field 'Type' should have one of these values: {types}"));
            return None;
        }
    };
    let input_path = fields.data_path_if(shared.paths, "InputPath");
    let output_path = fields.data_path_if(shared.paths, "OutputPath");
    let parameters = if shared.parameters { fields.template("Parameters") } else { None };
    let is_pass = matches!(kind, Kind::Pass(_));
    let result_selector = if shared.result && !is_pass { fields.template("ResultSelector") } else { None };
    let result_path = if shared.result { fields.result_path() } else { ResultPath::Replace };
    let (retry, catch) =
        if shared.retry { (errors::retry(&mut fields), errors::catch(&mut fields)) } else { (Vec::new(), Vec::new()) };
    let next = if shared.next { transition(&mut fields) } else { Next::End };
    fields.finish();
    let name = name.to_owned();
    Some(State { name, input_path, output_path, parameters, result_selector, result_path, retry, catch, next, kind })
}

impl Shared {
    fn all() -> Self {
        Self { parameters: true, result: true, retry: true, paths: true, next: true }
    }

    fn none() -> Self {
        Self { parameters: false, result: false, retry: false, paths: false, next: false }
    }
}

fn transition(fields: &mut Fields<'_, '_>) -> Next {
    let (next, end) = (fields.text("Next"), fields.flag("End"));
    match (next, end) {
        (Some(next), None | Some(false)) => Next::State(next),
        (None, Some(true)) => Next::End,
        (Some(_), Some(true)) => {
            fields.refuse("", "Only one of 'Next' and 'End' may be given");
            Next::End
        }
        (None, _) => {
            fields.refuse("", "A state needs 'Next' or 'End': true");
            Next::End
        }
    }
}

fn task(fields: &mut Fields<'_, '_>) -> Option<Task> {
    fields.require(&["Resource"]);
    let resource = fields.text("Resource")?;
    let resource = resource::parse(&resource).map_err(|message| fields.refuse("/Resource", message)).ok();
    fields.exclude("TimeoutSeconds", "TimeoutSecondsPath");
    fields.exclude("HeartbeatSeconds", "HeartbeatSecondsPath");
    let mut seconds = |fixed, path| {
        let path = fields.path(path, true).map(Seconds::Path);
        fields.integer(fixed, 1..=MAX_SECONDS).map(Seconds::Fixed).or(path)
    };
    let timeout = seconds("TimeoutSeconds", "TimeoutSecondsPath");
    let heartbeat = seconds("HeartbeatSeconds", "HeartbeatSecondsPath");
    if let (Some(Seconds::Fixed(timeout)), Some(Seconds::Fixed(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        fields.refuse("/HeartbeatSeconds", "HeartbeatSeconds must be smaller than TimeoutSeconds");
    }
    if fields.get("Credentials").is_some() {
        fields.refuse("/Credentials", "The field 'Credentials' is not supported");
    }
    Some(Task { resource: resource?, timeout, heartbeat })
}

fn choice(fields: &mut Fields<'_, '_>) -> Kind {
    fields.require(&["Choices"]);
    let mut rules = Vec::new();
    let choices = fields.list("Choices").map(Vec::as_slice).unwrap_or_default();
    if choices.is_empty() && fields.has("Choices") {
        fields.refuse("/Choices", "Value cannot be empty");
    }
    for (index, choice) in choices.iter().enumerate() {
        let place = format!("/Choices[{index}]");
        let Value::Object(members) = choice else {
            fields.refuse(&place, "Expected value of type Object");
            continue;
        };
        let next = members.get("Next").and_then(Value::as_str);
        if next.is_none() {
            fields.refuse(&place, "These fields are required: [Next]");
        }
        match Rule::parse(members) {
            Ok(rule) => rules.push((rule, next.unwrap_or_default().to_owned())),
            Err((below, message)) => fields.refuse(&format!("{place}{below}"), message),
        }
    }
    Kind::Choice { rules, default: fields.text("Default") }
}

fn wait(fields: &mut Fields<'_, '_>) -> Option<Until> {
    let names = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
    let given = names.iter().filter(|name| fields.has(name)).count();
    let seconds = fields.integer("Seconds", 0..=MAX_SECONDS).map(Until::Seconds);
    let seconds_path = fields.path("SecondsPath", true).map(Until::SecondsPath);
    let timestamp = fields.text("Timestamp").and_then(|text| {
        let moment = DateTime::parse(&text);
        if moment.is_none() {
            fields.refuse("/Timestamp", "String does not match RFC3339 timestamp");
        }
        moment.map(|moment| Until::Timestamp(moment.millis()))
    });
    let timestamp_path = fields.path("TimestampPath", true).map(Until::TimestampPath);
    if given != 1 {
        fields.refuse("", "A Wait state needs exactly one of [Seconds, SecondsPath, Timestamp, TimestampPath]");
    }
    seconds.or(seconds_path).or(timestamp).or(timestamp_path)
}

fn fail(fields: &mut Fields<'_, '_>) -> Kind {
    let mut text = |fixed, path| {
        fields.exclude(fixed, path);
        let computed = fields.expression(path).map(|expression| Text::Computed(path, expression));
        fields.text(fixed).map(Text::Literal).or(computed)
    };
    Kind::Fail { error: text("Error", "ErrorPath"), cause: text("Cause", "CausePath") }
}

fn branches(fields: &mut Fields<'_, '_>) -> Vec<Arc<Machine>> {
    fields.require(&["Branches"]);
    let list = fields.list("Branches").map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() && fields.has("Branches") {
        fields.refuse("/Branches", "Value cannot be empty");
    }
    let mut branches = Vec::new();
    for (index, branch) in list.iter().enumerate() {
        let place = format!("/Branches[{index}]");
        match branch {
            Value::Object(members) => {
                let mut nested = fields.nested(&place, members);
                branches.push(Arc::new(machine(&mut nested)));
                nested.finish();
            }
            _ => fields.refuse(&place, "Expected value of type Object"),
        }
    }
    branches
}

fn map(fields: &mut Fields<'_, '_>) -> Option<MapState> {
    fields.exclude("ItemProcessor", "Iterator");
    fields.exclude("ItemSelector", "Parameters");
    fields.exclude("MaxConcurrency", "MaxConcurrencyPath");
    for name in
        ["ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailurePercentage"]
    {
        if fields.has(name) {
            fields.refuse(&format!("/{name}"), format!("Distributed Map ('{name}') is not supported"));
        }
    }
    let name = if fields.has("Iterator") { "Iterator" } else { "ItemProcessor" };
    fields.require(&[name]);
    let processor = fields.object(name);
    let processor = processor.map(|members| {
        let mut nested = fields.nested(&format!("/{name}"), members);
        if let Some(config) = nested.object("ProcessorConfig") {
            let mut config = nested.nested("/ProcessorConfig", config);
            if config.text("Mode").is_some_and(|mode| mode != "INLINE") {
                config.refuse("/Mode", "Distributed Map is not supported: the mode must be INLINE");
            }
            config.finish();
        }
        let machine = machine(&mut nested);
        nested.finish();
        Arc::new(machine)
    });
    let items_path = fields.path("ItemsPath", false);
    let selector = fields.template("ItemSelector");
    let item_selector = selector.or_else(|| fields.template("Parameters"));
    let concurrency_path = fields.path("MaxConcurrencyPath", true).map(Count::Path);
    let fixed = fields.integer("MaxConcurrency", 0..=i64::MAX).map(Count::Fixed);
    let max_concurrency = fixed.or(concurrency_path).unwrap_or(Count::Fixed(0));
    Some(MapState { processor: processor?, items_path, item_selector, max_concurrency })
}

impl Fields<'_, '_> {
    fn data_path_if(&mut self, wanted: bool, name: &'static str) -> DataPath {
        if wanted { self.data_path(name) } else { DataPath::Whole }
    }
}

/// Parses `StartAt` and `States`. The caller parses the other members and reports unread ones.
pub(super) fn machine(fields: &mut Fields<'_, '_>) -> Machine {
    fields.require(&["States", "StartAt"]);
    let start_at = fields.text("StartAt").unwrap_or_default();
    let mut states = BTreeMap::new();
    if let Some(members) = fields.object("States") {
        if members.is_empty() {
            fields.refuse("/States", "Value cannot be empty");
        }
        for (name, value) in members {
            let location = format!("/States/{name}");
            if name.chars().count() > 80 || name.is_empty() {
                fields.refuse(&location, "The name of a state must have 1 to 80 characters");
            }
            let Value::Object(members) = value else {
                fields.refuse(&location, "Expected value of type Object");
                continue;
            };
            if let Some(state) = parse(name, fields.nested(&location, members)) {
                states.insert(name.clone(), Arc::new(state));
            }
        }
    }
    Machine { start_at, states }
}
