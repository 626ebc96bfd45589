//! The banner above the menu for an order that the guest has already.

use domain::view::{OrderView, Stage};
use leptos::prelude::*;

use crate::{
    components::{Icon, Sign},
    i18n::{menu_names, messages},
};

/// A link to the order. An order without a choice has no banner, because the sheet shows it.
#[component]
pub(super) fn OrderBanner(order: OrderView) -> impl IntoView {
    let (t, m) = (messages(), menu_names());
    let (text, tone) = match &order.stage {
        Stage::Choosing => return None,
        Stage::Submitted => (t.customer_mine_submitted(), "info"),
        Stage::Waiting => (t.customer_mine_waiting(), "info"),
        Stage::Making => (t.customer_mine_making(), "info"),
        Stage::Ready => (t.customer_mine_ready(), "ready"),
        Stage::Ended { .. } => (t.customer_mine_ended(), "over"),
    };
    let drink = order.drink.map_or_else(|| t.customer_mine().to_owned(), |drink| m.translate(&drink.drink));
    Some(view! {
        <a class="mine" data-tone=tone href=format!("/orders/{}", order.id) rel="external">
            <span class="number" translate="no">{order.number.map(|number| number.to_string())}</span>
            <span class="what"><strong>{drink}</strong><span>{text}</span></span>
            <span class="go"><Icon sign=Sign::Back /></span>
        </a>
    })
}
