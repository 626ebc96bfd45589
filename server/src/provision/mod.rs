//! Creates what `workflow/` describes: tables, event bus, state machines, rules and initial settings. It is idempotent:
//! existing things are kept, except that workflows and rules are updated.

mod check;
mod create;
mod error;
mod files;
mod items;
mod names;
mod probe;
mod rules;
mod state_machine;
mod tables;
mod workflows;

pub(crate) use self::error::ProvisionError;
#[cfg(test)]
pub(crate) use self::files::function_targets;
pub(crate) use self::{
    check::check, create::provision, items::bar_id, names::ResourceNames, probe::Probe, state_machine::StateMachines,
    workflows::ORDER_PROCESSOR,
};
