//! Checks the contrast of every text colour with every background it may have, from the style sheets and by the formula
//! of WCAG.

#![expect(clippy::expect_used, reason = "a panic fails the test")]

use std::{collections::BTreeMap, fs};

/// Custom properties by name.
type Tokens = BTreeMap<String, String>;

/// Backgrounds.
const GROUNDS: [&str; 4] = ["ground", "ground-deep", "surface", "panel"];
/// Text colours that are used on every background.
const TEXTS: [&str; 7] = ["text", "muted", "brand", "ready", "amber", "late", "info"];
/// Text colours with a single background.
const PAIRS: [(&str, &str); 9] = [
    ("on-brand", "brand"),
    ("on-ready", "ready"),
    ("ground", "amber"),
    ("ground", "late"),
    ("ready", "ready-soft"),
    ("amber", "amber-soft"),
    ("late", "late-soft"),
    ("text", "amber-soft"),
    ("text", "ready-soft"),
];
/// Borders of controls, the focus ring, the logo.
const EDGES: [&str; 3] = ["line-strong", "focus", "accent"];

/// WCAG level AAA for text.
const ENHANCED: f64 = 7.0;
/// WCAG level AA for graphics.
const EDGE: f64 = 3.0;

fn themes() -> [(&'static str, Tokens); 2] {
    let css = include_str!("../../style/tokens.css");
    let light = declarations(block(css, "  :root {"));
    let mut dark = light.clone();
    dark.extend(declarations(block(css, ":root:not([data-theme=\"light\"]) {")));
    [("light", light), ("dark", dark)]
}

/// The text between the braces of the first rule with this selector.
fn block<'a>(css: &'a str, head: &str) -> &'a str {
    let (_, after) = css.split_once(head).unwrap_or_else(|| panic!("there is no rule {head}"));
    after.split_once('}').expect("a rule has an end").0
}

fn declarations(block: &str) -> Tokens {
    let pairs = block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: &str) -> f64 {
    let hex = colour.strip_prefix('#').filter(|hex| hex.len() == 6).unwrap_or_else(|| panic!("{colour} is no colour"));
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("two hexadecimal digits")) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

#[test]
fn contrast_is_computed_as_in_wcag() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

#[test]
fn every_text_is_readable_on_every_background() {
    for (theme, tokens) in themes() {
        let pairs = GROUNDS.iter().flat_map(|ground| TEXTS.iter().map(move |text| (*text, *ground))).chain(PAIRS);
        for (text, ground) in pairs {
            let ratio = contrast(&tokens[text], &tokens[ground]);
            assert!(ratio >= ENHANCED, "{theme}: {text} on {ground} is {ratio:.2}:1");
        }
    }
}

#[test]
fn controls_and_the_focus_ring_are_visible_on_every_background() {
    for (theme, tokens) in themes() {
        for (edge, ground) in GROUNDS.iter().flat_map(|ground| EDGES.iter().map(move |edge| (*edge, *ground))) {
            let ratio = contrast(&tokens[edge], &tokens[ground]);
            assert!(ratio >= EDGE, "{theme}: {edge} on {ground} is {ratio:.2}:1");
        }
    }
}

#[test]
fn the_chosen_dark_theme_equals_the_preferred_one() {
    let css = include_str!("../../style/tokens.css");
    let wish = declarations(block(css, ":root:not([data-theme=\"light\"]) {"));
    assert!(wish.len() > 20);
    assert_eq!(wish, declarations(block(css, "  :root[data-theme=\"dark\"] {")));
}

#[test]
fn every_text_colour_is_checked() {
    let known = TEXTS.iter().chain(&EDGES).chain(PAIRS.iter().map(|(text, _)| text));
    expect_known_colours(&[sheets(""), sheets("barista")].concat(), known);
}

/// Further pairs of backgrounds and text colours of the display.
const DISPLAY_PAIRS: [(&str, &str); 4] = [("dark", "ready"), ("dark", "amber"), ("dark", "text"), ("text", "raised")];
/// Text colours on the background of the display.
const DISPLAY_TEXTS: [&str; 5] = ["text", "muted", "ready", "amber", "copper"];

/// The custom properties of the wall, which is always dark, and of the other pages of the display in light mode.
fn display_themes() -> [(&'static str, Tokens); 2] {
    let dark = declarations(block(include_str!("../../style/display/display.css"), ":root {"));
    let mut light = dark.clone();
    light.extend(declarations(block(include_str!("../../style/display/sheet.css"), "  .setup,\n  .mine {")));
    [("wall", dark), ("sheet", light)]
}

#[test]
fn every_text_of_the_display_is_readable() {
    for (theme, tokens) in display_themes() {
        let pairs = DISPLAY_TEXTS.iter().map(|text| (*text, "back")).chain(DISPLAY_PAIRS);
        for (text, ground) in pairs.chain([("muted", "raised")]) {
            let ratio = contrast(&tokens[text], &tokens[ground]);
            assert!(ratio >= ENHANCED, "{theme}: {text} on {ground} is {ratio:.2}:1");
        }
    }
}

/// The two columns of the board must be distinguishable without colours, and so must the guest's own number.
#[test]
fn ready_and_in_preparation_differ_in_brightness() {
    for (theme, tokens) in display_themes() {
        for (one, other) in [("ready", "raised"), ("text", "back"), ("amber", "back")] {
            let ratio = contrast(&tokens[one], &tokens[other]);
            assert!(ratio >= EDGE, "{theme}: {one} beside {other} is {ratio:.2}:1");
        }
    }
}

#[test]
fn every_text_colour_of_the_display_is_checked() {
    expect_known_colours(&sheets("display"), DISPLAY_TEXTS.iter().chain(DISPLAY_PAIRS.iter().map(|(text, _)| text)));
}

/// The style sheets in a folder of `style/`.
fn sheets(folder: &str) -> Vec<String> {
    let folder = format!("{}/../style/{folder}", env!("CARGO_MANIFEST_DIR"));
    let paths = fs::read_dir(folder).expect("a folder of style sheets").map(|entry| entry.expect("a file").path());
    let sheets: Vec<String> =
        paths.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).expect("a style sheet")).collect();
    assert!(sheets.len() >= 4);
    sheets
}

/// Checks that every `color` is one of the `known` tokens, inherited, or a system colour.
fn expect_known_colours<'a>(sheets: &[String], known: impl Iterator<Item = &'a &'a str>) {
    let declarations = || sheets.iter().flat_map(|sheet| sheet.split([';', '{', '}'])).map(str::trim);
    let of_token = |value: &str| Some(value.trim().strip_prefix("var(--")?.strip_suffix(')')?.to_owned());
    let mut known: Vec<String> = known.map(|name| (*name).to_owned()).collect();
    // A rule may give a token another name: `--tone: var(--ready)`.
    for declaration in declarations() {
        if let Some((name, value)) = declaration.strip_prefix("--").and_then(|rest| rest.split_once(':'))
            && of_token(value).is_some_and(|token| known.contains(&token))
        {
            known.push(name.trim().to_owned());
        }
    }
    let mut checked = 0;
    for declaration in declarations() {
        let Some(colour) = declaration.strip_prefix("color:").map(str::trim) else { continue };
        checked += 1;
        let keyword = ["inherit", "currentcolor"].contains(&colour) || colour.starts_with(char::is_uppercase);
        // Browsers without custom properties get the colour itself first.
        let fallback = colour == "#f6ede1";
        let token = of_token(colour).is_some_and(|token| known.contains(&token));
        assert!(token || keyword || fallback, "`color: {colour}` is none of the colours that are checked");
    }
    assert!(checked > 4);
}
