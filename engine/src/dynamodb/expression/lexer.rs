//! Splits an expression into tokens.

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A bare word: a keyword, a function or an attribute name.
    Word(&'t str),
    /// `#name`, with its `#`.
    Name(&'t str),
    /// `:value`, with its `:`.
    Value(&'t str),
    /// A list index.
    Index(&'t str),
    /// An operator or punctuation: `(`, `)`, `[`, `]`, `,`, `.`, `=`, `<>`, `<`, `<=`, `>`, `>=`, `+`, `-`.
    Sign(&'t str),
    /// A character that is not allowed in expressions.
    Unknown(&'t str),
    /// The end of the expression.
    End,
}

/// A token and its position in the text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PositionedToken<'t> {
    pub(super) token: Token<'t>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'t> Token<'t> {
    /// The token as written.
    pub(super) fn text(&self) -> &'t str {
        match self {
            Self::Word(text)
            | Self::Name(text)
            | Self::Value(text)
            | Self::Index(text)
            | Self::Sign(text)
            | Self::Unknown(text) => text,
            Self::End => "<EOF>",
        }
    }
}

/// All tokens of `text`, with one [`Token::End`] at the end.
pub(super) fn tokens<'t>(text: &'t str) -> Vec<PositionedToken<'t>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let word = |from: usize| {
            from + rest
                .get(from..)
                .unwrap_or_default()
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .count()
        };
        let (length, make): (usize, fn(&'t str) -> Token<'t>) = match first {
            c if c.is_ascii_whitespace() => {
                start += 1;
                continue;
            }
            c if c.is_ascii_alphabetic() || c == '_' => (word(0), Token::Word),
            c if c.is_ascii_digit() => (rest.chars().take_while(char::is_ascii_digit).count(), Token::Index),
            '#' if word(1) > 1 => (word(1), Token::Name),
            ':' if word(1) > 1 => (word(1), Token::Value),
            '<' | '>' if ["<>", "<=", ">="].iter().any(|sign| rest.starts_with(sign)) => (2, Token::Sign),
            '(' | ')' | '[' | ']' | ',' | '.' | '=' | '<' | '>' | '+' | '-' => (1, Token::Sign),
            c => (c.len_utf8(), Token::Unknown),
        };
        let end = start + length;
        found.push(PositionedToken { token: make(text.get(start..end).unwrap_or_default()), start, end });
        start = end;
    }
    found.push(PositionedToken { token: Token::End, start: text.len(), end: text.len() });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_split_into_tokens() {
        let texts = |text| tokens(text).iter().map(|placed| placed.token.text().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            texts("#a.b[10]<>:v AND(size (c)>=:w)"),
            ["#a", ".", "b", "[", "10", "]", "<>", ":v", "AND", "(", "size", "(", "c", ")", ">=", ":w", ")", "<EOF>"]
        );
        assert_eq!(texts("a ? ü"), ["a", "?", "ü", "<EOF>"]);
    }
}
