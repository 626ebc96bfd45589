//! Table definitions: the request of CreateTable and the response of DescribeTable.

use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Result,
    request::{Members, constraint_violation, null_member},
    rows,
    schema::{Index, KeyAttribute, KeySchema, KeyType, Projection, Table, Throughput},
};
use crate::{api::context::Account, clock::Timestamp, error::ApiError};

/// Parses and validates a CreateTable request.
pub(super) fn read(request: &Value, now: Timestamp) -> Result<Table> {
    let members = Members::new(
        request,
        &[
            "TableName",
            "AttributeDefinitions",
            "KeySchema",
            "BillingMode",
            "ProvisionedThroughput",
            "GlobalSecondaryIndexes",
            "LocalSecondaryIndexes",
            "DeletionProtectionEnabled",
            "StreamSpecification",
            "TableClass",
        ],
    )?;
    let name = members.table_name()?.to_owned();
    check_name(&name, "TableName must be at least 3 characters long and at most 255 characters long", "tableName")?;
    refuse_streams(&members)?;
    members.one_of("TableClass", ["STANDARD"])?;
    let attributes = attribute_definitions(&members)?;
    let keys = key_schema(&members, &attributes)?;
    let on_demand = members.one_of("BillingMode", ["PROVISIONED", "PAY_PER_REQUEST"])? == "PAY_PER_REQUEST";
    let throughput = throughput(&members)?;
    match (on_demand, throughput) {
        (true, Some(_)) => {
            return Err(invalid(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        (false, None) => {
            return Err(invalid(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
            ));
        }
        _ => {}
    }
    let mut table = Table {
        id: 0,
        name,
        created: now,
        attributes,
        keys,
        indexes: Vec::new(),
        throughput,
        time_to_live: None,
        deletion_protection: members.flag("DeletionProtectionEnabled")?,
    };
    for (member, global, most) in [("LocalSecondaryIndexes", false, 5), ("GlobalSecondaryIndexes", true, 20)] {
        let Some(list) = members.list(member)? else { continue };
        if list.is_empty() {
            return Err(invalid(&format!("List of {member} is empty")));
        }
        if list.len() > most {
            return Err(invalid(&if global {
                "GlobalSecondaryIndex count exceeds the per-table limit of 20".to_owned()
            } else {
                "Number of LocalSecondaryIndexes exceeds per-table limit of 5".to_owned()
            }));
        }
        for json in list {
            let index = index(&table, json, global)?;
            table.indexes.push(index);
        }
    }
    check_attributes_used(&table)?;
    Ok(table)
}

/// The `TableDescription` structure.
pub(super) fn describe(conn: &Connection, account: &Account, table: &Table, status: &str) -> Result<Value> {
    let (items, bytes) = rows::sizes(conn, table, 0)?;
    let arn = account.arn("dynamodb", format_args!("table/{}", table.name));
    let mut answer = json!({
        "TableName": table.name,
        "TableArn": arn,
        "TableId": id_of(table, &arn),
        "TableStatus": status,
        "CreationDateTime": table.created.epoch_seconds(),
        "AttributeDefinitions": table.attributes.iter()
            .map(|attribute| json!({"AttributeName": attribute.name, "AttributeType": attribute.kind.name()}))
            .collect::<Vec<_>>(),
        "KeySchema": describe_keys(&table.keys),
        "ItemCount": items,
        "TableSizeBytes": bytes,
        "ProvisionedThroughput": describe_throughput(table.throughput),
        "DeletionProtectionEnabled": table.deletion_protection,
    });
    let mut add = |member: &str, value: Value| {
        if let Some(members) = answer.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
    };
    if table.throughput.is_none() {
        add(
            "BillingModeSummary",
            json!({"BillingMode": "PAY_PER_REQUEST",
                "LastUpdateToPayPerRequestDateTime": table.created.epoch_seconds()}),
        );
    }
    for (member, global) in [("GlobalSecondaryIndexes", true), ("LocalSecondaryIndexes", false)] {
        let mut list = Vec::new();
        for index in table.indexes.iter().filter(|index| index.global == global) {
            list.push(describe_index(conn, table, index, &arn, status)?);
        }
        if !list.is_empty() {
            add(member, Value::Array(list));
        }
    }
    Ok(answer)
}

/// A unique table id, formatted like a UUID. A later table of the same name has another id.
fn id_of(table: &Table, arn: &str) -> String {
    let digest = Sha256::digest(format!("{arn}/{}/{}", table.created.millis(), table.id));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn describe_index(conn: &Connection, table: &Table, index: &Index, arn: &str, status: &str) -> Result<Value> {
    let (items, bytes) = rows::sizes(conn, table, index.number)?;
    let projection = match &index.projection {
        Projection::All => json!({"ProjectionType": "ALL"}),
        Projection::KeysOnly => json!({"ProjectionType": "KEYS_ONLY"}),
        Projection::Include(names) => json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": names}),
    };
    let mut answer = json!({
        "IndexName": index.name,
        "IndexArn": format!("{arn}/index/{}", index.name),
        "KeySchema": describe_keys(&index.keys),
        "Projection": projection,
        "ItemCount": items,
        "IndexSizeBytes": bytes,
    });
    if let (true, Some(members)) = (index.global, answer.as_object_mut()) {
        members.insert("IndexStatus".to_owned(), json!(status));
        members.insert("ProvisionedThroughput".to_owned(), describe_throughput(index.throughput));
    }
    Ok(answer)
}

fn describe_keys(keys: &KeySchema) -> Value {
    keys.attributes()
        .zip(["HASH", "RANGE"])
        .map(|(attribute, role)| json!({"AttributeName": attribute.name, "KeyType": role}))
        .collect()
}

fn describe_throughput(throughput: Option<Throughput>) -> Value {
    let Throughput { read, write } = throughput.unwrap_or(Throughput { read: 0, write: 0 });
    json!({"NumberOfDecreasesToday": 0, "ReadCapacityUnits": read, "WriteCapacityUnits": write})
}

fn check_name(name: &str, length_rule: &str, path: &str) -> Result<()> {
    if !(3..=255).contains(&name.len()) {
        return Err(ApiError::validation(length_rule));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
        return Err(constraint_violation(
            name,
            path,
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ));
    }
    Ok(())
}

fn refuse_streams(members: &Members<'_>) -> Result<()> {
    let Some(json) = members.value("StreamSpecification") else { return Ok(()) };
    if Members::new(json, &["StreamEnabled", "StreamViewType"])?.flag("StreamEnabled")? {
        return Err(ApiError::validation("The parameter StreamSpecification is not supported: tables have no streams"));
    }
    Ok(())
}

fn attribute_definitions(members: &Members<'_>) -> Result<Vec<KeyAttribute>> {
    let list = members.list("AttributeDefinitions")?.ok_or_else(|| null_member("attributeDefinitions"))?;
    let mut attributes: Vec<KeyAttribute> = Vec::new();
    for (at, json) in list.iter().enumerate() {
        let path = format!("attributeDefinitions.{}.member", at + 1);
        let member = Members::new(json, &["AttributeName", "AttributeType"])?;
        let name = member.string("AttributeName")?.ok_or_else(|| null_member(&format!("{path}.attributeName")))?;
        let kind = member.string("AttributeType")?.ok_or_else(|| null_member(&format!("{path}.attributeType")))?;
        let kind = KeyType::named(kind).ok_or_else(|| {
            constraint_violation(
                kind,
                &format!("{path}.attributeType"),
                "Member must satisfy enum value set: [B, N, S]",
            )
        })?;
        if attributes.iter().any(|attribute| attribute.name == name) {
            return Err(invalid(&format!("Duplicate AttributeName in AttributeDefinitions: {name}")));
        }
        attributes.push(KeyAttribute { name: name.to_owned(), kind });
    }
    Ok(attributes)
}

fn key_schema(members: &Members<'_>, attributes: &[KeyAttribute]) -> Result<KeySchema> {
    let list = members.list("KeySchema")?.ok_or_else(|| null_member("keySchema"))?;
    let mut found = Vec::new();
    for (json, role) in list.iter().zip(["HASH", "RANGE"]) {
        let member = Members::new(json, &["AttributeName", "KeyType"])?;
        let name = member.string("AttributeName")?.ok_or_else(|| null_member("keySchema.1.member.attributeName"))?;
        if member.one_of("KeyType", ["HASH", "RANGE"])? != role || member.value("KeyType").is_none() {
            return Err(ApiError::validation(format!(
                "Invalid KeySchema: The {} KeySchemaElement is not a {role} key type",
                if role == "HASH" { "first" } else { "second" }
            )));
        }
        found.push(name);
    }
    if list.is_empty() || list.len() > 2 {
        return Err(constraint_violation(
            &format!("{} elements", list.len()),
            "keySchema",
            "Member must have length between 1 and 2, inclusive",
        ));
    }
    if let [hash, range] = found.as_slice()
        && hash == range
    {
        return Err(ApiError::validation(
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ));
    }
    let defined = |name: &&str| {
        attributes.iter().find(|attribute| attribute.name == **name).cloned().ok_or_else(|| {
            if attributes.len() < found.len() {
                return ApiError::validation("Invalid KeySchema: Some index key attribute have no definition");
            }
            let keys = found.join(", ");
            let defined: Vec<&str> = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            invalid(&format!(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: [{keys}], \
                 AttributeDefinitions: [{}]",
                defined.join(", ")
            ))
        })
    };
    let hash = found.first().map(defined).transpose()?.ok_or_else(|| null_member("keySchema"))?;
    Ok(KeySchema { hash, range: found.get(1).map(defined).transpose()? })
}

fn index(table: &Table, json: &Value, global: bool) -> Result<Index> {
    let known: &[&str] = if global {
        &["IndexName", "KeySchema", "Projection", "ProvisionedThroughput"]
    } else {
        &["IndexName", "KeySchema", "Projection"]
    };
    let members = Members::new(json, known)?;
    let list = if global { "globalSecondaryIndexes" } else { "localSecondaryIndexes" };
    let name = members.string("IndexName")?.ok_or_else(|| null_member(&format!("{list}.1.member.indexName")))?;
    check_name(name, "IndexName must be at least 3 characters long and at most 255 characters long", "indexName")?;
    if table.indexes.iter().any(|index| index.name == name) {
        return Err(invalid(&format!("Duplicate index name: {name}")));
    }
    let keys = key_schema(&members, &table.attributes)?;
    if !global {
        if table.keys.range.is_none() {
            return Err(invalid(
                "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
            ));
        }
        if keys.hash != table.keys.hash {
            return Err(invalid(&format!(
                "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. index \
                 hash key: {}, table hash key: {}",
                keys.hash.name, table.keys.hash.name
            )));
        }
        if keys.range.is_none() {
            return Err(invalid(&format!("Index KeySchema does not have a range key for index: {name}")));
        }
    }
    let projection = projection(members.required("Projection")?)?;
    Ok(Index {
        number: i64::try_from(table.indexes.len()).unwrap_or(i64::MAX - 1) + 1,
        name: name.to_owned(),
        keys,
        projection,
        global,
        throughput: throughput(&members)?,
    })
}

fn projection(json: &Value) -> Result<Projection> {
    let members = Members::new(json, &["ProjectionType", "NonKeyAttributes"])?;
    let names = members.list("NonKeyAttributes")?;
    let Some(kind) = members.string("ProjectionType")? else {
        return Err(invalid("Unknown ProjectionType: null"));
    };
    match (kind, names) {
        ("ALL", None) => Ok(Projection::All),
        ("KEYS_ONLY", None) => Ok(Projection::KeysOnly),
        ("INCLUDE", Some(names)) => {
            Ok(Projection::Include(names.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
        }
        ("INCLUDE", None) => Err(invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")),
        ("ALL" | "KEYS_ONLY", Some(_)) => {
            Err(invalid(&format!("ProjectionType is {kind}, but NonKeyAttributes is specified")))
        }
        _ => Err(constraint_violation(
            kind,
            "projection.projectionType",
            "Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]",
        )),
    }
}

fn throughput(members: &Members<'_>) -> Result<Option<Throughput>> {
    let Some(json) = members.value("ProvisionedThroughput") else { return Ok(None) };
    let units = Members::new(json, &["ReadCapacityUnits", "WriteCapacityUnits"])?;
    let unit = |name: &str, path: &str| {
        units.integer_from(name, 1)?.ok_or_else(|| null_member(&format!("provisionedThroughput.{path}")))
    };
    Ok(Some(Throughput {
        read: unit("ReadCapacityUnits", "readCapacityUnits")?,
        write: unit("WriteCapacityUnits", "writeCapacityUnits")?,
    }))
}

/// AWS refuses attribute definitions that no key uses.
fn check_attributes_used(table: &Table) -> Result<()> {
    let used = |name: &str| table.keys.contains(name) || table.indexes.iter().any(|index| index.keys.contains(name));
    if table.attributes.iter().all(|attribute| used(&attribute.name)) {
        return Ok(());
    }
    Err(invalid(if table.indexes.is_empty() {
        "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"
    } else {
        "Some AttributeDefinitions are not used by the KeySchema of the table or of an index"
    }))
}

fn invalid(what: &str) -> ApiError {
    ApiError::validation(format!("One or more parameter values were invalid: {what}"))
}
