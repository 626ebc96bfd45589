//! The rule for text that people enter: names, reasons, the texts of the menu.
//!
//! Characters that are invisible, or that change how the text around them is shown, are removed. Text without a visible
//! character is refused.

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// It has no visible character.
    #[error("it has no visible character")]
    Empty,
    /// It is too long.
    #[error("it has more than {limit} characters")]
    TooLong {
        /// The maximum length, in characters.
        limit: usize,
    },
}

/// Removes invisible characters, white space at the ends, and all but one space of each run of white space.
///
/// # Errors
/// [`InvalidText`] when no visible character is left, or more than `limit` characters are.
pub fn clean(text: &str, limit: usize) -> Result<String, InvalidText> {
    let kept = visible(text);
    if !kept.chars().any(is_visible) {
        return Err(InvalidText::Empty);
    }
    if kept.chars().count() > limit {
        return Err(InvalidText::TooLong { limit });
    }
    Ok(kept)
}

/// Whether [`clean`] would not change the text, whatever its length.
pub fn is_clean(text: &str) -> bool {
    clean(text, usize::MAX).is_ok_and(|kept| kept == text)
}

/// Removes what [`clean`] removes. The result may be empty.
pub fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(each) = characters.next() {
        let joins = match (kept.chars().last(), characters.peek().copied()) {
            (Some(before), Some(after)) => is_joiner(each, before, after),
            _ => false,
        };
        if each.is_whitespace() {
            if !kept.is_empty() && !kept.ends_with(' ') {
                kept.push(' ');
            }
        } else if joins || !is_removed(each) {
            kept.push(each);
        }
    }
    kept.truncate(kept.trim_end().len());
    kept
}

/// Zero-width joiner. Joins emoji to one picture, and letters of Arabic and Indic scripts; invisible elsewhere.
const JOINER: char = '\u{200d}';
/// Zero-width non-joiner. Separates letters of Arabic and Indic scripts; invisible elsewhere.
const NON_JOINER: char = '\u{200c}';

/// Whether the character is a joiner between characters that it changes.
const fn is_joiner(each: char, before: char, after: char) -> bool {
    let joins_letters = is_joining_letter(before) && is_joining_letter(after);
    match each {
        JOINER => joins_letters || (is_emoji(before) && is_emoji(after)),
        NON_JOINER => joins_letters,
        _ => false,
    }
}

/// Letters and marks of the scripts that use joiners: Arabic, Syriac, and those of India and Southeast Asia.
const fn is_joining_letter(each: char) -> bool {
    matches!(each, '\u{620}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17d3}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Control characters, directional formatting, and characters without width.
fn is_removed(each: char) -> bool {
    each.is_control()
        || matches!(each,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0e}'
            | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Emoji, the variation selector for emoji, and skin tones.
const fn is_emoji(each: char) -> bool {
    matches!(each, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether the character is visible by itself. Spaces, variation selectors, combining marks and private-use characters
/// are not.
const fn is_visible(each: char) -> bool {
    !matches!(each,
        ' ' | JOINER | NON_JOINER | '\u{fe0f}'
        | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1d159}' | '\u{1d165}'..='\u{1d172}'
        | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_removed() {
        let bidi = [
            '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
        ];
        let other = [
            '\u{200e}', '\u{200f}', '\u{61c}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{1b}',
            '\u{0}', '\u{7f}', '\u{9b}',
        ];
        for each in bidi.into_iter().chain(other) {
            assert_eq!(clean(&format!("An{each}a"), 24).as_deref(), Ok("Ana"), "{:x}", u32::from(each));
            assert_eq!(clean(&each.to_string(), 24), Err(InvalidText::Empty), "{:x}", u32::from(each));
        }
        assert_eq!(clean("\u{1b}[31mred", 24).as_deref(), Ok("[31mred"));
        assert_eq!(clean("one\r\n\ttwo\u{2028}\u{a0} three ", 24).as_deref(), Ok("one two three"));
    }

    #[test]
    fn ordinary_text_is_unchanged() {
        for text in [
            "José",
            "Zoë & Co.",
            "مقهى",
            "フラットホワイト",
            "ไทย",
            "👩‍🍳",
            "❤️‍🔥",
            "👍🏽",
            "O'Neill",
            "a\u{301}",
            "علی\u{200c}رضا",
            "ශ්\u{200d}රී",
            "مُحَمَّد",
        ] {
            assert_eq!(clean(text, 24).as_deref(), Ok(text), "{text}");
            assert!(is_clean(text));
        }
        assert!(!is_clean(" Ana"));
    }

    #[test]
    fn invisible_and_too_long_text_is_refused() {
        for text in [
            "",
            "  ",
            "\u{200b}\u{200d}\u{feff}",
            "\u{fe0f}",
            "\u{301}",
            "\u{3164}",
            "\u{2800}",
            "\u{1dc0}",
            "\u{64b}",
            "\u{483}",
            "\u{1d159}",
            "\u{ffff}",
            "\u{e000}",
            "\u{f0000}",
        ] {
            assert_eq!(clean(text, 24), Err(InvalidText::Empty), "{text:?}");
        }
        assert_eq!(clean("four", 3), Err(InvalidText::TooLong { limit: 3 }));
        assert_eq!(clean("a\u{200b}\u{200b}b", 2).as_deref(), Ok("ab"), "the limit applies to the cleaned text");
    }
}
