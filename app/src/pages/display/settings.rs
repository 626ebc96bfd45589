//! The settings of a screen, in the query of its address: `/display?in=43&m=5&lang=de.en&sound=1`.

use std::fmt::Write as _;

use domain::Language;

use super::scale::{Room, Scale};

/// How long a page can be shown, in seconds. 0: the pages do not turn.
pub const PAGE_SECONDS: [u8; 4] = [8, 12, 20, 0];
/// The largest number of enlargements by the test card.
const MAX_ENLARGEMENTS: u8 = 5;

/// The settings of a screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The screen and its distance.
    pub room: Room,
    /// One or two languages. The first one determines the writing direction.
    pub languages: Vec<Language>,
    /// Whether new numbers chime.
    pub sound: bool,
    /// Whether new numbers are spoken.
    pub voice: bool,
    /// Whether a new number fills the screen for a moment.
    pub call: bool,
    /// How long a page is shown, in seconds: one of `PAGE_SECONDS`.
    pub stay: u8,
    /// How often the numbers were enlarged with the test card.
    pub larger: u8,
}

/// Invalid measurements in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// The size of the screen.
    pub inches: bool,
    /// The distance.
    pub metres: bool,
}

impl Faults {
    /// Whether there is any.
    pub const fn any(self) -> bool {
        self.inches || self.metres
    }
}

impl Settings {
    /// Parses a query. Missing and invalid values get their defaults. `reader` is the preferred language of the
    /// browser.
    pub fn read(query: &str, reader: Language) -> (Self, Faults) {
        let value = |name: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        let text = |name: &str| value(name).map(|(_, value)| value).unwrap_or_default();
        let measure = |name: &str, usual: f64, low: f64, high: f64| match value(name) {
            None => (usual, false),
            // Some languages have a decimal comma, which browsers encode as %2C.
            Some((_, text)) => match text.replace("%2C", ".").replace(',', ".").parse::<f64>() {
                Ok(number) if (low..=high).contains(&number) => (number, false),
                _ => (usual, true),
            },
        };
        let usual = Room::default();
        let (inches, bad_inches) = measure("in", usual.inches, 10.0, 120.0);
        let (metres, bad_metres) = measure("m", usual.metres, 1.0, 30.0);
        let mut languages: Vec<Language> = Vec::new();
        for tag in text("lang").split('.').chain([text("and")]) {
            if let Ok(language) = tag.parse()
                && !languages.contains(&language)
                && languages.len() < 2
            {
                languages.push(language);
            }
        }
        if languages.is_empty() {
            languages.push(reader);
        }
        let number = |name: &str| text(name).parse::<u8>().ok();
        let settings = Self {
            room: Room { inches, metres },
            languages,
            sound: text("sound") == "1",
            voice: text("voice") == "1",
            call: text("call") == "1",
            stay: number("page").filter(|stay| PAGE_SECONDS.contains(stay)).unwrap_or(8),
            larger: number("larger").unwrap_or_default().min(MAX_ENLARGEMENTS),
        };
        (settings, Faults { inches: bad_inches, metres: bad_metres })
    }

    /// The query.
    pub fn query(&self) -> String {
        let languages: Vec<_> = self.languages.iter().map(|language| language.tag()).collect();
        let mut query = format!("in={}&m={}&lang={}", self.room.inches, self.room.metres, languages.join("."));
        for (name, on) in [("sound", self.sound), ("voice", self.voice), ("call", self.call)] {
            if on {
                let _ = write!(query, "&{name}=1");
            }
        }
        for (name, number, usual) in [("page", self.stay, 8), ("larger", self.larger, 0)] {
            if number != usual {
                let _ = write!(query, "&{name}={number}");
            }
        }
        query
    }

    /// The settings with larger numbers. `None` at the largest.
    pub fn larger(&self) -> Option<Self> {
        let larger = self.larger + 1;
        (larger <= MAX_ENLARGEMENTS).then(|| Self { larger, ..self.clone() })
    }

    /// The scale of the board.
    pub fn scale(&self) -> Scale {
        Scale::of(self.room, self.larger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_their_query() {
        let settings = Settings {
            room: Room { inches: 55.0, metres: 7.5 },
            languages: vec![Language::German, Language::Arabic],
            sound: true,
            voice: true,
            call: true,
            stay: 0,
            larger: 2,
        };
        assert_eq!(Settings::read(&settings.query(), Language::English), (settings, Faults::default()));
    }

    #[test]
    fn the_second_language_has_its_own_field() {
        let read = |query| Settings::read(query, Language::Spanish).0.languages;
        assert_eq!(read("lang=de&and=en"), [Language::German, Language::English]);
        assert_eq!(read("lang=de&and=de"), [Language::German]);
        assert_eq!(read("lang=de&and="), [Language::German]);
        assert_eq!(read("in=43"), [Language::Spanish]);
    }

    #[test]
    fn invalid_values_get_defaults_and_faults() {
        let (settings, faults) = Settings::read("in=huge&m=-3&page=1&larger=99&lang=xx", Language::English);
        assert_eq!(faults, Faults { inches: true, metres: true });
        assert_eq!((settings.room, settings.stay, settings.larger), (Room::default(), 8, MAX_ENLARGEMENTS));
        let (comma, faults) = Settings::read("in=43&m=7%2C5", Language::English);
        assert_eq!((comma.room.metres, faults.any()), (7.5, false));
    }
}
