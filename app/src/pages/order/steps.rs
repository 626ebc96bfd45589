//! The four steps of an order, in words.

use domain::view::{OrderView, Outcome, Stage};
use leptos::prelude::*;

use crate::components::{Icon, Sign};

const STEPS: [&str; 4] = ["Received", "Making", "Ready", "Enjoy"];

/// How many steps are behind the order, or `None` when it has left the line.
const fn done(stage: &Stage) -> Option<usize> {
    match stage {
        Stage::Choosing | Stage::Submitted => Some(0),
        Stage::Waiting => Some(1),
        Stage::Making => Some(1),
        Stage::Ready => Some(2),
        Stage::Ended { outcome: Outcome::Collected } => Some(3),
        Stage::Ended { .. } => None,
    }
}

/// Which step the order is in, if it is in one.
const fn current(stage: &Stage) -> Option<usize> {
    match stage {
        Stage::Choosing => None,
        Stage::Submitted | Stage::Waiting => Some(0),
        Stage::Making => Some(1),
        Stage::Ready => Some(2),
        Stage::Ended { outcome: Outcome::Collected } => Some(3),
        Stage::Ended { .. } => None,
    }
}

/// The line of steps; not shown for an order that has left it.
#[component]
pub(super) fn Steps(order: Memo<Option<OrderView>>) -> impl IntoView {
    let stage = Memo::new(move |_| order.with(|order| order.as_ref().map(|order| order.stage.clone())));
    move || {
        let stage = stage.get()?;
        let done = done(&stage)?;
        let current = current(&stage);
        let steps = STEPS.iter().enumerate().map(|(at, step)| {
            let is_current = current == Some(at);
            let is_done = at < done && !is_current;
            view! {
                <li class:done=is_done aria-current=is_current.then_some("step")>
                    <span class="dot">{is_done.then(|| view! { <Icon sign=Sign::Check /> })}</span>
                    <span>{*step}{is_done.then(|| view! { <span class="visually-hidden">" (done)"</span> })}</span>
                </li>
            }
        });
        Some(view! { <ol class="steps" aria-label="Progress of your order">{steps.collect_view()}</ol> })
    }
}
