//! Firefox and WebKitGTK, in which the life of an order is tested in addition to Chromium.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::system::{self, MissingPackages};
use crate::paths::Paths;

/// The programs, each with the variable in which the tests find it.
pub(crate) type Programs = Vec<(&'static str, PathBuf)>;

const PACKAGES: &[&str] = &["firefox-esr", "webkit2gtk-driver", "xvfb"];
/// Where Debian keeps the libraries of each architecture.
const LIBRARIES: &str = "/usr/lib";

/// Finds the browsers, or installs them.
pub(super) fn ensure(paths: &Paths) -> anyhow::Result<Programs> {
    if let Some(found) = find(paths) {
        return Ok(found);
    }
    let missing =
        MissingPackages { purpose: "The browser tests in Firefox and WebKit", packages: PACKAGES, elsewhere: "" };
    system::install(paths, missing)?;
    find(paths).context("apt-get installed Firefox and WebKitGTK, but their programs cannot be found")
}

fn find(paths: &Paths) -> Option<Programs> {
    Some(vec![
        ("FIREFOX", paths.program(&["firefox-esr", "firefox"])?),
        ("WEBKIT_DRIVER", paths.program(&["WebKitWebDriver"])?),
        ("WEBKIT_BROWSER", mini_browser(Path::new(LIBRARIES))?),
        ("XVFB", paths.program(&["Xvfb"])?),
    ])
}

/// `<libraries>/<architecture>/webkit2gtk-<version>/MiniBrowser`, which is not on the PATH.
fn mini_browser(libraries: &Path) -> Option<PathBuf> {
    let folders = |path: &Path| fs::read_dir(path).ok().into_iter().flatten().flatten().map(|entry| entry.path());
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("webkit2gtk-"));
    folders(libraries)
        .flat_map(|architecture| folders(&architecture).filter(named).collect::<Vec<_>>())
        .map(|folder| folder.join("MiniBrowser"))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_found_in_the_folder_of_any_architecture_and_version() {
        let root = std::env::temp_dir().join(format!("xtask-engines-{}", std::process::id()));
        let folder = root.join("aarch64-linux-gnu/webkit2gtk-4.1");
        fs::create_dir_all(&folder).unwrap();
        let before = mini_browser(&root);
        fs::write(folder.join("MiniBrowser"), "").unwrap();
        let after = mini_browser(&root);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!((before, after), (None, Some(folder.join("MiniBrowser"))));
    }
}
