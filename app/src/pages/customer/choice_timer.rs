//! The time that is left to choose, and the button that extends it.

use domain::{OrderId, view::OrderView};
use leptos::prelude::*;

use crate::{
    components::{Icon, Sign},
    form_action::FormAction,
    i18n::{countdown, messages},
    live::use_live,
};

/// When this much time is left, the page offers to extend it, in milliseconds.
const OFFER_MILLIS: i64 = 120_000;
/// When this much time is left, a screen reader announces it, in milliseconds. WCAG 2.2.1 offers for at least twenty
/// seconds.
const ANNOUNCE_MILLIS: i64 = 60_000;

/// The countdown and the button. The line has a fixed height, so that nothing moves when they appear.
#[component]
pub(super) fn ChoiceTimer(
    order: Signal<Option<OrderView>>,
    extend: FormAction,
    /// What a screen reader announces.
    announce: RwSignal<String>,
) -> impl IntoView {
    let live = use_live();
    let t = messages();
    let left = Memo::new(move |_| {
        let until = order.with(|order| order.as_ref().and_then(|order| order.choose_by))?;
        let left = until.millis_since(live.clock.now());
        (live.clock.is_hydrated() && left > 0).then_some(left)
    });
    let extendable = Memo::new(move |_| {
        let of = |order: &OrderView| order.extendable.then(|| order.id.clone());
        order.with(|order| order.as_ref().and_then(of))
    });
    let offers = Memo::new(move |_| left.get().is_some_and(|left| left < OFFER_MILLIS));
    let announces = Memo::new(move |_| left.get().is_some_and(|left| left < ANNOUNCE_MILLIS));
    Effect::new(move |_| {
        if announces.get() && extendable.with_untracked(Option::is_some) {
            announce.set(t.customer_announce_soon().to_owned());
        }
    });
    Effect::new(move |_| {
        if extend.succeeded() {
            announce.set(t.customer_announce_more().to_owned());
            live.refresh();
        }
    });
    let text = move || {
        left.get().map(|left| {
            let time = countdown(left);
            let text = if offers.get() { t.customer_kept_soon(&time) } else { t.customer_kept_for(&time) };
            view! { <Icon sign=Sign::Clock /><span>{text}</span> }
        })
    };
    let button = move || {
        let id: OrderId = extendable.get().filter(|_| offers.get())?;
        let more = move |_| extend.send(format!("order={id}"));
        Some(view! {
            <button class="quiet small" type="button" disabled=extend.pending() on:click=more>{t.customer_more_time()}</button>
        })
    };
    view! {
        <div class="kept" class:soon=offers>
            <p>{text}</p>
            {button}
        </div>
    }
}
