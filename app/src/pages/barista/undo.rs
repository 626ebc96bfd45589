//! "47 is ready. Undo": shown for the four seconds before the guest is notified.

use domain::{
    OrderId,
    view::{Lane, Ticket},
};
use leptos::prelude::*;

use super::context::BaristaContext;
use crate::{
    commands::{UndoComplete, path_of},
    i18n::messages,
    live::use_live,
};

/// A line for each order of this barista that can be undone.
#[component]
pub(super) fn UndoBar() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let ids = Memo::new(move |_| {
        let me = context.me();
        let mine = |ticket: &&Ticket| matches!(&ticket.lane, Lane::Finishing { barista, .. } if *barista == me);
        context.queue.with(|queue| queue.iter().filter(mine).map(|ticket| ticket.id.clone()).collect::<Vec<_>>())
    });
    view! {
        <section class="undo-bar" aria-label=messages().barista_undo_label()>
            <For each=move || ids.get() key=|id| id.clone() let:id>
                <UndoLine id=id />
            </For>
        </section>
    }
}

#[component]
fn UndoLine(id: OrderId) -> impl IntoView {
    let live = use_live();
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let order = id.to_string();
    let ticket = context.ticket(id);
    let text = move || {
        let number = ticket.with(|ticket| ticket.as_ref().and_then(|ticket| ticket.number));
        t.barista_undo_text(&number.map(|number| number.to_string()).unwrap_or_default())
    };
    let seconds = move || {
        let due = ticket.with(|ticket| match ticket.as_ref().map(|ticket| &ticket.lane) {
            Some(Lane::Finishing { ready_due, .. }) => Some(*ready_due),
            _ => None,
        });
        let left = (due?.millis_since(live.clock.now()) + 999) / 1_000;
        live.clock.is_hydrated().then(|| format!(" ({})", left.clamp(0, 9)))
    };
    view! {
        <div class="undo">
            <p>{text}</p>
            <form method="post" action={path_of::<UndoComplete>()}>
                <input type="hidden" name="order" value=order />
                <button class="undo-button" type="submit">{t.barista_undo()}{seconds}</button>
            </form>
        </div>
    }
}
