//! The sheet of a drink: size, milk, extras, and one button that says what it orders.

use std::collections::BTreeMap;

use domain::{
    Drink, ModifierGroup, ShopState,
    view::{OrderView, ShopView, Stage},
};
use leptos::{
    ev::KeyboardEvent,
    form::ActionForm,
    html::{H1, Input},
    prelude::*,
};

use super::is_over;
use crate::{
    commands::{StartOrder, SubmitOrder},
    components::{Alert, Drawing, Icon, Sign},
    live::use_live,
    place::use_place,
    words,
};

/// What is ticked, by group.
type Ticked = RwSignal<BTreeMap<String, Vec<String>>>;

/// A form that starts and submits an order in one post; with JavaScript the order has been started by the tap before.
#[component]
pub(super) fn Sheet(
    drink: Drink,
    key: String,
    mine: Signal<Option<OrderView>>,
    shop: Memo<ShopView>,
    started: ServerAction<StartOrder>,
) -> impl IntoView {
    let submit = ServerAction::<SubmitOrder>::new();
    let place = use_place();
    let submitted = submit.value();
    Effect::new(move |_| {
        if let Some(Ok(order)) = submitted.get() {
            place.leave(&format!("/orders/{}", order.id));
        }
    });
    let title = NodeRef::<H1>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            _ = title.focus();
        }
    });
    let ticked: Ticked = RwSignal::new(BTreeMap::new());
    let choosing = move || {
        mine.with(|order| {
            order.as_ref().filter(|order| order.stage == Stage::Choosing).map(|order| order.id.to_string())
        })
    };
    let trouble = Signal::derive(move || {
        let failed = |error: crate::error::CommandError| words::trouble(&error);
        let of_submit = submitted.get().and_then(Result::err).map(failed);
        of_submit.or_else(|| started.value().get().and_then(Result::err).map(failed))
    });
    let groups =
        drink.modifiers.iter().map(|group| view! { <Group group=group.clone() ticked=ticked /> }).collect_view();
    let name = StoredValue::new(drink.drink.clone());
    let label = move || {
        let ticked = ticked.get();
        let special =
            ticked.iter().flat_map(|(group, options)| options.iter().map(|option| (group.as_str(), option.as_str())));
        format!("Order {}", words::spoken(&name.get_value(), special))
    };
    let button = move || match (shop.get().state, submit.pending().get()) {
        (ShopState::Open, false) => view! { <button class="primary wide" type="submit">{label}</button> }.into_any(),
        (ShopState::Open, true) => {
            view! { <button class="primary wide" type="submit" disabled=true aria-busy="true">"Ordering…"</button> }
                .into_any()
        }
        (ShopState::Paused { reason, .. }, _) => {
            view! { <p class="blocked">{format!("The bar takes a short break: {reason}")}</p> }.into_any()
        }
        (ShopState::Closed, _) => {
            view! { <p class="blocked">"The bar is closed. You can order as soon as it opens."</p> }.into_any()
        }
    };
    let close = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            place.show("/");
        }
    };
    view! {
        <div class="scrim" aria-hidden="true"></div>
        <section class="sheet" role="dialog" aria-modal="true" aria-labelledby="sheet-title" on:keydown=close>
            <header>
                <Drawing icon=drink.icon.clone() size=88 />
                <div>
                    <h1 id="sheet-title" tabindex="-1" node_ref=title>{drink.drink.clone()}</h1>
                    <p class="description">{drink.description.clone()}</p>
                </div>
                <a class="close" href="/" aria-label="Back to the menu" data-noscroll=""><Icon sign=Sign::Close /></a>
            </header>
            {move || match mine.get() {
                Some(order) if under_way(&order) => view! { <UnderWay order=order /> }.into_any(),
                Some(order) if is_over(&order) && started.value().with(|answer| matches!(answer, Some(Ok(_)))) => {
                    view! { <RanOut drink=name.get_value() /> }.into_any()
                }
                _ => ().into_any(),
            }}
            <ActionForm action=submit attr:class=move || if blocked(mine, started) { "choices gone" } else { "choices" }>
                <input type="hidden" name="key" value=key />
                <input type="hidden" name="order" value=move || choosing().unwrap_or_default() />
                <input type="hidden" name="drink" value=drink.drink.clone() />
                {groups}
                <Alert words=trouble />
                <div class="order">
                    <PlaceKept mine=mine />
                    {button}
                </div>
            </ActionForm>
        </section>
    }
}

fn under_way(order: &OrderView) -> bool {
    order.stage != Stage::Choosing && !is_over(order)
}

/// Nothing can be ordered in this sheet any more.
fn blocked(mine: Signal<Option<OrderView>>, started: ServerAction<StartOrder>) -> bool {
    let ran_out = started.value().with(|answer| matches!(answer, Some(Ok(_))));
    mine.with(|order| order.as_ref().is_some_and(|order| under_way(order) || (is_over(order) && ran_out)))
}

#[component]
fn UnderWay(order: OrderView) -> impl IntoView {
    let number = order.number.map(|number| format!(" {number}")).unwrap_or_default();
    view! {
        <div class="notice">
            <p>{format!("Your order{number} is under way. When you have it, you can order the next one.")}</p>
            <p><a class="button primary wide" href=format!("/orders/{}", order.id)>"See your order"</a></p>
        </div>
    }
}

#[component]
fn RanOut(drink: String) -> impl IntoView {
    view! {
        <div class="notice">
            <p>"We kept your place for a while, and then it went to someone else. Start again, it only takes two taps."</p>
            <p><a class="button primary wide" href=super::card::address(&drink) rel="external">"Start again"</a></p>
        </div>
    }
}

/// How long the place in the queue is kept, once it is.
#[component]
fn PlaceKept(mine: Signal<Option<OrderView>>) -> impl IntoView {
    let live = use_live();
    let left = move || {
        let until = mine.with(|order| order.as_ref().and_then(|order| order.choose_by))?;
        let left = until.millis_since(live.clock.now());
        (live.clock.ticking() && left > 0).then_some(left)
    };
    view! {
        <p class="kept" class:soon=move || left().is_some_and(|left| left < 60_000)>
            {move || left().map(|left| view! { <Icon sign=Sign::Clock />{format!("Your place is kept for {}", words::countdown(left))} })}
        </p>
    }
}

/// Radio buttons for a group of which one applies, checkboxes for the others.
#[component]
fn Group(group: ModifierGroup, ticked: Ticked) -> impl IntoView {
    let single = group.default.is_some();
    let (kind, field) =
        if single { ("radio", format!("choice[{}]", group.name)) } else { ("checkbox", "extras[]".to_owned()) };
    // A default that is sold out must be chosen anew: nothing is preselected.
    let default = group.default.clone().filter(|default| group.offers(default));
    let options = group.options.iter().map(|option| {
        let offered = group.offers(option);
        let is_default = default.as_deref() == Some(option);
        let (name, option_name) = (group.name.clone(), option.clone());
        let input = NodeRef::<Input>::new();
        let tick = move |_| {
            let on = input.get().is_some_and(|input| input.checked());
            ticked.update(|ticked| {
                let options = ticked.entry(name.clone()).or_default();
                options.retain(|each| !single && *each != option_name);
                if on && !is_default {
                    options.push(option_name.clone());
                }
            });
        };
        view! {
            <label class="chip" class:sold-out=!offered>
                <input node_ref=input type=kind name=field.clone() value=option.clone() checked=is_default disabled=!offered required=single on:change=tick />
                <span>{option.clone()}{(!offered).then_some(" (sold out)")}</span>
            </label>
        }
    }).collect_view();
    view! {
        <fieldset>
            <legend>{group.name.clone()}</legend>
            <div class="chips">{options}</div>
        </fieldset>
    }
}
