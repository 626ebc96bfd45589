//! Conditions on a message that is JSON: `{ $.a = "x" && ($.b > 2 || $.c NOT EXISTS) }`.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    error::PatternError,
    literal::{Literal, Number, Wildcard},
    scan::Scanner,
    selector::Selector,
};

/// Maximum nesting of parentheses.
const MAX_DEPTH: usize = 32;
/// Maximum number of selectors with a wildcard in one pattern, as in AWS.
const MAX_WILDCARDS: usize = 3;

#[derive(Debug)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test(Selector, Test),
}

#[derive(Debug)]
pub(super) enum Test {
    IsNull,
    Is(bool),
    NotExists,
    Number(Operator, Number),
    Text(Wildcard),
    NotText(Wildcard),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer operators come before their prefixes.
const OPERATORS: [(&str, Operator); 6] = [
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

pub(super) fn parse(mut scanner: Scanner<'_>) -> Result<Condition, PatternError> {
    let condition = any(&mut scanner, MAX_DEPTH)?;
    if scanner.next().is_some() {
        return Err(scanner.unexpected(""));
    }
    if condition.wildcards() > MAX_WILDCARDS {
        return Err(PatternError::Syntax("a pattern may have only three selectors with a wildcard"));
    }
    Ok(condition)
}

fn any(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, PatternError> {
    let mut conditions = vec![all(scanner, depth)?];
    while scanner.eat("||") {
        conditions.push(all(scanner, depth)?);
    }
    Ok(Condition::Any(conditions))
}

fn all(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, PatternError> {
    let mut conditions = vec![primary(scanner, depth)?];
    while scanner.eat("&&") {
        conditions.push(primary(scanner, depth)?);
    }
    Ok(Condition::All(conditions))
}

/// A condition in parentheses or a test, with the blanks around it.
fn primary(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, PatternError> {
    scanner.skip_blanks();
    let condition = if scanner.eat("(") {
        let deeper = depth.checked_sub(1).ok_or(PatternError::Syntax("parentheses are nested too deeply"))?;
        let inner = any(scanner, deeper)?;
        if !scanner.eat(")") {
            return Err(PatternError::Syntax("a parenthesis is not closed"));
        }
        inner
    } else {
        let selector = Selector::parse(scanner)?;
        scanner.skip_blanks();
        Condition::Test(selector, test(scanner)?)
    };
    scanner.skip_blanks();
    Ok(condition)
}

fn test(scanner: &mut Scanner<'_>) -> Result<Test, PatternError> {
    let Some((_, operator)) = OPERATORS.into_iter().find(|(sign, _)| scanner.eat(sign)) else {
        return null_or_boolean_test(scanner);
    };
    scanner.skip_blanks();
    match (operator, Literal::parse(scanner)?) {
        (_, Literal::Number(number)) => Ok(Test::Number(operator, number)),
        (Operator::Equal, Literal::Text(text)) => Ok(Test::Text(text)),
        (Operator::NotEqual, Literal::Text(text)) => Ok(Test::NotText(text)),
        _ => Err(PatternError::Syntax("only numbers can be less or greater")),
    }
}

fn null_or_boolean_test(scanner: &mut Scanner<'_>) -> Result<Test, PatternError> {
    let mut word = || {
        let word = scanner.word(|c| c.is_ascii_alphabetic());
        scanner.skip_blanks();
        word
    };
    match (word(), word()) {
        ("IS", "NULL") => Ok(Test::IsNull),
        ("IS", "TRUE") => Ok(Test::Is(true)),
        ("IS", "FALSE") => Ok(Test::Is(false)),
        ("NOT", "EXISTS") => Ok(Test::NotExists),
        ("", _) => Err(scanner.unexpected("")),
        _ => Err(PatternError::Syntax("only IS NULL, IS TRUE, IS FALSE and NOT EXISTS are known")),
    }
}

impl Condition {
    pub(super) fn holds(&self, event: &Value) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(event)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(event)),
            Self::Test(selector, Test::NotExists) => selector.values(event).is_empty(),
            Self::Test(selector, test) => selector.values(event).into_iter().any(|value| test.holds(value)),
        }
    }

    fn wildcards(&self) -> usize {
        match self {
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().map(Self::wildcards).sum(),
            Self::Test(selector, _) => usize::from(selector.has_wildcard()),
        }
    }
}

impl Test {
    /// Only strings and numbers can be compared. For other values no comparison holds, not even `!=`.
    fn holds(&self, value: &Value) -> bool {
        let text = || match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match self {
            Self::IsNull => value.is_null(),
            Self::Is(flag) => value.as_bool() == Some(*flag),
            Self::NotExists => false,
            Self::Text(wanted) => text().is_some_and(|text| wanted.matches(&text)),
            Self::NotText(unwanted) => text().is_some_and(|text| !unwanted.matches(&text)),
            Self::Number(operator, number) => text()
                .is_some_and(|text| operator.holds(Number::parse(&text).and_then(|actual| actual.compare(*number)))),
        }
    }
}

impl Operator {
    /// `None` is the comparison of a number with a text that is not a number.
    fn holds(self, ordering: Option<Ordering>) -> bool {
        match self {
            Self::Equal => ordering == Some(Ordering::Equal),
            Self::NotEqual => ordering != Some(Ordering::Equal),
            Self::Less => ordering == Some(Ordering::Less),
            Self::LessOrEqual => ordering.is_some_and(Ordering::is_le),
            Self::Greater => ordering == Some(Ordering::Greater),
            Self::GreaterOrEqual => ordering.is_some_and(Ordering::is_ge),
        }
    }
}
