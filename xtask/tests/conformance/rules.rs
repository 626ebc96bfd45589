//! What must hold of a page. Each rule returns what breaks it, in words.

use crate::page::{OPERATIONS, Page, Row};

const STATUSES: [&str; 3] = ["supported", "refused", "differs"];

/// Every row has a status that we know; what works has a test, what does not has a note.
pub(crate) fn form(page: &Page) -> Vec<String> {
    let mut faults: Vec<String> = page.torn.iter().map(|line| format!("line {line} has not four cells")).collect();
    if page.rows.is_empty() {
        faults.push("there is no row at all".to_owned());
    }
    for row in &page.rows {
        let at = at(row);
        match row.status.as_str() {
            status if !STATUSES.contains(&status) => {
                faults.push(format!("{at}: the status `{status}` is none of {}", STATUSES.join(", ")));
            }
            "supported" | "differs" if row.tests.is_empty() => {
                faults.push(format!("{at}: `{}` needs a test that shows it", row.status));
            }
            "differs" | "refused" if row.note.is_empty() => {
                faults.push(format!("{at}: `{}` needs a note that says how or why", row.status));
            }
            _ => {}
        }
    }
    faults
}

/// Every test that is named is there.
pub(crate) fn tests_exist(page: &Page, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let named = page.rows.iter().flat_map(|row| row.tests.iter().map(move |test| (row, test)));
    let missing = named.filter(|(_, test)| !exists(test));
    missing.map(|(row, test)| format!("{}: there is no test {test}", at(row))).collect()
}

/// The section of operations and the code name the same ones, each once.
pub(crate) fn operations_agree(page: &Page, dispatched: &[String]) -> Vec<String> {
    let rows: Vec<&Row> = page.rows.iter().filter(|row| row.section == OPERATIONS).collect();
    let name = |row: &Row| row.feature.trim_matches('`').to_owned();
    let mut faults = Vec::new();
    for operation in dispatched {
        match rows.iter().filter(|row| name(row) == *operation).count() {
            0 => faults.push(format!("the engine takes {operation}, but no row under \"{OPERATIONS}\" says so")),
            1 => {}
            n => faults.push(format!("{operation} has {n} rows under \"{OPERATIONS}\"")),
        }
    }
    for row in rows {
        let taken = dispatched.contains(&name(row));
        if taken == (row.status == "refused") {
            let does = if taken { "takes" } else { "does not take" };
            faults.push(format!("{}: `{}`, but the engine {does} it", at(row), row.status));
        }
    }
    faults
}

fn at(row: &Row) -> String {
    format!("line {} ({})", row.line, row.feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &str) -> Page {
        Page::parse(&format!("## Operations\n| feature | status | test | note |\n|---|---|---|---|\n{rows}\n"))
    }

    #[test]
    fn what_works_needs_a_test_and_what_does_not_needs_a_reason() {
        assert_eq!(form(&page("| `A` | supported | `a.rs::t` | |\n| `B` | refused | | why |")), [""; 0]);
        assert_eq!(form(&page("| `A` | supported | | |")).len(), 1);
        assert_eq!(form(&page("| `A` | refused | | |")).len(), 1);
        assert_eq!(form(&page("| `A` | differs | `a.rs::t` | |")).len(), 1);
        assert_eq!(form(&page("| `A` | perhaps | `a.rs::t` | |")).len(), 1);
        assert_eq!(form(&page("")).len(), 1);
    }

    #[test]
    fn a_test_that_is_not_there_is_named() {
        let faults = tests_exist(&page("| `A` | supported | `a.rs::t`<br>`a.rs::u` | |"), &|test| test == "a.rs::t");
        assert_eq!(faults, ["line 4 (`A`): there is no test a.rs::u"]);
    }

    #[test]
    fn operations_of_the_code_and_of_the_page_are_the_same() {
        let dispatched = ["A".to_owned(), "B".to_owned()];
        let rows = |text| operations_agree(&page(text), &dispatched).len();
        assert_eq!(rows("| `A` | supported | t | |\n| `B` | differs | t | n |\n| `C` | refused | | n |"), 0);
        assert_eq!(rows("| `A` | supported | t | |"), 1);
        assert_eq!(rows("| `A` | supported | t | |\n| `B` | refused | | n |"), 1);
        assert_eq!(rows("| `A` | supported | t | |\n| `B` | supported | t | |\n| `C` | supported | t | |"), 1);
        assert_eq!(rows("| `A` | supported | t | |\n| `A` | supported | t | |\n| `B` | supported | t | |"), 1);
    }
}
