//! The rule that no two files of a crate import each other, directly or through others.
//!
//! A node is a file, an edge a `use` or a path in code that is not test code. A path leads to the file that defines the
//! item, also when it goes through a re-export. `mod` declarations and re-exports (`pub use`) are no edges, and neither is
//! the name of a module alone: only what is taken from it counts.

mod edges;
mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use petgraph::{algo::tarjan_scc, graphmap::DiGraphMap};
use serde_json::Value;

use crate::paths::Paths;
use crate::process::cargo;

use self::modules::{FileId, Tree};

/// `cargo xtask cycles`: prints every cycle; fails if there is one.
///
/// # Errors
/// Those of [`cycles_of_workspace`].
pub(crate) fn report(paths: &Paths) -> anyhow::Result<ExitCode> {
    let cycles = cycles_of_workspace(paths)?;
    for cycle in &cycles {
        println!("{cycle}\n");
    }
    println!("{} import cycles", cycles.len());
    Ok(if cycles.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Describes every cycle in every target of the workspace but the integration tests, with the paths that make it.
///
/// # Errors
/// A source file cannot be read or parsed.
pub(crate) fn cycles_of_workspace(paths: &Paths) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for (name, root) in targets(paths)? {
        let tree = Tree::read(&root)?;
        found.extend(cycles(&tree).iter().map(|cycle| format!("{name}: {}", describe(paths, &tree, cycle))));
    }
    Ok(found)
}

/// The name and root file of every library, program, example and build script.
fn targets(paths: &Paths) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let output = cargo(paths, &["metadata", "--no-deps", "--format-version", "1", "--offline"]).output()?;
    anyhow::ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let targets = list(&metadata, "packages").into_iter().flat_map(|package| list(&package, "targets"));
    let targets = targets.filter(|target| target.get("kind") != Some(&serde_json::json!(["test"])));
    let named = targets.filter_map(|target| {
        let text = |name| target.get(name).and_then(Value::as_str);
        Some((text("name")?.to_owned(), PathBuf::from(text("src_path")?)))
    });
    Ok(named.collect())
}

/// The edges between the files of one cycle, each with one path that makes it.
type Cycle = BTreeMap<(FileId, FileId), String>;

fn cycles(tree: &Tree) -> Vec<Cycle> {
    let edges = edges::of(tree);
    let graph: DiGraphMap<FileId, ()> = edges.keys().map(|&(from, to)| (from, to, ())).collect();
    let components = tarjan_scc(&graph).into_iter().filter(|component| component.len() > 1);
    let cycles = components.map(|component| {
        let files: BTreeSet<FileId> = component.into_iter().collect();
        let inside = edges.iter().filter(|((from, to), _)| files.contains(from) && files.contains(to));
        inside.map(|(edge, path)| (*edge, path.clone())).collect()
    });
    cycles.collect()
}

fn describe(paths: &Paths, tree: &Tree, cycle: &Cycle) -> String {
    let name = |file: FileId| tree.file(file).strip_prefix(paths.root()).unwrap_or(tree.file(file)).display();
    let files: BTreeSet<FileId> = cycle.keys().map(|(from, _)| *from).collect();
    let mut text = format!("{} files import each other:", files.len());
    for ((from, to), path) in cycle {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {} -> {}  ({path})", name(*from), name(*to));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The cycles of a crate with these files, as pairs of file names.
    fn found(files: &[(&str, &str)]) -> Vec<Vec<(String, String)>> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let tree = Tree::read(&folder.path().join("lib.rs")).unwrap();
        let name = |file| tree.file(file).strip_prefix(folder.path()).unwrap().display().to_string();
        let sorted = |cycle: &Cycle| {
            let pairs: BTreeSet<_> = cycle.keys().map(|&(from, to)| (name(from), name(to))).collect();
            pairs.into_iter().collect()
        };
        cycles(&tree).iter().map(sorted).collect()
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn two_files_that_import_each_other_are_a_cycle() {
        let cycle = found(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B; pub struct A(B);"),
            ("b.rs", "pub struct B; fn f() { let _ = crate::a::A(B); }"),
        ]);
        assert_eq!(cycle, [vec![pair("a.rs", "b.rs"), pair("b.rs", "a.rs")]]);
    }

    #[test]
    fn a_re_export_leads_to_the_file_that_defines_the_item() {
        let cycle = found(&[
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod inner; pub use self::inner::Inner;"),
            ("a/inner.rs", "use crate::b::B; pub struct Inner(B);"),
            ("b.rs", "use crate::a; pub struct B(Box<a::Inner>);"),
        ]);
        assert_eq!(cycle, [vec![pair("a/inner.rs", "b.rs"), pair("b.rs", "a/inner.rs")]]);
    }

    #[test]
    fn a_child_that_uses_its_parent_and_is_used_by_it_is_a_cycle() {
        let cycle = found(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod child; pub struct A; fn f() { child::f(A) }"),
            ("a/child.rs", "use super::A; pub fn f(_: A) {}"),
        ]);
        assert_eq!(cycle, [vec![pair("a/child.rs", "a/mod.rs"), pair("a/mod.rs", "a/child.rs")]]);
    }

    #[test]
    fn paths_in_macros_count_and_those_in_tests_do_not() {
        let files = |a| [("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", "use crate::a::A; pub struct B(A);")];
        assert_eq!(found(&files("pub struct A; fn f() { view! { <p>{crate::b::B}</p> } }")).len(), 1);
        assert_eq!(found(&files("pub struct A; #[cfg(test)] mod tests { use crate::b::B; }")).len(), 0);
        assert_eq!(found(&files("pub struct A; #[test] fn f() { crate::b::B; }")).len(), 0);
    }

    #[test]
    fn declarations_re_exports_and_names_of_modules_are_no_edges() {
        let cycle = found(&[
            ("lib.rs", "mod a; mod b; pub use a::A;"),
            ("a.rs", "use crate::b; pub struct A(b::B);"),
            ("b.rs", "use crate::Unknown; use std::fmt; pub struct B;"),
        ]);
        assert_eq!(cycle.len(), 0);
    }
}
