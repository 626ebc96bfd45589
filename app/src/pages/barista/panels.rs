//! The panels of the top bar: walk-in, sold out, past orders, preferences. Each is a `details` element with forms, so
//! it works without a script.

use domain::{
    Menu,
    menu::SoldOutItem,
    view::{Lane, Ticket},
};
use leptos::{ev::MouseEvent, html::Details, prelude::*};

use super::{context::BaristaContext, texts};
use crate::{
    commands::{RecallOrder, SetPreferences, SetSoldOut, WalkInOrder, path_of},
    components::{Drawing, LanguageSwitch},
    i18n::{messages, minutes},
    live::use_live,
};

/// The name of all panels. A browser keeps at most one `details` element of a name open.
pub(super) const PANEL: &str = "panel";

/// Closes the panels that were not clicked: for browsers before 2024, which ignore the name, and for a click outside a
/// panel.
pub(super) fn close_others(event: &MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let panels = document().get_elements_by_tag_name("details");
        for panel in (0..panels.length()).filter_map(|at| panels.item(at)) {
            if !panel.contains(target.as_ref()) {
                // If there is no such attribute, nothing changes.
                _ = panel.remove_attribute("open");
            }
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = event;
}

/// Places an order for a guest at the bar: one tap on the drink, one more for another milk.
#[component]
pub(super) fn WalkIn() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let menu = context.menu.get_value();
    let milks = menu
        .milks()
        .into_iter()
        .map(|milk| {
            let is_sold_out = {
                let milk = milk.to_owned();
                move || context.shop.with(|shop| shop.sold_out.has_modifier(&milk))
            };
            view! {
                <label class="bar-choice">
                    <input type="radio" name="milk" value=milk.to_owned() disabled=is_sold_out />
                    <span>{milk.to_owned()}</span>
                </label>
            }
        })
        .collect_view();
    let drinks = menu
        .drinks
        .iter()
        .map(|drink| {
            let (name, is_unavailable) = (
                drink.drink.clone(),
                !drink.available && !context.shop.with_untracked(|shop| shop.sold_out.has_drink(&drink.drink)),
            );
            let is_disabled = move || is_unavailable || context.shop.with(|shop| shop.sold_out.has_drink(&name));
            view! {
                <button class="pick" type="submit" name="drink" value=drink.drink.clone() disabled=is_disabled>
                    <Drawing icon=drink.icon.clone() size=48 />
                    <span>{drink.drink.clone()}</span>
                </button>
            }
        })
        .collect_view();
    view! {
        <details class="walk-in" name=PANEL>
            <summary><span class="plus" aria-hidden="true">"+ "</span>{t.barista_walk_in()}</summary>
            <form class="panel wide-panel" method="post" action={path_of::<WalkInOrder>()} data-closes="">
                <input type="hidden" name="key" prop:value=context.key value=context.key.get_untracked() />
                <fieldset>
                    <legend>{t.barista_walk_in_milk()}</legend>
                    <div class="bar-choices in-a-row">
                        <label class="bar-choice">
                            <input type="radio" name="milk" value="" checked=true />
                            <span>{t.barista_usual()}</span>
                        </label>
                        {milks}
                    </div>
                </fieldset>
                <fieldset>
                    <legend>{t.barista_walk_in_legend()}</legend>
                    <div class="picks">{drinks}</div>
                </fieldset>
            </form>
        </details>
    }
}

/// Marks drinks and modifiers as sold out or as available. Open menus follow at once.
#[component]
pub(super) fn SoldOut() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let menu: Menu = context.menu.get_value();
    let drinks =
        menu.drinks.iter().map(|drink| toggle(context, SoldOutItem::Drink(drink.drink.clone()))).collect_view();
    let modifiers = menu
        .modifiers()
        .into_iter()
        .map(|(_, name)| toggle(context, SoldOutItem::Modifier(name.to_owned())))
        .collect_view();
    let count = move || context.shop.with(|shop| shop.sold_out.drinks.len() + shop.sold_out.modifiers.len());
    view! {
        <details class="sold-out" name=PANEL>
            <summary>{t.barista_sold_out()}{move || (count() > 0).then(|| view! { <span class="badge">{count()}</span> })}</summary>
            <div class="panel wide-panel">
                <p>{t.barista_sold_out_hint()}</p>
                <h2>{t.barista_sold_out_drinks()}</h2>
                <div class="toggles">{drinks}</div>
                <h2>{t.barista_sold_out_modifiers()}</h2>
                <div class="toggles">{modifiers}</div>
            </div>
        </details>
    }
}

fn toggle(context: BaristaContext, item: SoldOutItem) -> impl IntoView {
    let (kind, name) = match &item {
        SoldOutItem::Drink(name) => ("drink", name.clone()),
        SoldOutItem::Modifier(name) => ("modifier", name.clone()),
    };
    let is_sold_out = Memo::new(move |_| {
        context.shop.with(|shop| match &item {
            SoldOutItem::Drink(name) => shop.sold_out.has_drink(name),
            SoldOutItem::Modifier(name) => shop.sold_out.has_modifier(name),
        })
    });
    view! {
        <form method="post" action={path_of::<SetSoldOut>()}>
            <input type="hidden" name=kind value=name.clone() />
            <input type="hidden" name="gone" value=(!is_sold_out.get_untracked()).to_string() prop:value=move || (!is_sold_out.get()).to_string() />
            <button class="toggle" type="submit" aria-pressed=move || is_sold_out.get().to_string()>{name}</button>
        </form>
    }
}

/// The past orders, newest first. Drinks that were made can be recalled.
#[component]
pub(super) fn PastOrders() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let panel = NodeRef::<Details>::new();
    let opened = move |_| {
        if panel.get().is_some_and(|panel| panel.has_attribute("open")) {
            context.load_past_orders();
        }
    };
    view! {
        <details class="past-panel" name=PANEL node_ref=panel on:toggle=opened>
            <summary>{t.barista_past()}</summary>
            <div class="panel wide-panel">
                <h2>{t.barista_past()}</h2>
                <ol class="past-list">
                    <For each=move || context.past_orders.get() key=|ticket| (ticket.id.clone(), ended_at(ticket)) let:ticket>
                        <PastRow ticket=ticket />
                    </For>
                </ol>
                <p class="empty" hidden=move || context.past_orders.with(|past| !past.is_empty())>{t.barista_past_empty()}</p>
            </div>
        </details>
    }
}

const fn ended_at(ticket: &Ticket) -> i64 {
    match ticket.lane {
        Lane::Ended { at, .. } => at.0,
        _ => 0,
    }
}

#[component]
fn PastRow(ticket: Ticket) -> impl IntoView {
    let live = use_live();
    let t = messages();
    let Lane::Ended { ending, at } = ticket.lane else { return ().into_any() };
    let made = matches!(ending, domain::Ending::Collected | domain::Ending::Uncollected);
    let number = ticket.number.map(|number| number.to_string()).unwrap_or_default();
    let special = ticket.drink.as_ref().map(|drink| drink.special.join(", ")).unwrap_or_default();
    let age = move || minutes(live.clock.now().millis_since(at));
    view! {
        <li>
            <span class="number" translate="no">{number}</span>
            <p><strong>{ticket.drink.map(|drink| drink.drink)}</strong>" "{special}<span class="how">{texts::ending_text(&ending.by_name())}" · "{age}</span></p>
            {made.then(|| view! {
                <form method="post" action={path_of::<RecallOrder>()} data-closes="">
                    <input type="hidden" name="order" value=ticket.id.to_string() />
                    <button class="quiet" type="submit">{t.barista_recall()}</button>
                </form>
            })}
        </li>
    }
    .into_any()
}

/// The preferences of the tablet.
#[component]
pub(super) fn Settings() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let live = use_live();
    let t = messages();
    let row = move |name: &'static str, heading: &'static str, choices: Vec<(&'static str, &'static str)>| {
        let choices = choices
            .into_iter()
            .map(|(value, label)| {
                let chosen = move || context.preferences.with(|preferences| preferences.has(name, value));
                view! {
                    <button class="quiet" type="submit" name=name value=value aria-pressed=move || chosen().to_string()>{label}</button>
                }
            })
            .collect_view();
        view! {
            <form method="post" action={path_of::<SetPreferences>()}>
                <fieldset>
                    <legend>{heading}</legend>
                    <div class="segments">{choices}</div>
                </fieldset>
            </form>
        }
    };
    view! {
        <details class="settings-panel" name=PANEL>
            <summary><span class="name" translate="no">{context.me().name().to_owned()}</span><span class="visually-hidden">": "{t.barista_settings()}</span></summary>
            <div class="panel">
                <h2>{t.barista_settings()}</h2>
                {row("volume", t.barista_sound(), vec![("0", t.barista_volume_off()), ("30", t.barista_volume_quiet()), ("70", t.barista_volume_normal()), ("100", t.barista_volume_loud())])}
                <p hidden=move || !live.clock.is_hydrated()>{move || texts::wake_text(context.wake.state()).1}</p>
                {row("theme", t.barista_theme(), vec![("auto", t.barista_theme_auto()), ("light", t.barista_theme_light()), ("dark", t.barista_theme_dark())])}
                {row("hand", t.barista_hand(), vec![("right", t.barista_hand_right()), ("left", t.barista_hand_left())])}
                {row("keys", t.barista_keys(), vec![("on", t.barista_keys_on()), ("off", t.barista_keys_off())])}
                <LanguageSwitch />
                <dl class="keys-help">
                    <div><dt>"1–9"</dt><dd>{t.barista_help_digits()}</dd></div>
                    <div><dt>"← ↑ ↓ →"</dt><dd>{t.barista_help_arrows()}</dd></div>
                    <div><dt>"Enter"</dt><dd>{t.barista_help_enter()}</dd></div>
                    <div><dt>"R"</dt><dd>{t.barista_past()}</dd></div>
                    <div><dt>"S"</dt><dd>{t.barista_all_day()}</dd></div>
                    <div><dt>"[ ]"</dt><dd>{t.barista_help_page()}</dd></div>
                    <div><dt>"?"</dt><dd>{t.barista_settings()}</dd></div>
                </dl>
            </div>
        </details>
    }
}
