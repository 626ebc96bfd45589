//! Makes what `workflow/` describes: tables, bus, state machine, rules, first settings. Everything may run again and
//! again: what is there stays, except that the workflow and the rules are brought up to date.

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

pub use self::error::ProvisionError;
#[cfg(test)]
pub(crate) use self::files::function_targets;
pub(crate) use self::{
    check::check, create::provision, items::bar_id, names::ResourceNames, probe::Probe, state_machine::StateMachines,
    workflows::ORDER_PROCESSOR,
};
