//! Pseudo-localisation: English with accents, forty per cent longer, in brackets. It shows text that is cut off or not
//! translatable. `end2end/support/messages.ts` implements the same.

/// Stretches a text. Placeholders are unchanged.
pub(crate) fn stretch(text: &str) -> String {
    let mut said = String::from("[");
    let mut letters = 0_usize;
    let mut in_place = false;
    for letter in text.chars() {
        in_place = (in_place || letter == '{') && letter != '}';
        if in_place || letter == '}' {
            said.push(letter);
            continue;
        }
        letters += 1;
        said.push(accented(letter));
    }
    let more = (letters * 2).div_ceil(5);
    for at in 0..more {
        // In groups of four, so that long texts wrap.
        if at % 4 == 0 {
            said.push(' ');
        }
        said.push('~');
    }
    said.push(']');
    said
}

const fn accented(letter: char) -> char {
    match letter {
        'a' => 'á',
        'e' => 'é',
        'i' => 'í',
        'o' => 'ö',
        'u' => 'ü',
        'n' => 'ñ',
        'c' => 'ç',
        'A' => 'Á',
        'E' => 'É',
        'I' => 'Í',
        'O' => 'Ö',
        'U' => 'Ü',
        other => other,
    }
}
