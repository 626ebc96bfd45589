//! The pages in `docs/conformance/` compare the engine with AWS. These tests check that each operation has a row, and that
//! each test that a row or `docs/security.md` names exists.
#![expect(clippy::unwrap_used, reason = "a panic fails the test; clippy recognizes only test functions")]

mod code;
mod page;
mod rules;
mod table;

use std::path::Path;

use code::Code;
use page::Page;

/// Each page with the files whose `match` takes operations by name. The operations of a page without files are not
/// compared with the code.
const PAGES: [(&str, &[&str]); 6] = [
    ("step-functions.md", &["engine/src/stepfunctions/service/operations.rs"]),
    ("states-language.md", &[]),
    ("dynamodb.md", &["engine/src/dynamodb/operations.rs"]),
    ("eventbridge.md", &["engine/src/eventbridge/operations.rs"]),
    ("logs.md", &["engine/src/logs/operations.rs"]),
    ("lambda.md", &["engine/src/lambda/operations.rs"]),
];

#[test]
fn every_row_of_the_conformance_pages_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let code = Code::new(root);
    let mut faults = Vec::new();
    for (name, sources) in PAGES {
        let text = std::fs::read_to_string(root.join("docs/conformance").join(name)).unwrap();
        let page = Page::parse(&text);
        let mut of_page = rules::form(&page);
        of_page.extend(rules::tests_exist(&page, &|test| code.has_test(test)));
        if !sources.is_empty() {
            let dispatched: Vec<String> = sources.iter().flat_map(|source| code.operations(source)).collect();
            assert!(!dispatched.is_empty(), "no operation is found in {sources:?}; this test reads them wrongly");
            of_page.extend(rules::operations_agree(&page, &dispatched));
        }
        faults.extend(of_page.into_iter().map(|fault| format!("docs/conformance/{name}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_defence_of_the_security_page_has_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let code = Code::new(root);
    let text = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let defences: Vec<_> =
        table::tables(&text).into_iter().filter(|table| table.header == ["threat", "defence", "test"]).collect();
    assert!(!defences.is_empty(), "docs/security.md has no table of threats, defences and tests");
    let mut faults = Vec::new();
    for line in defences.iter().flat_map(|table| &table.rows) {
        let tests = match line.cells.as_slice() {
            [_, _, tests] => page::names(tests),
            _ => Vec::new(),
        };
        if tests.is_empty() {
            faults.push(format!("line {}: a threat, a defence and at least one test are needed", line.number));
        }
        let missing = tests.iter().filter(|test| !code.has_test(test));
        faults.extend(missing.map(|test| format!("line {}: there is no test {test}", line.number)));
    }
    assert!(faults.is_empty(), "docs/security.md:\n{}", faults.join("\n"));
}
