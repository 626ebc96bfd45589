//! The reverse proxies that the README describes, which a test of the server runs.

use super::system::{self, MissingPackages};
use crate::ci::is_ci;
use crate::paths::Paths;

const PACKAGES: &[&str] = &["nginx", "caddy"];

/// Finds nginx and Caddy. Installs them only in continuous integration: on other machines Debian would start both as
/// services, on port 80.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<()> {
    if PACKAGES.iter().all(|name| paths.program(&[name]).is_some()) {
        return Ok(());
    }
    let missing = MissingPackages { purpose: "The tests behind nginx and Caddy", packages: PACKAGES, elsewhere: "" };
    if is_ci() { system::install(paths, missing) } else { Err(missing.into()) }
}
