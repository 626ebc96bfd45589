//! Query and Scan.

use std::ops::Bound;

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{
    Result,
    capacity::{Report, Usage, read_units},
    catalog,
    expression::{
        condition::Condition,
        key_condition::{KeyCondition, KeyRange},
        path::Path,
        placeholders::Placeholders,
        projection,
    },
    items::insert_capacity,
    page::{Page, ReadPlan, StartPosition},
    request::{Members, constraint_violation},
    schema::{Index, Projection, Table},
    value::{Item, item_from_json, item_to_json},
};
use crate::error::ApiError;

const SHARED_MEMBERS: [&str; 11] = [
    "TableName",
    "IndexName",
    "Select",
    "Limit",
    "ExclusiveStartKey",
    "FilterExpression",
    "ProjectionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ConsistentRead",
    "ReturnConsumedCapacity",
];

pub(super) fn query(conn: &Connection, request: &Value) -> Result<Value> {
    let members = members_of(request, &["KeyConditionExpression", "ScanIndexForward"])?;
    members.table_name()?;
    let placeholders =
        Placeholders::from(&members, &["KeyConditionExpression", "FilterExpression", "ProjectionExpression"])?;
    let shared = Shared::read(&members, &placeholders)?;
    let condition = members.string("KeyConditionExpression")?.ok_or_else(|| {
        ApiError::validation(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        )
    })?;
    let condition = KeyCondition::parse(condition, &placeholders)?;
    placeholders.finish()?;
    let forward = members.optional_flag("ScanIndexForward")?.unwrap_or(true);
    shared.answer(conn, forward, None, Some(&condition))
}

pub(super) fn scan(conn: &Connection, request: &Value) -> Result<Value> {
    let members = members_of(request, &["Segment", "TotalSegments"])?;
    members.table_name()?;
    let placeholders = Placeholders::from(&members, &["FilterExpression", "ProjectionExpression"])?;
    let shared = Shared::read(&members, &placeholders)?;
    placeholders.finish()?;
    shared.answer(conn, true, segment(&members)?, None)
}

/// The members that Query and Scan share.
struct Shared<'r> {
    table_name: &'r str,
    index_name: Option<&'r str>,
    select: &'static str,
    limit: Option<usize>,
    start: Option<Item>,
    filter: Option<Condition>,
    projection: Option<Vec<Path>>,
    consistent: bool,
    report: Report,
}

impl<'r> Shared<'r> {
    fn read(members: &Members<'r>, placeholders: &Placeholders) -> Result<Self> {
        let filter = members.string("FilterExpression")?;
        let projection = members.string("ProjectionExpression")?;
        let select = select(members, projection.is_some())?;
        Ok(Self {
            table_name: members.table_name()?,
            index_name: members.string("IndexName")?,
            select,
            limit: members.integer_from("Limit", 1)?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            start: members.value("ExclusiveStartKey").map(item_from_json).transpose()?,
            filter: filter.map(|text| Condition::parse("FilterExpression", text, placeholders)).transpose()?,
            projection: projection.map(|text| projection::parse(text, placeholders)).transpose()?,
            consistent: members.flag("ConsistentRead")?,
            report: Report::from(members)?,
        })
    }

    fn answer(
        self,
        conn: &Connection,
        forward: bool,
        segment: Option<(u64, u64)>,
        condition: Option<&KeyCondition>,
    ) -> Result<Value> {
        let table = catalog::open(conn, self.table_name)?;
        let index = self.index_name.map(|name| table.index(name)).transpose()?;
        if let Some(index) = index {
            self.check_index(&table, index)?;
        }
        self.check_filter(&table, index)?;
        let range = condition.map(|condition| self.range(&table, index, condition)).transpose()?;
        let start = self.start.as_ref().map(|key| start(&table, index, range.as_ref(), key)).transpose()?;
        let counts_only = self.select == "COUNT";
        let shows_more = self.select == "ALL_ATTRIBUTES" || self.projection.is_some();
        let reading = ReadPlan {
            table: &table,
            index,
            range,
            forward,
            start,
            segment,
            limit: self.limit,
            filter: self.filter,
            projection: self.projection,
            shows_more,
        };
        let Page { items, scanned, bytes, last } = reading.page(conn)?;
        let mut answer = Map::new();
        answer.insert("Count".to_owned(), json!(items.len()));
        answer.insert("ScannedCount".to_owned(), json!(scanned));
        if !counts_only {
            answer.insert("Items".to_owned(), items.iter().map(item_to_json).collect::<Result<Value>>()?);
        }
        if let Some(last) = last {
            answer.insert("LastEvaluatedKey".to_owned(), item_to_json(&last)?);
        }
        let mut usage = Usage::default();
        let units = read_units(bytes, self.consistent);
        match index {
            Some(index) => usage.add_index(index, units),
            None => usage.add_table(units),
        }
        insert_capacity(&mut answer, usage.report(&table, self.report));
        Ok(Value::Object(answer))
    }

    fn check_index(&self, table: &Table, index: &Index) -> Result<()> {
        if !index.global {
            return Ok(());
        }
        if self.consistent {
            return Err(ApiError::validation("Consistent reads are not supported on global secondary indexes"));
        }
        if self.select == "ALL_ATTRIBUTES" && index.projection != Projection::All {
            return Err(ApiError::validation(format!(
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global \
                 secondary index {} because its projection type is not ALL",
                index.name
            )));
        }
        let missing: Vec<&str> = self
            .projection
            .iter()
            .flatten()
            .map(|path| path.attribute.as_str())
            .filter(|name| !table.projects(index, name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(ApiError::validation(format!(
            "One or more parameter values were invalid: Global secondary index {} does not project [{}]",
            index.name,
            missing.join(", ")
        )))
    }

    /// A filter with a path into a key attribute could never hold: keys are strings, numbers or binaries.
    fn check_filter(&self, table: &Table, index: Option<&Index>) -> Result<()> {
        let mut wrong = None;
        if let Some(filter) = &self.filter {
            filter.visit_paths(&mut |path| {
                let kind = match index {
                    _ if path.steps.is_empty() => return,
                    _ if table.keys.contains(&path.attribute) => "Key",
                    Some(index) if index.keys.contains(&path.attribute) => "IndexKey",
                    _ => return,
                };
                wrong.get_or_insert((kind, &path.attribute));
            });
        }
        match wrong {
            None => Ok(()),
            Some((kind, attribute)) => Err(ApiError::validation(format!(
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {kind}: \
                 {attribute}"
            ))),
        }
    }

    fn range(&self, table: &Table, index: Option<&Index>, condition: &KeyCondition) -> Result<KeyRange> {
        let keys = index.map_or(&table.keys, |index| &index.keys);
        let range = condition.range(keys, index.map(|index| index.name.as_str()))?;
        let mut in_key = None;
        if let Some(filter) = &self.filter {
            filter.visit_paths(&mut |path| {
                if keys.contains(&path.attribute) {
                    in_key.get_or_insert(&path.attribute);
                }
            });
        }
        match in_key {
            None => Ok(range),
            Some(attribute) => Err(ApiError::validation(format!(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: {attribute}"
            ))),
        }
    }
}

fn members_of<'r>(request: &'r Value, others: &[&str]) -> Result<Members<'r>> {
    let known: Vec<&str> = SHARED_MEMBERS.iter().chain(others).copied().collect();
    Members::new(request, &known)
}

/// The member `Select`, or its default.
fn select(members: &Members<'_>, projects: bool) -> Result<&'static str> {
    if members.value("Select").is_none() {
        return Ok("");
    }
    let select =
        members.one_of("Select", ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"])?;
    match select {
        "SPECIFIC_ATTRIBUTES" if !projects => Err(ApiError::validation(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        )),
        "COUNT" if projects => {
            Err(ApiError::validation("Cannot specify the ProjectionExpression when choosing to get only the Count"))
        }
        "ALL_ATTRIBUTES" | "ALL_PROJECTED_ATTRIBUTES" if projects => {
            Err(ApiError::validation(format!("Cannot specify the ProjectionExpression when choosing to get {select}")))
        }
        "ALL_PROJECTED_ATTRIBUTES" if members.value("IndexName").is_none() => {
            Err(ApiError::validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"))
        }
        _ => Ok(select),
    }
}

fn segment(members: &Members<'_>) -> Result<Option<(u64, u64)>> {
    let segment = members.integer_from("Segment", 0)?;
    let total = members.integer_from("TotalSegments", 1)?;
    match (segment, total) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(ApiError::validation(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is \
             present",
        )),
        (None, Some(_)) => Err(ApiError::validation(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is \
             present",
        )),
        (Some(_), Some(total)) if total > 1_000_000 => Err(constraint_violation(
            &total.to_string(),
            "totalSegments",
            "Member must have value less than or equal to 1000000",
        )),
        (Some(segment), Some(total)) if segment >= total => Err(ApiError::validation(format!(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {segment} \
             is not less than TotalSegments: {total}"
        ))),
        (Some(segment), Some(total)) => Ok(Some((segment.unsigned_abs(), total.unsigned_abs()))),
    }
}

/// Validates an `ExclusiveStartKey` against the table and the range.
fn start(table: &Table, index: Option<&Index>, range: Option<&KeyRange>, given: &Item) -> Result<StartPosition> {
    let invalid = || ApiError::validation("The provided starting key is invalid");
    if table.place_of(index, given).len() != given.len() {
        return Err(invalid());
    }
    let item = table.keys.key_of(given).ok_or_else(invalid)?;
    let key = match index {
        Some(index) => index.keys.key_of(given).ok_or_else(invalid)?,
        None => item.clone(),
    };
    if let Some(range) = range {
        if key.partition != range.partition {
            return Err(ApiError::validation(
                "The provided starting key is outside query boundaries based on provided conditions",
            ));
        }
        // Such a key was never returned as the last key of this query.
        let below = match &range.low {
            Bound::Included(low) => key.sort < *low,
            Bound::Excluded(low) => key.sort <= *low,
            Bound::Unbounded => false,
        };
        let above = match &range.high {
            Bound::Included(high) => key.sort > *high,
            Bound::Excluded(high) => key.sort >= *high,
            Bound::Unbounded => false,
        };
        if below || above {
            return Err(ApiError::validation("The provided starting key does not match the range key predicate"));
        }
    }
    Ok(StartPosition { key, item })
}
