//! A page as rows. A table counts when its header is exactly [`HEADER`]; all else is prose.

/// The header of every table.
pub(crate) const HEADER: [&str; 4] = ["feature", "status", "test", "note"];
/// The section whose features are names of operations.
pub(crate) const OPERATIONS: &str = "Operations";

/// One row, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Counted from 1.
    pub(crate) line: usize,
    /// The heading of the second level above it.
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
    /// Lines of a table that have not four cells.
    pub(crate) torn: Vec<usize>,
}

impl Page {
    pub(crate) fn parse(text: &str) -> Self {
        let mut page = Self::default();
        let mut section = String::new();
        let mut in_table = false;
        for (line, content) in (1..).zip(text.lines()) {
            if let Some(heading) = content.strip_prefix("## ") {
                heading.trim().clone_into(&mut section);
            }
            let Some(cells) = cells(content) else {
                in_table = false;
                continue;
            };
            if cells == HEADER {
                in_table = true;
                continue;
            }
            if !in_table || cells.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c))) {
                continue;
            }
            let Ok([feature, status, tests, note]) = <[String; 4]>::try_from(cells) else {
                page.torn.push(line);
                continue;
            };
            let tests = tests.replace("<br>", " ");
            let tests = tests.split(' ').map(|test| test.trim_matches(['`', ',']).to_owned());
            let tests = tests.filter(|test| !test.is_empty()).collect();
            page.rows.push(Row { line, section: section.clone(), feature, status, tests, note });
        }
        page
    }
}

/// The cells of a line of a table. `\|` is a bar inside a cell.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let hidden = inner.replace("\\|", "\u{0}");
    Some(hidden.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect())
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
