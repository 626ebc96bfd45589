//! `/`: the menu, for guests. `/?drink=<name>` opens the sheet of a drink, with or without JavaScript. A guest with an
//! open order is redirected to it, except from `/?menu`.

mod banner;
mod card;
mod choice_timer;
mod current_order;
mod group;
mod label;
mod reorder;
mod sheet;
mod shop_status;

use domain::{Menu, ShopState, view::ShopView};
use leptos::prelude::*;

use self::{
    banner::OrderBanner,
    card::DrinkCard,
    current_order::{CurrentOrder, is_open},
    reorder::{PastDrinks, Usual},
    sheet::Sheet,
    shop_status::{ShopNotice, ShopStateLine},
};
use crate::{
    commands::{SubmitOrder, path_of},
    components::{Alert, ConnectionBanner, LanguageSwitch, Loading, Logo, set_title},
    form_action::FormAction,
    i18n::{self, MenuNames, menu_names, messages, provide_menu_names},
    live::use_live,
    loaders::MenuPageData,
    location::use_location,
    page_data,
    pages::drink_link,
};
#[cfg(not(feature = "hydrate"))]
use crate::{components::ErrorPage, loaders::read_menu};

/// The number of drinks that a phone shows without scrolling.
const DRINKS_ABOVE_THE_FOLD: usize = 8;

/// Renders the menu.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn render() -> AnyView {
    page_data::render(read_menu(), show, |error| view! { <ErrorPage error=error link="/" /> }.into_any())
}

/// Hydrates the page.
#[cfg(feature = "hydrate")]
pub(crate) fn hydrate() {
    page_data::hydrate(show);
}

fn show(data: MenuPageData) -> AnyView {
    view! { <MenuPage data=data /> }.into_any()
}

/// Loads the menu and its translations again. If that fails the page keeps what it has, and the server refuses what is
/// no longer on the menu.
fn read_again(base: RwSignal<Menu>, shop: Memo<ShopView>, names: MenuNames) {
    #[cfg(feature = "hydrate")]
    leptos::task::spawn_local(async move {
        use crate::{fetch::post, json::FromJson as _, loaders::ReadMenu};
        let answer = post(path_of::<ReadMenu>(), "").await.ok();
        if let Some(data) = answer.and_then(|json| MenuPageData::from_json(&json)) {
            names.set(data.menu_words);
            let sold_out = shop.try_with_untracked(|shop| shop.sold_out.clone()).unwrap_or_default();
            // The page may have been left meanwhile.
            base.try_set(data.menu.restore(&sold_out));
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (base, shop, names);
}

#[component]
fn MenuPage(data: MenuPageData) -> impl IntoView {
    let t = messages();
    let live = use_live();
    live.clock.set(data.now);
    provide_menu_names(data.menu_words);
    let shop = live.shop(data.shop);
    let current = CurrentOrder::new(data.order, data.key);
    let location = use_location();
    let base = RwSignal::new(data.menu.restore(&shop.with_untracked(|shop| shop.sold_out.clone())));
    let menu = Memo::new(move |_| shop.with(|shop| base.get().mark_sold_out(&shop.sold_out)));
    live.on_new_menu(shop, move || read_again(base, shop, menu_names()));
    let chosen = Memo::new(move |_| {
        let name = location.query("drink")?;
        menu.with_untracked(|menu| menu.drink(&name).cloned())
    });
    let requested = move || {
        let with = untrack(|| location.query("with")).unwrap_or_default();
        with.split(drink_link::MODIFIER_SEPARATOR)
            .filter(|each| !each.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let submit = FormAction::new(path_of::<SubmitOrder>());
    let submitted = submit.answer();
    Effect::new(move |_| {
        if let Some(Ok(order)) = submitted.get() {
            location.leave(&format!("/orders/{}", order.id));
        }
    });
    Effect::new(move |before: Option<bool>| {
        let opened = chosen.with(Option::is_some);
        if opened && shop.with_untracked(|shop| shop.state == ShopState::Open) {
            current.start_order();
        }
        // The error of another drink does not apply to this one.
        if before.is_some() {
            submitted.set(None);
        }
        opened
    });
    let close = Callback::new(move |()| location.show("/?menu"));
    let announce = RwSignal::new(String::new());
    let cards = move || {
        menu.with(|menu: &Menu| {
            let cards = menu.drinks.iter().enumerate().map(|(at, drink)| {
                let loading = if at < DRINKS_ABOVE_THE_FOLD { Loading::Inline } else { Loading::Lazy };
                view! { <DrinkCard drink=drink.clone() loading=loading /> }
            });
            cards.collect_view()
        })
    };
    let past = data.past;
    let usual = past.first().cloned();
    let can_order = Memo::new(move |_| {
        let idle = current.order.with(|order| !order.as_ref().is_some_and(is_open));
        idle && shop.with(|shop| shop.state == ShopState::Open)
    });
    let open = Memo::new(move |_| shop.with(|shop| shop.state == ShopState::Open));
    let trouble = Signal::derive(move || {
        let failed = submit.error().filter(|_| chosen.with(Option::is_none));
        failed.map(|error| i18n::error_text(&error))
    });
    set_title(move || t.customer_title(&shop.get().name));
    view! {
        <ConnectionBanner advice=t.customer_line_advice() also=announce />
        <div class="page customer" inert=move || chosen.with(Option::is_some)>
            <header class="hero">
                <Logo />
                <h1 translate="no">{move || shop.get().name}</h1>
                <ShopStateLine shop=shop />
            </header>
            <main>
                <ShopNotice shop=shop />
                {move || current.order.get().map(|order| view! { <OrderBanner order=order /> })}
                <Alert text=trouble />
                {usual.map(|usual| view! {
                    <Usual past=usual menu=menu submit=submit current=current open=can_order />
                })}
                <h2 class="visually-hidden">{t.customer_menu()}</h2>
                <ul class="menu" class:closed=move || !open.get()>{cards}</ul>
                {(!past.is_empty()).then(|| view! { <PastDrinks past=past menu=menu /> })}
            </main>
            <footer class="foot">
                <p>{t.customer_foot()}</p>
                <LanguageSwitch />
            </footer>
        </div>
        {move || {
            chosen.get().map(|drink| {
                view! {
                    <Sheet drink=drink menu=menu requested=requested() current=current shop=shop submit=submit announce=announce close=close />
                }
            })
        }}
    }
}
