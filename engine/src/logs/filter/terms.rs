//! Terms: words and phrases that a message must or must not contain, case-sensitive.

use super::{error::PatternError, scan::Scanner};

#[derive(Debug, Default)]
pub(super) struct Terms {
    required: Vec<String>,
    excluded: Vec<String>,
    optional: Vec<String>,
}

impl Terms {
    pub(super) fn parse(mut scanner: Scanner<'_>) -> Result<Self, PatternError> {
        let mut terms = Self::default();
        loop {
            scanner.skip_blanks();
            if scanner.next().is_none() {
                return Ok(terms);
            }
            let list = if scanner.eat("?") {
                &mut terms.optional
            } else if scanner.eat("-") {
                &mut terms.excluded
            } else {
                &mut terms.required
            };
            list.push(term(&mut scanner)?);
            if scanner.next().is_some_and(|c| !c.is_whitespace()) {
                return Err(scanner.unexpected(""));
            }
        }
    }

    /// As in AWS, optional terms have no effect next to required or excluded ones.
    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &String| term.trim().is_empty() || message.contains(term);
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.optional.is_empty() || self.optional.iter().any(has);
        }
        self.required.iter().all(has) && !self.excluded.iter().any(has)
    }
}

fn term(scanner: &mut Scanner<'_>) -> Result<String, PatternError> {
    scanner.refuse_regex()?;
    if scanner.eat("\"") {
        let phrase = scanner.quoted('"')?;
        return if phrase.is_empty() { Err(PatternError::Characters("\"\"".to_owned())) } else { Ok(phrase) };
    }
    match scanner.word(|c| c.is_ascii_alphanumeric() || c == '_') {
        "" => Err(scanner.unexpected("")),
        word => Ok(word.to_owned()),
    }
}
