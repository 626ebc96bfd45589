//! What Trunk has built, read once at start: its names from the `index.html` that it wrote, and the style sheets.

use std::path::{Path, PathBuf};

use app::{
    display::Files,
    document::{Assets, Bundle, Style},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// What Trunk has built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The folder, usually `dist`.
    pub folder: PathBuf,
    /// The names in it.
    pub assets: Assets,
    /// What the display loads.
    pub display: Files,
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
    /// Reads `<folder>/index.html` and the style sheets that it names.
    ///
    /// # Errors
    /// [`SiteError`], which says how to build the pages.
    pub fn read(folder: &Path) -> Result<Self, SiteError> {
        let path = folder.join("index.html");
        let read = |path: PathBuf| std::fs::read(&path).map_err(|source| SiteError::Missing { path, source });
        let text = |path| read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let names = names(&text(path.clone())?).map_err(|what| SiteError::Incomplete { path: path.clone(), what })?;
        let file = |address: &str| folder.join(address.rsplit('/').next().unwrap_or_default());
        let style = |href: String| text(file(&href)).map(|css| Style { href, css });
        // Trunk gives its digest to one bundle only; the other gets one from us, so that a browser never keeps an old one.
        let (script, wasm) = (folder.join(BAR_SCRIPT), folder.join(BAR_WASM));
        let digest = digest(&[read(script)?, read(wasm)?]);
        let bar = |name| format!("/pkg/{name}?v={digest}");
        let mut styles: Vec<Style> = names.styles.into_iter().map(style).collect::<Result<_, _>>()?;
        // They say how the whole page looks, and no other page may be given them.
        let of_display = |style: &mut Style| DISPLAY.iter().any(|name| is_named(&style.href, name));
        let display: Vec<String> = styles.extract_if(.., of_display).map(|style| style.css).collect();
        let display = files(&display, &names.scripts).map_err(|what| SiteError::Incomplete { path, what })?;
        Ok(Self {
            display,
            folder: folder.to_owned(),
            assets: Assets { styles, guest: names.guest, bar: Bundle { script: bar(BAR_SCRIPT), wasm: bar(BAR_WASM) } },
        })
    }
}

const BAR_SCRIPT: &str = "bar.js";
const BAR_WASM: &str = "bar_bg.wasm";

/// The first half of a SHA-256, in hexadecimal digits.
fn digest(files: &[Vec<u8>]) -> String {
    let mut hasher = Sha256::new();
    files.iter().for_each(|file| hasher.update(file));
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What `index.html` names.
#[derive(Debug, PartialEq, Eq)]
struct Names {
    styles: Vec<String>,
    scripts: Vec<String>,
    guest: Bundle,
}

fn names(index: &str) -> Result<Names, &'static str> {
    let Manifest { js, wasm } = index
        .split("<script")
        .find_map(manifest)
        .and_then(|json| serde_json::from_str::<Manifest>(json).ok())
        .ok_or("the script and the WebAssembly (the JSON in the element #assets)")?;
    let styles: Vec<String> = index.split('<').filter_map(stylesheet).collect();
    if styles.is_empty() {
        return Err("a style sheet");
    }
    let scripts = index.split('<').filter_map(script).collect();
    Ok(Names { styles, scripts, guest: Bundle { script: js, wasm } })
}

/// The style sheets of the display: the names of files in `style/display/`.
const DISPLAY: [&str; 8] = ["display", "board", "frame", "call", "quiet", "sheet", "setup", "companion"];

/// True for the address that Trunk gives to a file: `/pkg/<name>-<digest>.css`.
fn is_named(address: &str, name: &str) -> bool {
    let file = address.rsplit('/').next().unwrap_or_default();
    file.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
}

/// The style sheet and the scripts of the display.
fn files(styles: &[String], scripts: &[String]) -> Result<Files, &'static str> {
    if styles.is_empty() {
        return Err("the style sheets of the display");
    }
    let named = |names: &[&str]| -> Option<Vec<String>> {
        let script = |name: &&str| scripts.iter().find(|script| is_named(script, name)).cloned();
        names.iter().map(script).collect()
    };
    let wall = named(&["session", "layout", "line", "sound", "fill", "call", "wall"]);
    let mine = named(&["session", "layout", "line", "mine"]);
    let style = styles.concat();
    wall.zip(mine).map(|(wall, mine)| Files { style, wall, mine }).ok_or("the scripts of the display")
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
    if tag.contains("stylesheet") { attribute(tag, "href=") } else { None }
}

/// The address in a tag such as `script src="/pkg/a.js">`.
fn script(tag: &str) -> Option<String> {
    attribute(tag.strip_prefix("script")?.split_once('>')?.0, "src=")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(name)?;
    rest.trim_start_matches('"').split(['"', ' ']).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"<!doctype html><html lang="en"><head>
        <link rel="stylesheet" href="/pkg/tokens-5c1d8bd1e4a0f6b2.css" integrity="sha384-x"/>
        <link rel="stylesheet" href="/pkg/base-6c1d8bd1e4a0f6b2.css"/><link rel="icon" href="/pkg/icon.svg">
        <script src="/pkg/display-7c1d8bd1e4a0f6b2.js" defer></script>
        <script type="application/json" id="assets">{"js":"/pkg/app-1.js","wasm":"/pkg/app-1_bg.wasm"}</script>
        </head><body></body></html>"#;

    #[test]
    fn the_names_that_trunk_wrote_are_found_in_order() {
        let names = names(INDEX).unwrap();
        assert_eq!(names.styles, ["/pkg/tokens-5c1d8bd1e4a0f6b2.css", "/pkg/base-6c1d8bd1e4a0f6b2.css"]);
        assert_eq!(names.scripts, ["/pkg/display-7c1d8bd1e4a0f6b2.js"]);
        assert_eq!(names.guest, Bundle { script: "/pkg/app-1.js".into(), wasm: "/pkg/app-1_bg.wasm".into() });
    }

    #[test]
    fn a_minified_index_says_the_same() {
        let minified = r#"<!doctype html><html lang=en><script id=assets type=application/json>{"js":"/pkg/a.js","wasm":"/pkg/a.wasm"}</script><script src=/pkg/d.js defer></script><link href=/pkg/t.css integrity=sha384-x rel=stylesheet></html>"#;
        let either = minified.replace("id=assets type=application/json", "type=application/json id=assets");
        for index in [minified, &either] {
            let names = names(index).unwrap();
            assert_eq!(names.guest, Bundle { script: "/pkg/a.js".into(), wasm: "/pkg/a.wasm".into() });
            assert_eq!((names.styles, names.scripts), (vec!["/pkg/t.css".into()], vec!["/pkg/d.js".into()]));
        }
    }

    #[test]
    fn a_folder_without_pages_says_how_to_build_them() {
        let error = Site::read(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.contains("cargo xtask serve"), "{error}");
        assert!(names("<html></html>").unwrap_err().contains("#assets"));
        assert_eq!(names(&INDEX.replace("stylesheet", "icon")), Err("a style sheet"));
    }

    #[test]
    fn a_changed_file_has_another_digest() {
        assert_eq!(digest(&[b"a".to_vec(), b"b".to_vec()]).len(), 16);
        assert_ne!(digest(&[b"a".to_vec()]), digest(&[b"b".to_vec()]));
    }
}
