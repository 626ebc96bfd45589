//! `ConsumedCapacity`: what a call would cost. It is reported on request and never limits anything.

use serde_json::{Map, Value, json};

use super::{
    Result,
    request::Members,
    schema::{Index, Table},
};

/// The member `ReturnConsumedCapacity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// Nothing.
    None,
    /// The sum.
    Total,
    /// The sum, and the table's and each index's part.
    Indexes,
}

impl Report {
    /// Reads the member `ReturnConsumedCapacity`.
    pub(super) fn from(members: &Members<'_>) -> Result<Self> {
        Ok(match members.one_of("ReturnConsumedCapacity", ["NONE", "INDEXES", "TOTAL"])? {
            "INDEXES" => Self::Indexes,
            "TOTAL" => Self::Total,
            _ => Self::None,
        })
    }
}

/// The units consumed on one table and its indexes.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage {
    table: f64,
    /// Index name, whether it is global, and units.
    indexes: Vec<(String, bool, f64)>,
}

impl Usage {
    /// Adds units of the table itself.
    pub(super) fn add_table(&mut self, units: f64) {
        self.table += units;
    }

    /// Adds units of an index.
    pub(super) fn add_index(&mut self, index: &Index, units: f64) {
        match self.indexes.iter_mut().find(|(name, ..)| *name == index.name) {
            Some((_, _, sum)) => *sum += units,
            None => self.indexes.push((index.name.clone(), index.global, units)),
        }
    }

    /// The `ConsumedCapacity` structure; `None` if it was not requested.
    pub(super) fn report(&self, table: &Table, report: Report) -> Option<Value> {
        if report == Report::None {
            return None;
        }
        let sum = self.table + self.indexes.iter().map(|(_, _, units)| units).sum::<f64>();
        let mut answer = Map::new();
        answer.insert("TableName".to_owned(), json!(table.name));
        answer.insert("CapacityUnits".to_owned(), json!(sum));
        if report == Report::Indexes {
            answer.insert("Table".to_owned(), json!({"CapacityUnits": self.table}));
            for (member, wanted) in [("GlobalSecondaryIndexes", true), ("LocalSecondaryIndexes", false)] {
                let part: Map<String, Value> = self
                    .indexes
                    .iter()
                    .filter(|(_, global, _)| *global == wanted)
                    .map(|(name, _, units)| (name.clone(), json!({"CapacityUnits": units})))
                    .collect();
                if !part.is_empty() {
                    answer.insert(member.to_owned(), Value::Object(part));
                }
            }
        }
        Some(Value::Object(answer))
    }
}

/// Read units for `bytes`: one per 4 KB; half for eventually consistent reads.
pub(super) fn read_units(bytes: usize, consistent: bool) -> f64 {
    units(bytes, 4096) * if consistent { 1.0 } else { 0.5 }
}

/// Write units for `bytes`: one per 1 KB.
pub(super) fn write_units(bytes: usize) -> f64 {
    units(bytes, 1024)
}

fn units(bytes: usize, block: usize) -> f64 {
    // One call reads at most 16 MB, so the conversion is exact.
    u32::try_from(bytes.div_ceil(block).max(1)).map_or(f64::MAX, f64::from)
}
