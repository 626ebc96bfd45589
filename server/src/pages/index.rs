//! Parses the `index.html` that Trunk writes, which has the final names of all built files. The `index.html` in the
//! root of the project is the only list of style sheets and scripts.

use app::document::Bundle;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use serde::Deserialize;

/// Marks files of the display. The value of a script names the pages that load it.
const DISPLAY: &str = "data-display";

/// The files that `index.html` names, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) styles: Vec<Style>,
    pub(super) scripts: Vec<Script>,
    pub(super) guest: Bundle,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) href: String,
    /// Whether it belongs to the display, and not to the other pages.
    pub(super) is_of_display: bool,
}

/// A script of the display.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) src: String,
    /// The pages that load it, such as `wall`.
    pub(super) pages: Vec<String>,
}

/// The JSON in the element `#assets`; see `pattern_script` in `Trunk.toml`.
#[derive(Deserialize)]
struct Assets {
    js: String,
    wasm: String,
}

impl Index {
    /// Parses the text of `index.html`.
    ///
    /// # Errors
    /// The part that is missing.
    pub(super) fn parse(html: &str) -> Result<Self, &'static str> {
        let mut emitter = DefaultEmitter::<()>::default();
        // The content of a `<script>` is not parsed as HTML.
        emitter.naively_switch_states(true);
        let (mut styles, mut scripts, mut assets) = (Vec::new(), Vec::new(), None);
        let mut in_assets = false;
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => {
                    in_assets = attribute(&tag, "id").as_deref() == Some("assets");
                    styles.extend(style(&tag));
                    scripts.extend(script(&tag));
                }
                Token::String(text) if in_assets => assets = serde_json::from_slice::<Assets>(&text).ok().or(assets),
                _ => {}
            }
        }
        let Assets { js, wasm } = assets.ok_or("the script and the WebAssembly (the JSON in the element #assets)")?;
        if styles.is_empty() {
            return Err("a style sheet");
        }
        Ok(Self { styles, scripts, guest: Bundle { script: js, wasm } })
    }

    /// The scripts of a page of the display, in the order in which it loads them.
    pub(super) fn scripts_of(&self, page: &str) -> Result<Vec<String>, &'static str> {
        let of_page = |script: &&Script| script.pages.iter().any(|each| each == page);
        let scripts: Vec<String> = self.scripts.iter().filter(of_page).map(|script| script.src.clone()).collect();
        if scripts.is_empty() { Err("the scripts of the display") } else { Ok(scripts) }
    }
}

fn style(tag: &StartTag<()>) -> Option<Style> {
    let is_style = **tag.name == *b"link" && attribute(tag, "rel").as_deref() == Some("stylesheet");
    let href = attribute(tag, "href").filter(|_| is_style)?;
    Some(Style { href, is_of_display: attribute(tag, DISPLAY).is_some() })
}

fn script(tag: &StartTag<()>) -> Option<Script> {
    let src = attribute(tag, "src").filter(|_| **tag.name == *b"script")?;
    let pages = attribute(tag, DISPLAY)?.split_ascii_whitespace().map(str::to_owned).collect();
    Some(Script { src, pages })
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = r#"<!doctype html><html lang="en"><head>
        <link rel="stylesheet" href="/pkg/tokens-5c1d8bd1e4a0f6b2.css" integrity="sha384-x"/>
        <link rel="stylesheet" href="/pkg/board-6c1d8bd1e4a0f6b2.css" data-display/><link rel="icon" href="/pkg/icon.svg">
        <script src="/pkg/session-7c1d8bd1e4a0f6b2.js" data-display="wall mine" defer></script>
        <script src="/pkg/wall-8c1d8bd1e4a0f6b2.js" data-display="wall" defer></script>
        <script type="application/json" id="assets">{"js":"/pkg/app-1.js","wasm":"/pkg/app-1_bg.wasm"}</script>
        </head><body></body></html>"#;

    #[test]
    fn the_names_in_the_index_are_found_in_order() {
        let index = Index::parse(INDEX).unwrap();
        let styles: Vec<_> = index.styles.iter().map(|style| (style.href.as_str(), style.is_of_display)).collect();
        assert_eq!(styles, [("/pkg/tokens-5c1d8bd1e4a0f6b2.css", false), ("/pkg/board-6c1d8bd1e4a0f6b2.css", true)]);
        let (session, wall) = ("/pkg/session-7c1d8bd1e4a0f6b2.js", "/pkg/wall-8c1d8bd1e4a0f6b2.js");
        assert_eq!(index.scripts_of("wall").unwrap(), [session, wall]);
        assert_eq!(index.scripts_of("mine").unwrap(), [session]);
        assert_eq!(index.guest, Bundle { script: "/pkg/app-1.js".into(), wasm: "/pkg/app-1_bg.wasm".into() });
    }

    #[test]
    fn a_minified_index_says_the_same() {
        let minified = r#"<!doctype html><html lang=en><script id=assets type=application/json>{"js":"/pkg/a.js","wasm":"/pkg/a.wasm"}</script><script data-display="wall mine" src=/pkg/d.js defer></script><link data-display href=/pkg/t.css integrity=sha384-x rel=stylesheet></html>"#;
        let either = minified.replace("id=assets type=application/json", "type=application/json id=assets");
        for html in [minified, &either] {
            let index = Index::parse(html).unwrap();
            assert_eq!(index.guest, Bundle { script: "/pkg/a.js".into(), wasm: "/pkg/a.wasm".into() });
            assert_eq!(index.styles, [Style { href: "/pkg/t.css".into(), is_of_display: true }]);
            assert_eq!(index.scripts_of("mine").unwrap(), ["/pkg/d.js"]);
        }
    }

    #[test]
    fn a_missing_part_is_named() {
        assert!(Index::parse("<html></html>").unwrap_err().contains("#assets"));
        assert_eq!(Index::parse(&INDEX.replace("stylesheet", "icon")), Err("a style sheet"));
        assert_eq!(Index::parse(INDEX).unwrap().scripts_of("nowhere"), Err("the scripts of the display"));
    }
}
