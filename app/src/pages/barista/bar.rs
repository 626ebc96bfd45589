//! The top bar of the tablet: open or not, what is still to be made, the time.

use std::collections::BTreeMap;

use domain::{
    PauseReason, ShopState,
    view::{Lane, ShopView, Ticket},
};
use leptos::{form::ActionForm, html::Details, prelude::*};

use super::desk::Desk;
use crate::{
    components::{LiveDot, Mark},
    live::use_live,
    words,
};

/// The top bar.
#[component]
pub(super) fn TopBar(shop: Memo<ShopView>) -> impl IntoView {
    let live = use_live();
    let desk = expect_context::<Desk>();
    let clock = move || live.clock.ticking().then(|| words::wall_time(live.clock.now()));
    view! {
        <header class="top">
            <h1><Mark /><span>{move || shop.get().name}</span><span class="visually-hidden">": the bar"</span></h1>
            <ShopSwitch shop=shop />
            <AllDay />
            <p class="me">{desk.me().name().to_owned()}</p>
            <LiveDot />
            <p class="clock">{clock}</p>
        </header>
    }
}

/// Open, pause, close. What it is now is in words; changing it is one tap more.
#[component]
fn ShopSwitch(shop: Memo<ShopView>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let state = Memo::new(move |_| shop.get().state);
    let (name, words) = (
        move || match state.get() {
            ShopState::Open => "open",
            ShopState::Paused { .. } => "paused",
            ShopState::Closed => "closed",
        },
        move || match state.get() {
            ShopState::Open => "Open",
            ShopState::Paused { .. } => "Paused",
            ShopState::Closed => "Closed",
        },
    );
    let breaks = PauseReason::CODES
        .iter()
        .map(|reason| view! { <button class="reason" type="submit" name="reason" value=reason.as_str()>{reason.to_string()}</button> })
        .collect_view();
    let panel = NodeRef::<Details>::new();
    Effect::new(move |before: Option<()>| {
        desk.set_shop.version().track();
        if let (Some(()), Some(panel)) = (before, panel.get_untracked()) {
            // It has done its work; that it cannot be closed would only leave it in the way.
            _ = panel.remove_attribute("open");
        }
    });
    let reason = move || match state.get() {
        ShopState::Paused { reason, .. } => Some(reason.to_string()),
        ShopState::Open | ShopState::Closed => None,
    };
    let open = move || state.with(|state| *state == ShopState::Open);
    let closed = move || state.with(|state| *state == ShopState::Closed);
    view! {
        <details class="switch" data-state=name node_ref=panel>
            <summary><span class="visually-hidden">"The bar is "</span>{words}</summary>
            <div class="switch-inside">
                {move || reason().map(|reason| view! { <p class="reason-now">{reason}</p> })}
                <ActionForm action=desk.set_shop>
                    <input type="hidden" name="state" value="open" />
                    <button class="ready wide" type="submit" disabled=open>"Open the bar"</button>
                </ActionForm>
                <ActionForm action=desk.set_shop>
                    <input type="hidden" name="state" value="paused" />
                    <fieldset>
                        <legend>"Take no new orders for a while; guests read why:"</legend>
                        <div class="reasons">{breaks}</div>
                    </fieldset>
                </ActionForm>
                <ActionForm action=desk.set_shop>
                    <input type="hidden" name="state" value="closed" />
                    <button class="quiet danger wide" type="submit" disabled=closed>"Close the bar"</button>
                </ActionForm>
            </div>
        </details>
    }
}

/// What is still to be made, most wanted first.
#[component]
fn AllDay() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let all_day = Memo::new(move |_| desk.queue.with(|queue| count(queue)));
    view! {
        <p class="all-day">
            {move || {
                let counted = all_day.get();
                (!counted.is_empty()).then(|| view! { <span class="label">"All day"</span><span>{counted.join(" · ")}</span> })
            }}
        </p>
    }
}

fn count(queue: &[Ticket]) -> Vec<String> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for ticket in queue.iter().filter(|ticket| matches!(ticket.lane, Lane::UpNext | Lane::Making { .. })) {
        if let Some(drink) = &ticket.drink {
            *counted.entry(&drink.drink).or_default() += 1;
        }
    }
    let mut counted: Vec<_> = counted.into_iter().collect();
    counted.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    counted.into_iter().map(|(drink, many)| format!("{many} {}", drink.to_lowercase())).collect()
}
