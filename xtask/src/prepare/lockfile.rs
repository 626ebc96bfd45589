//! The versions in `Cargo.lock`.

use std::fs;

use anyhow::Context as _;

use crate::paths::Paths;

/// The version of `package` in the lock file.
///
/// # Errors
/// The lock file is missing or does not name the package.
pub(super) fn version(paths: &Paths, package: &str) -> anyhow::Result<String> {
    let text = fs::read_to_string(paths.root().join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    find(&text, package).with_context(|| format!("Cargo.lock names no package {package}"))
}

/// Cargo writes `name` and `version` of a package on consecutive lines.
fn find(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";

    #[test]
    fn the_version_is_that_of_the_package_of_just_this_name() {
        assert_eq!(find(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(find(LOCK, "wasm"), None);
    }

    #[test]
    fn the_lock_file_of_this_project_names_wasm_bindgen() {
        let paths = Paths::find().unwrap();
        assert!(version(&paths, "wasm-bindgen").unwrap().starts_with("0.2."));
    }
}
