//! Attribute values, keys and items.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::{random::Random, tables::Table};

const STRINGS: [&str; 9] = ["", "a", "b", "ab", "abc", "A", "ä", "😀", "z"];
const NUMBERS: [&str; 22] = [
    "0",
    "1",
    "2",
    "-1",
    "10",
    "9",
    "1.5",
    "-1.5",
    "1.50",
    "1e2",
    "100",
    "0.001",
    "-10",
    "1E-5",
    "123456789012345678901234567890",
    "99999999999999999999999999999999999999",
    "1e125",
    "-1e125",
    "1e-130",
    "3",
    "4",
    "1e38",
];
const WRONG_NUMBERS: [&str; 6] = ["", "x", "1e126", "1e-131", "123456789012345678901234567890123456789", "0x1"];
const BYTES: [&str; 5] = ["", "AA==", "AQ==", "AQI=", "/w=="];

/// A value of any type with at most this nesting; sometimes an invalid one.
pub(super) fn any_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 24 } else { 32 }) {
        0..7 => json!({"S": random.one(&STRINGS)}),
        7..15 => json!({"N": random.one(&NUMBERS)}),
        15 => json!({"B": random.one(&BYTES)}),
        16 | 17 => json!({"BOOL": random.once_in(2)}),
        18 => json!({"NULL": true}),
        19 | 20 => json!({"SS": some(random, &STRINGS)}),
        21 => json!({"NS": some(random, &NUMBERS)}),
        22 => json!({"BS": some(random, &BYTES)}),
        23 if random.once_in(4) => wrong(random),
        23 => json!({"N": "5"}),
        24..28 => json!({"L": (0..random.below(4)).map(|_| any_value(random, depth - 1)).collect::<Vec<_>>()}),
        _ => {
            let mut map = Map::new();
            for name in ["a", "b", "c"] {
                if random.once_in(2) {
                    map.insert(name.to_owned(), any_value(random, depth - 1));
                }
            }
            json!({"M": map})
        }
    }
}

/// A value of any type, for places where only some types are valid.
pub(super) fn other(random: &mut Random) -> Value {
    any_value(random, 2)
}

/// A valid value of one type.
pub(super) fn of_type(random: &mut Random, kind: &str) -> Value {
    match kind {
        "S" => json!({"S": random.one(&STRINGS[1..6])}),
        "N" => json!({"N": random.one(&NUMBERS)}),
        "L" => json!({"L": (0..random.below(3)).map(|_| any_value(random, 0)).collect::<Vec<_>>()}),
        "SS" => json!({"SS": some(random, &STRINGS)}),
        "NS" => json!({"NS": some(random, &NUMBERS)}),
        _ => json!({"B": random.one(&BYTES[1..])}),
    }
}

fn wrong(random: &mut Random) -> Value {
    match random.below(6) {
        0 | 1 => json!({"N": random.one(&WRONG_NUMBERS)}),
        2 => json!({"SS": []}),
        3 => json!({"SS": ["a", "a"]}),
        4 => json!({"NS": ["1", "1.0"]}),
        _ => json!({"NULL": false}),
    }
}

/// Some different members, at least one.
fn some<'l>(random: &mut Random, list: &'l [&'l str]) -> Vec<&'l str> {
    let mut some: Vec<&str> = Vec::new();
    for _ in 0..1 + random.below(3) {
        let one = *random.one(list);
        // 100 and 1e2 are the same number.
        if !some.contains(&one) && !["1e2", "1.50"].contains(&one) {
            some.push(one);
        }
    }
    if some.is_empty() { vec![list[1]] } else { some }
}

/// A key for a table; sometimes an invalid one.
pub(super) fn key(random: &mut Random, table: &Table) -> Value {
    let mut key = Map::new();
    key.insert(table.hash.0.to_owned(), key_value(random, table.hash));
    if let Some(range) = table.range {
        key.insert(range.0.to_owned(), key_value(random, range));
    }
    match random.below(60) {
        0 => drop(key.remove(table.hash.0)),
        1 => drop(key.insert("more".to_owned(), json!({"S": "x"}))),
        _ => {}
    }
    Value::Object(key)
}

/// An item for a table.
pub(super) fn item(random: &mut Random, table: &Table) -> Value {
    let mut item = key(random, table).as_object().cloned().unwrap_or_default();
    for name in ["a", "b", "c", "l", "m", "s", "ss", "n"] {
        if random.once_in(2) {
            let value = match name {
                "n" => of_type(random, "N"),
                "s" => of_type(random, "S"),
                "l" => of_type(random, "L"),
                "ss" => of_type(random, "SS"),
                _ => any_value(random, 2),
            };
            item.insert(name.to_owned(), value);
        }
    }
    for name in ["st", "us"] {
        if random.once_in(2) {
            let value = if random.once_in(30) { any_value(random, 0) } else { json!({"S": random.one(&["x", "y"])}) };
            item.insert(name.to_owned(), value);
        }
    }
    Value::Object(item)
}

fn key_value(random: &mut Random, (name, kind): (&str, &str)) -> Value {
    if random.once_in(50) {
        return any_value(random, 0);
    }
    match (name, kind) {
        ("PK", _) => json!({"S": "orders"}),
        (_, "S") => json!({"S": random.one(&["1", "2", "10", "a"])}),
        (_, "N") => json!({"N": random.one(&["1", "2", "10", "-1", "0.5", "1e2", "-1e20"])}),
        _ => json!({"B": random.one(&["AQ==", "/w=="])}),
    }
}

/// The type of a value.
pub(super) fn kind_of(value: &Value) -> &str {
    value.as_object().and_then(|members| members.keys().next()).map_or("", String::as_str)
}

/// The order of two strings or two numbers.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    // A float distinguishes all of these numbers except one from its predecessor.
    let number = |value: &Value| {
        let text = value["N"].as_str()?;
        text.parse::<f64>().ok().map(|number| (number, text == "1e38"))
    };
    match (number(left), number(right)) {
        (Some((left, is_next)), Some((right, other))) => left.total_cmp(&right).then(is_next.cmp(&other)),
        _ => left["S"].as_str().cmp(&right["S"].as_str()),
    }
}

/// Whether AWS refuses the value everywhere.
pub(crate) fn is_wrong(value: &Value) -> bool {
    let Some((kind, inner)) = value.as_object().and_then(|members| members.iter().next()) else { return true };
    let members = || inner.as_array().into_iter().flatten().filter_map(Value::as_str);
    match kind.as_str() {
        "N" => inner.as_str().is_some_and(|text| WRONG_NUMBERS.contains(&text)),
        "NULL" => inner == false,
        "SS" | "BS" => inner.as_array().is_some_and(Vec::is_empty) || repeats(members()),
        "NS" => {
            members().any(|text| WRONG_NUMBERS.contains(&text))
                || repeats(members().map(|n| if n == "1.0" { "1" } else { n }))
        }
        "L" => inner.as_array().into_iter().flatten().any(is_wrong),
        "M" => inner.as_object().into_iter().flatten().any(|(_, value)| is_wrong(value)),
        _ => false,
    }
}

fn repeats<'v>(members: impl Iterator<Item = &'v str>) -> bool {
    let mut sorted: Vec<&str> = members.collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}
