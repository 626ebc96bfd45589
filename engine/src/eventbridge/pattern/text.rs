//! What a text must be like: its beginning, its end, its letters whatever their case, or a form with wildcards.

/// A condition on a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextRule {
    Prefix(String),
    FoldedPrefix(Folded),
    Suffix(String),
    FoldedSuffix(Folded),
    Folded(Folded),
    Wildcard(Wildcard),
}

impl TextRule {
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::FoldedPrefix(folded) => !folded.ends(text).is_empty(),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::FoldedSuffix(folded) => {
                // Beginnings are the places between characters, also the one behind the last.
                let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
                places.filter_map(|at| text.get(at..)).any(|end| folded.ends(end).contains(&end.len()))
            }
            Self::Folded(folded) => folded.ends(text).contains(&text.len()),
            Self::Wildcard(wildcard) => wildcard.matches(text),
        }
    }
}

/// A text whose letters may be upper or lower case. As in AWS, it is a letter that has two forms, not the whole text:
/// `ß` is also `SS`, but a `σ` at the end of a word is no `ς`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Folded {
    letters: Vec<(String, String)>,
}

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self { letters: text.chars().map(|c| (c.to_lowercase().collect(), c.to_uppercase().collect())).collect() }
    }

    /// How many bytes of the beginning of `text` can be this one.
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

/// A text with `*` for any characters, also none: the pieces between the stars.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wildcard {
    pieces: Vec<String>,
}

impl Wildcard {
    /// `\*` and `\\` stand for themselves; two stars in a row are refused, as in AWS.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = vec![String::new()];
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            // AWS counts from the quotation mark before the text.
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
        // Taking each piece at its first place leaves the most for those behind it, so this never misses a match.
        for piece in middle {
            match rest.split_once(piece.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}
