//! The sheet of a drink: modifiers, and the order button.

use std::collections::BTreeMap;

use domain::{
    Drink, Menu, ShopState,
    order::Party,
    view::{OrderView, Outcome, ShopView},
};
use leptos::{ev::KeyboardEvent, html::H1, prelude::*};

use super::{
    choice_timer::ChoiceTimer,
    current_order::{CurrentOrder, is_open},
    group::{Group, Selection, preselected},
    label::order_label,
};
use crate::{
    commands::{ExtendOrder, path_of},
    components::{Alert, Drawing, Icon, Sign},
    form_action::FormAction,
    i18n::{self, menu_names, messages},
};

/// A form that starts and submits an order with one request. With JavaScript, opening the sheet has already started the
/// order.
#[component]
pub(super) fn Sheet(
    drink: Drink,
    /// The menu. A drink may sell out while the guest chooses.
    menu: Memo<Menu>,
    /// The modifiers of the address.
    requested: Vec<String>,
    current: CurrentOrder,
    shop: Memo<ShopView>,
    submit: FormAction,
    /// What a screen reader announces.
    announce: RwSignal<String>,
    /// Closes the sheet.
    close: Callback<()>,
) -> impl IntoView {
    let (t, m) = (messages(), menu_names());
    let extend = FormAction::new(path_of::<ExtendOrder>());
    let title = NodeRef::<H1>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            _ = title.focus();
        }
    });
    let trouble = Signal::derive(move || {
        let any = submit.error().or_else(|| current.started.error()).or_else(|| extend.error());
        any.map(|error| i18n::error_text(&error))
    });
    let first = drink.modifiers.iter().map(|group| {
        let chosen = preselected(group, &requested).into_iter().filter(|each| group.default.as_ref() != Some(each));
        (group.name.clone(), chosen.collect())
    });
    let selection: Selection = RwSignal::new(first.collect::<BTreeMap<_, _>>());
    let order_of_groups: Vec<String> = drink.modifiers.iter().map(|group| group.name.clone()).collect();
    let name = StoredValue::new(drink.drink.clone());
    let label = move || {
        let selection = selection.get();
        let groups = order_of_groups.iter().filter_map(|group| Some((group, selection.get(group)?)));
        let special: Vec<_> =
            groups.flat_map(|(group, options)| options.iter().map(|option| (group.clone(), option.clone()))).collect();
        name.with_value(|name| order_label(name, &special))
    };
    let label = StoredValue::new(label);
    let gone = Memo::new(move |_| {
        name.with_value(|name| menu.with(|menu| !menu.drink(name).is_some_and(|drink| drink.available)))
    });
    let button = move || {
        match (shop.get().state, submit.pending().get()) {
        (ShopState::Open, false) if gone.get() => {
            view! { <p class="blocked">{t.customer_sold_out()}</p> }.into_any()
        }
        (ShopState::Open, false) => {
            view! { <button class="primary wide" type="submit">{move || label.with_value(|label| label())}</button> }
                .into_any()
        }
        (ShopState::Open, true) => {
            view! { <button class="primary wide" type="submit" disabled=true aria-busy="true">{t.customer_ordering()}</button> }
                .into_any()
        }
        (ShopState::Paused { reason, .. }, _) => {
            view! { <p class="blocked">{t.customer_button_paused(&i18n::reason_text(reason.as_str()))}</p> }.into_any()
        }
        (ShopState::Closed, _) => view! { <p class="blocked">{t.customer_button_closed()}</p> }.into_any(),
    }
    };
    let opened = steady_now();
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close.run(());
        }
    };
    let under_way = Memo::new(move |_| current.order.get().filter(is_open));
    let groups = drink
        .modifiers
        .iter()
        .map(|group| view! { <Group group=group.clone() drink=name menu=menu requested=requested.clone() selection=selection /> })
        .collect_view();
    let description = (!drink.description.is_empty()).then(|| m.translate(&drink.description));
    view! {
        <div class="scrim" aria-hidden="true" on:click=move |_| if is_past_double_tap(opened) { close.run(()) }></div>
        <section class="sheet" role="dialog" aria-modal="true" aria-labelledby="sheet-title" on:keydown=on_key>
            <header>
                <Drawing icon=drink.icon.clone() size=88 />
                <div>
                    <h1 id="sheet-title" tabindex="-1" node_ref=title>{m.translate(&drink.drink)}</h1>
                    {description.map(|text| view! { <p class="description">{text}</p> })}
                </div>
                <a class="close" href="/?menu" aria-label=t.customer_back() data-noscroll=""><Icon sign=Sign::Close /></a>
            </header>
            {move || under_way.get().map(|order| view! { <OpenOrderNotice order=order /> })}
            <form
                action=submit.path()
                method="post"
                class=move || if under_way.with(Option::is_some) { "choices gone" } else { "choices" }
                on:submit=move |event| submit.on_submit(&event)
            >
                <input type="hidden" name="key" value=move || current.key() />
                <input type="hidden" name="order" value=move || current.unsubmitted_id() />
                <input type="hidden" name="drink" value=drink.drink.clone() />
                {groups}
                <div class="order">
                    <EndedOrderNotice lost=current.lost />
                    <Alert text=trouble />
                    {button}
                    <ChoiceTimer order=current.order extend=extend announce=announce />
                </div>
            </form>
        </section>
    }
}

#[component]
fn OpenOrderNotice(order: OrderView) -> impl IntoView {
    let t = messages();
    view! {
        <div class="notice">
            <p>{t.customer_under_way()}</p>
            <p><a class="button primary wide" href=format!("/orders/{}", order.id) rel="external">{t.customer_see_order()}</a></p>
        </div>
    }
}

/// Says that the started order has ended. The choice is kept, and the button starts another order.
#[component]
fn EndedOrderNotice(lost: RwSignal<Option<Outcome>>) -> impl IntoView {
    let t = messages();
    let text = move || match lost.get()? {
        Outcome::TimedOut { who: Party::Customer } => Some(t.customer_ran_out().to_owned()),
        Outcome::CancelledByYou => None,
        outcome => {
            let (headline, sentence) = i18n::outcome_text(&outcome, None);
            Some(format!("{headline}. {sentence}"))
        }
    };
    view! { <div class="lost">{move || text().map(|text| view! { <p>{text}</p> })}</div> }
}

/// A click on the scrim this soon after opening is the second half of a double tap, in milliseconds.
const DOUBLE_TAP_MILLIS: i64 = 500;

/// Whether the sheet has been open for longer than a double tap takes.
fn is_past_double_tap(opened: i64) -> bool {
    steady_now() - opened > DOUBLE_TAP_MILLIS
}

/// The steady clock, in milliseconds.
#[cfg(feature = "hydrate")]
fn steady_now() -> i64 {
    crate::device::steady_millis()
}

/// There are no clicks on the server.
#[cfg(not(feature = "hydrate"))]
const fn steady_now() -> i64 {
    0
}
