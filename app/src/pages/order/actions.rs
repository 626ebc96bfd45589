//! What the guest can do about the order now.

use domain::view::{OrderView, Stage};
use leptos::{form::ActionForm, html::H1, prelude::*};

use crate::{
    commands::{CancelOrder, CollectOrder, ExtendOrder},
    components::{Alert, Icon, Sign},
    live::use_live,
    pages::customer::address,
    words::{self, countdown, words},
};

/// The commands of this page, and what became of them.
#[derive(Clone, Copy)]
pub(super) struct Commands {
    cancel: ServerAction<CancelOrder>,
    collect: ServerAction<CollectOrder>,
    extend: ServerAction<ExtendOrder>,
}

impl Commands {
    /// After a command the page shows what it did, and the focus goes to the headline that says so: the button that had
    /// it may be gone.
    pub(super) fn new(headline: NodeRef<H1>, announce: RwSignal<String>) -> Self {
        let live = use_live();
        let all = Self { cancel: ServerAction::new(), collect: ServerAction::new(), extend: ServerAction::new() };
        let (cancelled, collected, extended) = (all.cancel.value(), all.collect.value(), all.extend.value());
        Effect::new(move |before: Option<()>| {
            let done = [cancelled.with(Option::is_some), collected.with(Option::is_some)].contains(&true);
            let worked = cancelled.with(|answer| matches!(answer, Some(Ok(_))))
                || collected.with(|answer| matches!(answer, Some(Ok(_))));
            if done {
                live.refresh();
            }
            if worked
                && before.is_some()
                && let Some(headline) = headline.get_untracked()
            {
                _ = headline.focus();
            }
        });
        Effect::new(move |_| {
            if extended.with(|answer| matches!(answer, Some(Ok(_)))) {
                announce.set(words().order_announce_more().to_owned());
                live.refresh();
            }
        });
        all
    }

    /// Why the last command had no effect.
    pub(super) fn trouble(self) -> Signal<Option<String>> {
        let (cancelled, collected, extended) = (self.cancel.value(), self.collect.value(), self.extend.value());
        Signal::derive(move || {
            let cancelled = cancelled.get().and_then(Result::err);
            let other = || collected.get().and_then(Result::err).or_else(|| extended.get().and_then(Result::err));
            cancelled.or_else(other).map(|error| words::trouble(&error))
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Offer {
    Choose { extendable: bool },
    Cancel,
    Wait,
    Collect,
    Again,
}

const fn offer(order: &OrderView) -> Offer {
    match order.stage {
        Stage::Choosing => Offer::Choose { extendable: order.extendable },
        Stage::Submitted | Stage::Making => Offer::Wait,
        Stage::Waiting => Offer::Cancel,
        Stage::Ready => Offer::Collect,
        Stage::Ended { .. } => Offer::Again,
    }
}

fn offered(order: Memo<Option<OrderView>>) -> Memo<Option<Offer>> {
    Memo::new(move |_| order.with(|order| order.as_ref().map(offer)))
}

/// What matters most, right below the number: "I've got it", "Order again", or the way back to the choice.
#[component]
pub(super) fn Primary(order: Memo<Option<OrderView>>, id: String, commands: Commands) -> impl IntoView {
    let t = words();
    let live = use_live();
    let offer = offered(order);
    let id = StoredValue::new(id);
    let trouble = commands.trouble();
    let left = Memo::new(move |_| {
        let until = order.with(|order| order.as_ref().and_then(|order| order.choose_by))?;
        Some(until.millis_since(live.clock.now()).max(0))
    });
    let again = move || {
        order.with(|order| {
            let drink = order.as_ref().and_then(|order| order.drink.as_ref());
            drink.map_or_else(|| "/?menu".to_owned(), |drink| address(&drink.drink, &drink.special))
        })
    };
    let shown = move || {
        match offer.get()? {
        Offer::Cancel | Offer::Wait => None,
        Offer::Collect => Some(
            view! {
                <ActionForm action=commands.collect>
                    <input type="hidden" name="order" value=id.get_value() />
                    <button class="ready wide" type="submit" disabled=commands.collect.pending()>{t.order_collect()}</button>
                </ActionForm>
            }
            .into_any(),
        ),
        Offer::Again => Some(
            view! {
                <a class="button primary wide" href=again rel="external">{t.order_again()}</a>
                <a class="button quiet wide" href="/?menu" rel="external">{t.order_to_menu()}</a>
            }
            .into_any(),
        ),
        Offer::Choose { extendable } => Some(
            view! {
                <a class="button primary wide" href="/?menu" rel="external">{t.order_choose()}</a>
                <p class="kept">
                    <Icon sign=Sign::Clock />
                    <span>{move || left.get().map(|left| t.order_kept_for(&countdown(left)))}</span>
                </p>
                {extendable.then(|| view! {
                    <ActionForm action=commands.extend>
                        <input type="hidden" name="order" value=id.get_value() />
                        <button class="quiet wide" type="submit" disabled=commands.extend.pending()>{t.order_more_time()}</button>
                    </ActionForm>
                })}
            }
            .into_any(),
        ),
    }
    };
    view! {
        <section class="actions">
            <Alert words=trouble />
            {shown}
        </section>
    }
}

/// What is seldom wanted, at the end: calling the order off.
#[component]
pub(super) fn Secondary(order: Memo<Option<OrderView>>, id: String, commands: Commands) -> impl IntoView {
    let t = words();
    let offer = offered(order);
    let id = StoredValue::new(id);
    let cancel = move |label: &'static str| {
        view! {
            <ActionForm action=commands.cancel>
                <input type="hidden" name="order" value=id.get_value() />
                <button class="quiet danger wide" type="submit" disabled=commands.cancel.pending()>{label}</button>
            </ActionForm>
        }
    };
    let shown = move || match offer.get()? {
        Offer::Cancel => {
            Some(view! { {cancel(t.order_cancel())} <p class="hint">{t.order_cancel_hint()}</p> }.into_any())
        }
        Offer::Choose { .. } => Some(cancel(t.order_give_back()).into_any()),
        Offer::Wait => Some(view! { <p class="hint">{t.order_keep_open()}</p> }.into_any()),
        Offer::Collect | Offer::Again => None,
    };
    view! { <section class="actions last">{shown}</section> }
}
