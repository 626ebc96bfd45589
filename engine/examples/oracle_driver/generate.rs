//! Sequences of calls: few keys and few attributes, so that calls meet; mostly right, sometimes wrong.

mod expressions;
mod values;

use serde_json::{Map, Value, json};

use self::{
    expressions::Expressions,
    values::{item, key, value},
};
use crate::random::Random;

/// One call, and how its answer is compared.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) request: Value,
    /// The order of the answered items says nothing.
    pub(crate) any_order: bool,
    /// Read all pages and compare them together.
    pub(crate) all_pages: bool,
}

/// The tables of the generated calls. Each has a hash key and may have a sort key.
pub(crate) const TABLES: [Table; 3] = [
    Table {
        name: "orders",
        hash: ("PK", "S"),
        range: Some(("SK", "S")),
        indexes: &[
            Index { name: "by-state", hash: "st", range: Some("SK"), unique: true, shows: None },
            Index { name: "by-user", hash: "us", range: None, unique: false, shows: Some(&["a", "st"]) },
            Index { name: "by-number", hash: "PK", range: Some("n"), unique: false, shows: Some(&[]) },
        ],
    },
    Table { name: "plain", hash: ("id", "S"), range: None, indexes: &[] },
    Table { name: "numbers", hash: ("h", "B"), range: Some(("r", "N")), indexes: &[] },
];

/// A table as the generator knows it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) hash: (&'static str, &'static str),
    pub(crate) range: Option<(&'static str, &'static str)>,
    pub(crate) indexes: &'static [Index],
}

/// An index as the generator knows it.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) range: Option<&'static str>,
    /// No two of its items have the same key, so that the order of its items is fixed.
    pub(crate) unique: bool,
    /// The projected attributes; `None` is all.
    pub(crate) shows: Option<&'static [&'static str]>,
}

/// The calls that make the tables.
pub(crate) fn tables() -> Vec<Call> {
    let attribute = |(name, kind): (&str, &str)| json!({"AttributeName": name, "AttributeType": kind});
    TABLES
        .iter()
        .map(|table| {
            let mut attributes: Vec<Value> = [Some(table.hash), table.range].into_iter().flatten().map(attribute).collect();
            let mut request = json!({"TableName": table.name, "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": keys(table.hash.0, table.range.map(|range| range.0))});
            if !table.indexes.is_empty() {
                attributes.extend([("st", "S"), ("us", "S"), ("n", "N")].map(attribute));
            }
            for index in table.indexes {
                let projection = match index.shows {
                    None => json!({"ProjectionType": "ALL"}),
                    Some([]) => json!({"ProjectionType": "KEYS_ONLY"}),
                    Some(names) => json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": names}),
                };
                let member =
                    if index.hash == table.hash.0 { "LocalSecondaryIndexes" } else { "GlobalSecondaryIndexes" };
                let index = json!({"IndexName": index.name, "KeySchema": keys(index.hash, index.range), "Projection": projection});
                match request[member].as_array_mut() {
                    Some(list) => list.push(index),
                    None => request[member] = json!([index]),
                }
            }
            request["AttributeDefinitions"] = Value::Array(attributes);
            Call { operation: "CreateTable", request, any_order: false, all_pages: false }
        })
        .collect()
}

fn keys(hash: &str, range: Option<&str>) -> Value {
    let mut keys = vec![json!({"AttributeName": hash, "KeyType": "HASH"})];
    keys.extend(range.map(|range| json!({"AttributeName": range, "KeyType": "RANGE"})));
    Value::Array(keys)
}

/// A sequence of calls.
pub(crate) fn sequence(random: &mut Random) -> Vec<Call> {
    let length = 5 + random.below(30);
    (0..length).map(|_| call(random)).collect()
}

fn call(random: &mut Random) -> Call {
    let table = random.one(&TABLES);
    let (operation, request) = match random.below(27) {
        0..5 => ("PutItem", put(random, table, true)),
        5..12 => ("UpdateItem", update(random, table, true)),
        12..14 => ("DeleteItem", delete(random, table, true)),
        14 => ("GetItem", get(random, table)),
        15..19 => return query(random, table),
        19 => return scan(random, table),
        20 => ("BatchWriteItem", batch_write(random)),
        21 => ("BatchGetItem", batch_get(random)),
        22 | 23 => ("TransactWriteItems", transact(random)),
        24 => ("TransactGetItems", transact_get(random)),
        25 => ("UpdateTimeToLive", time_to_live(random, table)),
        _ => ("DescribeTable", json!({"TableName": table.name})),
    };
    Call { operation, request, any_order: false, all_pages: false }
}

fn put(random: &mut Random, table: &Table, alone: bool) -> Value {
    let mut request = json!({"TableName": table.name, "Item": item(random, table)});
    let mut expressions = Expressions::new();
    if random.once_in(3) {
        request["ConditionExpression"] = json!(expressions.condition(random, 2));
    }
    finish(random, &mut request, expressions, alone.then_some(&["NONE", "ALL_OLD"]));
    request
}

fn delete(random: &mut Random, table: &Table, alone: bool) -> Value {
    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
    let mut expressions = Expressions::new();
    if random.once_in(2) {
        request["ConditionExpression"] = json!(expressions.condition(random, 2));
    }
    finish(random, &mut request, expressions, alone.then_some(&["NONE", "ALL_OLD"]));
    request
}

fn update(random: &mut Random, table: &Table, alone: bool) -> Value {
    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
    let mut expressions = Expressions::new();
    if !alone || !random.once_in(20) {
        request["UpdateExpression"] = json!(expressions.update(random));
    }
    if random.once_in(3) {
        request["ConditionExpression"] = json!(expressions.condition(random, 2));
    }
    finish(
        random,
        &mut request,
        expressions,
        alone.then_some(&["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]),
    );
    request
}

fn get(random: &mut Random, table: &Table) -> Value {
    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
    let mut expressions = Expressions::new();
    if random.once_in(2) {
        request["ProjectionExpression"] = json!(expressions.projection(random));
    }
    finish::<0>(random, &mut request, expressions, None);
    capacity(random, &mut request);
    request
}

fn query(random: &mut Random, table: &Table) -> Call {
    let mut expressions = Expressions::new();
    let index = if table.indexes.is_empty() || random.once_in(2) { None } else { Some(random.one(table.indexes)) };
    let (hash, range) = match index {
        Some(index) => (index.hash, index.range),
        None => (table.hash.0, table.range.map(|range| range.0)),
    };
    let mut request = json!({"TableName": table.name, "KeyConditionExpression": expressions.key_condition(random, table, hash, range)});
    if let Some(index) = index {
        request["IndexName"] = json!(index.name);
    }
    let unique = index.is_none_or(|index| index.unique);
    reading(random, &mut request, &mut expressions, unique);
    if random.once_in(3) {
        request["ScanIndexForward"] = json!(random.once_in(2));
    }
    finish::<0>(random, &mut request, expressions, None);
    Call { operation: "Query", request, any_order: !unique, all_pages: false }
}

fn scan(random: &mut Random, table: &Table) -> Call {
    let mut expressions = Expressions::new();
    let mut request = json!({"TableName": table.name});
    if !table.indexes.is_empty() && random.once_in(2) {
        request["IndexName"] = json!(random.one(table.indexes).name);
    }
    reading(random, &mut request, &mut expressions, true);
    finish::<0>(random, &mut request, expressions, None);
    Call { operation: "Scan", request, any_order: true, all_pages: true }
}

fn reading(random: &mut Random, request: &mut Value, expressions: &mut Expressions, pages: bool) {
    if random.once_in(3) {
        request["FilterExpression"] = json!(expressions.condition(random, 2));
    }
    if random.once_in(4) {
        request["ProjectionExpression"] = json!(expressions.projection(random));
    }
    if pages && random.once_in(3) {
        request["Limit"] = json!(1 + random.below(3));
    }
    if random.once_in(5) {
        request["Select"] =
            json!(random.one(&["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"]));
    }
    capacity(random, request);
}

fn batch_write(random: &mut Random) -> Value {
    let mut tables = Map::new();
    for _ in 0..1 + random.below(4) {
        let table = random.one(&TABLES);
        let write = if random.once_in(3) {
            json!({"DeleteRequest": {"Key": key(random, table)}})
        } else {
            json!({"PutRequest": {"Item": item(random, table)}})
        };
        if let Some(list) = tables.entry(table.name).or_insert_with(|| json!([])).as_array_mut() {
            list.push(write);
        }
    }
    json!({"RequestItems": tables})
}

fn batch_get(random: &mut Random) -> Value {
    let mut tables = Map::new();
    for _ in 0..1 + random.below(3) {
        let table = random.one(&TABLES);
        let keys: Vec<Value> = (0..1 + random.below(2)).map(|_| key(random, table)).collect();
        tables.insert(table.name.to_owned(), json!({"Keys": keys}));
    }
    json!({"RequestItems": tables})
}

fn transact(random: &mut Random) -> Value {
    let actions: Vec<Value> = (0..1 + random.below(4))
        .map(|_| {
            let table = random.one(&TABLES);
            match random.below(4) {
                0 => json!({"Put": put(random, table, false)}),
                1 => json!({"Delete": delete(random, table, false)}),
                2 => json!({"Update": update(random, table, false)}),
                _ => {
                    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
                    let mut expressions = Expressions::new();
                    request["ConditionExpression"] = json!(expressions.condition(random, 1));
                    finish::<0>(random, &mut request, expressions, None);
                    json!({"ConditionCheck": request})
                }
            }
        })
        .collect();
    let mut request = json!({"TransactItems": actions});
    if random.once_in(4) {
        request["ClientRequestToken"] = json!(format!("token-{}", random.below(3)));
    }
    request
}

fn transact_get(random: &mut Random) -> Value {
    let actions: Vec<Value> = (0..1 + random.below(3))
        .map(|_| {
            let table = random.one(&TABLES);
            let mut request = json!({"TableName": table.name, "Key": key(random, table)});
            let mut expressions = Expressions::new();
            if random.once_in(2) {
                request["ProjectionExpression"] = json!(expressions.projection(random));
            }
            finish::<0>(random, &mut request, expressions, None);
            json!({"Get": request})
        })
        .collect();
    let mut request = json!({"TransactItems": actions});
    capacity(random, &mut request);
    request
}

fn time_to_live(random: &mut Random, table: &Table) -> Value {
    let specification = json!({"AttributeName": random.one(&["n", "r"]), "Enabled": !random.once_in(3)});
    json!({"TableName": table.name, "TimeToLiveSpecification": specification})
}

fn finish<const N: usize>(
    random: &mut Random,
    request: &mut Value,
    expressions: Expressions,
    returns: Option<&[&str; N]>,
) {
    expressions.write_to(random, request);
    if let Some(returns) = returns {
        if random.once_in(2) {
            request["ReturnValues"] = json!(random.one(returns));
        }
        capacity(random, request);
    }
    if request.get("ConditionExpression").is_some() && random.once_in(3) {
        request["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    }
}

fn capacity(random: &mut Random, request: &mut Value) {
    if random.once_in(4) {
        request["ReturnConsumedCapacity"] = json!(random.one(&["TOTAL", "INDEXES", "NONE"]));
    }
}

/// A value for the attribute of a key, in its type most of the time.
pub(crate) fn any_value(random: &mut Random) -> Value {
    value(random, 2)
}
