//! Parses the JSON text of a pattern. Errors are worded as in AWS.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    cidr::{self, Cidr},
    matcher::{Bound, Matcher},
    string_matcher::{CaseInsensitive, StringMatcher, Wildcard},
    tokens::{Token, Tokens},
};

/// The matchers of each path, for one alternative.
pub(super) type Fields = BTreeMap<String, Arc<[Matcher]>>;

/// Maximum nesting depth; no event is nested deeper.
const MAX_DEPTH: usize = 128;
/// Maximum number of alternatives that the `$or`s of a pattern may multiply to.
const MAX_ALTERNATIVES: usize = 1000;
/// Names that AWS reserves for operators; they are not field names within `$or`.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// The alternatives. There is at least one, and each has at least one field.
pub(super) fn pattern(text: &str) -> Result<Vec<Fields>, String> {
    let mut parser = Parser { tokens: Tokens::new(text), path: Vec::new() };
    let mut alternatives = Vec::new();
    if parser.tokens.next()? != Token::BeginObject {
        return Err(parser.tokens.fault("Filter is not an object"));
    }
    parser.object(&mut alternatives, false)?;
    Ok(alternatives)
}

struct Parser<'t> {
    tokens: Tokens<'t>,
    path: Vec<String>,
}

impl Parser<'_> {
    fn fault<T>(&self, reason: impl std::fmt::Display) -> Result<T, String> {
        Err(self.tokens.fault(reason))
    }

    fn object(&mut self, alternatives: &mut Vec<Fields>, within_or: bool) -> Result<(), String> {
        // The depth of the JSON, not the length of the path: `$or` within `$or` adds nothing to the path.
        if self.tokens.depth() > MAX_DEPTH {
            return self.fault(format_args!("Patterns may be nested {MAX_DEPTH} levels deep"));
        }
        let mut empty = true;
        loop {
            let name = match self.tokens.next()? {
                Token::Field(name) => name,
                _ if empty => return self.fault("Empty objects are not allowed"),
                _ => return Ok(()),
            };
            empty = false;
            if name == "$or" {
                self.either(alternatives)?;
                continue;
            }
            if within_or && RESERVED.contains(&name.as_str()) {
                return self.fault(format_args!("{name} is Ruler reserved fieldName which cannot be used inside $or."));
            }
            match self.tokens.next()? {
                Token::BeginObject => {
                    self.path.push(name);
                    self.object(alternatives, within_or)?;
                    self.path.pop();
                }
                Token::BeginArray => {
                    self.path.push(name);
                    self.leaf(alternatives)?;
                    self.path.pop();
                }
                _ => return self.fault(format_args!("\"{name}\" must be an object or an array")),
            }
        }
    }

    /// `$or`: combines each alternative so far with each pattern of the list.
    fn either(&mut self, alternatives: &mut Vec<Fields>) -> Result<(), String> {
        let before = if alternatives.is_empty() { vec![Fields::new()] } else { std::mem::take(alternatives) };
        if self.tokens.next()? != Token::BeginArray {
            return self.fault("It must be an Array followed with $or.");
        }
        let mut patterns = 0;
        loop {
            match self.tokens.next()? {
                Token::BeginObject => {
                    patterns += 1;
                    let mut more = before.clone();
                    self.object(&mut more, true)?;
                    alternatives.append(&mut more);
                }
                Token::EndArray => break,
                _ => return self.fault("Only JSON object is allowed in array of $or relationship."),
            }
            if alternatives.len() > MAX_ALTERNATIVES {
                return self.fault(format_args!("$or may combine to at most {MAX_ALTERNATIVES} alternatives"));
            }
        }
        if patterns < 2 {
            return self.fault("There must have at least 2 Objects in $or relationship.");
        }
        Ok(())
    }

    /// The list of matchers of a field. If a field occurs twice, the last one counts.
    fn leaf(&mut self, alternatives: &mut Vec<Fields>) -> Result<(), String> {
        let mut matchers = Vec::new();
        loop {
            let matcher = match self.tokens.next()? {
                Token::EndArray => break,
                Token::BeginObject => self.operator()?,
                Token::Text(text) => match cidr::parse_address(&text) {
                    Some(address) => Matcher::Address(address),
                    None => Matcher::Exactly(Value::String(text)),
                },
                Token::Number(number) => Matcher::Exactly(Value::Number(number)),
                Token::Bool(truth) => Matcher::Exactly(Value::Bool(truth)),
                Token::Null => Matcher::Exactly(Value::Null),
                _ => return self.fault("Match value must be String, number, true, false, or null"),
            };
            matchers.push(matcher);
        }
        if matchers.is_empty() {
            return self.fault("Empty arrays are not allowed");
        }
        let (path, matchers): (String, Arc<[Matcher]>) = (self.path.join("."), matchers.into());
        if alternatives.is_empty() {
            alternatives.push(Fields::new());
        }
        for alternative in alternatives {
            alternative.insert(path.clone(), Arc::clone(&matchers));
        }
        Ok(())
    }

    /// An operator such as `{"prefix": "x"}`, behind the opening brace.
    fn operator(&mut self) -> Result<Matcher, String> {
        let Token::Field(name) = self.tokens.next()? else { return self.fault("Match expression name not found") };
        let only_one = "Only one key allowed in match expression";
        let too_many = "Too many elements in numeric expression";
        let (matcher, otherwise) = match name.as_str() {
            "exactly" => (Matcher::Exactly(Value::String(self.text("exact")?)), only_one),
            "prefix" | "suffix" => (Matcher::Text(self.affix(&name)?), only_one),
            "equals-ignore-case" => {
                (Matcher::Text(StringMatcher::EqualsIgnoreCase(CaseInsensitive::new(&self.text(&name)?))), only_one)
            }
            "wildcard" => {
                let text = self.text(&name)?;
                (Matcher::Text(StringMatcher::Wildcard(self.wildcard(&text)?)), only_one)
            }
            // AWS's error names another operator here.
            "cidr" => (Matcher::Cidr(Cidr::parse(&self.text("prefix")?)?), only_one),
            "exists" => (self.exists()?, only_one),
            "numeric" => (self.numeric()?, too_many),
            "anything-but" => (self.anything_but()?, too_many),
            _ => return self.fault(format_args!("Unrecognized match type {name}")),
        };
        self.end_of_object(otherwise)?;
        Ok(matcher)
    }

    fn end_of_object(&mut self, otherwise: &str) -> Result<(), String> {
        if self.tokens.next()? == Token::EndObject { Ok(()) } else { self.fault(otherwise) }
    }

    fn text(&mut self, operator: &str) -> Result<String, String> {
        let Token::Text(text) = self.tokens.next()? else {
            return self.fault(format_args!("{operator} match pattern must be a string"));
        };
        self.tokens.mark_used();
        Ok(text)
    }

    fn affix(&mut self, name: &str) -> Result<StringMatcher, String> {
        let text = match self.tokens.next()? {
            Token::Text(text) => text,
            Token::BeginObject => {
                let case_insensitive = self.affix_ignore_case(name)?;
                return Ok(if name == "prefix" {
                    StringMatcher::PrefixIgnoreCase(case_insensitive)
                } else {
                    StringMatcher::SuffixIgnoreCase(case_insensitive)
                });
            }
            _ => return self.fault(format_args!("{name} match pattern must be a string")),
        };
        Ok(if name == "prefix" { StringMatcher::Prefix(text) } else { StringMatcher::Suffix(text) })
    }

    fn affix_ignore_case(&mut self, name: &str) -> Result<CaseInsensitive, String> {
        match self.tokens.next()? {
            Token::Field(inner) if inner == "equals-ignore-case" => {}
            Token::Field(inner) => return self.fault(format_args!("Unsupported {name} pattern: {inner}")),
            _ if name == "prefix" => return self.fault("Prefix expression name not found"),
            _ => return self.fault("Suffix expression name not found"),
        }
        let case_insensitive = CaseInsensitive::new(&self.text("equals-ignore-case")?);
        self.end_of_object("Only one key allowed in match expression")?;
        Ok(case_insensitive)
    }

    fn wildcard(&self, text: &str) -> Result<Wildcard, String> {
        Wildcard::parse(text).or_else(|reason| self.fault(reason))
    }

    fn exists(&mut self) -> Result<Matcher, String> {
        match self.tokens.next()? {
            Token::Bool(true) => Ok(Matcher::Exists),
            Token::Bool(false) => Ok(Matcher::Absent),
            _ => self.fault("exists match pattern must be either true or false."),
        }
    }

    /// `anything-but` with a value, with a list of values, or with a string operator on either.
    fn anything_but(&mut self) -> Result<Matcher, String> {
        let mut token = self.tokens.next()?;
        let mut operator = None;
        if token == Token::BeginObject {
            let Token::Field(name) = self.tokens.next()? else {
                return self.fault("Anything-But expression name not found");
            };
            if !["equals-ignore-case", "prefix", "suffix", "wildcard"].contains(&name.as_str()) {
                return self.fault(format_args!("Unsupported anything-but pattern: {name}"));
            }
            operator = Some(name);
            token = self.tokens.next()?;
        }
        let Some(operator) = operator else {
            return match token {
                Token::BeginArray => self.anything_but_list(),
                Token::Text(text) => Ok(Matcher::AnythingBut(vec![Value::String(text)])),
                Token::Number(number) => Ok(Matcher::AnythingBut(vec![Value::Number(number)])),
                _ => self.fault(NOT_ANYTHING_BUT),
            };
        };
        let matcher = match token {
            Token::BeginArray => {
                let mut rules = Vec::new();
                loop {
                    match self.tokens.next()? {
                        Token::EndArray => break Matcher::AnythingButText(rules),
                        // In a list AWS appends the position to the error twice.
                        token => {
                            rules.push(
                                self.anything_but_text(&operator, token).map_err(|fault| self.tokens.fault(fault))?,
                            );
                        }
                    }
                }
            }
            token @ (Token::Text(_) | Token::Number(_)) => {
                Matcher::AnythingButText(vec![self.anything_but_text(&operator, token)?])
            }
            _ => return self.fault(NOT_ANYTHING_BUT),
        };
        self.end_of_object("Too many elements in numeric expression")?;
        Ok(matcher)
    }

    fn anything_but_list(&mut self) -> Result<Matcher, String> {
        let mut refused = Vec::new();
        loop {
            match self.tokens.next()? {
                Token::EndArray => break,
                Token::Text(text) => refused.push(Value::String(text)),
                Token::Number(number) => refused.push(Value::Number(number)),
                _ => {
                    let fault = self.tokens.fault("Inside anything but list, start|null|boolean is not supported.");
                    return self.fault(fault);
                }
            }
        }
        let texts = refused.iter().filter(|value| value.is_string()).count();
        if refused.is_empty() || (texts > 0 && texts < refused.len()) {
            return self.fault(
                "Inside anything but list, either all values are number or string, mixed type is not supported",
            );
        }
        Ok(Matcher::AnythingBut(refused))
    }

    fn anything_but_text(&mut self, operator: &str, token: Token) -> Result<StringMatcher, String> {
        let Token::Text(text) = token else {
            return self.fault(match operator {
                "equals-ignore-case" => {
                    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
                }
                "wildcard" => "wildcard match pattern must be a string",
                _ => "prefix/suffix match pattern must be a string",
            });
        };
        self.tokens.mark_used();
        match operator {
            "prefix" | "suffix" if text.is_empty() => self.fault("Null prefix/suffix not allowed"),
            "prefix" => Ok(StringMatcher::Prefix(text)),
            "suffix" => Ok(StringMatcher::Suffix(text)),
            "wildcard" => Ok(StringMatcher::Wildcard(self.wildcard(&text)?)),
            _ => Ok(StringMatcher::EqualsIgnoreCase(CaseInsensitive::new(&text))),
        }
    }

    /// `["=", 5]`, a single bound, or a lower and an upper bound.
    fn numeric(&mut self) -> Result<Matcher, String> {
        if self.tokens.next()? != Token::BeginArray {
            return self.fault("Value of numeric must be an array.");
        }
        let operator = match self.tokens.next()? {
            Token::Text(operator) => operator,
            other => return self.fault(format_args!("Invalid member in numeric match: {}", other.text())),
        };
        self.tokens.mark_used();
        let first = match operator.as_str() {
            "=" => Bound::Equal,
            "<" => Bound::Less,
            "<=" => Bound::AtMost,
            ">" => Bound::Greater,
            ">=" => Bound::AtLeast,
            _ => {
                self.tokens.next()?;
                return self.fault(format_args!("Unrecognized numeric range operator: {operator}"));
            }
        };
        let low = self.number(if first == Bound::Equal { "equals" } else { &operator })?;
        let token = self.tokens.next()?;
        if token == Token::EndArray {
            return Ok(Matcher::Numeric(vec![(first, low)]));
        }
        if !matches!(first, Bound::Greater | Bound::AtLeast) {
            return self.fault("Too many elements in numeric expression");
        }
        let Token::Text(operator) = token else {
            return self.fault(format_args!("Bad value in numeric range: {}", token.text()));
        };
        self.tokens.mark_used();
        let second = match operator.as_str() {
            "<" => Bound::Less,
            "<=" => Bound::AtMost,
            _ => return self.fault(format_args!("Bad numeric range operator: {operator}")),
        };
        let high = self.number(&operator)?;
        if self.tokens.next()? != Token::EndArray {
            return self.fault("Too many terms in numeric range expression");
        }
        if low >= high {
            return self.fault("Bottom must be less than top");
        }
        Ok(Matcher::Numeric(vec![(first, low), (second, high)]))
    }

    fn number(&mut self, operator: &str) -> Result<f64, String> {
        match self.tokens.next()? {
            Token::Number(number) => match number.as_f64() {
                Some(number) => Ok(number),
                None => self.fault(format_args!("Cannot compare number : {number}")),
            },
            _ => self.fault(format_args!("Value of {operator} must be numeric")),
        }
    }
}

const NOT_ANYTHING_BUT: &str = "Value of anything-but must be an array or single string/number value.";
