//! A ticket: the number, the drink, its modifiers, its age, and the main button.

use domain::{
    BaristaId, CancelReason, DrinkOrder, OrderId, Timestamp,
    menu::ModifierKind,
    view::{Lane, Ticket},
};
use leptos::{html::Li, prelude::*};

use super::{context::BaristaContext, panels::PANEL, texts};
use crate::{
    commands::{
        AcknowledgeOrder, CancelAtBar, ClaimOrder, CompleteOrder, HandOverOrder, RecallOrder, ReleaseOrder, path_of,
    },
    components::{Icon, Sign},
    i18n::{countdown, minutes, reason_text},
    live::use_live,
};

/// The age from which a card is marked as "late soon", in milliseconds.
const SOON_MILLIS: i64 = 180_000;
/// The age from which a card is marked as "late", in milliseconds.
pub(super) const LATE_MILLIS: i64 = 360_000;
/// The age from which only minutes are shown, in milliseconds.
const MINUTES_ONLY_MILLIS: i64 = 3_600_000;

/// The card of an order. The element stays the same, with its focus, while the order stays in its lane.
#[component]
pub(super) fn Card(id: OrderId) -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let live = use_live();
    let t = crate::i18n::messages();
    let ticket = context.ticket(id.clone());
    let card = NodeRef::<Li>::new();
    let touched = id.clone();
    Effect::new(move |_| {
        if let Some(card) = card.get()
            && context.last_touched.with_untracked(|last| last.as_ref() == Some(&touched))
        {
            _ = card.focus();
        }
    });
    let drink = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().and_then(|ticket| ticket.drink.clone())));
    let lane = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().map(|ticket| ticket.lane.clone())));
    let number = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().and_then(|ticket| ticket.number)));
    let since = Memo::new(move |_| ticket.with(|ticket| ticket.as_ref().and_then(age_counts_from)));
    let marks = move || ticket.with(|ticket| ticket.as_ref().is_some_and(|each| each.walk_in));
    let again = move || ticket.with(|ticket| ticket.as_ref().is_some_and(|each| each.recalled));
    let heading = StoredValue::new(format!("card-{id}"));
    let order = StoredValue::new(id.to_string());
    let is_new = {
        let id = id.clone();
        Memo::new(move |_| {
            lane.with(|lane| *lane == Some(Lane::UpNext))
                && context.new_orders.with(|new_orders| new_orders.contains(&id))
        })
    };
    let sending = Memo::new(move |_| order.with_value(|order| context.is_sending(order)));
    view! {
        <li
            class="card"
            node_ref=card
            tabindex="-1"
            aria-labelledby=heading.get_value()
            data-age=move || lane.with(|lane| age_tone(lane.as_ref(), since.get(), live.clock.now()))
            data-new=move || is_new.get().then_some("")
        >
            <header>
                <h3 id=heading.get_value()>
                    <span class="visually-hidden">{t.barista_order()}" "</span>
                    <span class="number" class:long=move || number.get().is_some_and(|number| number.0 > 999) translate="no">{move || number.get().map_or_else(|| "–".to_owned(), |number| number.to_string())}</span>
                    <span class="visually-hidden">{move || drink.with(|drink| drink.as_ref().map(|drink| format!(", {}", drink.drink)))}</span>
                </h3>
                <Age lane=lane since=since is_new=is_new />
                {move || lane.get().map(|lane| view! { <MoreActions order=order lane=lane /> })}
            </header>
            {move || drink.get().map(|drink| view! {
                <Drink drink=drink lane=lane>
                    {move || marks().then(|| view! { <span>{t.barista_walk_in()}</span> })}
                    {move || again().then(|| view! { <span class="mark-again">{t.barista_mark_again()}</span> })}
                    {move || sending.get().then(|| view! { <span class="sending">{t.barista_sending()}</span> })}
                </Drink>
            })}
            <Status lane=lane />
            <div class="do">
                {move || lane.get().map(|lane| view! { <Action order=order lane=lane sending=sending /> })}
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

/// The age, with a text when it is too long. Colour is never the only sign.
#[component]
fn Age(lane: Memo<Option<Lane>>, since: Memo<Option<Timestamp>>, is_new: Memo<bool>) -> impl IntoView {
    let live = use_live();
    let t = crate::i18n::messages();
    let text = move || {
        let (since, now) = (since.get()?, live.clock.now());
        let age = now.millis_since(since);
        let running = lane.with(|lane| matches!(lane, Some(Lane::UpNext | Lane::Making { .. })));
        let tone = match lane.with(|lane| age_tone(lane.as_ref(), Some(since), now)) {
            "late" => Some(t.barista_age_late()),
            "soon" => Some(t.barista_age_soon()),
            _ => is_new.get().then(|| t.barista_mark_new()),
        };
        let fresh = tone.is_some_and(|tone| tone == t.barista_mark_new());
        let age = if running && age < MINUTES_ONLY_MILLIS { countdown(age) } else { minutes(age) };
        Some(
            view! { <span class="time">{age}</span>{tone.map(|tone| view! { <span class:fresh=fresh>{tone}</span> })} },
        )
    };
    view! { <p class="age">{text}</p> }
}

/// The drink and its modifiers, next to the marks of the order.
#[component]
fn Drink(drink: DrinkOrder, lane: Memo<Option<Lane>>, children: Children) -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = crate::i18n::messages();
    let tokens = context.menu.with_value(|menu| menu.card_modifiers(&drink));
    let plain = tokens.is_empty();
    let tokens = tokens
        .into_iter()
        .map(|token| match token.kind {
            ModifierKind::Add => view! { <li class="add">"+ "{token.text}</li> }.into_any(),
            ModifierKind::Remove => view! { <li class="leave">{t.barista_no()}" "<s>{token.text}</s></li> }.into_any(),
            ModifierKind::Milk => view! { <li class="milk"><MilkIcon />{token.text}</li> }.into_any(),
            ModifierKind::Swap => view! { <li>{token.text}</li> }.into_any(),
        })
        .collect_view();
    let ordered = StoredValue::new(drink.clone());
    // A part of the order has sold out since. The barista should ask the guest.
    let gone = move || {
        let open = lane.with(|lane| matches!(lane, Some(Lane::UpNext | Lane::Making { .. })));
        let names = context.shop.with(|shop| {
            ordered.with_value(|order| {
                let drink = shop.sold_out.has_drink(&order.drink).then(|| order.drink.clone());
                let rest = order.modifiers.iter().filter(|each| shop.sold_out.has_modifier(each)).cloned();
                drink.into_iter().chain(rest).collect::<Vec<_>>()
            })
        });
        (open && !names.is_empty()).then(|| {
            view! { <p class="gone"><Icon sign=Sign::Warning />{t.barista_has_run_out(&names.join(", "))}</p> }
        })
    };
    view! {
        <p class="drink-name">{drink.drink.clone()}</p>
        <div class="facts">
            {(!plain).then(|| view! { <ul class="tokens">{tokens}</ul> })}
            <p class="marks">{children()}</p>
        </div>
        {gone}
    }
}

/// The icon of milk. It is decorative.
#[component]
fn MilkIcon() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <path d="M8 3h8v3l2.500 4v11h-13V10L8 6zM5.500 10h13" fill="none" stroke="currentColor" stroke-width="2.200" stroke-linejoin="round" />
        </svg>
    }
}

/// Who makes the drink, or how the order ended.
#[component]
fn Status(lane: Memo<Option<Lane>>) -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = crate::i18n::messages();
    move || {
        let text = match lane.get()? {
            Lane::UpNext | Lane::HandOver { .. } => return None,
            Lane::Making { barista } if barista == context.me() => t.barista_making_me().to_owned(),
            Lane::Making { barista } => t.barista_making_other(barista.name()),
            Lane::Finishing { .. } => t.barista_finishing().to_owned(),
            Lane::Ended { ending, .. } => texts::ending_text(&ending.by_name()),
        };
        Some(view! { <p class="who"><Icon sign=Sign::Person />{text}</p> })
    }
}

/// The main button, as a plain form that works without a script.
#[component]
fn Action(order: StoredValue<String>, lane: Lane, sending: Memo<bool>) -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = crate::i18n::messages();
    let (action, class, label) = match &lane {
        Lane::UpNext => (path_of::<ClaimOrder>(), "primary wide", t.barista_claim()),
        Lane::Making { barista } if *barista == context.me() => {
            (path_of::<CompleteOrder>(), "ready wide", t.barista_ready())
        }
        Lane::Making { barista } => return view! { <TakeOver order=order barista=barista.clone() /> }.into_any(),
        Lane::HandOver { .. } => (path_of::<HandOverOrder>(), "primary wide", t.barista_handed_over()),
        Lane::Ended { .. } => (path_of::<AcknowledgeOrder>(), "quiet wide", t.barista_acknowledge()),
        Lane::Finishing { .. } => return ().into_any(),
    };
    view! {
        <form method="post" action=action>
            <input type="hidden" name="order" value=order.get_value() />
            <button class=class type="submit" disabled=sending>{label}</button>
        </form>
    }
    .into_any()
}

/// Taking an order over from another barista needs two taps, to prevent mistakes.
#[component]
fn TakeOver(order: StoredValue<String>, barista: BaristaId) -> impl IntoView {
    let t = crate::i18n::messages();
    view! {
        <details class="take-over" name=PANEL>
            <summary>{t.barista_take_over(barista.name())}</summary>
            <form method="post" action={path_of::<ClaimOrder>()}>
                <input type="hidden" name="order" value=order.get_value() />
                <input type="hidden" name="take_over" value="true" />
                <button class="primary wide" type="submit">{t.barista_take_over_yes()}</button>
            </form>
        </details>
    }
}

/// Rare actions: return to the queue, recall, cancel with a reason.
#[component]
fn MoreActions(order: StoredValue<String>, lane: Lane) -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let t = crate::i18n::messages();
    let mine = matches!(&lane, Lane::Making { barista } if *barista == context.me());
    let made = matches!(lane, Lane::HandOver { .. });
    let open = matches!(lane, Lane::UpNext | Lane::Making { .. });
    if !open && !made {
        return ().into_any();
    }
    let reasons = CancelReason::CODES
        .iter()
        .map(|reason| {
            view! { <button class="reason" type="submit" name="reason" value=reason.as_str()>{reason_text(reason.as_str())}</button> }
        })
        .collect_view();
    view! {
        <details class="more" name=PANEL>
            <summary><span class="visually-hidden">{t.barista_more()}</span><span class="dots" aria-hidden="true"></span></summary>
            <div class="panel">
                {mine.then(|| view! {
                    <form method="post" action={path_of::<ReleaseOrder>()}>
                        <input type="hidden" name="order" value=order.get_value() />
                        <button class="quiet wide" type="submit">{t.barista_release()}</button>
                    </form>
                })}
                {made.then(|| view! {
                    <form method="post" action={path_of::<RecallOrder>()}>
                        <input type="hidden" name="order" value=order.get_value() />
                        <button class="quiet wide" type="submit">{t.barista_recall()}</button>
                    </form>
                })}
                {open.then(|| view! {
                    <form method="post" action={path_of::<CancelAtBar>()}>
                        <input type="hidden" name="order" value=order.get_value() />
                        <fieldset>
                            <legend>{t.barista_cancel_legend()}</legend>
                            <div class="reasons">{reasons}</div>
                        </fieldset>
                    </form>
                    <form class="own-words" method="post" action={path_of::<CancelAtBar>()}>
                        <input type="hidden" name="order" value=order.get_value() />
                        <label>
                            <span>{t.barista_own_words()}</span>
                            <input type="text" name="reason" maxlength="140" required autocomplete="off" />
                        </label>
                        <button class="quiet danger wide" type="submit">{t.barista_cancel_send()}</button>
                    </form>
                })}
            </div>
        </details>
    }
    .into_any()
}
