//! A tokenizer for patterns that reports positions as AWS's own JSON reader does.
//!
//! AWS's errors contain the position in the pattern. Its reader looks ahead: after the name of a field it has read the
//! whole value or, for a string, an object or an array, its first character. The reported position depends on that, so
//! this tokenizer looks ahead in the same way.

use serde_json::{Number, Value};

/// A JSON token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    BeginObject,
    EndObject,
    BeginArray,
    EndArray,
    Field(String),
    Text(String),
    Number(Number),
    Bool(bool),
    Null,
    /// The end of the text.
    End,
}

impl Token {
    /// The token as AWS prints it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::BeginObject => "{".to_owned(),
            Self::EndObject => "}".to_owned(),
            Self::BeginArray => "[".to_owned(),
            Self::EndArray => "]".to_owned(),
            Self::Field(text) | Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Bool(truth) => truth.to_string(),
            Self::Null | Self::End => "null".to_owned(),
        }
    }
}

/// The longest excerpt of a pattern in an error, in characters.
const LONGEST_EXCERPT: usize = 500;
const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// An open object or array.
#[derive(Debug, Clone, Copy)]
struct Open {
    object: bool,
    /// Where it begins.
    begin: usize,
    empty: bool,
}

/// The tokenizer.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    source: &'t str,
    /// The end of the last token taken.
    taken: usize,
    /// The position that AWS would report; greater than `taken` after a look-ahead.
    place: usize,
    open: Vec<Open>,
    /// The value of the last field, which was read ahead, and its end.
    ahead: Option<(Token, usize)>,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(source: &'t str) -> Self {
        Self { source, taken: 0, place: 0, open: Vec::new(), ahead: None }
    }

    /// The number of open objects and arrays.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The error at the current position, as AWS writes it.
    pub(super) fn fault(&self, reason: impl std::fmt::Display) -> String {
        format!("{reason}\n at {}", self.source_at(self.place))
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Result<Token, String> {
        if let Some((token, end)) = self.ahead.take() {
            return Ok(self.take_value(token, end));
        }
        self.skip_blanks();
        let Some(open) = self.open.last().copied() else {
            if self.rest().is_empty() {
                return Ok(Token::End);
            }
            let (token, place, end) = self.value()?;
            self.place = place;
            return Ok(self.take_value(token, end));
        };
        match self.rest().chars().next() {
            None => {
                self.place = self.taken;
                let (kind, begin) = (if open.object { "Object" } else { "Array" }, self.source_at(open.begin));
                Err(self.fault(format_args!(
                    "Unexpected end-of-input: expected close marker for {kind} (start marker at {begin})"
                )))
            }
            Some('}') if open.object => Ok(self.close(Token::EndObject)),
            Some(']') if !open.object => Ok(self.close(Token::EndArray)),
            Some(',') if !open.empty => {
                self.taken += 1;
                self.skip_blanks();
                if open.object { self.field() } else { self.element() }
            }
            Some(other) if !open.empty => {
                let kind = if open.object { "Object" } else { "Array" };
                Err(self.unexpected(other, &format!("was expecting comma to separate {kind} entries")))
            }
            Some(_) if open.object => self.field(),
            Some(_) => self.element(),
        }
    }

    fn field(&mut self) -> Result<Token, String> {
        self.mark_not_empty();
        if let Some(other) = self.rest().chars().next().filter(|next| *next != '"') {
            return Err(self.unexpected(other, "was expecting double-quote to start field name"));
        }
        let (name, end) = self.quoted()?;
        self.taken = end;
        self.skip_blanks();
        match self.rest().chars().next() {
            Some(':') => self.taken += 1,
            Some(other) => return Err(self.unexpected(other, "was expecting a colon to separate field name and value")),
            None => return Err(self.ended()),
        }
        self.skip_blanks();
        let (token, place, end) = self.value()?;
        self.place = place;
        self.ahead = Some((token, end));
        Ok(Token::Field(name))
    }

    fn element(&mut self) -> Result<Token, String> {
        self.mark_not_empty();
        let (token, place, end) = self.value()?;
        self.place = place;
        Ok(self.take_value(token, end))
    }

    fn take_value(&mut self, token: Token, end: usize) -> Token {
        if matches!(token, Token::BeginObject | Token::BeginArray) {
            self.open.push(Open { object: token == Token::BeginObject, begin: self.taken, empty: true });
        }
        self.taken = end;
        token
    }

    /// Marks the last string as used: only then has AWS's reader read it to its end.
    pub(super) fn mark_used(&mut self) {
        self.place = self.taken;
    }

    fn close(&mut self, token: Token) -> Token {
        self.open.pop();
        self.taken += 1;
        self.place = self.taken;
        token
    }

    fn mark_not_empty(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.empty = false;
        }
    }

    /// The value that begins here, the position that AWS then reports, and the end of the value.
    fn value(&mut self) -> Result<(Token, usize, usize), String> {
        let begin = self.taken;
        let Some(first) = self.rest().chars().next() else { return Err(self.ended()) };
        match first {
            '{' => Ok((Token::BeginObject, begin + 1, begin + 1)),
            '[' => Ok((Token::BeginArray, begin + 1, begin + 1)),
            '"' => {
                let (text, end) = self.quoted()?;
                Ok((Token::Text(text), begin + 1, end))
            }
            _ => {
                let length = self.rest().find(|c: char| !(c.is_alphanumeric() || "+-._$".contains(c)));
                let end = length.map_or(self.source.len(), |length| begin + length);
                let word = self.source.get(begin..end).unwrap_or_default();
                let token = match serde_json::from_str(word) {
                    Ok(Value::Null) => Token::Null,
                    Ok(Value::Bool(truth)) => Token::Bool(truth),
                    Ok(Value::Number(number)) => Token::Number(number),
                    _ if word.is_empty() => {
                        return Err(self.unexpected(first, &format!("expected a valid value {VALUES}")));
                    }
                    _ => {
                        self.place = end;
                        return Err(self.fault(format_args!("Unrecognized token '{word}': was expecting {VALUES}")));
                    }
                };
                Ok((token, end, end))
            }
        }
    }

    /// The quoted string that begins here, and its end.
    fn quoted(&mut self) -> Result<(String, usize), String> {
        let mut escaped = false;
        let close = self.rest().char_indices().skip(1).find(|(_, c)| {
            let closes = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        });
        let Some((length, _)) = close else {
            self.place = self.source.len();
            return Err(self.fault("Unexpected end-of-input in VALUE_STRING"));
        };
        let end = self.taken + length + 1;
        let text = self.source.get(self.taken..end).and_then(|text| serde_json::from_str(text).ok());
        match text {
            Some(text) => Ok((text, end)),
            None => {
                self.place = end;
                Err(self.fault("Illegal character or escape in a text"))
            }
        }
    }

    fn unexpected(&mut self, character: char, wanted: &str) -> String {
        self.place = self.taken + character.len_utf8();
        let code = u32::from(character);
        self.fault(format_args!("Unexpected character ('{character}' (code {code})): {wanted}"))
    }

    fn ended(&mut self) -> String {
        self.place = self.source.len();
        self.fault("Unexpected end-of-input within/between Object entries")
    }

    fn rest(&self) -> &'t str {
        self.source.get(self.taken..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.taken = self.source.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// `[Source: (String)"…"; line: 1, column: 2]`; lines and columns count from 1.
    fn source_at(&self, place: usize) -> String {
        let before = self.source.get(..place).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
        let excerpt: String = self.source.chars().take(LONGEST_EXCERPT).collect();
        let left = self.source.chars().count().saturating_sub(LONGEST_EXCERPT);
        let truncated = if left > 0 { format!("[truncated {left} chars]") } else { String::new() };
        format!("[Source: (String)\"{excerpt}\"{truncated}; line: {line}, column: {column}]")
    }
}
