//! A drink on the menu.

use domain::Drink;
use leptos::prelude::*;

use crate::{
    components::{Drawing, Wanted},
    i18n::{menu_words, words},
    pages::drink_link::address,
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
