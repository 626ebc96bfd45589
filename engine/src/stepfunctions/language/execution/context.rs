//! The context object, `$$`.

use serde_json::{Map, Value, json};

use super::{
    Execution,
    progress::{Active, Item, StrandId},
};
use crate::{
    clock::Timestamp,
    stepfunctions::language::{data::LazyContext, history_event::StateType},
};

/// The part of the context object about the state.
#[derive(Debug, Clone, Default)]
pub(super) struct StateContext {
    name: String,
    entered_at: Timestamp,
    retry_count: Option<i64>,
    token: Option<String>,
    item: Option<Item>,
}

impl StateContext {
    /// For a state before it is entered.
    pub(super) fn entering(name: &str, entered_at: Timestamp, item: Option<Item>) -> Self {
        Self { name: name.to_owned(), entered_at, item, ..Self::default() }
    }

    /// For a state that has been entered.
    pub(super) fn within(active: &Active, item: Option<Item>) -> Self {
        let is_task = active.state.state_type() == StateType::Task;
        Self {
            name: active.state.name.clone(),
            entered_at: active.entered_at,
            retry_count: is_task.then_some(active.retry_count),
            token: None,
            item,
        }
    }

    /// Adds the token that the task waits for.
    pub(super) fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self
    }

    /// Adds the item of a Map iteration that is about to start.
    pub(super) fn with_item(mut self, item: Item) -> Self {
        self.item = Some(item);
        self
    }
}

impl Execution {
    /// The context object, built on first use.
    pub(super) fn context_object(&self, state: StateContext) -> LazyContext<'_> {
        LazyContext::new(Box::new(move || self.build_context(state)))
    }

    fn build_context(&self, state: StateContext) -> Value {
        let about = &self.context;
        let mut object = json!({
            "Execution": {
                "Id": about.execution_arn,
                "Input": about.input,
                "StartTime": about.started_at.rfc3339_millis(),
                "Name": about.execution_name,
                "RoleArn": about.role_arn,
                "RedriveCount": 0,
            },
            "StateMachine": { "Id": about.state_machine_arn, "Name": about.state_machine_name },
            "State": { "Name": state.name, "EnteredTime": state.entered_at.rfc3339_millis() },
        });
        let put = |object: &mut Value, group: &str, name: &str, value: Value| {
            if let Value::Object(groups) = object {
                let group = groups.entry(group.to_owned()).or_insert_with(|| Value::Object(Map::new()));
                group.as_object_mut().map(|members| members.insert(name.to_owned(), value));
            }
        };
        if let Some(count) = state.retry_count {
            put(&mut object, "State", "RetryCount", count.into());
        }
        if let Some(token) = state.token {
            put(&mut object, "Task", "Token", token.into());
        }
        if let Some(item) = state.item {
            put(&mut object, "Map", "Item", json!({ "Index": item.index, "Value": item.value }));
        }
        object
    }

    /// The item of the innermost Map iteration around a strand.
    pub(super) fn item_of(&self, strand: StrandId) -> Option<Item> {
        let mut here = self.progress.strands.get(&strand)?;
        loop {
            if let Some(item) = &here.item {
                return Some(item.clone());
            }
            here = self.progress.strands.get(&here.parent?.strand)?;
        }
    }
}
