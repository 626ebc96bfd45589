//! The interpreter against a model of the specification: random machines are run by the engine and by a small model of
//! the Amazon States Language. Both must give the same status, error, output and events.
//!
//! The model is independent of the engine. It computes when each event of each strand happens. Where branches run in
//! parallel, a failure aborts the others; of events at that very moment, either order is accepted.

mod machine;
mod run;
mod spec;
mod strands;

use proptest::prelude::*;
use serde_json::Value;

use self::strands::Strand;
use super::ExecutionEnd;

/// Removes the causes, which are free text.
fn without_causes(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.remove("Cause");
            members.values_mut().for_each(|member| *member = without_causes(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_causes(item.take())),
        _ => {}
    }
    value
}

/// Whether the events of a strand are those of the model, up to the time at which it may have been aborted.
fn check_strand(actual: &[Strand], line: &[(u64, spec::Node)], cut: Option<u64>) -> Result<(), String> {
    let least = line.iter().take_while(|(time, _)| cut.is_none_or(|cut| *time < cut)).count();
    let most = line.iter().take_while(|(time, _)| cut.is_none_or(|cut| *time <= cut)).count();
    if actual.len() < least || actual.len() > most {
        return Err(format!("{} to {} events expected, but got {actual:?}\nof {line:?}", least, most));
    }
    for (actual, (_, node)) in actual.iter().zip(line) {
        match (actual, node) {
            (Strand::Event(actual), spec::Node::Event(expected)) if actual == expected => {}
            (Strand::Fork(actual), spec::Node::Fork(branches)) => {
                for (slot, branch) in branches.iter().enumerate() {
                    let earliest = cut.into_iter().chain(branch.cut).min();
                    check_strand(actual.get(&slot).map_or(&[], Vec::as_slice), &branch.line, earliest)?;
                }
            }
            (actual, node) => return Err(format!("{node:?} expected, but got {actual:?}")),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_the_model(
        machine in machine::machines(),
        items in prop::collection::vec(0..6i64, 0..4),
        n in 0..6i64,
        timeout in prop::option::weighted(0.3, 5..60u64),
    ) {
        let expected = spec::run(&machine, n, &items, timeout);
        // The order of two events at the same moment is not specified.
        prop_assume!(!expected.is_ambiguous);
        let bench = run::run_machine(&machine, n, &items, timeout);
        let end = match bench.host.end.clone().unwrap() {
            ExecutionEnd::Succeeded(output) => spec::End::Succeeded(without_causes(output)),
            ExecutionEnd::Failed(error) => spec::End::Failed(error.error),
            ExecutionEnd::TimedOut(_) => spec::End::TimedOut,
            ExecutionEnd::Aborted(error) => panic!("the execution was aborted: {error:?}"),
        };
        let definition = machine.definition(timeout);
        prop_assert_eq!(end, expected.end, "{}\n{}", definition, bench.outline());
        let actual = strands::of(&bench.host.events, &machine.starts());
        let (last, before) = actual.split_last().unwrap();
        prop_assert_eq!(last, &Strand::Event(expected.last.to_owned()), "{}", definition);
        if let Err(reason) = check_strand(before, &expected.line, expected.cut) {
            prop_assert!(false, "{}\n{}\n{}", reason, definition, bench.outline());
        }
    }
}
