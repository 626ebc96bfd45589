//! The site that Trunk has built, read once at start: the names in its `index.html`, and the text of the style sheets.

use std::path::{Path, PathBuf};

use app::{
    display::DisplayFiles,
    document::{Assets, Bundle, Style},
};
use sha2::{Digest as _, Sha256};

use super::index::{self, Index};

/// The site that Trunk has built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The folder, usually `dist`.
    pub folder: PathBuf,
    /// The files of the pages.
    pub assets: Assets,
    /// The files of the display.
    pub display: DisplayFiles,
}

/// Why the site cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The site has not been built.
    #[error("the pages have not been built: {} cannot be read ({source}). Run `cargo xtask serve`, which builds them, or `trunk build --release`", path.display())]
    Missing {
        /// The missing file.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The site was built from another project or version.
    #[error("{} does not name {what}. Build the pages again with `trunk build --release` and the project's own Trunk.toml", path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// The missing part.
        what: &'static str,
    },
}

impl Site {
    /// Reads `<folder>/index.html` and the style sheets that it names.
    ///
    /// # Errors
    /// [`SiteError`], which says how to build the site.
    pub fn read(folder: &Path) -> Result<Self, SiteError> {
        let path = folder.join("index.html");
        let read = |path: PathBuf| std::fs::read(&path).map_err(|source| SiteError::Missing { path, source });
        let text = |path| read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let incomplete = |what| SiteError::Incomplete { path: path.clone(), what };
        let index = Index::parse(&text(path.clone())?).map_err(incomplete)?;
        let (wall, mine) =
            (index.scripts_of("wall").map_err(incomplete)?, index.scripts_of("mine").map_err(incomplete)?);
        let file = |address: &str| folder.join(address.rsplit('/').next().unwrap_or_default());
        // The style sheets of the display lay out the whole page, so no other page may load them.
        let (mut styles, mut styles_of_display) = (Vec::new(), Vec::new());
        for index::Style { href, is_of_display } in index.styles {
            let css = text(file(&href))?;
            if is_of_display {
                styles_of_display.push(css);
            } else {
                styles.push(Style { href, css });
            }
        }
        if styles_of_display.is_empty() {
            return Err(incomplete("the style sheets of the display"));
        }
        // Trunk adds a digest to the name of one bundle only. The other gets one in its query, so that browsers load a
        // new version.
        let (script, wasm) = (folder.join(BAR_SCRIPT), folder.join(BAR_WASM));
        let digest = digest(&[read(script)?, read(wasm)?]);
        let bar = |name| format!("/pkg/{name}?v={digest}");
        Ok(Self {
            display: DisplayFiles { style: styles_of_display.concat(), wall, mine },
            folder: folder.to_owned(),
            assets: Assets { styles, guest: index.guest, bar: Bundle { script: bar(BAR_SCRIPT), wasm: bar(BAR_WASM) } },
        })
    }
}

const BAR_SCRIPT: &str = "bar.js";
const BAR_WASM: &str = "bar_bg.wasm";

/// The first half of a SHA-256 digest, in hexadecimal digits.
fn digest(files: &[Vec<u8>]) -> String {
    let mut hasher = Sha256::new();
    files.iter().for_each(|file| hasher.update(file));
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_pages_says_how_to_build_them() {
        let error = Site::read(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.contains("cargo xtask serve"), "{error}");
    }

    #[test]
    fn a_changed_file_has_another_digest() {
        assert_eq!(digest(&[b"a".to_vec(), b"b".to_vec()]).len(), 16);
        assert_ne!(digest(&[b"a".to_vec()]), digest(&[b"b".to_vec()]));
    }
}
