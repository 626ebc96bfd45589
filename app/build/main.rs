//! Generates the message catalogue from `locales/<language>/<area>.json`: a method for each message, and a table for
//! each language. The build fails if a language lacks a message, a plural form or a placeholder.

mod catalogue;
mod message;
mod pseudo;
mod write;

use std::{env, error::Error, fs, path::Path};

use catalogue::Catalogue;

/// The areas, in the order of the tables. A page gets only the areas that it needs.
const AREAS: [&str; 5] = ["common", "customer", "order", "barista", "display"];

/// The tags of the languages. English defines which messages there are.
const LANGUAGES: [&str; 6] = ["en", "de", "es", "pt", "ja", "ar"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build");
    let folder = Path::new("locales");
    let english = Catalogue::read(folder, "en", &AREAS)?;
    let mut all = Vec::new();
    for language in LANGUAGES {
        let translated = Catalogue::read(folder, language, &AREAS)?;
        translated.check_against(&english)?;
        all.push(translated);
    }
    all.push(english.pseudo());
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("catalogue.rs"), write::code(&english, &all))?;
    Ok(())
}
