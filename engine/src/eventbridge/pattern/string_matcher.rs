//! String operators: prefix, suffix, equality without regard to case, wildcard.

/// A condition on a string.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StringMatcher {
    Prefix(String),
    PrefixIgnoreCase(CaseInsensitive),
    Suffix(String),
    SuffixIgnoreCase(CaseInsensitive),
    EqualsIgnoreCase(CaseInsensitive),
    Wildcard(Wildcard),
}

impl StringMatcher {
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::PrefixIgnoreCase(case_insensitive) => !case_insensitive.ends(text).is_empty(),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::SuffixIgnoreCase(case_insensitive) => {
                // Suffixes begin at any character boundary, including the end.
                let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
                places.filter_map(|at| text.get(at..)).any(|end| case_insensitive.ends(end).contains(&end.len()))
            }
            Self::EqualsIgnoreCase(case_insensitive) => case_insensitive.ends(text).contains(&text.len()),
            Self::Wildcard(wildcard) => wildcard.matches(text),
        }
    }
}

/// A string compared without regard to case. As in AWS, case is folded letter by letter: `ß` also equals `SS`, but a
/// `σ` at the end of a word does not equal `ς`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CaseInsensitive {
    letters: Vec<(String, String)>,
}

impl CaseInsensitive {
    pub(super) fn new(text: &str) -> Self {
        Self { letters: text.chars().map(|c| (c.to_lowercase().collect(), c.to_uppercase().collect())).collect() }
    }

    /// The lengths in bytes of all prefixes of `text` that equal this string.
    fn ends(&self, text: &str) -> Vec<usize> {
        let mut ends = vec![0];
        for (lower, upper) in &self.letters {
            let mut next = Vec::new();
            for end in ends {
                let Some(rest) = text.get(end..) else { continue };
                for form in [lower, upper] {
                    let behind = end + form.len();
                    if rest.starts_with(form.as_str()) && !next.contains(&behind) {
                        next.push(behind);
                    }
                }
            }
            ends = next;
        }
        ends
    }
}

/// A string in which `*` matches any characters, also none; split at the stars.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wildcard {
    pieces: Vec<String>,
}

impl Wildcard {
    /// `\*` and `\\` are escapes. Two stars in a row are an error, as in AWS.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = vec![String::new()];
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            // AWS counts from the quotation mark in front of the string.
            let position = at + 1;
            let literal = match character {
                '*' if characters.peek().is_some_and(|(_, next)| *next == '*') => {
                    return Err(format!("Consecutive wildcard characters at pos {position}"));
                }
                '*' => {
                    pieces.push(String::new());
                    continue;
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('*' | '\\'))) => escaped,
                    _ => return Err(format!("Invalid escape character at pos {position}")),
                },
                literal => literal,
            };
            if let Some(last) = pieces.last_mut() {
                last.push(literal);
            }
        }
        Ok(Self { pieces })
    }

    fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.pieces.as_slice() else {
            return self.pieces.iter().any(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        // Matching each piece at its first occurrence leaves the most text for later pieces, so no match is missed.
        for piece in middle {
            match rest.split_once(piece.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}
