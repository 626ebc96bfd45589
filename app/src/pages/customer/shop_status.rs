//! The state of the bar, and its waits.

use domain::{ShopState, view::ShopView};
use leptos::prelude::*;

use crate::{i18n, i18n::messages, live::use_live};

/// One line below the name of the bar.
#[component]
pub(super) fn ShopStateLine(shop: Memo<ShopView>) -> impl IntoView {
    let t = messages();
    let state = move || {
        shop.with(|shop| match shop.state {
            ShopState::Open => ("open", t.customer_open()),
            ShopState::Paused { .. } => ("paused", t.customer_paused()),
            ShopState::Closed => ("closed", t.customer_closed()),
        })
    };
    let busy = move || {
        shop.with(|shop| match (&shop.state, shop.wait, shop.in_queue) {
            (ShopState::Closed | ShopState::Paused { .. }, ..) => String::new(),
            (ShopState::Open, None, queue) => i18n::queue_length(queue),
            (ShopState::Open, Some(wait), 0) => t.customer_wait_free(&wait.from.to_string(), &wait.to.to_string()),
            (ShopState::Open, Some(wait), queue) => {
                t.customer_wait_queue(queue, &wait.from.to_string(), &wait.to.to_string())
            }
        })
    };
    view! {
        <p class="state">
            <strong data-state=move || state().0>{move || state().1}</strong>
            " "
            <span>{busy}</span>
        </p>
    }
}

/// Why the bar takes no orders, and when it will again.
#[component]
pub(super) fn ShopNotice(shop: Memo<ShopView>) -> impl IntoView {
    let t = messages();
    let live = use_live();
    let state = Memo::new(move |_| shop.with(|shop| shop.state.clone()));
    move || match state.get() {
        ShopState::Open => None,
        ShopState::Paused { reason, until } => {
            let back = move || {
                let left = until?.millis_since(live.clock.now());
                Some(match u32::try_from((left + 59_999) / 60_000) {
                    Ok(0) | Err(_) => t.customer_pause_soon().to_owned(),
                    Ok(minutes) => t.customer_pause_back(minutes),
                })
            };
            let notice = view! {
                <section class="notice">
                    <h2>{t.customer_pause_title()}</h2>
                    <p class="why">{i18n::reason_text(reason.as_str())}</p>
                    <p class="back">{back}</p>
                    <p>{t.customer_pause_sentence()}</p>
                </section>
            };
            Some(notice.into_any())
        }
        ShopState::Closed => {
            let notice = view! {
                <section class="notice">
                    <h2>{t.customer_closed_title()}</h2>
                    <p>{t.customer_closed_sentence()}</p>
                </section>
            };
            Some(notice.into_any())
        }
    }
}
