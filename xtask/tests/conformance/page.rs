//! A page as rows. Only tables with the header [`HEADER`] are read.

use crate::table::{Line, Table, tables};

/// The header of every table.
pub(crate) const HEADER: [&str; 4] = ["feature", "status", "test", "note"];
/// The section whose features are names of operations.
pub(crate) const OPERATIONS: &str = "Operations";

/// A row with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Counted from 1.
    pub(crate) line: usize,
    /// The heading above it.
    pub(crate) section: String,
    pub(crate) feature: String,
    pub(crate) status: String,
    /// Each as `path/to/file.rs::test_name`.
    pub(crate) tests: Vec<String>,
    pub(crate) note: String,
}

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    /// The lines of tables that do not have four cells.
    pub(crate) torn: Vec<usize>,
}

impl Page {
    pub(crate) fn parse(text: &str) -> Self {
        let mut page = Self::default();
        for Table { section, rows, .. } in tables(text).into_iter().filter(|table| table.header == HEADER) {
            for Line { number, cells } in rows {
                let Ok([feature, status, tests, note]) = <[String; 4]>::try_from(cells) else {
                    page.torn.push(number);
                    continue;
                };
                let tests = names(&tests);
                page.rows.push(Row { line: number, section: section.clone(), feature, status, tests, note });
            }
        }
        page
    }
}

/// The names of tests in a cell.
pub(crate) fn names(cell: &str) -> Vec<String> {
    let cell = cell.replace("<br>", " ");
    let names = cell.split(' ').map(|test| test.trim_matches(['`', ',']).to_owned());
    names.filter(|test| !test.is_empty()).collect()
}

#[test]
fn rows_are_read_with_their_section_and_all_their_tests() {
    let text = "## Operations\n\nWords.\n\n| feature | status | test | note |\n|---|---|---|---|\n\
                | `A` | supported | `a.rs::one`<br>`b.rs::two` | x \\| y |\n\n| other | table |\n|---|---|\n| 1 | 2 |\n";
    let page = Page::parse(text);
    assert_eq!(page.rows.len(), 1);
    let row = page.rows.first().unwrap();
    assert_eq!((row.line, row.section.as_str(), row.feature.as_str()), (7, "Operations", "`A`"));
    assert_eq!(row.tests, ["a.rs::one", "b.rs::two"]);
    assert_eq!(row.note, "x | y");
}

#[test]
fn a_row_with_a_cell_too_few_is_torn() {
    let page = Page::parse("| feature | status | test | note |\n|---|---|---|---|\n| `A` | supported | |\n");
    assert_eq!(page.torn, [3]);
}
