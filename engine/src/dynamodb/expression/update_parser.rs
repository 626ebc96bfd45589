//! Parses update expressions and makes the checks that AWS makes before it reads any item.

use super::{
    lexer::Token,
    parser::Parser,
    path::find_clash,
    placeholders::Placeholders,
    update::{SetOperand, SetValue, Update},
};
use crate::dynamodb::{Result, value::AttributeValue};

impl Update {
    /// Parses an `UpdateExpression`.
    pub(in crate::dynamodb) fn parse(text: &str, placeholders: &Placeholders) -> Result<Self> {
        let mut grammar = Grammar { parser: Parser::new("UpdateExpression", text, placeholders)? };
        let update = grammar.update()?;
        match find_clash(update.paths()) {
            Some(clash) => Err(grammar.parser.invalid(clash)),
            None => Ok(update),
        }
    }
}

struct Grammar<'t> {
    parser: Parser<'t>,
}

impl Grammar<'_> {
    fn update(&mut self) -> Result<Update> {
        let mut update = Update::default();
        let mut seen: Vec<&str> = Vec::new();
        loop {
            let Some(section) =
                ["SET", "REMOVE", "ADD", "DELETE"].into_iter().find(|word| self.parser.is_keyword(word))
            else {
                return Err(self.parser.unexpected());
            };
            if seen.contains(&section) {
                return Err(self
                    .parser
                    .invalid(format!("The \"{section}\" section can only be used once in an update expression;")));
            }
            seen.push(section);
            self.parser.eat_keyword(section);
            loop {
                let path = self.parser.path()?;
                match section {
                    "SET" => {
                        self.parser.expect("=")?;
                        update.set.push((path, self.set_value()?));
                    }
                    "REMOVE" => update.remove.push(path),
                    _ => {
                        let value = self.collection(section)?;
                        let list = if section == "ADD" { &mut update.add } else { &mut update.delete };
                        list.push((path, value));
                    }
                }
                if !self.parser.eat(",") {
                    break;
                }
            }
            if *self.parser.peek() == Token::End {
                return Ok(update);
            }
        }
    }

    fn set_value(&mut self) -> Result<SetValue> {
        if self.parser.eat("(") {
            self.parser.enter()?;
            let value = self.set_value()?;
            self.parser.leave();
            self.parser.expect(")")?;
            return Ok(value);
        }
        let left = self.amount()?;
        let sign = ["+", "-"].into_iter().find(|sign| self.parser.eat(sign));
        let Some(sign) = sign else { return Ok(SetValue::Of(left)) };
        let right = self.amount()?;
        for amount in [&left, &right] {
            match amount {
                SetOperand::Value(AttributeValue::N(_)) => {}
                SetOperand::Value(other) => return Err(self.wrong_type(sign, other)),
                SetOperand::ListAppend(..) => {
                    return Err(self.parser.invalid(format!(
                        "Incorrect operand type for operator or function; operator or function: {sign}, operand type: L"
                    )));
                }
                SetOperand::Path(_) | SetOperand::IfNotExists(..) => {}
            }
        }
        Ok(if sign == "+" { SetValue::Sum(left, right) } else { SetValue::Difference(left, right) })
    }

    fn amount(&mut self) -> Result<SetOperand> {
        if let Some(value) = self.parser.value()? {
            return Ok(SetOperand::Value(value));
        }
        let Some(function) = self.parser.eat_function() else { return Ok(SetOperand::Path(self.parser.path()?)) };
        if !matches!(function, "if_not_exists" | "list_append") {
            let known =
                ["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"];
            return Err(self.parser.invalid(if known.contains(&function) {
                format!("The function is not allowed in an update expression; function: {function}")
            } else {
                format!("Invalid function name; function: {function}")
            }));
        }
        self.parser.enter()?;
        let mut operands = vec![self.amount()?];
        while self.parser.eat(",") {
            operands.push(self.amount()?);
        }
        self.parser.leave();
        self.parser.expect(")")?;
        match (function, operands.as_slice()) {
            ("if_not_exists", [SetOperand::Path(path), fallback]) => {
                Ok(SetOperand::IfNotExists(path.clone(), Box::new(fallback.clone())))
            }
            ("if_not_exists", [_, _]) => Err(self
                .parser
                .invalid(format!("Operator or function requires a document path; operator or function: {function}"))),
            ("list_append", [first, second]) => {
                for operand in [first, second] {
                    match operand {
                        SetOperand::Value(AttributeValue::L(_)) => {}
                        SetOperand::Value(other) => return Err(self.wrong_type(function, other)),
                        _ => {}
                    }
                }
                Ok(SetOperand::ListAppend(Box::new(first.clone()), Box::new(second.clone())))
            }
            _ => Err(self.parser.invalid(format!(
                "Incorrect number of operands for operator or function; operator or function: {function}, number of \
                 operands: {}",
                operands.len()
            ))),
        }
    }

    /// The value of ADD or DELETE: a set, or for ADD a number.
    fn collection(&mut self, section: &str) -> Result<AttributeValue> {
        let Some(value) = self.parser.value()? else { return Err(self.parser.unexpected()) };
        let is_set =
            matches!(value, AttributeValue::StringSet(_) | AttributeValue::NumberSet(_) | AttributeValue::BinarySet(_));
        if is_set || section == "ADD" && matches!(value, AttributeValue::N(_)) {
            return Ok(value);
        }
        Err(self.parser.invalid(format!(
            "Incorrect operand type for operator or function; operator: {section}, operand type: {}, typeSet: \
             ALLOWED_FOR_{section}_OPERAND",
            long_type_name(&value)
        )))
    }

    fn wrong_type(&self, operator: &str, value: &AttributeValue) -> crate::error::ApiError {
        self.parser.invalid(format!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {}",
            value.type_name()
        ))
    }
}

/// The type names that AWS uses in errors of ADD and DELETE only.
fn long_type_name(value: &AttributeValue) -> &'static str {
    match value {
        AttributeValue::S(_) => "STRING",
        AttributeValue::N(_) => "NUMBER",
        AttributeValue::B(_) => "BINARY",
        AttributeValue::Bool(_) => "BOOLEAN",
        AttributeValue::Null(_) => "NULL",
        AttributeValue::L(_) => "LIST",
        AttributeValue::M(_) => "MAP",
        AttributeValue::StringSet(_) => "STRING_SET",
        AttributeValue::NumberSet(_) => "NUMBER_SET",
        AttributeValue::BinarySet(_) => "BINARY_SET",
    }
}
