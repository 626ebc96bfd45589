//! The tables of a page in Markdown.

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// The heading above it, of whatever level.
    pub(crate) section: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Line>,
}

/// One line of a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: usize,
    pub(crate) cells: Vec<String>,
}

/// All tables of a page, in order. The first line of each is its header.
pub(crate) fn tables(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut section = String::new();
    let mut in_table = false;
    for (number, content) in (1..).zip(text.lines()) {
        if content.starts_with('#') {
            content.trim_start_matches('#').trim().clone_into(&mut section);
        }
        let Some(cells) = cells(content) else {
            in_table = false;
            continue;
        };
        match tables.last_mut().filter(|_| in_table) {
            None => tables.push(Table { section: section.clone(), header: cells, rows: Vec::new() }),
            Some(_) if cells.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c))) => {}
            Some(table) => table.rows.push(Line { number, cells }),
        }
        in_table = true;
    }
    tables
}

/// The cells of a line of a table. `\|` is a bar inside a cell.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let hidden = inner.replace("\\|", "\u{0}");
    Some(hidden.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect())
}

#[test]
fn tables_are_read_with_the_heading_above_them() {
    let tables = tables("# Page\n\n## One\n| a | b |\n|---|---|\n| 1 | x \\| y |\n\nWords.\n\n| c |\n|---|\n");
    let [one, two] = tables.as_slice() else { panic!("{tables:?}") };
    assert_eq!((one.section.as_str(), one.header.as_slice()), ("One", ["a", "b"].map(str::to_owned).as_slice()));
    assert_eq!(one.rows, [Line { number: 6, cells: vec!["1".to_owned(), "x | y".to_owned()] }]);
    assert_eq!((two.header.len(), two.rows.len()), (1, 0));
}
