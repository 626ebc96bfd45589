//! Filters in paths: `[?(@.price < 10 && @.stock)]`.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Segment, parse::segments};
use crate::stepfunctions::language::cursor::Cursor;

/// A condition on one item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Operand),
    Compare(Operand, Operator, Operand),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Literal(Value),
    /// `@…` (relative to the item) or `$…` (from the root).
    Path {
        from_root: bool,
        segments: Vec<Segment>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
}

const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Filter {
    /// Reads the parentheses and what they hold.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        cursor.skip_spaces();
        cursor.expect("(")?;
        let filter = Self::any(cursor)?;
        cursor.skip_spaces();
        cursor.expect(")")?;
        Ok(filter)
    }

    fn any(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let mut parts = vec![Self::all(cursor)?];
        cursor.skip_spaces();
        while cursor.eat("||") {
            parts.push(Self::all(cursor)?);
            cursor.skip_spaces();
        }
        Ok(if parts.len() > 1 { Self::Any(parts) } else { parts.remove(0) })
    }

    fn all(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let mut parts = vec![Self::one(cursor)?];
        cursor.skip_spaces();
        while cursor.eat("&&") {
            parts.push(Self::one(cursor)?);
            cursor.skip_spaces();
        }
        Ok(if parts.len() > 1 { Self::All(parts) } else { parts.remove(0) })
    }

    fn one(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        cursor.skip_spaces();
        match cursor.peek() {
            Some('!') => {
                cursor.bump();
                Ok(Self::Not(Box::new(cursor.nested(Self::one)?)))
            }
            Some('(') => cursor.nested(Self::read),
            _ => Self::comparison(cursor),
        }
    }

    fn comparison(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let left = Operand::read(cursor)?;
        cursor.skip_spaces();
        for (sign, operator) in OPERATORS {
            if cursor.eat(sign) {
                cursor.skip_spaces();
                return Ok(Self::Compare(left, operator, Operand::read(cursor)?));
            }
        }
        if cursor.is_at_end() || cursor.rest().starts_with([')', '&', '|']) {
            return Ok(Self::Exists(left));
        }
        Err(format!("this filter operator is not supported: '{}'", cursor.rest()))
    }

    pub(super) fn accepts(&self, item: &Value, root: &Value) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.accepts(item, root)),
            Self::All(parts) => parts.iter().all(|part| part.accepts(item, root)),
            Self::Not(part) => !part.accepts(item, root),
            Self::Exists(operand) => operand.value(item, root).is_some(),
            Self::Compare(left, operator, right) => {
                let (left, right) = (left.value(item, root), right.value(item, root));
                match (left, right) {
                    (Some(left), Some(right)) => operator.holds(left, right),
                    _ => *operator == Operator::NotEqual,
                }
            }
        }
    }
}

impl Operand {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        match cursor.peek() {
            Some('@') => {
                cursor.bump();
                Ok(Self::Path { from_root: false, segments: single_segments(cursor)? })
            }
            Some('$') => {
                cursor.bump();
                Ok(Self::Path { from_root: true, segments: single_segments(cursor)? })
            }
            Some(quote @ ('\'' | '"')) => Ok(Self::Literal(Value::String(cursor.quoted(quote)?))),
            _ => {
                let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
                match serde_json::from_str(word) {
                    Ok(literal) => Ok(Self::Literal(literal)),
                    Err(_) => Err(format!("a filter cannot compare with '{word}{}'", cursor.rest())),
                }
            }
        }
    }

    fn value<'v>(&'v self, item: &'v Value, root: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Literal(value) => Some(value),
            Self::Path { from_root, segments } => {
                let start = if *from_root { root } else { item };
                segments.iter().try_fold(start, |value, segment| segment.single(value))
            }
        }
    }
}

fn single_segments(cursor: &mut Cursor<'_>) -> Result<Vec<Segment>, String> {
    let segments = segments(cursor)?;
    if segments.iter().all(Segment::is_single) {
        Ok(segments)
    } else {
        Err("a path inside a filter may hold names and indexes only".to_owned())
    }
}

impl Operator {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right))
            }
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            _ if left == right => Some(Ordering::Equal),
            _ => None,
        };
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::Less => order == Some(Ordering::Less),
            Self::Greater => order == Some(Ordering::Greater),
        }
    }
}
