//! Parses conditions and makes the checks that AWS makes before it reads any item.

use super::{
    condition::{Comparator, Condition, Operand},
    evaluate::order,
    lexer::Token,
    parser::Parser,
    placeholders::Placeholders,
};
use crate::dynamodb::{Result, value::AttributeValue};

/// Maximum number of operators in one expression.
const MAX_OPERATORS: usize = 300;

impl Condition {
    /// Parses the condition in the request member `kind`.
    pub(in crate::dynamodb) fn parse(kind: &'static str, text: &str, placeholders: &Placeholders) -> Result<Self> {
        let mut grammar = Grammar { parser: Parser::new(kind, text, placeholders)?, operators: 0 };
        let (condition, _) = grammar.or()?;
        grammar.parser.end()?;
        Ok(condition)
    }
}

struct Grammar<'t> {
    parser: Parser<'t>,
    operators: usize,
}

/// A condition, and whether it was in parentheses.
type ParsedCondition = (Condition, bool);

impl Grammar<'_> {
    fn or(&mut self) -> Result<ParsedCondition> {
        let (mut left, mut enclosed) = self.and()?;
        while self.parser.eat_keyword("OR") {
            self.count()?;
            left = Condition::Or(Box::new(left), Box::new(self.and()?.0));
            enclosed = false;
        }
        Ok((left, enclosed))
    }

    fn and(&mut self) -> Result<ParsedCondition> {
        let (mut left, mut enclosed) = self.not()?;
        while self.parser.eat_keyword("AND") {
            self.count()?;
            left = Condition::And(Box::new(left), Box::new(self.not()?.0));
            enclosed = false;
        }
        Ok((left, enclosed))
    }

    fn not(&mut self) -> Result<ParsedCondition> {
        if !self.parser.eat_keyword("NOT") {
            return self.primary();
        }
        self.count()?;
        Ok((Condition::Not(Box::new(self.not()?.0)), false))
    }

    fn primary(&mut self) -> Result<ParsedCondition> {
        if self.parser.eat("(") {
            self.count()?;
            let (inner, enclosed) = self.or()?;
            self.parser.expect(")")?;
            if enclosed {
                return Err(self.parser.invalid("The expression has redundant parentheses;"));
            }
            return Ok((inner, true));
        }
        self.count()?;
        if let (Token::Word(word), Token::Sign("(")) = (self.parser.peek().clone(), self.parser.peek_at(1))
            && word != "size"
        {
            return Ok((self.function()?, false));
        }
        let left = self.operand()?;
        if self.parser.eat_keyword("BETWEEN") {
            let low = self.operand()?;
            if !self.parser.eat_keyword("AND") {
                return Err(self.parser.unexpected());
            }
            let high = self.operand()?;
            self.check_between(&left, &low, &high)?;
            return Ok((Condition::Between(left, low, high), false));
        }
        if self.parser.eat_keyword("IN") {
            self.parser.expect("(")?;
            let mut choices = vec![self.operand()?];
            while self.parser.eat(",") {
                choices.push(self.operand()?);
            }
            self.parser.expect(")")?;
            return Ok((Condition::In(left, choices), false));
        }
        let Some(comparator) = Comparator::ALL.into_iter().find(|each| *self.parser.peek() == Token::Sign(each.sign()))
        else {
            return Err(self.parser.unexpected());
        };
        self.parser.expect(comparator.sign())?;
        let right = self.operand()?;
        self.check_comparison(comparator, &left, &right)?;
        Ok((Condition::Compare(comparator, left, right), false))
    }

    fn operand(&mut self) -> Result<Operand> {
        if let Some(value) = self.parser.value()? {
            return Ok(Operand::Value(value));
        }
        let Some(function) = self.parser.eat_function() else { return Ok(Operand::Path(self.parser.path()?)) };
        if function != "size" {
            return Err(self.parser.invalid(if is_function(function) {
                format!("The function is not allowed to be used this way in an expression; function: {function}")
            } else {
                format!("Invalid function name; function: {function}")
            }));
        }
        let operands = self.operands()?;
        let [operand] = operands.as_slice() else { return Err(self.wrong_operand_count("size", operands.len())) };
        if let Operand::Value(value @ (AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null(_))) =
            operand
        {
            return Err(self.wrong_type("size", value));
        }
        Ok(Operand::Size(Box::new(operand.clone())))
    }

    fn operands(&mut self) -> Result<Vec<Operand>> {
        self.parser.enter()?;
        let mut operands = vec![self.operand()?];
        while self.parser.eat(",") {
            operands.push(self.operand()?);
        }
        self.parser.leave();
        self.parser.expect(")")?;
        Ok(operands)
    }

    fn function(&mut self) -> Result<Condition> {
        let Some(name) = self.parser.eat_function() else { return Err(self.parser.unexpected()) };
        if !is_function(name) {
            return Err(self.parser.invalid(if matches!(name, "if_not_exists" | "list_append") {
                format!("The function is not allowed in a condition expression; function: {name}")
            } else {
                format!("Invalid function name; function: {name}")
            }));
        }
        let operands = self.operands()?;
        match (name, operands.as_slice()) {
            ("attribute_exists", [Operand::Path(path)]) => Ok(Condition::Exists(path.clone())),
            ("attribute_not_exists", [Operand::Path(path)]) => Ok(Condition::NotExists(path.clone())),
            ("attribute_type", [Operand::Path(path), Operand::Value(value)]) => match value {
                AttributeValue::S(kind) if TYPES.contains(&kind.as_str()) => {
                    Ok(Condition::HasType(path.clone(), kind.clone()))
                }
                AttributeValue::S(kind) => Err(self.parser.invalid(format!(
                    "Invalid attribute type name found; type: {kind}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
                ))),
                other => Err(self.wrong_type(name, other)),
            },
            ("attribute_type", [Operand::Path(_), other]) => Err(self.parser.invalid(format!(
                "Operator or function requires an expression attribute value; operator or function: {name}; operand: {}",
                if matches!(other, Operand::Path(_)) { "a document path" } else { "a function" }
            ))),
            ("begins_with", [left, right]) => {
                for operand in [left, right] {
                    match operand {
                        Operand::Value(AttributeValue::S(_) | AttributeValue::B(_)) => {}
                        Operand::Value(value) => return Err(self.wrong_type(name, value)),
                        _ => {}
                    }
                }
                self.check_distinct(name, left, right)?;
                Ok(Condition::BeginsWith(left.clone(), right.clone()))
            }
            ("contains", [left, right]) => {
                self.check_distinct(name, left, right)?;
                Ok(Condition::Contains(left.clone(), right.clone()))
            }
            ("attribute_exists" | "attribute_not_exists", [_]) | ("attribute_type", [_, _]) => Err(self.parser.invalid(
                format!("Operator or function requires a document path; operator or function: {name}"),
            )),
            _ => Err(self.wrong_operand_count(name, operands.len())),
        }
    }

    fn check_comparison(&self, comparator: Comparator, left: &Operand, right: &Operand) -> Result<()> {
        if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
            for operand in [left, right] {
                self.check_ordered(comparator.sign(), operand)?;
            }
        }
        self.check_distinct(comparator.sign(), left, right)
    }

    fn check_between(&self, operand: &Operand, low: &Operand, high: &Operand) -> Result<()> {
        for each in [operand, low, high] {
            self.check_ordered("BETWEEN", each)?;
        }
        let (Operand::Value(low), Operand::Value(high)) = (low, high) else { return Ok(()) };
        let printed = |value: &AttributeValue| match value {
            AttributeValue::S(text) => format!("AttributeValue: {{S:{text}}}"),
            AttributeValue::N(number) => format!("AttributeValue: {{N:{number}}}"),
            other => format!("AttributeValue: {{{}}}", other.type_name()),
        };
        let rule = match order(low, high) {
            None => "requires same data type for lower and upper bounds",
            Some(order) if order.is_gt() => "requires upper bound to be greater than or equal to lower bound",
            Some(_) => return Ok(()),
        };
        Err(self.parser.invalid(format!(
            "The BETWEEN operator {rule}; lower bound operand: {}, upper bound operand: {}",
            printed(low),
            printed(high)
        )))
    }

    fn check_ordered(&self, operator: &str, operand: &Operand) -> Result<()> {
        match operand {
            Operand::Value(AttributeValue::S(_) | AttributeValue::N(_) | AttributeValue::B(_)) => Ok(()),
            Operand::Value(value) => Err(self.wrong_type(operator, value)),
            Operand::Path(_) | Operand::Size(_) => Ok(()),
        }
    }

    fn check_distinct(&self, operator: &str, left: &Operand, right: &Operand) -> Result<()> {
        match (left, right) {
            (Operand::Path(left), Operand::Path(right)) if left == right => Err(self.parser.invalid(format!(
                "The first operand must be distinct from the remaining operands for this operator or function; \
                 operator: {operator}, first operand: {left}"
            ))),
            _ => Ok(()),
        }
    }

    fn wrong_type(&self, operator: &str, value: &AttributeValue) -> crate::error::ApiError {
        self.parser.invalid(format!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {}",
            value.type_name()
        ))
    }

    fn wrong_operand_count(&self, function: &str, count: usize) -> crate::error::ApiError {
        self.parser.invalid(format!(
            "Incorrect number of operands for operator or function; operator or function: {function}, number of \
             operands: {count}"
        ))
    }

    fn count(&mut self) -> Result<()> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(self.parser.invalid("The expression contains too many operators;"));
        }
        Ok(())
    }
}

const TYPES: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"];

fn is_function(name: &str) -> bool {
    matches!(name, "attribute_exists" | "attribute_not_exists" | "attribute_type" | "begins_with" | "contains" | "size")
}
