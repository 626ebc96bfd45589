//! One order card: the number, the drink, what is special about it, its age, and one big action.

use domain::{
    CancelReason, DrinkOrder, Ending, OrderId, Timestamp,
    order::Waiter,
    view::{Lane, Ticket},
};
use leptos::{form::ActionForm, html::Li, prelude::*};

use super::desk::Desk;
use crate::{
    components::{Drawing, Icon, Sign},
    live::use_live,
    words,
};

/// From this age on a card says "late soon", in milliseconds.
const SOON_MILLIS: i64 = 180_000;
/// From this age on a card says "late", in milliseconds.
const LATE_MILLIS: i64 = 360_000;

/// The card of an order. It stays the same element, and keeps the focus, while its order stays in its lane.
#[component]
pub(super) fn Card(id: OrderId) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let ticket = desk.ticket(id.clone());
    let card = NodeRef::<Li>::new();
    let touched = id.clone();
    Effect::new(move |_| {
        if let Some(card) = card.get()
            && desk.touched.with_untracked(|last| last.as_ref() == Some(&touched))
        {
            _ = card.focus();
        }
    });
    let drink = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().and_then(|ticket| ticket.drink.clone())));
    let lane = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().map(|ticket| ticket.lane.clone())));
    let number = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().and_then(|ticket| ticket.number)));
    let since = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().and_then(age_counts_from)));
    let heading = StoredValue::new(format!("card-{id}"));
    let touch = id.clone();
    view! {
        <li
            class="card"
            node_ref=card
            tabindex="-1"
            aria-labelledby=heading.get_value()
            data-age=move || lane.with(|lane| age_tone(lane.as_ref(), since.get(), use_live().clock.now()))
            on:submit:capture=move |_| desk.touched.set(Some(touch.clone()))
        >
            <header>
                <h3 id=heading.get_value()>
                    <span class="visually-hidden">"Order "</span>
                    <span class="number">{move || number.get().map_or_else(|| "–".to_owned(), |number| number.to_string())}</span>
                    <span class="visually-hidden">{move || drink.with(|drink| drink.as_ref().map(|drink| format!(", {}", drink.drink)))}</span>
                </h3>
                <Age lane=lane since=since />
            </header>
            {move || drink.get().map(|drink| view! { <Drink drink=drink /> })}
            <Status lane=lane />
            <div class="do">
                {move || lane.get().map(|lane| view! { <Actions id=id.clone() lane=lane /> })}
            </div>
        </li>
    }
}

const fn age_counts_from(ticket: &Ticket) -> Option<Timestamp> {
    match ticket.lane {
        Lane::HandOver { since } => Some(since),
        Lane::Ended { at, .. } => Some(at),
        _ => ticket.waiting_since,
    }
}

const fn age_tone(lane: Option<&Lane>, since: Option<Timestamp>, now: Timestamp) -> &'static str {
    let (Some(Lane::UpNext | Lane::Making { .. }), Some(since)) = (lane, since) else { return "none" };
    match now.millis_since(since) {
        LATE_MILLIS.. => "late",
        SOON_MILLIS.. => "soon",
        _ => "none",
    }
}

/// Its age in words, and whether that is too long: never by colour alone.
#[component]
fn Age(lane: Memo<Option<Lane>>, since: Memo<Option<Timestamp>>) -> impl IntoView {
    let live = use_live();
    let text = move || {
        let (since, now) = (since.get()?, live.clock.now());
        let tone = match lane.with(|lane| age_tone(lane.as_ref(), Some(since), now)) {
            "late" => Some("late"),
            "soon" => Some("late soon"),
            _ => None,
        };
        let age = words::minutes(now.millis_since(since));
        Some(view! { <span>{age}</span>{tone.map(|tone| view! { <span>{tone}</span> })} })
    };
    view! { <p class="age">{text}</p> }
}

#[component]
fn Drink(drink: DrinkOrder) -> impl IntoView {
    let special = drink.special.iter().map(|modifier| view! { <li>{modifier.clone()}</li> }).collect_view();
    let plain = drink.special.is_empty();
    view! {
        <div class="make">
            <Drawing icon=drink.icon.clone() size=64 />
            <div>
                <p class="drink-name">{drink.drink.clone()}</p>
                {if plain {
                    view! { <p class="plain">"as it comes"</p> }.into_any()
                } else {
                    view! { <ul class="tokens">{special}</ul> }.into_any()
                }}
            </div>
        </div>
    }
}

/// Who has it, or how it ended.
#[component]
fn Status(lane: Memo<Option<Lane>>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    move || {
        let words = match lane.get()? {
            Lane::UpNext | Lane::HandOver { .. } => return None,
            Lane::Making { barista } if barista == desk.me() => "You are making it".to_owned(),
            Lane::Making { barista } => format!("{barista} is making it"),
            Lane::Finishing { .. } => "Ready. The guest is told in a moment.".to_owned(),
            Lane::Ended { ending, .. } => ended(&ending),
        };
        Some(view! { <p class="who"><Icon sign=Sign::Person />{words}</p> })
    }
}

fn ended(ending: &Ending) -> String {
    match ending {
        Ending::Collected => "Collected".to_owned(),
        Ending::Uncollected => "Nobody came for it".to_owned(),
        Ending::CancelledByCustomer => "Cancelled by the guest. Do not make it.".to_owned(),
        Ending::CancelledByBarista { barista, reason } => format!("Cancelled by {barista}: {reason}"),
        Ending::TimedOut { who: Waiter::Customer } => "The guest did not choose in time".to_owned(),
        Ending::TimedOut { who: Waiter::Barista } => "Waited too long and was ended. Apologise if they ask.".to_owned(),
        Ending::Refused { reason } => format!("Not taken: {reason}"),
    }
}

#[component]
fn Actions(id: OrderId, lane: Lane) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let order = StoredValue::new(id.to_string());
    match lane {
        Lane::UpNext => view! {
            <ActionForm action=desk.claim>
                <input type="hidden" name="order" value=order.get_value() />
                <button class="primary wide" type="submit" disabled=busy(desk.claim, &id)>"Claim"</button>
            </ActionForm>
            <More order=order mine=false />
        }
        .into_any(),
        Lane::Making { barista } if barista == desk.me() => view! {
            <ActionForm action=desk.complete>
                <input type="hidden" name="order" value=order.get_value() />
                <button class="ready wide" type="submit" disabled=busy_complete(desk, &id)>"Ready"</button>
            </ActionForm>
            <More order=order mine=true />
        }
        .into_any(),
        Lane::Making { barista } => view! {
            <ActionForm action=desk.claim>
                <input type="hidden" name="order" value=order.get_value() />
                <input type="hidden" name="take_over" value="true" />
                <button class="quiet wide" type="submit" disabled=busy(desk.claim, &id)>{format!("Take over from {barista}")}</button>
            </ActionForm>
        }
        .into_any(),
        Lane::HandOver { .. } => view! {
            <ActionForm action=desk.hand_over>
                <input type="hidden" name="order" value=order.get_value() />
                <button class="primary wide" type="submit" disabled=busy_hand_over(desk, &id)>"Handed over"</button>
            </ActionForm>
        }
        .into_any(),
        Lane::Finishing { .. } | Lane::Ended { .. } => ().into_any(),
    }
}

/// True while the command on this card is under way, so that a second tap finds a button that does nothing.
fn busy(claim: ServerAction<crate::commands::ClaimOrder>, id: &OrderId) -> impl Fn() -> bool + use<> {
    let id = id.to_string();
    move || claim.input().with(|input| input.as_ref().is_some_and(|input| input.order == id))
}

fn busy_complete(desk: Desk, id: &OrderId) -> impl Fn() -> bool + use<> {
    let id = id.to_string();
    move || desk.complete.input().with(|input| input.as_ref().is_some_and(|input| input.order == id))
}

fn busy_hand_over(desk: Desk, id: &OrderId) -> impl Fn() -> bool + use<> {
    let id = id.to_string();
    move || desk.hand_over.input().with(|input| input.as_ref().is_some_and(|input| input.order == id))
}

/// Give back, cancel with a reason.
#[component]
fn More(order: StoredValue<String>, mine: bool) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let reasons = CancelReason::CODES
        .iter()
        .map(|reason| view! { <button class="reason" type="submit" name="reason" value=reason.as_str()>{reason.to_string()}</button> })
        .collect_view();
    view! {
        <details class="more">
            <summary>"More"</summary>
            <div class="more-inside">
                {mine.then(|| view! {
                    <ActionForm action=desk.release>
                        <input type="hidden" name="order" value=order.get_value() />
                        <button class="quiet wide" type="submit">"Give it back to the queue"</button>
                    </ActionForm>
                })}
                <ActionForm action=desk.cancel>
                    <input type="hidden" name="order" value=order.get_value() />
                    <fieldset>
                        <legend>"Cancel it; the guest reads why:"</legend>
                        <div class="reasons">{reasons}</div>
                    </fieldset>
                </ActionForm>
            </div>
        </details>
    }
}
