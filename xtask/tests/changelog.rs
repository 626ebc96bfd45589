//! The changelog has a section for the version in `Cargo.toml`.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::path::Path;

#[test]
fn the_newest_release_in_the_changelog_is_the_version_of_the_workspace() {
    let changelog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../CHANGELOG.md");
    let changelog = fs::read_to_string(changelog).unwrap();
    let headings: Vec<&str> = changelog.lines().filter_map(|line| line.strip_prefix("## [")).collect();
    let versions: Vec<&str> = headings.iter().filter_map(|heading| heading.split(']').next()).collect();
    assert_eq!(versions[..2], ["Unreleased", env!("CARGO_PKG_VERSION")]);
    for version in versions {
        assert!(changelog.contains(&format!("\n[{version}]: https://")), "a link for {version} is missing");
    }
}
