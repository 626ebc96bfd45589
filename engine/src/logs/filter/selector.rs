//! Selectors: the values of an event that a condition tests.

use serde_json::Value;

use super::{error::PatternError, scan::Scanner};

/// `$.a.b[0]`, `$.['a.b']`, `$.a[*]`.
#[derive(Debug)]
pub(super) struct Selector(Vec<Step>);

#[derive(Debug)]
enum Step {
    Member(String),
    Item(usize),
    Any,
}

impl Selector {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, PatternError> {
        if !scanner.eat("$") {
            return Err(scanner.unexpected(""));
        }
        if scanner.next() != Some('.') {
            return Err(scanner.unexpected("$"));
        }
        let mut steps = Vec::new();
        loop {
            let dotted = scanner.eat(".");
            if scanner.eat("[") {
                steps.push(bracketed(scanner)?);
            } else if !dotted {
                break;
            } else if scanner.eat("*") {
                steps.push(Step::Any);
            } else {
                match scanner.word(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
                    "" => return Err(scanner.unexpected("$.")),
                    name => steps.push(Step::Member(name.to_owned())),
                }
            }
        }
        if steps.iter().filter(|step| matches!(step, Step::Any)).count() > 1 {
            return Err(PatternError::Syntax("a selector may have only one wildcard"));
        }
        Ok(Self(steps))
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.0.iter().any(|step| matches!(step, Step::Any))
    }

    /// The selected values in the event; several if there is a wildcard.
    pub(super) fn values<'e>(&self, event: &'e Value) -> Vec<&'e Value> {
        self.0.iter().fold(vec![event], |found, step| found.into_iter().flat_map(|value| step.of(value)).collect())
    }
}

impl Step {
    fn of<'e>(&self, value: &'e Value) -> Vec<&'e Value> {
        match (self, value) {
            (Self::Member(name), _) => value.get(name).into_iter().collect(),
            (Self::Item(index), _) => value.get(index).into_iter().collect(),
            (Self::Any, Value::Array(items)) => items.iter().collect(),
            (Self::Any, Value::Object(members)) => members.values().collect(),
            (Self::Any, _) => Vec::new(),
        }
    }
}

fn bracketed(scanner: &mut Scanner<'_>) -> Result<Step, PatternError> {
    let step = if scanner.eat("*") {
        Step::Any
    } else if scanner.eat("'") {
        Step::Member(scanner.quoted('\'')?)
    } else if scanner.eat("\"") {
        Step::Member(scanner.quoted('"')?)
    } else {
        match scanner.word(|c| c.is_ascii_digit()) {
            "" => return Err(scanner.unexpected("[")),
            digits => Step::Item(digits.parse().map_err(|_| PatternError::Syntax("an array index is too large"))?),
        }
    };
    if scanner.eat("]") { Ok(step) } else { Err(PatternError::Syntax("a bracket is not closed")) }
}
