//! A scanner for filter patterns.

use super::error::PatternError;

/// The rest of a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'p> {
    rest: &'p str,
}

impl<'p> Scanner<'p> {
    pub(super) fn new(rest: &'p str) -> Self {
        Self { rest }
    }

    pub(super) fn next(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Consumes the token if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let behind = self.rest.strip_prefix(token);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    /// Consumes characters while `wanted` holds; may be none.
    pub(super) fn word(&mut self, wanted: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest.trim_start_matches(wanted);
        let word = self.rest.strip_suffix(rest).unwrap_or_default();
        self.rest = rest;
        word
    }

    /// The text up to the closing quotation mark. A backslash escapes itself and the mark.
    pub(super) fn quoted(&mut self, mark: char) -> Result<String, PatternError> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        while let Some(c) = chars.next() {
            if c == mark {
                self.rest = chars.as_str();
                return Ok(text);
            }
            let escaped = chars.clone().next().filter(|next| c == '\\' && (*next == mark || *next == '\\'));
            if escaped.is_some() {
                chars.next();
            }
            text.push(escaped.unwrap_or(c));
        }
        Err(PatternError::Syntax("a quotation mark is not closed"))
    }

    /// The error for the next character, with `before` in front of it, or for an unexpected end.
    pub(super) fn unexpected(&self, before: &str) -> PatternError {
        match self.next() {
            Some(c) if !c.is_whitespace() => PatternError::Characters(format!("{before}{c}")),
            _ => PatternError::Syntax("a term is missing"),
        }
    }

    /// Refuses a regular expression, which is not supported.
    pub(super) fn refuse_regex(&self) -> Result<(), PatternError> {
        match self.next() {
            Some('%') => Err(PatternError::Unsupported("a regular expression (%...%)")),
            _ => Ok(()),
        }
    }
}
