//! Translations of the menu.
//!
//! The shop writes its menu in one language. The names are keys, and the bar reads them. Guests read translations where
//! there are any, and the shop's names elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{language::Language, text::is_clean};

/// The translations of a menu: drinks, descriptions, groups and modifiers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Translations {
    /// The language of the menu.
    pub language: Language,
    /// The translations into other languages, by name.
    #[serde(default)]
    pub translations: BTreeMap<Language, BTreeMap<String, String>>,
}

/// The translations of a menu into one language, for the data of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MenuWords {
    /// The language of the menu.
    pub own: Language,
    /// The names that are translated, sorted.
    from: Vec<String>,
    /// The translation of each of them.
    to: Vec<String>,
}

impl Translations {
    /// The translations into one language. For pseudo-localisation, the longest translation of each name in any
    /// language.
    pub fn words(&self, language: Language) -> MenuWords {
        let mut chosen: BTreeMap<&str, &str> = BTreeMap::new();
        for (offered, words) in &self.translations {
            if *offered != language && language != Language::Pseudo {
                continue;
            }
            for (from, to) in words.iter().filter(|(_, to)| is_clean(to)) {
                let known = chosen.entry(from).or_insert(to);
                if known.chars().count() < to.chars().count() {
                    *known = to;
                }
            }
        }
        let (from, to) = chosen.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).unzip();
        MenuWords { own: self.language, from, to }
    }
}

impl MenuWords {
    /// Translations from the data of a page: `from` is sorted, and `to` has the same length.
    pub const fn new(own: Language, from: Vec<String>, to: Vec<String>) -> Self {
        Self { own, from, to }
    }

    /// The translation of a name, if there is one.
    pub fn translated(&self, name: &str) -> Option<&str> {
        let at = self.from.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
        self.to.get(at).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translations() -> Translations {
        serde_json::from_value(serde_json::json!({"language": "en", "translations": {
            "de": {"Oat milk": "Hafermilch", "Tea": "Tee", "Size": " "},
            "ja": {"Oat milk": "オーツミルク"},
            "pt": {"Oat milk": "Leite de aveia"},
        }}))
        .unwrap()
    }

    #[test]
    fn each_language_has_its_own_translations() {
        let german = translations().words(Language::German);
        assert_eq!(german.translated("Oat milk"), Some("Hafermilch"));
        assert_eq!(german.translated("Tea"), Some("Tee"));
        assert_eq!(german.translated("Size"), None, "an empty translation is ignored");
        assert_eq!(translations().words(Language::Japanese).translated("Tea"), None);
        assert_eq!(translations().words(Language::English).translated("Tea"), None);
        assert_eq!(german.own, Language::English);
    }

    #[test]
    fn the_pseudo_language_uses_the_longest_translation() {
        assert_eq!(translations().words(Language::Pseudo).translated("Oat milk"), Some("Leite de aveia"));
    }

    #[test]
    fn an_unknown_language_is_refused() {
        let wrong = serde_json::json!({"language": "en", "translations": {"fr": {}}});
        assert!(serde_json::from_value::<Translations>(wrong).unwrap_err().to_string().contains("use one of"));
    }
}
