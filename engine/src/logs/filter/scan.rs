//! Reading a pattern from left to right.

use super::error::PatternError;

/// What is left of a pattern.
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

    /// Takes the token, if it comes next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let behind = self.rest.strip_prefix(token);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    /// Takes characters as long as they are wanted; perhaps none.
    pub(super) fn word(&mut self, wanted: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest.trim_start_matches(wanted);
        let word = self.rest.strip_suffix(rest).unwrap_or_default();
        self.rest = rest;
        word
    }

    /// The text up to the quotation mark that closes it. A backslash takes itself or the mark as they are.
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

    /// The error for what comes next, after `before`, or for the end that comes too early.
    pub(super) fn unexpected(&self, before: &str) -> PatternError {
        match self.next() {
            Some(c) if !c.is_whitespace() => PatternError::Characters(format!("{before}{c}")),
            _ => PatternError::Syntax("a term is missing"),
        }
    }

    /// The regular expression that may come next is not supported.
    pub(super) fn refuse_regex(&self) -> Result<(), PatternError> {
        match self.next() {
            Some('%') => Err(PatternError::Unsupported("a regular expression (%...%)")),
            _ => Ok(()),
        }
    }
}
