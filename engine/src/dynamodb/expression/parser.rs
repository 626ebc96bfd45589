//! What the parsers of all expressions share: tokens, paths, values, and AWS's syntax errors.

use super::{
    lexer::{PositionedToken, Token, tokens},
    path::{Path, Step},
    placeholders::Placeholders,
    reserved::is_reserved,
};
use crate::{
    dynamodb::{Result, value::AttributeValue},
    error::ApiError,
};

/// Maximum length of an expression in bytes.
const MAX_LENGTH: usize = 4096;
/// Maximum nesting of parentheses and functions.
const MAX_DEPTH: usize = 150;
/// Maximum size of the values of one expression, counted each time they are used: AWS's 2 MB, and more for values that
/// are used repeatedly.
const MAX_VALUE_BYTES: usize = 16 << 20;

/// A parser of one expression.
#[derive(Debug)]
pub(super) struct Parser<'t> {
    /// The request member, such as `ConditionExpression`.
    kind: &'static str,
    text: &'t str,
    tokens: Vec<PositionedToken<'t>>,
    at: usize,
    depth: usize,
    value_bytes: usize,
    placeholders: &'t Placeholders,
}

impl<'t> Parser<'t> {
    /// A parser at the beginning of `text`.
    pub(super) fn new(kind: &'static str, text: &'t str, placeholders: &'t Placeholders) -> Result<Self> {
        let parser = Self { kind, text, tokens: tokens(text), at: 0, depth: 0, value_bytes: 0, placeholders };
        if text.is_empty() {
            return Err(parser.invalid("The expression can not be empty;"));
        }
        if text.len() > MAX_LENGTH {
            return Err(parser.invalid(format!(
                "Expression size has exceeded the maximum allowed size; expression size: {}",
                text.len()
            )));
        }
        Ok(parser)
    }

    /// `Invalid ConditionExpression: …`
    pub(super) fn invalid(&self, what: impl std::fmt::Display) -> ApiError {
        ApiError::validation(format!("Invalid {}: {what}", self.kind))
    }

    /// A syntax error at the next token.
    pub(super) fn unexpected(&self) -> ApiError {
        let place = |at: usize| self.tokens.get(at.min(self.tokens.len().saturating_sub(1)));
        let start = place(self.at.saturating_sub(1)).map_or(0, |placed| placed.start);
        let end = place(self.at + 1).map_or(self.text.len(), |placed| placed.end);
        let near = self.text.get(start..end).unwrap_or_default();
        self.invalid(format!("Syntax error; token: \"{}\", near: \"{near}\"", self.peek().text()))
    }

    /// The next token.
    pub(super) fn peek(&self) -> &Token<'t> {
        self.peek_at(0)
    }

    /// The token that comes after `ahead` others.
    pub(super) fn peek_at(&self, ahead: usize) -> &Token<'t> {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |placed| &placed.token)
    }

    /// Consumes the next token if it is this sign.
    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let found = *self.peek() == Token::Sign(sign);
        self.at += usize::from(found);
        found
    }

    /// Consumes this sign, or fails.
    pub(super) fn expect(&mut self, sign: &str) -> Result<()> {
        if self.eat(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Whether the next token is this keyword, in any case.
    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Consumes the next token if it is this keyword.
    pub(super) fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        self.at += usize::from(found);
        found
    }

    /// Consumes a function name and its opening parenthesis, if they come next.
    pub(super) fn eat_function(&mut self) -> Option<&'t str> {
        match (self.peek(), self.peek_at(1)) {
            (Token::Word(word), Token::Sign("(")) => {
                let word = *word;
                self.at += 2;
                Some(word)
            }
            _ => None,
        }
    }

    /// Enters a nested expression.
    pub(super) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.invalid(format!("The expression is nested deeper than {MAX_DEPTH} levels;")));
        }
        Ok(())
    }

    /// Leaves the nested expression that [`Parser::enter`] began.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Checks that no token is left.
    pub(super) fn end(&self) -> Result<()> {
        if *self.peek() == Token::End { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Consumes `:value`, if it comes next.
    pub(super) fn value(&mut self) -> Result<Option<AttributeValue>> {
        let Token::Value(placeholder) = *self.peek() else { return Ok(None) };
        let value = self.placeholders.value(placeholder).ok_or_else(|| {
            self.invalid(format!(
                "An expression attribute value used in expression is not defined; attribute value: {placeholder}"
            ))
        })?;
        self.at += 1;
        self.value_bytes = self.value_bytes.saturating_add(value.size());
        if self.value_bytes > MAX_VALUE_BYTES {
            return Err(self.invalid("The values that the expression names exceed the maximum allowed size;"));
        }
        Ok(Some(value.clone()))
    }

    /// Consumes a document path.
    pub(super) fn path(&mut self) -> Result<Path> {
        let attribute = self.name()?;
        let mut steps = Vec::new();
        loop {
            if self.eat(".") {
                steps.push(Step::Field(self.name()?));
            } else if self.eat("[") {
                let Token::Index(digits) = *self.peek() else { return Err(self.unexpected()) };
                let index = digits.parse().map_err(|_| {
                    self.invalid(format!("List index is not within the allowable range; index: [{digits}]"))
                })?;
                self.at += 1;
                self.expect("]")?;
                steps.push(Step::Element(index));
            } else {
                return Ok(Path { attribute, steps });
            }
        }
    }

    /// Whether a word is a keyword of this kind of expression, which cannot be a name.
    fn is_grammar_keyword(&self, word: &str) -> bool {
        let words: &[&str] = match self.kind {
            "UpdateExpression" => &["SET", "REMOVE", "ADD", "DELETE"],
            "ProjectionExpression" => &[],
            _ => &["AND", "OR", "NOT", "BETWEEN", "IN"],
        };
        words.iter().any(|known| known.eq_ignore_ascii_case(word))
    }

    fn name(&mut self) -> Result<String> {
        let name = match *self.peek() {
            Token::Word(word) if self.is_grammar_keyword(word) => return Err(self.unexpected()),
            Token::Word(word) if is_reserved(word) => {
                return Err(self.invalid(format!("Attribute name is a reserved keyword; reserved keyword: {word}")));
            }
            Token::Word(word) => word.to_owned(),
            Token::Name(placeholder) => match self.placeholders.name(placeholder) {
                Some(name) => name.to_owned(),
                None => {
                    return Err(self.invalid(format!(
                        "An expression attribute name used in the document path is not defined; attribute name: \
                         {placeholder}"
                    )));
                }
            },
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(name)
    }
}
