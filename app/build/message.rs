//! One message: a text, or a text for each plural form.

use std::collections::BTreeMap;

use serde_json::Value;

/// The plural forms, as CLDR names them, in the order in which the catalogue keeps them.
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
    /// The same for every count.
    Plain(String),
    /// By the count.
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

    /// The names in braces, in the order of their first appearance.
    ///
    /// # Errors
    /// A brace without its other half.
    pub(crate) fn places(&self) -> Result<Vec<String>, String> {
        let mut places: Vec<String> = Vec::new();
        if matches!(self, Self::Plural(_)) {
            // A form such as "one order" may do without the number; it is chosen by it all the same.
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

    /// All its texts.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            // "other" first: it is the form that shows all places.
            Self::Plural(forms) => forms.iter().rev().map(|(_, text)| text.as_str()).collect(),
        }
    }

    /// The same message with every text changed.
    pub(crate) fn map(&self, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Plain(text) => Self::Plain(change(text)),
            Self::Plural(forms) => {
                Self::Plural(forms.iter().map(|(form, text)| (form.clone(), change(text))).collect())
            }
        }
    }

    /// As the table keeps it: the text, or all forms with a separator that no text contains.
    pub(crate) fn packed(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Plural(forms) => FORMS.map(|form| forms.get(form).map_or("", String::as_str)).join("\u{1f}"),
        }
    }
}
