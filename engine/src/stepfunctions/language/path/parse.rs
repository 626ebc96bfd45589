//! Parsing paths and filters.

use serde_json::Value;

use super::select::{Filter, Operand, Operator, Path, Root, Segment, Selector};
use crate::stepfunctions::language::cursor::Cursor;

/// Maximum number of segments in a path: more than JSON can have levels.
const MAX_SEGMENTS: usize = 128;

impl Path {
    /// Parses a path that is the whole of `text`.
    pub(in crate::stepfunctions::language) fn parse(text: &str) -> Result<Self, String> {
        let mut cursor = Cursor::new(text);
        let path = Self::read(&mut cursor, text)?;
        if cursor.is_at_end() {
            Ok(path)
        } else {
            Err(format!("'{}' cannot follow in the path '{text}'", cursor.rest()))
        }
    }

    /// Parses the longest path at the cursor.
    pub(in crate::stepfunctions::language) fn read(cursor: &mut Cursor<'_>, whole: &str) -> Result<Self, String> {
        let before = cursor.rest();
        let root = if cursor.eat("$$") {
            Root::Context
        } else if cursor.eat("$") {
            Root::Data
        } else {
            return Err(format!("a path begins with $, but '{whole}' does not"));
        };
        let segments = segments(cursor)?;
        let length = before.len() - cursor.rest().len();
        Ok(Self { text: before.get(..length).unwrap_or(whole).to_owned(), root, segments })
    }
}

/// The segments that follow `$`, `$$` or, in a filter, `@`.
fn segments(cursor: &mut Cursor<'_>) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    loop {
        let descend = cursor.eat("..");
        // A dot before a bracket has no effect: `$.a.[0]`.
        let dot = !descend && cursor.eat(".");
        let selector = if cursor.peek() == Some('[') {
            bracket(cursor)?
        } else if descend || dot {
            dotted(cursor)?
        } else {
            return Ok(segments);
        };
        if segments.len() == MAX_SEGMENTS {
            return Err(format!("a path may have {MAX_SEGMENTS} steps at most"));
        }
        segments.push(Segment { descend, selector });
    }
}

fn dotted(cursor: &mut Cursor<'_>) -> Result<Selector, String> {
    if cursor.eat("*") {
        return Ok(Selector::Wildcard);
    }
    let name = cursor.take_while(|c| !c.is_whitespace() && !".[]()'\",*?|&<>=!".contains(c));
    if name.is_empty() {
        return Err(format!("a name is missing before '{}'", cursor.rest()));
    }
    if cursor.peek() == Some('(') {
        return Err(format!("the path function '{name}()' is not supported"));
    }
    Ok(Selector::Names(vec![name.to_owned()]))
}

fn bracket(cursor: &mut Cursor<'_>) -> Result<Selector, String> {
    cursor.expect("[")?;
    cursor.skip_spaces();
    let selector = match cursor.peek() {
        Some('*') => {
            cursor.bump();
            Selector::Wildcard
        }
        Some('?') => {
            cursor.bump();
            Selector::Filter(cursor.nested(Filter::read)?)
        }
        Some('\'' | '"') => Selector::Names(list(cursor, name)?),
        Some('(') => return Err("script expressions '[(...)]' are not supported in paths".to_owned()),
        _ => numbers(cursor)?,
    };
    cursor.skip_spaces();
    cursor.expect("]")?;
    Ok(selector)
}

fn name(cursor: &mut Cursor<'_>) -> Result<String, String> {
    let quote = cursor.peek().filter(|c| matches!(c, '\'' | '"')).ok_or("a quoted name was expected")?;
    cursor.quoted(quote)
}

fn list<T>(cursor: &mut Cursor<'_>, item: impl Fn(&mut Cursor<'_>) -> Result<T, String>) -> Result<Vec<T>, String> {
    let mut items = vec![item(cursor)?];
    loop {
        cursor.skip_spaces();
        if !cursor.eat(",") {
            return Ok(items);
        }
        cursor.skip_spaces();
        items.push(item(cursor)?);
    }
}

/// `1`, `-1`, `1,2`, `1:3`, `:2`, `-2:`, `0:10:2`.
fn numbers(cursor: &mut Cursor<'_>) -> Result<Selector, String> {
    let start = cursor.integer();
    cursor.skip_spaces();
    if cursor.eat(":") {
        cursor.skip_spaces();
        let end = cursor.integer();
        cursor.skip_spaces();
        let step = if cursor.eat(":") { cursor.integer().unwrap_or(1) } else { 1 };
        if step < 1 {
            return Err("the step of a slice must be at least 1".to_owned());
        }
        return Ok(Selector::Slice { start, end, step });
    }
    let first = start.ok_or_else(|| format!("an index or a quoted name was expected before '{}'", cursor.rest()))?;
    let mut indexes = vec![first];
    while cursor.eat(",") {
        cursor.skip_spaces();
        indexes.push(cursor.integer().ok_or("an index was expected after the comma")?);
        cursor.skip_spaces();
    }
    Ok(Selector::Indexes(indexes))
}

const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Filter {
    /// Parses a filter in parentheses.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        cursor.skip_spaces();
        cursor.expect("(")?;
        let filter = Self::any(cursor)?;
        cursor.skip_spaces();
        cursor.expect(")")?;
        Ok(filter)
    }

    fn any(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let mut parts = vec![Self::all(cursor)?];
        cursor.skip_spaces();
        while cursor.eat("||") {
            parts.push(Self::all(cursor)?);
            cursor.skip_spaces();
        }
        Ok(if parts.len() > 1 { Self::Any(parts) } else { parts.remove(0) })
    }

    fn all(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let mut parts = vec![Self::one(cursor)?];
        cursor.skip_spaces();
        while cursor.eat("&&") {
            parts.push(Self::one(cursor)?);
            cursor.skip_spaces();
        }
        Ok(if parts.len() > 1 { Self::All(parts) } else { parts.remove(0) })
    }

    fn one(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        cursor.skip_spaces();
        match cursor.peek() {
            Some('!') => {
                cursor.bump();
                Ok(Self::Not(Box::new(cursor.nested(Self::one)?)))
            }
            Some('(') => cursor.nested(Self::read),
            _ => Self::comparison(cursor),
        }
    }

    fn comparison(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let left = Operand::read(cursor)?;
        cursor.skip_spaces();
        for (sign, operator) in OPERATORS {
            if cursor.eat(sign) {
                cursor.skip_spaces();
                return Ok(Self::Compare(left, operator, Operand::read(cursor)?));
            }
        }
        if cursor.is_at_end() || cursor.rest().starts_with([')', '&', '|']) {
            return Ok(Self::Exists(left));
        }
        Err(format!("this filter operator is not supported: '{}'", cursor.rest()))
    }
}

impl Operand {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        match cursor.peek() {
            Some('@') => {
                cursor.bump();
                Ok(Self::Path { from_root: false, segments: single_segments(cursor)? })
            }
            Some('$') => {
                cursor.bump();
                Ok(Self::Path { from_root: true, segments: single_segments(cursor)? })
            }
            Some(quote @ ('\'' | '"')) => Ok(Self::Literal(Value::String(cursor.quoted(quote)?))),
            _ => {
                let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
                match serde_json::from_str(word) {
                    Ok(literal) => Ok(Self::Literal(literal)),
                    Err(_) => Err(format!("a filter cannot compare with '{word}{}'", cursor.rest())),
                }
            }
        }
    }
}

fn single_segments(cursor: &mut Cursor<'_>) -> Result<Vec<Segment>, String> {
    let segments = segments(cursor)?;
    if segments.iter().all(Segment::is_single) {
        Ok(segments)
    } else {
        Err("a path inside a filter may hold names and indexes only".to_owned())
    }
}
