//! The actions that the guest has on the order.

use domain::view::{OrderView, Stage};
use leptos::{html::H1, prelude::*};

use crate::{
    commands::{CancelOrder, CollectOrder, ExtendOrder, path_of},
    components::{Alert, Icon, Sign},
    form_action::FormAction,
    i18n::{self, countdown, messages},
    live::use_live,
    pages::drink_link::drink_address,
};

/// The commands of the page.
#[derive(Clone, Copy)]
pub(super) struct Commands {
    cancel: FormAction,
    collect: FormAction,
    extend: FormAction,
}

impl Commands {
    /// Creates the commands. After a command the page is refreshed and the focus moves to the headline, because the
    /// button that had it may be gone.
    pub(super) fn new(headline: NodeRef<H1>, announce: RwSignal<String>) -> Self {
        let live = use_live();
        let all = Self {
            cancel: FormAction::new(path_of::<CancelOrder>()),
            collect: FormAction::new(path_of::<CollectOrder>()),
            extend: FormAction::new(path_of::<ExtendOrder>()),
        };
        let Self { cancel, collect, extend } = all;
        Effect::new(move |before: Option<()>| {
            let worked = [cancel.succeeded(), collect.succeeded()].contains(&true);
            let done = worked || cancel.error().is_some() || collect.error().is_some();
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
            if extend.succeeded() {
                announce.set(messages().order_announce_more().to_owned());
                live.refresh();
            }
        });
        all
    }

    /// The message for the last error.
    pub(super) fn error(self) -> Signal<Option<String>> {
        Signal::derive(move || {
            let any = self.cancel.error().or_else(|| self.collect.error()).or_else(|| self.extend.error());
            any.map(|error| i18n::error_text(&error))
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

/// The main action, below the number: collect, order again, or choose.
#[component]
pub(super) fn PrimaryAction(order: Memo<Option<OrderView>>, id: String, commands: Commands) -> impl IntoView {
    let t = messages();
    let live = use_live();
    let offer = offered(order);
    let id = StoredValue::new(id);
    let trouble = commands.error();
    let left = Memo::new(move |_| {
        let until = order.with(|order| order.as_ref().and_then(|order| order.choose_by))?;
        Some(until.millis_since(live.clock.now()).max(0))
    });
    let again = move || {
        order.with(|order| {
            let drink = order.as_ref().and_then(|order| order.drink.as_ref());
            drink.map_or_else(|| "/?menu".to_owned(), |drink| drink_address(&drink.drink, &drink.special))
        })
    };
    let shown = move || {
        match offer.get()? {
        Offer::Cancel | Offer::Wait => None,
        Offer::Collect => Some(
            view! {
                <form action=commands.collect.path() method="post" on:submit=move |event| commands.collect.on_submit(&event)>
                    <input type="hidden" name="order" value=id.get_value() />
                    <button class="ready wide" type="submit" disabled=commands.collect.pending()>{t.order_collect()}</button>
                </form>
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
                    <form action=commands.extend.path() method="post" on:submit=move |event| commands.extend.on_submit(&event)>
                        <input type="hidden" name="order" value=id.get_value() />
                        <button class="quiet wide" type="submit" disabled=commands.extend.pending()>{t.order_more_time()}</button>
                    </form>
                })}
            }
            .into_any(),
        ),
    }
    };
    // The style sheet cannot use `:has()`: Firefox does not re-evaluate it when an action appears.
    let empty = move || {
        let idle = matches!(offer.get(), None | Some(Offer::Cancel | Offer::Wait));
        (idle && trouble.get().is_none()).then_some("")
    };
    view! {
        <section class="actions" data-empty=empty>
            <Alert text=trouble />
            {shown}
        </section>
    }
}

/// The rarely used action, at the end of the page: cancel.
#[component]
pub(super) fn SecondaryAction(order: Memo<Option<OrderView>>, id: String, commands: Commands) -> impl IntoView {
    let t = messages();
    let offer = offered(order);
    let id = StoredValue::new(id);
    let cancel = move |label: &'static str| {
        view! {
            <form action=commands.cancel.path() method="post" on:submit=move |event| commands.cancel.on_submit(&event)>
                <input type="hidden" name="order" value=id.get_value() />
                <button class="quiet danger wide" type="submit" disabled=commands.cancel.pending()>{label}</button>
            </form>
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
