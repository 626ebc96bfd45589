//! `/orders/<id>`: where one order stands, on the phone of its guest.

mod actions;
mod steps;

use domain::{
    live::Topic,
    view::{OrderView, ShopView, Stage},
};
use leptos::prelude::*;

use self::{actions::Actions, steps::Steps};
use crate::{
    components::{Drawing, Icon, LineBanner, Mark, NoScriptRefresh, Sign, Trouble, set_title},
    live::use_live,
    place::use_place,
    reads::{OrderData, read_order},
    words::{self, provide_menu_words},
};

/// The page of one order.
#[component]
pub(crate) fn OrderPage() -> impl IntoView {
    let place = use_place();
    let data = Resource::new_blocking(move || place.last(), read_order);
    view! {
        <Suspense fallback=|| view! { <main class="page waiting" aria-busy="true"></main> }>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => view! { <StatusView data=data /> }.into_any(),
                    Err(error) => view! { <Trouble error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn StatusView(data: OrderData) -> impl IntoView {
    provide_menu_words(data.menu_words);
    let live = use_live();
    live.clock.set(data.now);
    let shop = live.shop(data.shop);
    let Topic::Order(id) = data.order.topic.clone() else { return ().into_any() };
    let order = live.order(data.order.topic.clone(), Some(data.order));
    let order = Memo::new(move |_| order.get());
    let over =
        order.with_untracked(|order| order.as_ref().is_some_and(|order| matches!(order.stage, Stage::Ended { .. })));
    set_title(move || order.with(|order| order.as_ref().map(title).unwrap_or_default()));
    view! {
        {(!over).then(|| view! { <NoScriptRefresh seconds=5 /> })}
        <div class="page status" data-stage=move || order.with(|order| order.as_ref().map_or("", |order| stage_name(&order.stage)))>
            <header class="slim">
                <a class="back" href="/"><Icon sign=Sign::Back /><span>"Menu"</span></a>
                <Mark />
                <span class="shop">{move || shop.get().name}</span>
            </header>
            <LineBanner advice="Look at the wall or ask at the bar." />
            <main>
                <Headline order=order shop=shop />
                <Steps order=order />
                <What order=order />
                <Actions order=order id=id.to_string() />
            </main>
            <Announcement order=order />
        </div>
    }
    .into_any()
}

/// For the title of the tab: "(Ready) 47 · Coffee".
fn title(order: &OrderView) -> String {
    let number = order.number.map_or_else(|| "Coffee".to_owned(), |number| format!("{number} · Coffee"));
    format!("({}) {number}", stage_word(&order.stage))
}

const fn stage_word(stage: &Stage) -> &'static str {
    match stage {
        Stage::Choosing => "Choosing",
        Stage::Submitted => "Sending",
        Stage::Waiting => "In the queue",
        Stage::Making => "Making",
        Stage::Ready => "Ready",
        Stage::Ended { .. } => "Ended",
    }
}

const fn stage_name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Choosing => "choosing",
        Stage::Submitted => "submitted",
        Stage::Waiting => "waiting",
        Stage::Making => "making",
        Stage::Ready => "ready",
        Stage::Ended { .. } => "ended",
    }
}

/// A headline and a sentence for where the order stands.
fn say(order: &OrderView, shop: &ShopView) -> (String, String) {
    let drink = order.drink.as_ref().map(|drink| drink.drink.as_str());
    let lower = drink.map_or_else(|| "drink".to_owned(), str::to_lowercase);
    match &order.stage {
        Stage::Choosing => ("What would you like?".to_owned(), "Your place is kept while you choose.".to_owned()),
        Stage::Submitted => {
            ("Got it".to_owned(), "Your order is on its way to the bar. Your number comes in a moment.".to_owned())
        }
        Stage::Waiting => (
            order.ahead.map_or_else(|| "In the queue".to_owned(), words::ahead),
            format!("{} has your order. We call your number when it is ready.", shop.name),
        ),
        Stage::Making => ("We're making it".to_owned(), format!("A barista is making your {lower} right now.")),
        Stage::Ready => {
            ("It's ready!".to_owned(), format!("Your {lower} is on the counter. Show this number if you are asked."))
        }
        Stage::Ended { outcome } => words::ending(outcome, drink),
    }
}

#[component]
fn Headline(order: Memo<Option<OrderView>>, shop: Memo<ShopView>) -> impl IntoView {
    let number = move || order.with(|order| order.as_ref().and_then(|order| order.number));
    let said =
        Memo::new(move |_| order.with(|order| order.as_ref().map(|order| say(order, &shop.get())).unwrap_or_default()));
    view! {
        <section class="headline">
            <p class="label">{move || if number().is_some() { "Your number" } else { "Your order" }}</p>
            <p class="number">{move || number().map_or_else(|| "…".to_owned(), |number| number.to_string())}</p>
            <h1>{move || said.get().0}</h1>
            <p class="sentence">{move || said.get().1}</p>
        </section>
    }
}

/// What was ordered.
#[component]
fn What(order: Memo<Option<OrderView>>) -> impl IntoView {
    let drink = Memo::new(move |_| order.with(|order| order.as_ref().and_then(|order| order.drink.clone())));
    move || {
        drink.get().map(|drink| {
            let modifiers = drink.modifiers.iter().map(|modifier| {
                let special = drink.special.contains(modifier);
                view! { <li class:special=special>{modifier.clone()}</li> }
            });
            view! {
                <section class="ordered">
                    <Drawing icon=drink.icon.clone() size=72 />
                    <div>
                        <h2>{drink.drink.clone()}</h2>
                        <ul class="modifiers">{modifiers.collect_view()}</ul>
                    </div>
                </section>
            }
        })
    }
}

/// Tells a screen reader when the order moves on. It is there and empty when the page comes.
#[component]
fn Announcement(order: Memo<Option<OrderView>>) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let stage =
        Memo::new(move |_| order.with(|order| order.as_ref().map(|order| (stage_word(&order.stage), order.number))));
    Effect::new(move |before: Option<Option<(&str, _)>>| {
        let now = stage.get();
        if let (Some(before), Some((word, number))) = (before, now)
            && before != now
        {
            said.set(number.map_or_else(|| word.to_owned(), |number| format!("Order {number}: {word}")));
        }
        now
    });
    view! { <p class="visually-hidden" role="status">{said}</p> }
}
