//! A drink on the menu.

use domain::Drink;
use leptos::prelude::*;

use crate::components::Drawing;

/// A card: a link to the drink's sheet, or a plain card when it is sold out.
#[component]
pub(super) fn DrinkCard(drink: Drink) -> impl IntoView {
    let inside = view! {
        <Drawing icon=drink.icon.clone() />
        <span class="name">{drink.drink.clone()}</span>
        <span class="description">{if drink.available { drink.description.clone() } else { "Sold out".to_owned() }}</span>
    };
    let card = if drink.available {
        view! { <a class="drink" href=address(&drink.drink) data-noscroll="">{inside}</a> }.into_any()
    } else {
        view! { <div class="drink sold-out">{inside}</div> }.into_any()
    };
    view! { <li>{card}</li> }
}

/// The address of a drink's sheet.
pub(super) fn address(drink: &str) -> String {
    let mut address = "/?drink=".to_owned();
    for byte in drink.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_name_survives_its_address() {
        assert_eq!(address("Flat White"), "/?drink=Flat%20White");
        assert_eq!(address("Café & Crème"), "/?drink=Caf%C3%A9%20%26%20Cr%C3%A8me");
    }
}
