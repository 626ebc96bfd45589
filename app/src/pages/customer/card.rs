//! A drink on the menu.

use domain::Drink;
use leptos::prelude::*;

use crate::{
    components::{Drawing, Wanted},
    i18n::{menu_words, words},
};

/// A card: a link to the drink's sheet, or a plain card when it is sold out.
#[component]
pub(super) fn DrinkCard(
    drink: Drink,
    /// When its drawing is wanted.
    wanted: Wanted,
) -> impl IntoView {
    let m = menu_words();
    let below = if drink.available { m.say(&drink.description) } else { words().customer_sold_out().to_owned() };
    let inside = view! {
        <Drawing icon=drink.icon.clone() wanted=wanted />
        <span class="name">{m.say(&drink.drink)}</span>
        <span class="description">{below}</span>
    };
    let card = if drink.available {
        view! { <a class="drink" href=address(&drink.drink, &[]) data-noscroll="">{inside}</a> }.into_any()
    } else {
        view! { <div class="drink sold-out">{inside}</div> }.into_any()
    };
    view! { <li>{card}</li> }
}

/// Between the modifiers in an address.
pub(super) const AND: char = '|';

/// The address of a drink's sheet, with these modifiers chosen in place of the defaults.
pub(crate) fn address(drink: &str, with: &[String]) -> String {
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
    use super::address;

    #[test]
    fn a_name_survives_its_address() {
        assert_eq!(address("Flat White", &[]), "/?drink=Flat%20White");
        assert_eq!(address("Café & Crème", &[]), "/?drink=Caf%C3%A9%20%26%20Cr%C3%A8me");
        let with = ["Large".to_owned(), "Oat milk".to_owned()];
        assert_eq!(address("Latte", &with), "/?drink=Latte&with=Large%7COat%20milk");
    }
}
