//! A parser's position in a text, for paths and intrinsic function calls.

/// Maximum nesting; anything deeper is refused to protect the stack.
const MAX_DEPTH: usize = 32;

/// A position in a text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text, depth: 0 }
    }

    /// The text that is left.
    pub(super) fn rest(&self) -> &'t str {
        self.rest
    }

    /// Parses a nested expression.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth == MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    /// Consumes `prefix` if it comes next.
    pub(super) fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Consumes `prefix`, or fails.
    pub(super) fn expect(&mut self, prefix: &str) -> Result<(), String> {
        if self.eat(prefix) { Ok(()) } else { Err(format!("'{prefix}' was expected before '{}'", self.rest)) }
    }

    pub(super) fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// A text between `quote`s. A backslash escapes a quote or another backslash; before any other character it is
    /// literal.
    pub(super) fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        if self.bump() != Some(quote) {
            return Err(format!("{quote} was expected"));
        }
        loop {
            match self.bump() {
                None => return Err(format!("the text that {quote} opens is not closed")),
                Some('\\') if self.peek().is_some_and(|next| next == quote || next == '\\') => text.extend(self.bump()),
                Some(c) if c == quote => return Ok(text),
                Some(c) => text.push(c),
            }
        }
    }

    /// A whole number with an optional sign.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let mut ahead = self.clone();
        let sign = if ahead.eat("-") { -1 } else { 1 };
        let digits = ahead.take_while(|c| c.is_ascii_digit());
        let number: i64 = digits.parse().ok()?;
        self.rest = ahead.rest;
        Some(sign * number)
    }
}
