//! The fuzz target for expressions, numbers and items.

use serde_json::{Map, Value, json};

use super::{
    expression::{
        condition::Condition,
        key_condition::KeyCondition,
        placeholders::Placeholders,
        projection::{self, project},
        update::Update,
    },
    number::Number,
    request::Members,
    schema::{KeyAttribute, KeySchema, KeyType},
    value::{Item, item_from_json, item_size, item_to_json},
};
use crate::fuzzing::input::{check_that, parts};

/// Parts: an expression or a number, and an object with the `names` and `values` of the expression and the `item` that
/// it is applied to.
pub fn expressions(bytes: &[u8]) {
    let mut parts = parts(bytes);
    let text = parts.next().unwrap_or_default();
    let about: Value = parts.next().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    number(text);
    let item = about.get("item").and_then(|item| item_from_json(item).ok()).unwrap_or_default();
    check_that(round_trip(&item).as_ref() == Some(&item), "an item is read as it was written");
    let Some(placeholders) = placeholders(&about) else { return };
    if let Ok(condition) = Condition::parse("ConditionExpression", text, &placeholders) {
        condition.holds(&item);
    }
    if let Ok(condition) = KeyCondition::parse(text, &placeholders) {
        let attribute = |name: &str, kind| KeyAttribute { name: name.to_owned(), kind };
        for (hash, range) in [(KeyType::S, KeyType::N), (KeyType::N, KeyType::B), (KeyType::B, KeyType::S)] {
            let keys = KeySchema { hash: attribute("PK", hash), range: Some(attribute("SK", range)) };
            drop(condition.range(&keys, None));
        }
    }
    if let Ok(update) = Update::parse(text, &placeholders)
        && let Ok(updated) = update.apply(&item)
    {
        check_that(update.paths().count() > 0, "an update has something to do");
        check_that(round_trip(&updated).as_ref() == Some(&updated), "an updated item is read as it was written");
    }
    if let Ok(paths) = projection::parse(text, &placeholders) {
        check_that(item_size(&project(&item, &paths)) <= item_size(&item), "a part is no larger than the whole");
    }
    drop(placeholders.finish());
}

fn round_trip(item: &Item) -> Option<Item> {
    item_to_json(item).and_then(|json| item_from_json(&json)).ok()
}

fn placeholders(about: &Value) -> Option<Placeholders> {
    let mut request = Map::new();
    request.insert("E".to_owned(), json!(""));
    for (member, name) in [("ExpressionAttributeNames", "names"), ("ExpressionAttributeValues", "values")] {
        if let Some(given) = about.get(name) {
            request.insert(member.to_owned(), given.clone());
        }
    }
    let request = Value::Object(request);
    let members = Members::new(&request, &["E", "ExpressionAttributeNames", "ExpressionAttributeValues"]).ok()?;
    Placeholders::from(&members, &["E"]).ok()
}

/// Two numbers separated by a space. Checks that addition can be reversed and that the encoded bytes have the order of
/// the numbers.
fn number(text: &str) {
    let Some((one, two)) = text.split_once(' ') else { return };
    let (Ok(one), Ok(two)) = (one.parse::<Number>(), two.parse::<Number>()) else { return };
    check_that(one.to_string().parse() == Ok(one), "a number is read as it was written");
    check_that(one.ordered_bytes().cmp(&two.ordered_bytes()) == one.cmp(&two), "bytes are ordered as their numbers");
    check_that(one.size() <= 21 + 1, "a number takes at most 21 bytes and its sign");
    if let Ok(sum) = one.add(two)
        && let Ok(difference) = sum.subtract(two)
    {
        check_that(difference == one, "a sum can be taken back");
    }
}
