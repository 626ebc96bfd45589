//! Links to a drink on the menu.

/// Separates modifiers in an address.
pub(crate) const MODIFIER_SEPARATOR: char = '|';

/// The address of a drink's sheet, with these modifiers selected.
pub(crate) fn drink_address(drink: &str, with: &[String]) -> String {
    let mut address = "/?drink=".to_owned();
    encode(drink, &mut address);
    for (at, modifier) in with.iter().enumerate() {
        address.push_str(if at == 0 { "&with=" } else { "%7C" });
        encode(modifier, &mut address);
    }
    address
}

fn encode(text: &str, address: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::drink_address;

    #[test]
    fn names_are_percent_encoded() {
        assert_eq!(drink_address("Flat White", &[]), "/?drink=Flat%20White");
        assert_eq!(drink_address("Café & Crème", &[]), "/?drink=Caf%C3%A9%20%26%20Cr%C3%A8me");
        let with = ["Large".to_owned(), "Oat milk".to_owned()];
        assert_eq!(drink_address("Latte", &with), "/?drink=Latte&with=Large%7COat%20milk");
    }
}
