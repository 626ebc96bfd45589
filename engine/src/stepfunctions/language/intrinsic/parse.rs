//! Parsing function calls.

use super::{Argument, Call, FUNCTIONS};
use crate::stepfunctions::language::{cursor::Cursor, path::Path};

/// AWS's limit on nested calls.
const MAX_DEPTH: usize = 10;

impl Call {
    /// Parses a call that is the whole of `text`.
    pub(in crate::stepfunctions::language) fn parse(text: &str) -> Result<Self, String> {
        let mut cursor = Cursor::new(text.trim());
        let call = Self::read(&mut cursor, 1)?;
        if cursor.is_at_end() { Ok(call) } else { Err(format!("'{}' cannot follow a function call", cursor.rest())) }
    }

    fn read(cursor: &mut Cursor<'_>, depth: usize) -> Result<Self, String> {
        if depth > MAX_DEPTH {
            return Err(format!("function calls may be nested {MAX_DEPTH} deep at most"));
        }
        let before = cursor.rest();
        let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '.');
        let Some((_, function, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
            return Err(format!("the intrinsic function '{name}' is not known"));
        };
        cursor.expect("(")?;
        let mut arguments = Vec::new();
        cursor.skip_spaces();
        if !cursor.eat(")") {
            loop {
                cursor.skip_spaces();
                arguments.push(Argument::read(cursor, depth)?);
                cursor.skip_spaces();
                if cursor.eat(")") {
                    break;
                }
                cursor.expect(",")?;
            }
        }
        if arguments.len() < *least || arguments.len() > *most {
            return Err(format!("the intrinsic function '{name}' does not take {} arguments", arguments.len()));
        }
        let length = before.len() - cursor.rest().len();
        Ok(Self { text: before.get(..length).unwrap_or(before).to_owned(), function: *function, arguments })
    }
}

impl Argument {
    fn read(cursor: &mut Cursor<'_>, depth: usize) -> Result<Self, String> {
        match cursor.peek() {
            Some('\'') => raw_text(cursor).map(Self::Text),
            Some('$') => Path::read(cursor, cursor.rest()).map(Self::Path),
            Some('S') => Call::read(cursor, depth + 1).map(Self::Call),
            _ => {
                let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
                serde_json::from_str(word)
                    .map(Self::Literal)
                    .map_err(|_| format!("'{word}{}' cannot be an argument", cursor.rest()))
            }
        }
    }
}

/// The text between single quotes, including backslashes.
fn raw_text(cursor: &mut Cursor<'_>) -> Result<String, String> {
    let mut raw = String::new();
    cursor.bump();
    loop {
        match cursor.bump() {
            None => return Err("the text that ' opens is not closed".to_owned()),
            Some('\'') => return Ok(raw),
            Some('\\') => match cursor.bump() {
                Some(escaped @ ('\'' | '\\' | '{' | '}')) => raw.extend(['\\', escaped]),
                other => {
                    let escaped = other.map(String::from).unwrap_or_default();
                    return Err(format!("'\\{escaped}' is not an escape: only \\' \\\\ \\{{ \\}} are"));
                }
            },
            Some(c) => raw.push(c),
        }
    }
}
