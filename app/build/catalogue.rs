//! The messages of one language.

use std::{error::Error, fs, path::Path};

use serde_json::{Map, Value};

use crate::{message::Message, pseudo};

/// The messages of one language, by area and key.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub(crate) language: String,
    pub(crate) areas: Vec<Area>,
}

/// The messages of one area, sorted by key.
#[derive(Debug)]
pub(crate) struct Area {
    pub(crate) name: String,
    pub(crate) messages: Vec<(String, Message)>,
}

impl Catalogue {
    /// Reads the files of a language.
    ///
    /// # Errors
    /// The file and the message that cannot be read.
    pub(crate) fn read(folder: &Path, language: &str, areas: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut read = Vec::new();
        for area in areas {
            let path = folder.join(language).join(area).with_extension("json");
            let problem = |what: String| format!("{}: {what}", path.display());
            let text = fs::read_to_string(&path).map_err(|error| problem(error.to_string()))?;
            let object: Map<String, Value> = serde_json::from_str(&text).map_err(|error| problem(error.to_string()))?;
            let mut messages = Vec::new();
            for (key, value) in &object {
                let snake = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
                if !snake || key.is_empty() {
                    return Err(problem(format!("the key {key:?} is not in snake_case")).into());
                }
                let message = Message::read(language, value).map_err(|what| problem(format!("{key}: {what}")))?;
                messages.push((key.clone(), message));
            }
            messages.sort_by(|one, other| one.0.cmp(&other.0));
            read.push(Area { name: (*area).to_owned(), messages });
        }
        Ok(Self { language: language.to_owned(), areas: read })
    }

    /// Checks that the language has the same messages and placeholders as English.
    ///
    /// # Errors
    /// The first message that differs.
    pub(crate) fn check_against(&self, english: &Self) -> Result<(), Box<dyn Error>> {
        for (area, model) in self.areas.iter().zip(&english.areas) {
            let file = format!("locales/{}/{}.json", self.language, area.name);
            for (key, message) in &model.messages {
                let Some((_, translated)) = area.messages.iter().find(|(known, _)| known == key) else {
                    return Err(format!("{file}: {key} is missing; English says {:?}", message.packed()).into());
                };
                if matches!(message, Message::Plural(_)) != matches!(translated, Message::Plural(_)) {
                    return Err(format!("{file}: {key} must have plural forms just where English has them").into());
                }
                let (mut wanted, mut given) = (message.places()?, translated.places()?);
                wanted.sort();
                given.sort();
                if wanted != given {
                    return Err(format!("{file}: {key} must have the places {wanted:?}, and has {given:?}").into());
                }
            }
            if let Some((key, _)) =
                area.messages.iter().find(|(key, _)| !model.messages.iter().any(|(known, _)| known == key))
            {
                return Err(format!("{file}: English does not have {key}").into());
            }
        }
        Ok(())
    }

    /// English in the pseudo-language.
    pub(crate) fn pseudo(&self) -> Self {
        let areas = self.areas.iter().map(|area| Area {
            name: area.name.clone(),
            messages: area.messages.iter().map(|(key, said)| (key.clone(), said.map(pseudo::stretch))).collect(),
        });
        Self { language: "en-XA".to_owned(), areas: areas.collect() }
    }
}
