//! The functions that the rules of the workflows call: a module for each workflow.

mod order_processor;

use std::sync::Arc;

use engine::lambda::Handler;

use crate::orders::Orders;

/// Every function, by the name that the rules have for it.
pub(crate) fn functions(orders: &Arc<Orders>) -> Vec<(&'static str, Handler)> {
    let order_processor = order_processor::FUNCTIONS.map(|name| (name, order_processor::handler(orders)));
    order_processor.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::{ORDER_PROCESSOR, function_targets};

    #[test]
    fn rules_and_functions_agree() {
        let functions = order_processor::FUNCTIONS.map(str::to_owned);
        assert_eq!(function_targets(&ORDER_PROCESSOR), functions.into());
    }
}
