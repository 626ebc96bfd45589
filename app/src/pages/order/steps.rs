//! The four steps of an order.

use domain::view::{OrderView, Outcome, Stage};
use leptos::prelude::*;

use crate::{
    components::{Icon, Sign},
    i18n::messages,
};

/// The index of the current step. `None` before the first; an error for an order that has failed.
const fn current(stage: &Stage) -> Result<Option<usize>, ()> {
    match stage {
        Stage::Choosing => Ok(None),
        Stage::Submitted | Stage::Waiting => Ok(Some(0)),
        Stage::Making => Ok(Some(1)),
        Stage::Ready => Ok(Some(2)),
        Stage::Ended { outcome: Outcome::Collected } => Ok(Some(3)),
        Stage::Ended { .. } => Err(()),
    }
}

/// The list of steps. Not shown for an order that has failed.
#[component]
pub(super) fn Steps(order: Memo<Option<OrderView>>) -> impl IntoView {
    let t = messages();
    let place = Memo::new(move |_| order.with(|order| order.as_ref().map(|order| current(&order.stage))));
    move || {
        let current = place.get()?.ok()?;
        let names = [t.order_step_received(), t.order_step_making(), t.order_step_ready(), t.order_step_enjoy()];
        let steps = names.into_iter().enumerate().map(|(at, step)| {
            let is_current = current == Some(at);
            let is_done = current.is_some_and(|current| at < current);
            view! {
                <li class:done=is_done aria-current=is_current.then_some("step")>
                    <span class="dot">{is_done.then(|| view! { <Icon sign=Sign::Check /> })}</span>
                    <span class="step">{step}{is_done.then(|| view! { <span class="visually-hidden">" "{t.order_step_done()}</span> })}</span>
                </li>
            }
        });
        Some(view! { <ol class="steps" aria-label=t.order_steps()>{steps.collect_view()}</ol> })
    }
}
