//! The pseudo-language: English with accents, forty per cent longer, in brackets. What is cut, or was never a message,
//! shows at once. `end2end/support/messages.ts` says the same.

/// Stretches a text. Places in braces stay as they are.
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
        // Groups of four, so that long texts wrap as words do.
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
