//! The languages of the pages.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
    /// Brazilian Portuguese.
    Portuguese,
    /// Japanese.
    Japanese,
    /// Arabic, written from right to left.
    Arabic,
    /// Pseudo-localisation: English with accents, forty per cent longer. It shows layouts that a translation would
    /// break. Tests ask for it by its tag; it is not offered to readers.
    Pseudo,
}

/// A tag that is not one of [`Language`]'s.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such language here: use one of en, de, es, pt, ja, ar")]
pub struct UnknownLanguage;

/// The plural forms of CLDR. [`Language::plural`] says which of them a language has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plural {
    /// Arabic: 0.
    Zero,
    /// English: 1.
    One,
    /// Arabic: 2.
    Two,
    /// Arabic: 3 to 10.
    Few,
    /// Arabic: 11 to 99.
    Many,
    /// Every other count. Each language has this form.
    Other,
}

impl Plural {
    /// All forms, in the order in which a message stores them.
    pub const ALL: [Self; 6] = [Self::Zero, Self::One, Self::Two, Self::Few, Self::Many, Self::Other];
}

impl Language {
    /// The languages that readers can choose.
    pub const OFFERED: [Self; 6] =
        [Self::English, Self::German, Self::Spanish, Self::Portuguese, Self::Japanese, Self::Arabic];

    /// The BCP 47 tag, for `lang` and `Accept-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Japanese => "ja",
            Self::Arabic => "ar",
            Self::Pseudo => "en-XA",
        }
    }

    /// The name of the language in the language itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Spanish => "Español",
            Self::Portuguese => "Português",
            Self::Japanese => "日本語",
            Self::Arabic => "العربية",
            Self::Pseudo => "Pseudo",
        }
    }

    /// The value of the attribute `dir`: `ltr` or `rtl`.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            Self::English | Self::German | Self::Spanish | Self::Portuguese | Self::Japanese | Self::Pseudo => "ltr",
        }
    }

    /// The plural form for a whole number below a million, after CLDR 48. Above that, Spanish and Portuguese have one
    /// more form.
    pub const fn plural(self, count: u32) -> Plural {
        match (self, count) {
            (Self::Japanese, _) => Plural::Other,
            (Self::Arabic, 0) => Plural::Zero,
            (Self::Arabic, 2) => Plural::Two,
            (Self::Portuguese, 0) | (_, 1) => Plural::One,
            (Self::Arabic, _) => match count % 100 {
                3..=10 => Plural::Few,
                11..=99 => Plural::Many,
                _ => Plural::Other,
            },
            _ => Plural::Other,
        }
    }

    /// The offered language that an `Accept-Language` header prefers: the one with the highest weight, the first of
    /// equal weights. `None` if the header accepts none of them.
    pub fn preferred(accept_language: &str) -> Option<Self> {
        let mut best = None;
        for part in accept_language.split(',') {
            let mut fields = part.split(';').map(str::trim);
            let Some(language) = fields.next().and_then(Self::for_tag) else { continue };
            let weight = fields.find_map(|field| field.strip_prefix("q=")).map_or(Some(1000), thousandths);
            let Some(weight @ 1..) = weight else { continue };
            if best.is_none_or(|(_, known)| known < weight) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// The offered language of a tag, whatever its region.
    fn for_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::OFFERED.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// Parses a weight such as `0.85`, in thousandths.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let padded: u32 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1000 + padded).min(1000))
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        let known = Self::OFFERED.into_iter().chain([Self::Pseudo]);
        known.into_iter().find(|language| language.tag() == tag).ok_or(UnknownLanguage)
    }
}

impl TryFrom<String> for Language {
    type Error = UnknownLanguage;

    fn try_from(tag: String) -> Result<Self, UnknownLanguage> {
        tag.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.tag().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_language_header_decides() {
        let preferred = Language::preferred;
        assert_eq!(preferred("de-AT,de;q=0.9,en;q=0.8"), Some(Language::German));
        assert_eq!(preferred("fr-FR, fr;q=0.9, ar;q=0.5, en;q=0.4"), Some(Language::Arabic));
        assert_eq!(preferred("en;q=0.3, pt-BR;q=0.85, ja;q=0.85"), Some(Language::Portuguese));
        assert_eq!(preferred("ES"), Some(Language::Spanish));
        assert_eq!(preferred("de;q=0, fr"), None);
        assert_eq!(preferred("*"), None);
        assert_eq!(preferred("en;q=many,,;;"), None);
        assert_eq!(preferred("en-XA"), Some(Language::English), "the pseudo-language is not offered");
    }

    #[test]
    fn every_language_is_found_by_its_tag() {
        for language in Language::OFFERED.into_iter().chain([Language::Pseudo]) {
            assert_eq!(language.tag().parse(), Ok(language));
        }
        assert_eq!("fr".parse::<Language>(), Err(UnknownLanguage));
    }

    #[test]
    fn plural_forms_follow_the_language() {
        let forms = |language: Language| [0, 1, 2, 3, 10, 11, 99, 100, 102, 103].map(|count| language.plural(count));
        use Plural::{Few, Many, One, Other, Two, Zero};
        let english = [Other, One, Other, Other, Other, Other, Other, Other, Other, Other];
        assert_eq!(forms(Language::English), english);
        assert_eq!(forms(Language::German), english);
        assert_eq!(forms(Language::Spanish), english);
        assert_eq!(forms(Language::Portuguese), [One, One, Other, Other, Other, Other, Other, Other, Other, Other]);
        assert_eq!(forms(Language::Japanese), [Other; 10]);
        assert_eq!(forms(Language::Arabic), [Zero, One, Two, Few, Few, Many, Many, Other, Other, Few]);
    }
}
