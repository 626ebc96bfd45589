//! The functions that the rules of the workflows call: a module for each workflow.

mod order_processor;

use std::sync::Arc;

use engine::lambda::Handler;

use crate::orders::Orders;

/// The names of the functions of a workflow, and what creates the handler of their events.
type Functions = (&'static [&'static str], fn(&Arc<Orders>) -> Handler);

/// The functions of all workflows.
const WORKFLOWS: &[Functions] = &[(&order_processor::FUNCTIONS, order_processor::handler)];

/// Every function, by the name that the rules have for it.
pub(crate) fn functions(orders: &Arc<Orders>) -> impl Iterator<Item = (&'static str, Handler)> {
    WORKFLOWS.iter().flat_map(move |(names, handler)| names.iter().map(move |name| (*name, handler(orders))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::provision::function_targets;

    #[test]
    fn rules_and_functions_agree() {
        let functions = WORKFLOWS.iter().flat_map(|(names, _)| names.iter().map(|name| (*name).to_owned()));
        assert_eq!(function_targets(), functions.collect::<BTreeSet<_>>());
    }
}
