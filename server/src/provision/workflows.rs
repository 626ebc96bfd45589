//! The list of all workflows. The functions that their rules call are in `handlers`.

/// A file of `workflow/`.
#[derive(Debug, Clone, Copy)]
pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// A workflow and its files.
#[derive(Debug)]
pub(crate) struct Workflow {
    /// The name of its state machine, without prefix.
    pub(super) name: &'static str,
    /// What messages call it.
    pub(super) description: &'static str,
    /// The definition in the Amazon States Language.
    pub(super) definition: File,
    /// The rules for the events that start it and that it emits.
    pub(super) rules: File,
    /// Tags of its state machine, by which the embedded cloud is configured.
    pub(super) tags: &'static [(&'static str, &'static str)],
}

/// Runs once for each order.
pub(crate) static ORDER_PROCESSOR: Workflow = Workflow {
    name: "OrderProcessorWorkflow",
    description: "the order workflow",
    definition: File {
        name: "order_processor.asl.json",
        text: include_str!("../../../workflow/order_processor.asl.json"),
    },
    rules: File { name: "rules.json", text: include_str!("../../../workflow/rules.json") },
    // An execution that ends in the named state is kept for 900 seconds. The record of a refused order has the reason
    // and is kept.
    tags: &[("engine:keep-seconds/Emit - Shop not ready", "900")],
};

/// All workflows.
pub(super) static ALL: &[&Workflow] = &[&ORDER_PROCESSOR];
