//! The path of a request for the log, without the secret of the staff link. Any path may contain it, because people
//! mistype the link.

use super::excerpt::excerpt;

/// Stands for what is left out.
const LEFT_OUT: &str = "…";
/// The secret has 32 hexadecimal digits; a run of at least 12 may be a part of it. No other number in our paths that is
/// needed in the log is as long.
const SECRET_DIGITS: usize = 12;

/// The shortened path without what follows `staff`, without long hexadecimal numbers, and without segments that contain
/// unusual characters, which may be the secret in another encoding.
pub(super) fn redact(path: &str) -> String {
    let mut shown = String::new();
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            shown.push('/');
        }
        if segment.chars().all(is_usual) {
            shown.push_str(&without_numbers(segment));
        } else {
            shown.push_str(LEFT_OUT);
        }
        if segment.eq_ignore_ascii_case("staff") {
            shown.push('/');
            shown.push_str(LEFT_OUT);
            break;
        }
    }
    // Shortened last, so that the beginning of a secret at the end is still recognised.
    excerpt(shown.as_bytes())
}

fn is_usual(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// The segment without long hexadecimal numbers.
fn without_numbers(segment: &str) -> String {
    let mut shown = String::new();
    let mut rest = segment;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let other = rest.bytes().skip(digits).take_while(|byte| !byte.is_ascii_hexdigit()).count();
        let (number, after) = rest.split_at(digits);
        let (text, after) = after.split_at(other);
        shown.push_str(if digits < SECRET_DIGITS { number } else { LEFT_OUT });
        shown.push_str(text);
        rest = after;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_shown() {
        for ordinary in
            ["/", "/api/claim_order", "/display/setup", "/pkg/bar_bg.wasm", "/live", "//a/./b", "/.well-known/x", ""]
        {
            assert_eq!(redact(ordinary), ordinary);
        }
        assert_eq!(redact("/pkg/base-f26f1d675d95234d.css"), "/pkg/base-….css");
        assert_eq!(redact(&format!("/{}", "p".repeat(200))), format!("/{}…", "p".repeat(99)));
    }

    #[test]
    fn no_spelling_of_the_staff_link_shows_its_secret() {
        for (spelling, shown) in [
            ("/staff/00112233445566778899aabbccddeeff", "/staff/…"),
            ("/staff/0011", "/staff/…"),
            ("//Staff/0011/x", "//Staff/…"),
            ("/staff%2f0011", "/…"),
            ("/stafff/00112233445566778899AABBCCDDEEFF", "/stafff/…"),
            ("/stafff/00112233445566778899aabbccddeef", "/stafff/…"),
            ("/stafff00112233445566778899aabbccddeeff", "/st…"),
            ("/x/%30%30%31%31", "/x/…"),
            ("/x/0011223344 5566778899aabbccddeeff", "/x/…"),
            ("/x/0011;2233\u{e9}", "/x/…"),
        ] {
            assert_eq!(redact(spelling), shown, "{spelling}");
        }
        let cut = redact(&format!("/{}/00112233445566778899aabbccddeeff", "p".repeat(90)));
        assert_eq!(cut, format!("/{}/…", "p".repeat(90)));
    }
}
