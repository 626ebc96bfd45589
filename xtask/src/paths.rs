//! The folders of the project.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The folders that the commands use.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    root: PathBuf,
    target: PathBuf,
}

impl Paths {
    /// Derives the folders from that of this crate, so that the commands work in any folder of the project.
    ///
    /// # Errors
    /// This crate is not in a folder of the project.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let own = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = own.parent().context("xtask must lie in a folder of the project")?.to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self { root, target })
    }

    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf(), target: root.join("target") }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The tools that are installed for this project only.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join(".tools")
    }

    /// The bundle for the browser.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The browser tests.
    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// What the quiet steps wrote.
    pub(crate) fn logs(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// `PATH` with the project's own tools in front.
    pub(crate) fn search_path(&self) -> OsString {
        let own = self.tools().join("bin");
        let others = env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(own).chain(env::split_paths(&others));
        // Fails only for a folder whose name holds the separator; then the user's own PATH must do.
        env::join_paths(all).unwrap_or(others)
    }

    /// The first of `names` that is a file on the search path.
    pub(crate) fn program(&self, names: &[&str]) -> Option<PathBuf> {
        let path = self.search_path();
        let folders: Vec<PathBuf> = env::split_paths(&path).collect();
        names
            .iter()
            .flat_map(|name| {
                folders.iter().map(move |folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
            })
            .find(|file| file.is_file())
    }
}
