//! The messages. The server has all languages; a browser has those that its page carries.

use std::fmt;

use domain::Language;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// Separates the plural forms of a message.
const SEPARATOR: char = '\u{1f}';

/// The messages of one language. Each message is a method named after its area and key, with an argument for each
/// placeholder.
#[derive(Clone, Copy)]
pub struct Messages {
    language: Language,
    texts: &'static [&'static str],
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Messages").field(&self.language).finish()
    }
}

/// The messages in the language of the page. To be called at the top of a component; the result is `Copy`.
#[cfg(feature = "hydrate")]
pub fn messages() -> Messages {
    use std::sync::OnceLock;

    static MESSAGES: OnceLock<Messages> = OnceLock::new();
    *MESSAGES.get_or_init(Messages::from_page)
}

/// The messages in the language of the page. To be called at the top of a component; the result is `Copy`.
///
/// The server provides them for each request ([`Messages::of`]). Without them the page is in English.
#[cfg(not(feature = "hydrate"))]
pub fn messages() -> Messages {
    leptos::prelude::use_context().unwrap_or_else(|| Messages::of(domain::Language::default()))
}

impl Messages {
    /// The language of the messages.
    pub const fn language(self) -> Language {
        self.language
    }

    fn text(self, index: usize) -> &'static str {
        self.texts.get(index).copied().unwrap_or_default()
    }

    fn fill(self, index: usize, places: &[(&str, &str)]) -> String {
        fill(self.text(index), places)
    }

    fn plural(self, index: usize, count: u32, places: &[(&str, &str)]) -> String {
        let wanted = self.language.plural(count) as usize;
        let form = self.text(index).split(SEPARATOR).nth(wanted).unwrap_or_default();
        fill(&fill(form, &[("count", &count.to_string())]), places)
    }
}

/// Replaces the placeholders of a text.
fn fill(text: &str, places: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            break;
        };
        match places.iter().find(|(place, _)| *place == name) {
            Some((_, value)) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(not(feature = "hydrate"))]
mod tables {
    use domain::Language;

    use super::{AREAS, Messages, TABLES};

    impl Messages {
        /// The messages of a language.
        pub fn of(language: Language) -> Self {
            let table = TABLES.iter().find(|(tag, _)| *tag == language.tag()).or(TABLES.first());
            Self { language, texts: table.map(|(_, texts)| texts.as_slice()).unwrap_or_default() }
        }

        /// The messages of some areas as JSON that can be put into a script element: for each area its first index and
        /// its texts.
        pub fn json(self, areas: &[&str]) -> String {
            let chosen: Vec<_> = AREAS
                .iter()
                .filter(|(name, _)| areas.contains(name))
                .map(|(_, range)| (range.start, self.texts.get(range.clone()).unwrap_or_default()))
                .collect();
            serde_json::to_string(&chosen).unwrap_or_default().replace('<', "\\u003c")
        }
    }
}

#[cfg(feature = "hydrate")]
mod from_page {
    use domain::Language;

    use super::{LENGTH, Messages};
    use crate::json::{FromJson as _, Json};

    impl Messages {
        /// The messages of the page, in its language. They are never freed.
        pub fn from_page() -> Self {
            let document = leptos::prelude::document();
            let tag = document.document_element().and_then(|html| html.get_attribute("lang")).unwrap_or_default();
            let json = document.get_element_by_id("words").and_then(|words| words.text_content()).unwrap_or_default();
            let areas =
                Json::parse(&json).and_then(|json| <Vec<(usize, Vec<String>)>>::from_json(&json)).unwrap_or_default();
            let mut texts = vec![""; LENGTH];
            for (begins, area) in areas {
                for (slot, text) in texts.iter_mut().skip(begins).zip(area) {
                    *slot = text.leak();
                }
            }
            Self { language: tag.parse::<Language>().unwrap_or_default(), texts: texts.leak() }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::{Messages, TABLES, fill};

    #[test]
    fn placeholders_are_replaced_once() {
        assert_eq!(fill("{a} and {b}, {a}", &[("a", "{b}"), ("b", "x")]), "{b} and x, {b}");
        assert_eq!(fill("an open { brace", &[]), "an open { brace");
    }

    #[test]
    fn every_offered_language_has_its_own_table() {
        let mut tags: Vec<_> = TABLES.iter().map(|(tag, _)| *tag).collect();
        tags.dedup();
        for language in Language::OFFERED.into_iter().chain([Language::Pseudo]) {
            assert!(tags.contains(&language.tag()), "{language}");
            assert_eq!(Messages::of(language).language(), language);
        }
    }

    #[test]
    fn a_count_chooses_the_form_of_its_language() {
        let filled = |language, count| Messages::of(language).customer_busy(count);
        assert_eq!(filled(Language::English, 1), "1 order in the queue");
        assert_eq!(filled(Language::English, 7), "7 orders in the queue");
        let arabic: std::collections::BTreeSet<_> =
            [1, 2, 3, 11, 100].map(|count| filled(Language::Arabic, count)).into_iter().collect();
        assert_eq!(arabic.len(), 5);
    }

    #[test]
    fn the_json_has_only_the_requested_areas_and_no_angle_brackets() {
        let json = Messages::of(Language::English).json(&["common"]);
        assert!(!json.contains('<'));
        let areas: Vec<(usize, Vec<String>)> = serde_json::from_str(&json).unwrap();
        assert_eq!(areas.len(), 1);
        assert!(areas[0].1.iter().any(|text| text == "Live"));
    }
}
