//! The label of the order button.

use domain::{Drink, DrinkOrder, Language};
use leptos::prelude::*;

use crate::i18n::{self, menu_names, messages};

/// The label: in English a phrase such as "Order large oat flat white". In other languages the drink with its modifiers
/// on a second line, because words cannot be joined like that in every language.
pub(super) fn order_label(drink: &str, special: &[(String, String)]) -> impl IntoView + use<> {
    let (t, m) = (messages(), menu_names());
    if t.language() == Language::English {
        let spoken = i18n::spoken_drink(drink, special.iter().map(|(group, option)| (group.as_str(), option.as_str())));
        let plain = t.customer_order_button(&i18n::spoken_drink(drink, []));
        return view! { <span class="label" data-plain=plain>{t.customer_order_button(&spoken)}</span> }.into_any();
    }
    let special: Vec<String> = special.iter().map(|(_, option)| m.translate(option)).collect();
    let drink = t.customer_order_button(&m.translate(drink));
    let special = (!special.is_empty()).then(|| view! { <span class="special">{special.join(" · ")}</span> });
    let plain = drink.clone();
    view! { <span class="label" data-plain=plain>{drink}{special}</span> }.into_any()
}

/// The modifiers of an order that are not defaults, each with its group.
pub(super) fn special_of(order: &DrinkOrder, drink: Option<&Drink>) -> Vec<(String, String)> {
    let group = |option: &str| {
        let group = drink.and_then(|drink| drink.modifiers.iter().find(|group| group.has(option)));
        group.map(|group| group.name.clone()).unwrap_or_default()
    };
    order.special.iter().map(|option| (group(option), option.clone())).collect()
}
