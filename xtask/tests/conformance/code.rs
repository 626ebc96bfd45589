//! Finds tests by their name, and operations by their match arms, in the source text.

use std::path::{Path, PathBuf};

/// The source of the project.
pub(crate) struct Code {
    root: PathBuf,
}

impl Code {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Whether `path/to/file.rs::name` is a test: a function of that name below an attribute that makes it one. A file of
    /// browser tests is named as a whole: `path/to/file.spec.ts`.
    pub(crate) fn has_test(&self, test: &str) -> bool {
        if test.ends_with(".spec.ts") {
            return self.root.join(test).is_file();
        }
        let Some((file, name)) = test.split_once("::") else { return false };
        std::fs::read_to_string(self.root.join(file)).is_ok_and(|text| is_test(&text, name))
    }

    /// The operations that a file takes by name.
    pub(crate) fn operations(&self, file: &str) -> Vec<String> {
        operations(&std::fs::read_to_string(self.root.join(file)).unwrap())
    }
}

fn is_test(text: &str, name: &str) -> bool {
    let mut marked = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            continue;
        }
        let signature = line.strip_prefix("async ").unwrap_or(line);
        if let Some(rest) = signature.strip_prefix("fn ") {
            if marked && rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')) {
                return true;
            }
            marked = false;
        }
    }
    false
}

/// The names in front of `=>` at the start of a line: `"PutItem" => …`.
fn operations(text: &str) -> Vec<String> {
    let arms = text.lines().filter_map(|line| {
        let (name, rest) = line.trim_start().strip_prefix('"')?.split_once('"')?;
        rest.trim_start().starts_with("=>").then(|| name.to_owned())
    });
    arms.filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase())).collect()
}

#[test]
fn a_test_is_a_function_that_is_marked_as_one() {
    let text = "#[tokio::test(start_paused = true)]\n#[expect(x)]\nasync fn one() {}\nfn helper() {}\n    #[test]\n    fn two() {}";
    assert!(is_test(text, "one") && is_test(text, "two"));
    assert!(!is_test(text, "helper") && !is_test(text, "on") && !is_test(text, "three"));
}

#[test]
fn operations_are_the_names_of_the_arms() {
    let text = "match name {\n        \"PutItem\" => items::put(),\n        \"x\" => y,\n        // \"Gone\"\n        _ => z }";
    assert_eq!(operations(text), ["PutItem"]);
}
