//! The names of what Trunk has built, read once at start from the `index.html` that it wrote.

use std::path::{Path, PathBuf};

use app::document::Assets;
use serde::Deserialize;

/// What Trunk has built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The folder, usually `dist`.
    pub folder: PathBuf,
    /// The names in it.
    pub assets: Assets,
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// Nothing has been built.
    #[error("the pages have not been built: {} cannot be read ({source}). Run `cargo xtask serve`, which builds them, or `trunk build --release`", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something else has been built.
    #[error("{} does not name {what}. Build the pages again with `trunk build --release` and the project's own Trunk.toml", path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// What is not in it.
        what: &'static str,
    },
}

#[derive(Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
}

impl Site {
    /// Reads `<folder>/index.html`.
    ///
    /// # Errors
    /// [`SiteError`], which says how to build the pages.
    pub fn read(folder: &Path) -> Result<Self, SiteError> {
        let path = folder.join("index.html");
        match std::fs::read_to_string(&path) {
            Ok(index) => assets(&index)
                .map(|assets| Self { folder: folder.to_owned(), assets })
                .map_err(|what| SiteError::Incomplete { path, what }),
            Err(source) => Err(SiteError::Missing { path, source }),
        }
    }
}

fn assets(index: &str) -> Result<Assets, &'static str> {
    let manifest = index
        .split("<script")
        .find_map(manifest)
        .and_then(|json| serde_json::from_str::<Manifest>(json).ok())
        .ok_or("the script and the WebAssembly (the JSON in the element #assets)")?;
    let styles: Vec<String> = index.split('<').filter_map(stylesheet).collect();
    if styles.is_empty() {
        return Err("a style sheet");
    }
    Ok(Assets { styles, script: manifest.js, wasm: manifest.wasm })
}

/// What a script tag with `id="assets"` holds. Trunk's minifier leaves quotes out and puts attributes in any order.
fn manifest(tag: &str) -> Option<&str> {
    let (attributes, rest) = tag.split_once('>')?;
    let named = attributes.split_ascii_whitespace().any(|each| matches!(each, "id=assets" | "id=\"assets\""));
    named.then(|| rest.split_once("</script>").map(|(json, _)| json)).flatten()
}

/// The address in a tag such as `link rel="stylesheet" href="/pkg/a.css">`.
fn stylesheet(tag: &str) -> Option<String> {
    let tag = tag.strip_prefix("link")?.split_once('>')?.0;
    if !tag.contains("stylesheet") {
        return None;
    }
    let (_, rest) = tag.split_once("href=")?;
    let address = rest.trim_start_matches('"').split(['"', ' ']).next()?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"<!doctype html><html lang="en"><head>
        <link rel="stylesheet" href="/pkg/tokens-5c1d8bd1e4a0f6b2.css" integrity="sha384-x"/>
        <link rel="stylesheet" href="/pkg/base-6c1d8bd1e4a0f6b2.css"/><link rel="icon" href="/pkg/icon.svg">
        <script type="application/json" id="assets">{"js":"/pkg/app-1.js","wasm":"/pkg/app-1_bg.wasm"}</script>
        </head><body></body></html>"#;

    #[test]
    fn the_names_that_trunk_wrote_are_found_in_order() {
        let assets = assets(INDEX).unwrap();
        assert_eq!(assets.styles, ["/pkg/tokens-5c1d8bd1e4a0f6b2.css", "/pkg/base-6c1d8bd1e4a0f6b2.css"]);
        assert_eq!((assets.script.as_str(), assets.wasm.as_str()), ("/pkg/app-1.js", "/pkg/app-1_bg.wasm"));
    }

    #[test]
    fn a_minified_index_says_the_same() {
        let minified = r#"<!doctype html><html lang=en><script id=assets type=application/json>{"js":"/pkg/a.js","wasm":"/pkg/a.wasm"}</script><link href=/pkg/t.css integrity=sha384-x rel=stylesheet></html>"#;
        let either = minified.replace("id=assets type=application/json", "type=application/json id=assets");
        for index in [minified, &either] {
            let assets = assets(index).unwrap();
            assert_eq!((assets.script.as_str(), assets.wasm.as_str()), ("/pkg/a.js", "/pkg/a.wasm"));
            assert_eq!(assets.styles, ["/pkg/t.css"]);
        }
    }

    #[test]
    fn a_folder_without_pages_says_how_to_build_them() {
        let error = Site::read(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.contains("cargo xtask serve"), "{error}");
        assert!(assets("<html></html>").unwrap_err().contains("#assets"));
        assert_eq!(assets(&INDEX.replace("stylesheet", "icon")), Err("a style sheet"));
    }
}
