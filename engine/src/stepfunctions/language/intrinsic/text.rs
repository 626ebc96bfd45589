//! Functions on strings and JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::Md5;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// AWS's limit on data that is hashed, encoded or decoded, in characters.
const MAX_TEXT: usize = 10_000;

fn string(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("a string was expected, but got {value}"))
}

fn short_string(value: &Value) -> Result<&str, String> {
    let text = string(value)?;
    if text.chars().count() > MAX_TEXT {
        return Err(format!("the text has more than {MAX_TEXT} characters"));
    }
    Ok(text)
}

/// A quoted argument without its escaping backslashes.
pub(super) fn unescaped(raw: &str) -> String {
    let mut chars = raw.chars();
    let mut text = String::with_capacity(raw.len());
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
}

pub(super) fn format(template: &Value, arguments: &[Value]) -> Result<Value, String> {
    let mut chars = string(template)?.chars().peekable();
    let mut arguments = arguments.iter();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            '{' if chars.next_if_eq(&'}').is_some() => {
                let argument = arguments.next().ok_or("there are fewer arguments than {} in the template")?;
                write_plain(argument, &mut text);
            }
            '{' | '}' => return Err("a brace that is not part of {} must follow a backslash".to_owned()),
            c => text.push(c),
        }
    }
    match arguments.next() {
        None => Ok(text.into()),
        Some(_) => Err("there are more arguments than {} in the template".to_owned()),
    }
}

/// Writes values as `States.Format` does: strings plain, objects and arrays in AWS's way (`{a=1, b=[2]}`).
fn write_plain(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => text.push_str(string),
        Value::Array(items) => write_list(text, '[', ']', items, write_plain),
        Value::Object(members) => write_list(text, '{', '}', members, |(name, value), text| {
            text.push_str(name);
            text.push('=');
            write_plain(value, text);
        }),
        other => text.push_str(&other.to_string()),
    }
}

fn write_list<T>(
    text: &mut String,
    open: char,
    close: char,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(T, &mut String),
) {
    text.push(open);
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        write(item, text);
    }
    text.push(close);
}

/// A blank string gives null, as in AWS.
pub(super) fn string_to_json(text: &Value) -> Result<Value, String> {
    let text = string(text)?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|error| format!("the text is not valid JSON: {error}"))
}

pub(super) fn split(text: &Value, separators: &Value) -> Result<Value, String> {
    let (text, separators) = (string(text)?, string(separators)?);
    Ok(text.split(|c| separators.contains(c)).filter(|part| !part.is_empty()).map(Value::from).collect())
}

pub(super) fn base64_encode(text: &Value) -> Result<Value, String> {
    Ok(STANDARD.encode(short_string(text)?).into())
}

pub(super) fn base64_decode(text: &Value) -> Result<Value, String> {
    let bytes = STANDARD.decode(short_string(text)?).map_err(|error| format!("the text is not Base64: {error}"))?;
    String::from_utf8(bytes).map(Value::from).map_err(|_| "the decoded bytes are not UTF-8 text".to_owned())
}

/// The hash in hexadecimal. Values that are not strings are hashed as JSON.
pub(super) fn hash(data: &Value, algorithm: &Value) -> Result<Value, String> {
    let json;
    let text = if data.is_string() {
        short_string(data)?
    } else {
        json = data.to_string();
        json.as_str()
    };
    let hexadecimal = match string(algorithm)? {
        "MD5" => hex::<Md5>(text),
        "SHA-1" => lower_hex(&<Sha1 as sha1::Digest>::digest(text)),
        "SHA-256" => hex::<Sha256>(text),
        "SHA-384" => hex::<Sha384>(text),
        "SHA-512" => hex::<Sha512>(text),
        other => {
            return Err(format!("the hash algorithm '{other}' is not one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"));
        }
    };
    Ok(hexadecimal.into())
}

fn hex<D: Digest>(text: &str) -> String {
    lower_hex(&D::digest(text))
}

fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// AWS supports only the shallow merge, too.
pub(super) fn json_merge(left: Value, right: Value, deep: &Value) -> Result<Value, String> {
    if *deep != Value::Bool(false) {
        return Err("the third argument must be false: only the shallow merge is supported".to_owned());
    }
    match (left, right) {
        (Value::Object(mut merged), Value::Object(right)) => {
            merged.extend(right);
            Ok(Value::Object(merged))
        }
        (left, right) => Err(format!("two objects were expected, but got {left} and {right}")),
    }
}
