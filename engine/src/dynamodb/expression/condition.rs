//! The syntax tree of conditions and filters.

use super::path::Path;
use crate::dynamodb::value::AttributeValue;

/// An operand of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::dynamodb) enum Operand {
    /// The value at a path.
    Path(Path),
    /// A value from `ExpressionAttributeValues`.
    Value(AttributeValue),
    /// `size(operand)`
    Size(Box<Operand>),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dynamodb) enum Comparator {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A condition on an item.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::dynamodb) enum Condition {
    /// `left = right`, …
    Compare(Comparator, Operand, Operand),
    /// `operand BETWEEN low AND high`
    Between(Operand, Operand, Operand),
    /// `operand IN (choices)`
    In(Operand, Vec<Operand>),
    /// `attribute_exists(path)`
    Exists(Path),
    /// `attribute_not_exists(path)`
    NotExists(Path),
    /// `attribute_type(path, :type)`
    HasType(Path, String),
    /// `begins_with(operand, prefix)`
    BeginsWith(Operand, Operand),
    /// `contains(operand, part)`
    Contains(Operand, Operand),
    /// `left AND right`
    And(Box<Condition>, Box<Condition>),
    /// `left OR right`
    Or(Box<Condition>, Box<Condition>),
    /// `NOT condition`
    Not(Box<Condition>),
}

impl Comparator {
    /// The operator as written.
    pub(in crate::dynamodb) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// All comparators.
    pub(super) const ALL: [Self; 6] =
        [Self::Equal, Self::NotEqual, Self::Less, Self::LessOrEqual, Self::Greater, Self::GreaterOrEqual];
}

impl Condition {
    /// Calls `visit` with every path in the condition.
    pub(in crate::dynamodb) fn visit_paths<'c>(&'c self, visit: &mut dyn FnMut(&'c Path)) {
        fn operand<'c>(operand_: &'c Operand, visit: &mut dyn FnMut(&'c Path)) {
            match operand_ {
                Operand::Path(path) => visit(path),
                Operand::Value(_) => {}
                Operand::Size(inner) => operand(inner, visit),
            }
        }
        match self {
            Self::Compare(_, left, right) | Self::BeginsWith(left, right) | Self::Contains(left, right) => {
                operand(left, visit);
                operand(right, visit);
            }
            Self::Between(value, low, high) => [value, low, high].into_iter().for_each(|each| operand(each, visit)),
            Self::In(value, choices) => {
                operand(value, visit);
                choices.iter().for_each(|each| operand(each, visit));
            }
            Self::Exists(path) | Self::NotExists(path) | Self::HasType(path, _) => visit(path),
            Self::And(left, right) | Self::Or(left, right) => {
                left.visit_paths(visit);
                right.visit_paths(visit);
            }
            Self::Not(inner) => inner.visit_paths(visit),
        }
    }
}
