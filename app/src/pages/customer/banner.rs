//! The order that this phone has already, on top of the menu.

use domain::view::{OrderView, Stage};
use leptos::prelude::*;

use crate::components::{Icon, Sign};

/// Leads to the order. An order that is still being chosen has no page yet; its place is kept.
#[component]
pub(super) fn OrderBanner(order: OrderView) -> impl IntoView {
    let (words, tone) = match &order.stage {
        Stage::Choosing => return None,
        Stage::Submitted => ("On its way to the bar", "info"),
        Stage::Waiting => ("In the queue", "info"),
        Stage::Making => ("Being made now", "info"),
        Stage::Ready => ("Ready at the bar", "ready"),
        Stage::Ended { .. } => ("See how it ended", "over"),
    };
    let drink = order.drink.map_or_else(|| "Your order".to_owned(), |drink| drink.drink);
    Some(view! {
        <a class="mine" data-tone=tone href=format!("/orders/{}", order.id)>
            <span class="number">{order.number.map(|number| number.to_string())}</span>
            <span class="what"><strong>{drink}</strong><span>{words}</span></span>
            <span class="go"><Icon sign=Sign::Back /></span>
        </a>
    })
}
