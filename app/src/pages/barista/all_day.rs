//! The strip below the top bar: the all-day counts, and orders that can be made together.

use domain::{
    DrinkOrder, Menu, OrderId,
    view::{Lane, MAX_BATCH, Ticket},
};
use leptos::prelude::*;

use super::{context::BaristaContext, panels::PANEL};
use crate::{
    commands::{ClaimTogether, path_of},
    i18n::messages,
};

/// The number of kinds on the strip. The others are in a panel.
const SHOWN_KINDS: usize = 3;

/// The all-day counts: how many of each kind are still to be made.
fn all_day(queue: &[Ticket], menu: &Menu) -> Vec<(u32, String)> {
    let mut counted: Vec<(u32, &DrinkOrder)> = Vec::new();
    let open = queue.iter().filter(|ticket| matches!(ticket.lane, Lane::UpNext | Lane::Making { .. }));
    for drink in open.filter_map(|ticket| ticket.drink.as_ref()) {
        match counted.iter_mut().find(|(_, known)| menu.made_together(known, drink)) {
            Some((many, _)) => *many += 1,
            None => counted.push((1, drink)),
        }
    }
    counted.sort_by_key(|(many, _)| std::cmp::Reverse(*many));
    counted.into_iter().map(|(many, drink)| (many, drink_and_milk(menu, drink))).collect()
}

/// The drink, with its milk unless that is the default.
fn drink_and_milk(menu: &Menu, drink: &DrinkOrder) -> String {
    match menu.milk(drink).filter(|milk| drink.special.iter().any(|each| each == milk)) {
        Some(milk) => format!("{}, {milk}", drink.drink),
        None => drink.drink.clone(),
    }
}

/// The waiting orders that can be made together, beginning with the oldest that has a partner.
fn batch(queue: &[Ticket], menu: &Menu) -> Option<(String, Vec<OrderId>)> {
    let waiting: Vec<(&OrderId, &DrinkOrder)> = queue
        .iter()
        .filter(|ticket| ticket.lane == Lane::UpNext)
        .filter_map(|ticket| Some((&ticket.id, ticket.drink.as_ref()?)))
        .collect();
    waiting.iter().find_map(|(_, first)| {
        let same = waiting.iter().filter(|(_, drink)| menu.made_together(first, drink)).take(MAX_BATCH);
        let ids: Vec<OrderId> = same.map(|(id, _)| (*id).clone()).collect();
        (ids.len() > 1).then(|| (drink_and_milk(menu, first), ids))
    })
}

/// The strip.
#[component]
pub(super) fn AllDayStrip() -> impl IntoView {
    view! {
        <div class="strip">
            <AllDay />
            <BatchOffer />
        </div>
    }
}

#[component]
fn AllDay() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let counted = Memo::new(move |_| context.queue.with(|queue| context.menu.with_value(|menu| all_day(queue, menu))));
    let line = |(many, name): &(u32, String)| view! { <li><strong>{*many}</strong>" "{name.clone()}</li> };
    view! {
        <details class="all-day" name=PANEL hidden=move || counted.with(Vec::is_empty)>
            <summary>
                <span class="label">{t.barista_all_day()}</span>
                <ul>
                    {move || counted.with(|counted| counted.iter().take(SHOWN_KINDS).map(line).collect_view())}
                    {move || {
                        let more = counted.with(Vec::len).saturating_sub(SHOWN_KINDS);
                        (more > 0).then(|| view! { <li class="rest">"+ "{more}</li> })
                    }}
                </ul>
            </summary>
            <ul class="panel totals">{move || counted.with(|counted| counted.iter().map(line).collect_view())}</ul>
        </details>
    }
}

#[component]
fn BatchOffer() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let found = Memo::new(move |_| context.queue.with(|queue| context.menu.with_value(|menu| batch(queue, menu))));
    move || {
        let (name, ids) = found.get()?;
        let many = u32::try_from(ids.len()).unwrap_or(0);
        let orders = ids
            .into_iter()
            .enumerate()
            .map(|(at, id)| view! { <input type="hidden" name=format!("orders[{at}]") value=id.to_string() /> })
            .collect_view();
        Some(view! {
            <form class="together" method="post" action={path_of::<ClaimTogether>()}>
                {orders}
                <button class="quiet" type="submit"><strong>{t.barista_together(many)}</strong><span>{name}</span></button>
            </form>
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{OrderNumber, Timestamp};

    use super::*;

    fn menu() -> Menu {
        serde_json::from_value(serde_json::json!([
            {"drink": "Flat White", "icon": "flat-white", "available": true, "modifiers": [
                {"Name": "Milk", "Options": ["Whole milk", "Oat milk"], "Default": "Whole milk"}]},
            {"drink": "Espresso", "icon": "espresso", "available": true},
        ]))
        .unwrap()
    }

    fn waiting(id: &str, drink: &str, modifiers: &[&str]) -> Ticket {
        let wished: Vec<String> = modifiers.iter().map(|each| (*each).to_owned()).collect();
        Ticket {
            id: OrderId::try_from(id).unwrap(),
            number: Some(OrderNumber(1)),
            drink: Some(menu().choose(drink, &wished).unwrap()),
            lane: Lane::UpNext,
            waiting_since: Some(Timestamp(0)),
            make_by: None,
            walk_in: false,
            recalled: false,
            ready_at: None,
        }
    }

    #[test]
    fn at_most_four_orders_are_offered_together() {
        let mut queue = vec![waiting("a", "Espresso", &[]), waiting("b", "Flat White", &["Oat milk"])];
        assert_eq!(batch(&queue, &menu()), None, "different drinks are not batched");
        for id in ["c", "d", "e", "f"] {
            queue.push(waiting(id, "Flat White", &["Oat milk"]));
        }
        queue.push(waiting("g", "Flat White", &[]));
        let (name, ids) = batch(&queue, &menu()).unwrap();
        let ids: Vec<_> = ids.iter().map(OrderId::as_str).collect();
        assert_eq!((name.as_str(), ids.as_slice()), ("Flat White, Oat milk", ["b", "c", "d", "e"].as_slice()));
        let expected = [(5, "Flat White, Oat milk"), (1, "Espresso"), (1, "Flat White")];
        let counted = all_day(&queue, &menu());
        assert_eq!(counted.iter().map(|(many, name)| (*many, name.as_str())).collect::<Vec<_>>(), expected);
    }
}
