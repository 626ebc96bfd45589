//! One page of a Query or a Scan.

use std::ops::Bound;

use rusqlite::{Connection, ToSql, params_from_iter};

use super::{
    Result,
    expression::{condition::Condition, key_condition::KeyRange, path::Path, projection::project},
    rows,
    schema::{Index, Key, Table},
    value::{Item, item_size},
};

/// Size of the items after which a page ends, in bytes.
const MAX_PAGE: usize = 1 << 20;

/// What to read, in which order, from where, and how far.
#[derive(Debug)]
pub(super) struct ReadPlan<'t> {
    pub(super) table: &'t Table,
    pub(super) index: Option<&'t Index>,
    /// One partition and a range of sort keys; `None` reads everything.
    pub(super) range: Option<KeyRange>,
    pub(super) forward: bool,
    /// The position after which the page begins.
    pub(super) start: Option<StartPosition>,
    /// Segment and total number of segments of a parallel scan.
    pub(super) segment: Option<(u64, u64)>,
    pub(super) limit: Option<usize>,
    pub(super) filter: Option<Condition>,
    pub(super) projection: Option<Vec<Path>>,
    /// Whether attributes are requested that a local index may not project.
    pub(super) shows_more: bool,
}

/// A position in the table or index.
#[derive(Debug)]
pub(super) struct StartPosition {
    /// The key in the index that is read, or else in the table.
    pub(super) key: Key,
    /// The key in the table.
    pub(super) item: Key,
}

/// A page that was read.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) items: Vec<Item>,
    /// Number of items read, before the filter.
    pub(super) scanned: usize,
    /// Size of the items read, before the filter.
    pub(super) bytes: usize,
    /// The last item read, if there may be more.
    pub(super) last: Option<Item>,
}

impl ReadPlan<'_> {
    /// Reads one page.
    pub(super) fn page(&self, conn: &Connection) -> Result<Page> {
        let (sql, values) = self.statement();
        let mut select = conn.prepare_cached(&sql)?;
        let mut found = select.query(params_from_iter(values.iter().map(AsRef::as_ref)))?;
        let mut page = Page::default();
        let mut last = None;
        while let Some(row) = found.next()? {
            if let Some((segment, segments)) = self.segment
                && segment_of(row.get_ref(1)?.as_bytes().unwrap_or_default(), segments) != segment
            {
                continue;
            }
            let stored = rows::parse(row.get_ref(0)?.as_str().unwrap_or_default())?;
            let place = self.table.place_of(self.index, &stored);
            let visible = self.index.map(|index| self.table.projected(index, &stored));
            let bytes = item_size(visible.as_ref().unwrap_or(&stored));
            if page.scanned > 0 && page.bytes + bytes > MAX_PAGE {
                page.last = last;
                return Ok(page);
            }
            page.scanned += 1;
            page.bytes += bytes;
            // Attributes that a local index does not project are fetched from the table, to filter by them and to
            // return them on request.
            let is_local = self.index.is_none_or(|index| !index.global);
            let seen = visible.as_ref().filter(|_| !is_local).unwrap_or(&stored);
            if self.filter.as_ref().is_none_or(|filter| filter.holds(seen)) {
                let item = visible.filter(|_| !(is_local && self.shows_more)).unwrap_or(stored);
                page.items.push(match &self.projection {
                    Some(paths) => project(&item, paths),
                    None => item,
                });
            }
            last = Some(place);
            if self.limit.is_some_and(|limit| page.scanned >= limit) {
                page.last = last;
                return Ok(page);
            }
        }
        Ok(page)
    }

    /// The SELECT and its parameters in order. Columns: the item and its partition key.
    fn statement(&self) -> (String, Vec<Box<dyn ToSql + '_>>) {
        let direction = if self.forward { "ASC" } else { "DESC" };
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(self.table.id)];
        let (mut sql, order): (String, &[&str]) = match self.index {
            None => (
                "SELECT e.item, e.partition_key FROM ddb_items e WHERE e.table_id = ?".to_owned(),
                &["e.partition_key", "e.sort_key"],
            ),
            Some(index) => {
                values.push(Box::new(index.number));
                (
                    // CROSS JOIN prevents SQLite from reading the items first.
                    "SELECT i.item, e.partition_key FROM ddb_index_entries e CROSS JOIN ddb_items i
                     ON i.table_id = e.table_id AND i.partition_key = e.item_partition_key
                     AND i.sort_key = e.item_sort_key WHERE e.table_id = ? AND e.index_number = ?"
                        .to_owned(),
                    &["e.partition_key", "e.sort_key", "e.item_partition_key", "e.item_sort_key"],
                )
            }
        };
        let mut columns = order;
        if let Some(range) = &self.range {
            sql += " AND e.partition_key = ?";
            values.push(Box::new(range.partition.as_slice()));
            columns = order.get(1..).unwrap_or_default();
            for (bound, inclusive, exclusive) in [(&range.low, ">=", ">"), (&range.high, "<=", "<")] {
                let (sign, key) = match bound {
                    Bound::Included(key) => (inclusive, key),
                    Bound::Excluded(key) => (exclusive, key),
                    Bound::Unbounded => continue,
                };
                sql += &format!(" AND e.sort_key {sign} ?");
                values.push(Box::new(key.as_slice()));
            }
        }
        if let Some(start) = &self.start {
            let marks = vec!["?"; columns.len()].join(", ");
            sql += &format!(" AND ({}) {} ({marks})", columns.join(", "), if self.forward { ">" } else { "<" });
            let place = [&start.key.partition, &start.key.sort, &start.item.partition, &start.item.sort];
            for key in place.into_iter().take(order.len()).skip(order.len() - columns.len()) {
                values.push(Box::new(key.as_slice()));
            }
        }
        let order: Vec<String> = columns.iter().map(|column| format!("{column} {direction}")).collect();
        sql += &format!(" ORDER BY {}", order.join(", "));
        (sql, values)
    }
}

/// The segment of a parallel scan that a partition belongs to (FNV-1a).
fn segment_of(partition: &[u8], segments: u64) -> u64 {
    let hash = partition
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits of FNV-1a are weak on short keys.
    (hash ^ (hash >> 32)) % segments.max(1)
}
