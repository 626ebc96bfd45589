//! Makes what `workflow/` describes: tables, bus, state machine, rules, first settings. Everything may run again and
//! again: what is there stays, except that the workflow and the rules are brought up to date.

mod check;
mod files;
mod items;
mod names;
mod probe;
mod rules;
mod state_machine;
mod tables;

use aws_sdk_dynamodb::error::DisplayErrorContext;

use self::files::{Files, Target};
pub(crate) use self::{check::check, items::bar_id, names::Names, probe::Probe};
use crate::cloud::Cloud;

/// Why the account could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// One of our own files is broken.
    #[error("workflow/{file} cannot be used: {message}")]
    File {
        /// The file.
        file: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The cloud refused or did not answer.
    #[error("{what} could not be set up: {message}")]
    Refused {
        /// What was to be made.
        what: String,
        /// What the cloud says.
        message: String,
    },
    /// Something is not there and it is not ours to make.
    #[error(
        "{what} is not there. Deploy the stack first (see deploy/README.md), in the same region and with the same --table-prefix."
    )]
    Missing {
        /// What is missing.
        what: String,
    },
}

impl ProvisionError {
    fn refused(what: impl Into<String>, error: impl std::error::Error) -> Self {
        Self::Refused { what: what.into(), message: DisplayErrorContext(error).to_string() }
    }
}

/// Makes what is missing. `function_arn` says where a function of ours can be called. Returns the ARN of the order
/// workflow.
///
/// # Errors
/// [`ProvisionError`].
pub(crate) async fn provision(
    cloud: &Cloud,
    names: &Names,
    function_arn: impl Fn(&str) -> String,
) -> Result<String, ProvisionError> {
    let files = Files::read(names)?;
    for table in &files.tables {
        tables::create_if_missing(cloud, table).await?;
    }
    items::put_if_missing(cloud, &names.config, &files.config).await?;
    items::put_if_missing(cloud, &names.config, &files.menu).await?;
    items::put_if_missing(cloud, &names.config, &files.translations).await?;
    rules::create_bus(cloud, &names.bus).await?;
    let machine = state_machine::create_or_update(cloud, &names.machine, &files.definition).await?;
    for rule in &files.rules {
        let target = match &rule.target {
            Target::Function(name) => function_arn(name),
            Target::StateMachine(name) if *name == names.machine => machine.clone(),
            Target::StateMachine(name) => return Err(ProvisionError::Missing { what: format!("workflow {name}") }),
        };
        rules::put(cloud, &names.bus, rule, &target).await?;
    }
    Ok(machine)
}
