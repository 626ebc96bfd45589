//! The card of a drink on the menu.

use domain::Drink;
use leptos::prelude::*;

use crate::{
    components::{Drawing, Loading},
    i18n::{menu_names, messages},
    pages::drink_link::drink_address,
};

/// A link to the drink's sheet. Not a link when the drink is sold out.
#[component]
pub(super) fn DrinkCard(
    drink: Drink,
    /// When its drawing is loaded.
    loading: Loading,
) -> impl IntoView {
    let m = menu_names();
    let below =
        if drink.available { m.translate(&drink.description) } else { messages().customer_sold_out().to_owned() };
    let inside = view! {
        <Drawing icon=drink.icon.clone() loading=loading />
        <span class="name">{m.translate(&drink.drink)}</span>
        <span class="description">{below}</span>
    };
    let card = if drink.available {
        view! { <a class="drink" href=drink_address(&drink.drink, &[]) data-noscroll="">{inside}</a> }.into_any()
    } else {
        view! { <div class="drink sold-out">{inside}</div> }.into_any()
    };
    view! { <li>{card}</li> }
}
