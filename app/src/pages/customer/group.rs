//! A group of modifiers in the sheet: chips for one choice, or for any number.

use std::collections::BTreeMap;

use domain::{Menu, ModifierGroup};
use leptos::{html::Input, prelude::*};

use crate::i18n::{menu_names, messages};

/// What is ticked beside the defaults, by group.
pub(super) type Ticked = RwSignal<BTreeMap<String, Vec<String>>>;

/// What a group begins with: what an address asks for, and the default otherwise. A default that is sold out must be
/// chosen anew: nothing is preselected.
pub(super) fn preselected(group: &ModifierGroup, wished: &[String]) -> Vec<String> {
    let wished: Vec<String> =
        group.options.iter().filter(|each| wished.contains(each) && group.offers(each)).cloned().collect();
    match &group.default {
        None => wished,
        Some(_) if !wished.is_empty() => wished.into_iter().take(1).collect(),
        Some(default) => Some(default.clone()).filter(|default| group.offers(default)).into_iter().collect(),
    }
}

/// Radio buttons for a group of which one applies, checkboxes for the others.
#[component]
pub(super) fn Group(
    group: ModifierGroup,
    drink: StoredValue<String>,
    menu: Memo<Menu>,
    wished: Vec<String>,
    ticked: Ticked,
) -> impl IntoView {
    let (t, m) = (messages(), menu_names());
    let single = group.default.is_some();
    let (kind, field) =
        if single { ("radio", format!("choice[{}]", group.name)) } else { ("checkbox", "extras[]".to_owned()) };
    let preselected = preselected(&group, &wished);
    let options = group.options.iter().map(|option| {
        let (group_name, wanted) = (group.name.clone(), option.clone());
        let offered = Memo::new(move |_| {
            menu.with(|menu| {
                let drink = drink.with_value(|drink| menu.drink(drink));
                let group = drink.and_then(|drink| drink.modifiers.iter().find(|group| group.name == group_name));
                group.is_some_and(|group| group.offers(&wanted))
            })
        });
        let is_default = group.default.as_ref() == Some(option);
        let checked = preselected.contains(option);
        let (name, option_name) = (group.name.clone(), option.clone());
        let input = NodeRef::<Input>::new();
        let tick = move || {
            let on = input.get().is_some_and(|input| input.checked());
            ticked.update(|ticked| {
                let options = ticked.entry(name.clone()).or_default();
                options.retain(|each| !single && *each != option_name);
                if on && !is_default {
                    options.push(option_name.clone());
                }
            });
        };
        // What was tapped before the page came to life, or what the browser has kept over a reload.
        let tick_late = tick.clone();
        Effect::new(move |_| {
            let now = input.get().is_some_and(|input| input.checked());
            if now != checked && (now || !single) {
                tick_late();
            }
        });
        let shown = m.translate(option);
        let shown = move || if offered.get() { shown.clone() } else { t.customer_option_sold_out(&shown) };
        // What runs out after it was chosen stays chosen, and is refused in words: a form must not take something else
        // in its place.
        let disabled = move || !offered.get() && !input.get_untracked().is_some_and(|input| input.checked());
        view! {
            <label class="chip" class:sold-out=move || !offered.get()>
                <input node_ref=input type=kind name=field.clone() value=option.clone() checked=checked disabled=disabled required=single on:change=move |_| tick() />
                <span>{shown}</span>
            </label>
        }
    }).collect_view();
    view! {
        <fieldset>
            <legend>{m.translate(&group.name)}</legend>
            <div class="chips">{options}</div>
        </fieldset>
    }
}
