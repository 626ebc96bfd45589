//! The paths of the files in the data folder.

use std::path::{Path, PathBuf};

pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("doppio.db")
}

pub(crate) fn cookie_key(folder: &Path) -> PathBuf {
    folder.join("cookie.key")
}

/// The socket by which sub-commands reach a running server.
pub(crate) fn control_socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}
