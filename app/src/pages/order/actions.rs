//! What the guest can do about the order now.

use domain::view::{OrderView, Stage};
use leptos::{form::ActionForm, prelude::*};

use crate::{
    commands::{CancelOrder, CollectOrder},
    components::Alert,
    error::CommandError,
    live::use_live,
    words,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Offer {
    Choose,
    Cancel,
    Nothing,
    Collect,
    Again,
}

const fn offer(stage: &Stage) -> Offer {
    match stage {
        Stage::Choosing => Offer::Choose,
        Stage::Submitted => Offer::Nothing,
        Stage::Waiting => Offer::Cancel,
        Stage::Making => Offer::Nothing,
        Stage::Ready => Offer::Collect,
        Stage::Ended { .. } => Offer::Again,
    }
}

/// Cancel until a barista makes it, "I've got it" when it is ready, "Order again" when it is over.
#[component]
pub(super) fn Actions(order: Memo<Option<OrderView>>, id: String) -> impl IntoView {
    let live = use_live();
    let cancel = ServerAction::<CancelOrder>::new();
    let collect = ServerAction::<CollectOrder>::new();
    let (cancelled, collected) = (cancel.value(), collect.value());
    Effect::new(move |_| {
        if cancelled.with(Option::is_some) || collected.with(Option::is_some) {
            live.refresh();
        }
    });
    let failed = |error: CommandError| words::trouble(&error);
    let trouble = Signal::derive(move || {
        let cancelled = cancelled.get().and_then(Result::err);
        cancelled.or_else(|| collected.get().and_then(Result::err)).map(failed)
    });
    let stage = Memo::new(move |_| order.with(|order| order.as_ref().map(|order| offer(&order.stage))));
    let id = StoredValue::new(id);
    let offered = move || {
        match stage.get().unwrap_or(Offer::Nothing) {
        Offer::Choose => view! { <a class="button primary wide" href="/">"Choose a drink"</a> }.into_any(),
        Offer::Cancel => view! {
            <ActionForm action=cancel>
                <input type="hidden" name="order" value=id.get_value() />
                <button class="quiet danger wide" type="submit" disabled=cancel.pending()>"Cancel order"</button>
            </ActionForm>
            <p class="hint">"You can cancel until a barista starts on it. Keep this page open, it changes by itself."</p>
        }
        .into_any(),
        Offer::Collect => view! {
            <ActionForm action=collect>
                <input type="hidden" name="order" value=id.get_value() />
                <button class="ready wide" type="submit" disabled=collect.pending()>"I've got it"</button>
            </ActionForm>
        }
        .into_any(),
        Offer::Again => view! { <a class="button primary wide" href="/">"Order again"</a> }.into_any(),
        Offer::Nothing => view! { <p class="hint">"Keep this page open, it changes by itself. Something wrong? Ask at the bar."</p> }.into_any(),
    }
    };
    view! {
        <section class="actions">
            <Alert words=trouble />
            {offered}
        </section>
    }
}
