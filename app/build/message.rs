//! A message: a text, or a text for each plural form.

use std::collections::BTreeMap;

use serde_json::Value;

/// The plural forms of CLDR, in the order of the catalogue.
pub(crate) const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// The forms that a language needs for whole numbers below a million.
fn needed(language: &str) -> &'static [&'static str] {
    match language {
        "ja" => &["other"],
        "ar" => &FORMS,
        _ => &["one", "other"],
    }
}

/// A message.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// The same text for every count.
    Plain(String),
    /// A text for each plural form.
    Plural(BTreeMap<String, String>),
}

impl Message {
    /// Reads a value of a locale file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(language: &str, value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Ok(Self::Plain(text.clone())),
            Value::Object(object) => {
                let mut forms = BTreeMap::new();
                for (form, text) in object {
                    let text = text.as_str().ok_or_else(|| format!("the form {form:?} is not a text"))?;
                    if !needed(language).contains(&form.as_str()) {
                        return Err(format!("{language} has no plural form {form:?}"));
                    }
                    forms.insert(form.clone(), text.to_owned());
                }
                match needed(language).iter().find(|form| !forms.contains_key(**form)) {
                    Some(missing) => Err(format!("the plural form {missing:?} is missing")),
                    None => Ok(Self::Plural(forms)),
                }
            }
            _ => Err("it is neither a text nor an object of plural forms".to_owned()),
        }
    }

    /// The placeholders, in the order of their first appearance.
    ///
    /// # Errors
    /// A brace without its partner.
    pub(crate) fn places(&self) -> Result<Vec<String>, String> {
        let mut places: Vec<String> = Vec::new();
        if matches!(self, Self::Plural(_)) {
            // A form such as "one order" may omit the number, but the message still needs it.
            places.push("count".to_owned());
        }
        for text in self.texts() {
            let mut rest = text;
            while let Some((_, after)) = rest.split_once('{') {
                let (name, after) = after.split_once('}').ok_or_else(|| format!("{text:?} lacks a closing brace"))?;
                if !places.iter().any(|known| known == name) {
                    places.push(name.to_owned());
                }
                rest = after;
            }
        }
        Ok(places)
    }

    /// All texts.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            // "other" first, because that form has all placeholders.
            Self::Plural(forms) => forms.iter().rev().map(|(_, text)| text.as_str()).collect(),
        }
    }

    /// The message with every text changed.
    pub(crate) fn map(&self, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Plain(text) => Self::Plain(change(text)),
            Self::Plural(forms) => {
                Self::Plural(forms.iter().map(|(form, text)| (form.clone(), change(text))).collect())
            }
        }
    }

    /// The text as the table has it. Plural forms are joined with a separator that no text contains.
    pub(crate) fn packed(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Plural(forms) => FORMS.map(|form| forms.get(form).map_or("", String::as_str)).join("\u{1f}"),
        }
    }
}
