//! JSON syntax errors, worded as in AWS.
//!
//! AWS shows the message of its own parser. This finds the same errors at the same positions; where AWS's wording is
//! not known, that of serde_json is kept.

use std::fmt::Write as _;

use serde::de::IgnoredAny;
use serde_json::error::Category;

/// The number of characters of the text that AWS shows.
const EXCERPT_LENGTH: usize = 500;

/// The first syntax error of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonSyntaxError {
    /// The error message.
    pub(crate) message: String,
    line: usize,
    column: usize,
}

impl JsonSyntaxError {
    /// The first syntax error; `None` if the text is JSON.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let error = serde_json::from_str::<IgnoredAny>(text).err()?;
        let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
        // The column counts bytes up to and including the wrong one.
        let at = error.column().saturating_sub(1);
        let reason = error.to_string();
        let (message, after) = match word_around(line, at) {
            _ if error.classify() == Category::Eof => ("Unexpected end-of-input".to_owned(), line.len()),
            Some((word, end)) if reason.starts_with("expected ") && !reason.starts_with("expected `") => {
                (format!("Unrecognized token '{word}': was expecting ({VALUES})"), end)
            }
            _ => match line.get(at..).and_then(|rest| rest.chars().next()) {
                Some(found) => (unexpected(found, &reason), at + found.len_utf8()),
                None => (reason, line.len()),
            },
        };
        let column = line.get(..after).unwrap_or(line).chars().count() + 1;
        Some(Self { message, line: error.line().max(1), column })
    }

    /// The location, as AWS shows it in the diagnostics of a definition.
    pub(crate) fn location(&self, text: &str) -> String {
        let excerpt: String = text.chars().take(EXCERPT_LENGTH).collect();
        let mut location = format!("[Source: (String)\"{excerpt}\"");
        let more = text.chars().count().saturating_sub(EXCERPT_LENGTH);
        if more > 0 {
            // Writing to a String cannot fail.
            let _ = write!(location, "[truncated {more} chars]");
        }
        let _ = write!(location, "; line: {}, column: {}]", self.line, self.column);
        location
    }
}

const VALUES: &str = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";

fn unexpected(found: char, reason: &str) -> String {
    let expected = if reason.starts_with("key must be a string") {
        "was expecting double-quote to start field name".to_owned()
    } else if reason.starts_with("expected `,` or `}`") {
        "was expecting comma to separate Object entries".to_owned()
    } else if reason.starts_with("expected `,` or `]`") {
        "was expecting comma to separate Array entries".to_owned()
    } else if reason.starts_with("expected `:`") {
        "was expecting a colon to separate field name and value".to_owned()
    } else if reason.starts_with("expected value") {
        format!("expected a valid value ({VALUES})")
    } else {
        reason.to_owned()
    };
    format!("Unexpected character ('{found}' (code {})): {expected}", u32::from(found))
}

/// The word at or just before the byte `at`, and its end.
fn word_around(line: &str, at: usize) -> Option<(&str, usize)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let before = line.get(..at)?;
    let start = before
        .rfind(|c| !is_word(c))
        .map_or(0, |found| found + before.get(found..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let rest = line.get(start..)?;
    let end = start + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let word = line.get(start..end)?;
    word.starts_with(|c: char| c.is_alphabetic()).then_some((word, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_errors_are_worded_as_in_aws() {
        let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
        for (text, message) in [
            ("not a definition", format!("Unrecognized token 'not': was expecting {values}")),
            ("[1, nul]", format!("Unrecognized token 'nul': was expecting {values}")),
            (
                "{'a': 1}",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name".to_owned(),
            ),
            (
                r#"{"a": 1 "b": 2}"#,
                "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries".to_owned(),
            ),
            (
                r#"{"a" 1}"#,
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"
                    .to_owned(),
            ),
            (r#"{"a": }"#, format!("Unexpected character ('}}' (code 125)): expected a valid value {values}")),
            (r#"{"a": 1"#, "Unexpected end-of-input".to_owned()),
        ] {
            assert_eq!(JsonSyntaxError::find(text).unwrap().message, message, "{text}");
        }
        for text in ["{}", "1", "\"a\"", "null", " [1, 2]\n"] {
            assert_eq!(JsonSyntaxError::find(text), None, "{text}");
        }
    }

    #[test]
    fn the_location_shows_the_text_around_the_error() {
        let text = "not a definition";
        let place = JsonSyntaxError::find(text).unwrap().location(text);
        assert_eq!(place, "[Source: (String)\"not a definition\"; line: 1, column: 4]");
        let long = format!("{{\n  {}", "x".repeat(600));
        let place = JsonSyntaxError::find(&long).unwrap().location(&long);
        assert!(place.ends_with("\"[truncated 104 chars]; line: 2, column: 4]"), "{place}");
    }
}
