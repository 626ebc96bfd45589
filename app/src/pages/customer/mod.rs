//! `/`: the menu, on a guest's phone. `/?drink=<name>` opens the sheet of a drink, with or without JavaScript.

mod banner;
mod card;
mod sheet;

use domain::{
    ShopState,
    live::{Topic, TopicState},
    view::{OrderView, ShopView, Stage},
};
use leptos::prelude::*;

use self::{banner::OrderBanner, card::DrinkCard, sheet::Sheet};
use crate::{
    commands::StartOrder,
    components::{LineBanner, Mark, Trouble, set_title},
    live::use_live,
    place::use_place,
    reads::{MenuData, read_menu},
    words::{self, provide_menu_words},
};

/// The menu.
#[component]
pub(crate) fn MenuPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| read_menu());
    view! {
        <Suspense fallback=|| view! { <main class="page waiting" aria-busy="true"></main> }>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => view! { <MenuView data=data /> }.into_any(),
                    Err(error) => view! { <Trouble error=error link="/" /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn MenuView(data: MenuData) -> impl IntoView {
    provide_menu_words(data.menu_words);
    let live = use_live();
    live.clock.set(data.now);
    let shop = live.shop(data.shop);
    let started = ServerAction::<StartOrder>::new();
    let mine = my_order(data.order, started);
    let place = use_place();
    let menu = StoredValue::new(data.menu);
    let key = StoredValue::new(data.key);
    let chosen = Memo::new(move |_| {
        let name = place.query("drink")?;
        menu.with_value(|menu| menu.drink(&name).cloned())
    });
    // The first tap on a drink starts the order: the workflow waits while the guest chooses.
    Effect::new(move |_| {
        let under_way = mine.with(|order| order.as_ref().is_some_and(|order| !is_over(order)));
        let open = shop.with_untracked(|shop| shop.state == ShopState::Open);
        if chosen.with(Option::is_some) && open && !under_way && started.version().get_untracked() == 0 {
            started.dispatch(StartOrder { key: key.get_value() });
        }
    });
    let cards = move || {
        menu.with_value(|menu| {
            menu.drinks.iter().map(|drink| view! { <DrinkCard drink=drink.clone() /> }).collect_view()
        })
    };
    set_title(move || format!("{} · Coffee", shop.get().name));
    view! {
        <div class="page customer" inert=move || chosen.with(Option::is_some)>
            <header class="hero">
                <Mark />
                <h1>{move || shop.get().name}</h1>
                <p class="state">{move || shop_line(&shop.get())}</p>
            </header>
            <LineBanner advice="You can still order; we keep trying." />
            <main>
                <ShopNotice shop=shop />
                {move || mine.get().map(|order| view! { <OrderBanner order=order /> })}
                <h2 class="visually-hidden">"Menu"</h2>
                <ul class="menu" class:closed=move || shop.with(|shop| shop.state != ShopState::Open)>
                    {cards}
                </ul>
            </main>
            <footer class="foot">
                <p>"One drink at a time. Your number shows up here and on the wall."</p>
            </footer>
        </div>
        {move || {
            chosen.get().map(|drink| {
                view! { <Sheet drink=drink key=key.get_value() mine=mine shop=shop started=started /> }
            })
        }}
    }
}

/// The order of this phone: the one that came with the page, or the one that a tap has started meanwhile.
fn my_order(start: Option<crate::reads::Snapshot>, started: ServerAction<StartOrder>) -> Signal<Option<OrderView>> {
    let live = use_live();
    let first = start.map(|snapshot| live.order(snapshot.topic.clone(), Some(snapshot)));
    let later = RwSignal::new(None::<Memo<Option<OrderView>>>);
    let value = started.value();
    Effect::new(move |_| {
        if let Some(Ok(order)) = value.get() {
            let topic = Topic::Order(order.id.clone());
            let state = live.watch(topic, None);
            if state.with_untracked(Option::is_none) {
                state.set(Some(TopicState::Order(Box::new(order))));
            }
            later.set(Some(Memo::new(move |_| match state.get() {
                Some(TopicState::Order(order)) => Some(*order),
                _ => None,
            })));
        }
    });
    Signal::derive(move || match later.get() {
        Some(order) => order.get(),
        None => first.and_then(|order| order.get()),
    })
}

/// True when nothing more happens to an order.
fn is_over(order: &OrderView) -> bool {
    matches!(order.stage, Stage::Ended { .. })
}

fn shop_line(shop: &ShopView) -> String {
    match &shop.state {
        ShopState::Open => format!("Open · {}", words::busy(shop.in_queue)),
        ShopState::Paused { .. } => "Paused".to_owned(),
        ShopState::Closed => "Closed".to_owned(),
    }
}

/// Why nothing can be ordered now.
#[component]
fn ShopNotice(shop: Memo<ShopView>) -> impl IntoView {
    move || match shop.get().state {
        ShopState::Open => None,
        ShopState::Paused { reason, .. } => Some(view! {
            <section class="notice">
                <h2>"Short break"</h2>
                <p>{reason.to_string()}</p>
                <p>"New orders open again soon; this page will tell you. Drinks already ordered are being made."</p>
            </section>
        }),
        ShopState::Closed => Some(view! {
            <section class="notice">
                <h2>"We are closed"</h2>
                <p>"Have a look at the menu. As soon as the bar opens, you can order here."</p>
                <p></p>
            </section>
        }),
    }
}
