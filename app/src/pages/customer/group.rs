//! A group of modifiers in the sheet.

use std::collections::BTreeMap;

use domain::{Menu, ModifierGroup};
use leptos::{html::Input, prelude::*};

use crate::i18n::{menu_names, messages};

/// The selected modifiers that are not defaults, by group.
pub(super) type Selection = RwSignal<BTreeMap<String, Vec<String>>>;

/// The modifiers that are selected at first: those of the URL, or the default. If the default is sold out, none is.
pub(super) fn preselected(group: &ModifierGroup, requested: &[String]) -> Vec<String> {
    let requested: Vec<String> =
        group.options.iter().filter(|each| requested.contains(each) && group.offers(each)).cloned().collect();
    match &group.default {
        None => requested,
        Some(_) if !requested.is_empty() => requested.into_iter().take(1).collect(),
        Some(default) => Some(default.clone()).filter(|default| group.offers(default)).into_iter().collect(),
    }
}

/// Radio buttons for a group with a default, checkboxes for the others.
#[component]
pub(super) fn Group(
    group: ModifierGroup,
    drink: StoredValue<String>,
    menu: Memo<Menu>,
    requested: Vec<String>,
    selection: Selection,
) -> impl IntoView {
    let (t, m) = (messages(), menu_names());
    let single = group.default.is_some();
    let (kind, field) =
        if single { ("radio", format!("choice[{}]", group.name)) } else { ("checkbox", "extras[]".to_owned()) };
    let preselected = preselected(&group, &requested);
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
        let select = move || {
            let on = input.get().is_some_and(|input| input.checked());
            selection.update(|selection| {
                let options = selection.entry(name.clone()).or_default();
                options.retain(|each| !single && *each != option_name);
                if on && !is_default {
                    options.push(option_name.clone());
                }
            });
        };
        // Selected before hydration, or restored by the browser after a reload.
        let select_late = select.clone();
        Effect::new(move |_| {
            let now = input.get().is_some_and(|input| input.checked());
            if now != checked && (now || !single) {
                select_late();
            }
        });
        let shown = m.translate(option);
        let shown = move || if offered.get() { shown.clone() } else { t.customer_option_sold_out(&shown) };
        // A modifier that sells out after it was selected stays selected, and the server refuses it. The form must not
        // order anything else.
        let disabled = move || !offered.get() && !input.get_untracked().is_some_and(|input| input.checked());
        view! {
            <label class="chip" class:sold-out=move || !offered.get()>
                <input node_ref=input type=kind name=field.clone() value=option.clone() checked=checked disabled=disabled required=single on:change=move |_| select() />
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
