//! `/orders/<id>`: the status of one order, for its guest.

mod actions;
mod notify;
mod reminders;
mod status_text;
mod steps;

use domain::{
    live::Topic,
    view::{OrderView, ShopView, Stage},
};
use leptos::{html::H1, prelude::*};

use self::{
    actions::{Commands, PrimaryAction, SecondaryAction},
    notify::NotifyMe,
    steps::Steps,
};
#[cfg(not(feature = "hydrate"))]
use crate::{components::ErrorPage, loaders::read_order, location};
use crate::{
    components::{ConnectionBanner, Drawing, Icon, LanguageSwitch, Logo, NoScriptRefresh, Sign, set_title},
    i18n::{Messages, menu_names, messages, provide_menu_names},
    live::{ConnectionStatus, use_live},
    loaders::OrderPageData,
    page_data,
};

/// Renders the page of an order.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn render() -> AnyView {
    page_data::render(read_order(location::last_segment()), show, |error| {
        view! { <ErrorPage error=error /> }.into_any()
    })
}

/// Hydrates the page.
#[cfg(feature = "hydrate")]
pub(crate) fn hydrate() {
    page_data::hydrate(show);
}

fn show(data: OrderPageData) -> AnyView {
    view! { <OrderPage data=data /> }.into_any()
}

#[component]
fn OrderPage(data: OrderPageData) -> impl IntoView {
    let t = messages();
    let live = use_live();
    live.clock.set(data.now);
    provide_menu_names(data.menu_words);
    let shop = live.shop(data.shop);
    let Topic::Order(id) = data.order.topic.clone() else { return ().into_any() };
    let order = live.order(data.order.topic.clone(), Some(data.order));
    let over =
        order.with_untracked(|order| order.as_ref().is_some_and(|order| matches!(order.stage, Stage::Ended { .. })));
    let headline = NodeRef::<H1>::new();
    let announce = announce(t, order);
    let commands = Commands::new(headline, announce);
    let silent = move || matches!(live.status.get(), ConnectionStatus::Stale { .. });
    let stage =
        Memo::new(move |_| order.with(|order| order.as_ref().map_or("", |order| status_text::name(&order.stage))));
    set_title(move || order.with(|order| order.as_ref().map(|order| title(t, order, &shop.get())).unwrap_or_default()));
    view! {
        {(!over).then(|| view! { <NoScriptRefresh seconds=5 /> })}
        <ConnectionBanner advice=t.order_line_advice() also=announce />
        <div class="page status" class:stale=silent data-stage=stage>
            <header class="slim">
                <a class="back" href="/?menu" rel="external"><Icon sign=Sign::Back /><span>{t.order_menu()}</span></a>
                <Logo />
                <span class="shop" translate="no">{move || shop.get().name}</span>
            </header>
            <main>
                <Headline order=order headline=headline />
                <PrimaryAction order=order id=id.to_string() commands=commands />
                <NotifyMe order=order />
                <Steps order=order />
                <OrderedDrink order=order />
                <SecondaryAction order=order id=id.to_string() commands=commands />
                <a class="board-link" href="/display/mine" rel="external">{t.order_board()}</a>
            </main>
            <footer class="foot"><LanguageSwitch /></footer>
        </div>
    }
    .into_any()
}

/// The title of the tab: "(Ready) 47 · Doppio".
fn title(t: Messages, order: &OrderView, shop: &ShopView) -> String {
    let state = status_text::state(t, &order.stage);
    match order.number {
        Some(number) => t.order_title(state, &number.to_string(), &shop.name),
        None => t.order_title_plain(state, &shop.name),
    }
}

/// How long the drink has been on the counter, in milliseconds, rounded down to minutes.
fn waited(order: Memo<Option<OrderView>>) -> Memo<i64> {
    let live = use_live();
    Memo::new(move |_| {
        let ready_at = order.with(|order| order.as_ref().and_then(|order| order.ready_at));
        let waited = ready_at.map_or(0, |at| live.clock.now().millis_since(at).max(0));
        waited - waited % 60_000
    })
}

#[component]
fn Headline(order: Memo<Option<OrderView>>, headline: NodeRef<H1>) -> impl IntoView {
    let t = messages();
    let waited = waited(order);
    let number = Memo::new(move |_| order.with(|order| order.as_ref().and_then(|order| order.number)));
    // Space is reserved until the number arrives. An order that ended without a number has none.
    let comes = Memo::new(move |_| {
        order
            .with(|order| order.as_ref().is_some_and(|order| order.number.is_some() || order.stage == Stage::Submitted))
    });
    let text = Memo::new(move |_| {
        order.with(|order| {
            order.as_ref().map(|order| status_text::status_text(t, order, waited.get())).unwrap_or_default()
        })
    });
    let wait = Memo::new(move |_| order.with(|order| order.as_ref().and_then(|order| order.wait)));
    let label = move || if number.get().is_some() { t.order_label_number() } else { t.order_label_order() };
    view! {
        <section class="headline">
            <p class="label">{label}</p>
            {move || comes.get().then(|| view! {
                <p class="number" translate="no">{move || number.get().map_or_else(|| "…".to_owned(), |number| number.to_string())}</p>
            })}
            <h1 tabindex="-1" node_ref=headline>{move || text.get().0}</h1>
            {move || wait.get().map(|wait| view! {
                <p class="wait">
                    <Icon sign=Sign::Clock />
                    <span>{t.order_wait(&wait.from.to_string(), &wait.to.to_string())}</span>
                </p>
            })}
            <p class="sentence">{move || text.get().1}</p>
        </section>
    }
}

/// The ordered drink.
#[component]
fn OrderedDrink(order: Memo<Option<OrderView>>) -> impl IntoView {
    let m = menu_names();
    let drink = Memo::new(move |_| order.with(|order| order.as_ref().and_then(|order| order.drink.clone())));
    move || {
        drink.get().map(|drink| {
            let modifiers = drink.modifiers.iter().map(|modifier| {
                let special = drink.special.contains(modifier);
                view! { <li class:special=special>{m.translate(modifier)}</li> }
            });
            view! {
                <section class="ordered">
                    <Drawing icon=drink.icon.clone() size=72 />
                    <div>
                        <h2>{m.translate(&drink.drink)}</h2>
                        <ul class="modifiers">{modifiers.collect_view()}</ul>
                    </div>
                </section>
            }
        })
    }
}

/// What a screen reader announces when the order changes. Nothing on load.
fn announce(t: Messages, order: Memo<Option<OrderView>>) -> RwSignal<String> {
    let live = use_live();
    let announce = RwSignal::new(String::new());
    let waited = waited(order);
    let late = Memo::new(move |_| status_text::REMINDERS.iter().filter(|at| waited.get() >= **at).count());
    let stage = Memo::new(move |_| {
        order.with(|order| order.as_ref().map(|order| (status_text::name(&order.stage), order.number, order.delay)))
    });
    let asks = Memo::new(move |_| {
        let until =
            order.with(|order| order.as_ref().filter(|order| order.extendable).and_then(|order| order.choose_by));
        until.is_some_and(|until| live.clock.is_hydrated() && until.millis_since(live.clock.now()) < 60_000)
    });
    Effect::new(move |before: Option<_>| {
        let now = (stage.get(), late.get());
        if before.is_some_and(|before| before != now) {
            let text = order.with_untracked(|order| {
                let order = order.as_ref()?;
                let (headline, sentence) = status_text::status_text(t, order, waited.get_untracked());
                Some(match order.number {
                    Some(number) if now.1 == 0 && order.delay.is_none() => {
                        t.order_announce(&number.to_string(), &headline)
                    }
                    Some(number) => format!("{} {sentence}", t.order_announce(&number.to_string(), &headline)),
                    None => headline,
                })
            });
            announce.set(text.unwrap_or_default());
        }
        now
    });
    Effect::new(move |_| {
        if asks.get() {
            announce.set(t.order_announce_soon().to_owned());
        }
    });
    announce
}
