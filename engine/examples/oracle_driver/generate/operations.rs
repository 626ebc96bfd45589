//! One call: the operation, its subject, and its variant.

use serde_json::{Map, Value, json};

use super::{
    expressions::Expressions,
    limits,
    values::{item, key},
};
use crate::{
    call::Call,
    fault::Fault,
    random::Random,
    tables::{TABLES, Table},
};

pub(super) fn call(random: &mut Random) -> Call {
    let table = random.one(&TABLES);
    let mut faults = Vec::new();
    let (operation, request) = match random.below(34) {
        0..6 => ("PutItem", put(random, table, true, &mut faults)),
        6..13 => ("UpdateItem", update(random, table, true, &mut faults)),
        13..15 => ("DeleteItem", delete(random, table, true, &mut faults)),
        15 | 16 => ("GetItem", get(random, table, &mut faults)),
        17..21 => return query(random, table),
        21 | 22 => return scan(random, table),
        23 | 24 => ("BatchWriteItem", batch_write(random)),
        25 => ("BatchGetItem", batch_get(random, &mut faults)),
        26..29 => ("TransactWriteItems", transact(random, &mut faults)),
        29 => ("TransactGetItems", transact_get(random, &mut faults)),
        30 => ("UpdateTimeToLive", time_to_live(random, table)),
        31 => ("DescribeTimeToLive", json!({"TableName": table.name})),
        32 => ("DescribeTable", json!({"TableName": table.name})),
        _ => return limits::call(random),
    };
    Call { faults, ..Call::new(operation, request) }
}

fn put(random: &mut Random, table: &Table, alone: bool, faults: &mut Vec<Fault>) -> Value {
    let mut request = json!({"TableName": table.name, "Item": item(random, table)});
    let mut expressions = Expressions::new();
    if random.once_in(3) {
        request["ConditionExpression"] = json!(expressions.condition(random, 3));
    }
    finish(random, &mut request, expressions, alone.then_some(&["NONE", "ALL_OLD"]), faults);
    request
}

fn delete(random: &mut Random, table: &Table, alone: bool, faults: &mut Vec<Fault>) -> Value {
    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
    let mut expressions = Expressions::new();
    if random.once_in(2) {
        request["ConditionExpression"] = json!(expressions.condition(random, 3));
    }
    finish(random, &mut request, expressions, alone.then_some(&["NONE", "ALL_OLD"]), faults);
    request
}

fn update(random: &mut Random, table: &Table, alone: bool, faults: &mut Vec<Fault>) -> Value {
    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
    let mut expressions = Expressions::new();
    if !alone || !random.once_in(20) {
        request["UpdateExpression"] = json!(expressions.update(random));
    }
    if random.once_in(3) {
        request["ConditionExpression"] = json!(expressions.condition(random, 3));
    }
    let returns = &["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];
    finish(random, &mut request, expressions, alone.then_some(returns), faults);
    request
}

fn get(random: &mut Random, table: &Table, faults: &mut Vec<Fault>) -> Value {
    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
    let mut expressions = Expressions::new();
    if random.once_in(2) {
        request["ProjectionExpression"] = json!(expressions.projection(random));
    }
    if random.once_in(3) {
        request["ConsistentRead"] = json!(random.once_in(2));
    }
    finish::<0>(random, &mut request, expressions, None, faults);
    capacity(random, &mut request);
    request
}

fn query(random: &mut Random, table: &'static Table) -> Call {
    let mut expressions = Expressions::new();
    let index = if table.indexes.is_empty() || random.once_in(2) { None } else { Some(random.one(table.indexes)) };
    let (hash, range) = match index {
        Some(index) => (index.hash, index.range),
        None => (table.hash.0, table.range.map(|range| range.0)),
    };
    let mut request = json!({"TableName": table.name,
        "KeyConditionExpression": expressions.key_condition(random, table, hash, range)});
    if let Some(index) = index {
        request["IndexName"] = json!(index.name);
    }
    let unique = index.is_none_or(|index| index.unique);
    reading(random, &mut request, &mut expressions, unique);
    if random.once_in(3) {
        request["ScanIndexForward"] = json!(random.once_in(2));
    }
    let mut faults = Vec::new();
    // For a table without a sort key the oracle returns the same page forever.
    let all_pages = unique && table.range.is_some() && random.once_in(2);
    finish::<0>(random, &mut request, expressions, None, &mut faults);
    Call { any_order: !unique, all_pages, faults, ..Call::new("Query", request) }
}

fn scan(random: &mut Random, table: &'static Table) -> Call {
    let mut expressions = Expressions::new();
    let mut request = json!({"TableName": table.name});
    if !table.indexes.is_empty() && random.once_in(2) {
        request["IndexName"] = json!(random.one(table.indexes).name);
    }
    reading(random, &mut request, &mut expressions, true);
    let segments = random.once_in(4).then(|| 1 + random.below(4));
    let mut faults = Vec::new();
    finish::<0>(random, &mut request, expressions, None, &mut faults);
    Call { any_order: true, all_pages: true, segments, faults, ..Call::new("Scan", request) }
}

fn reading(random: &mut Random, request: &mut Value, expressions: &mut Expressions, pages: bool) {
    if random.once_in(3) {
        request["FilterExpression"] = json!(expressions.condition(random, 3));
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
    if random.once_in(5) {
        request["ConsistentRead"] = json!(random.once_in(2));
    }
    capacity(random, request);
}

fn batch_write(random: &mut Random) -> Value {
    let mut tables = Map::new();
    for _ in 0..1 + random.below(6) {
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
    let mut request = json!({"RequestItems": tables});
    capacity(random, &mut request);
    request
}

fn batch_get(random: &mut Random, faults: &mut Vec<Fault>) -> Value {
    let mut tables = Map::new();
    for _ in 0..1 + random.below(3) {
        let table = random.one(&TABLES);
        if tables.contains_key(table.name) {
            continue;
        }
        let keys: Vec<Value> = (0..1 + random.below(3)).map(|_| key(random, table)).collect();
        let mut part = json!({"Keys": keys});
        let mut expressions = Expressions::new();
        if random.once_in(3) {
            part["ProjectionExpression"] = json!(expressions.projection(random));
        }
        if random.once_in(4) {
            part["ConsistentRead"] = json!(random.once_in(2));
        }
        expressions.write_to(random, &mut part, faults);
        tables.insert(table.name.to_owned(), part);
    }
    let mut request = json!({"RequestItems": tables});
    capacity(random, &mut request);
    request
}

fn transact(random: &mut Random, faults: &mut Vec<Fault>) -> Value {
    let actions: Vec<Value> = (0..1 + random.below(5))
        .map(|_| {
            let table = random.one(&TABLES);
            match random.below(4) {
                0 => json!({"Put": put(random, table, false, faults)}),
                1 => json!({"Delete": delete(random, table, false, faults)}),
                2 => json!({"Update": update(random, table, false, faults)}),
                _ => {
                    let mut request = json!({"TableName": table.name, "Key": key(random, table)});
                    let mut expressions = Expressions::new();
                    request["ConditionExpression"] = json!(expressions.condition(random, 2));
                    finish::<0>(random, &mut request, expressions, None, faults);
                    json!({"ConditionCheck": request})
                }
            }
        })
        .collect();
    let mut request = json!({"TransactItems": actions});
    if random.once_in(4) {
        request["ClientRequestToken"] = json!(format!("token-{}", random.below(3)));
    }
    capacity(random, &mut request);
    request
}

fn transact_get(random: &mut Random, faults: &mut Vec<Fault>) -> Value {
    let actions: Vec<Value> = (0..1 + random.below(4))
        .map(|_| {
            let table = random.one(&TABLES);
            let mut request = json!({"TableName": table.name, "Key": key(random, table)});
            let mut expressions = Expressions::new();
            if random.once_in(2) {
                request["ProjectionExpression"] = json!(expressions.projection(random));
            }
            finish::<0>(random, &mut request, expressions, None, faults);
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
    faults: &mut Vec<Fault>,
) {
    expressions.write_to(random, request, faults);
    if let Some(returns) = returns {
        if random.once_in(2) {
            request["ReturnValues"] = json!(random.one(returns));
        }
        capacity(random, request);
    }
    if request.get("ConditionExpression").is_some() && random.once_in(3) {
        request["ReturnValuesOnConditionCheckFailure"] = json!(random.one(&["ALL_OLD", "NONE"]));
    }
}

fn capacity(random: &mut Random, request: &mut Value) {
    if random.once_in(4) {
        request["ReturnConsumedCapacity"] = json!(random.one(&["TOTAL", "INDEXES", "NONE"]));
    }
}
