//! Drinks that the guest has ordered before: the most frequent one with one tap, the others with two. They come with
//! the page, so nothing moves and no script is needed.

use domain::{DrinkOrder, Menu, past_drinks::PastDrink};
use leptos::prelude::*;

use super::{
    current_order::CurrentOrder,
    label::{order_label, special_of},
};
use crate::{
    components::{Drawing, Icon, Sign},
    form_action::FormAction,
    i18n::{menu_names, messages},
    pages::drink_link::drink_address,
};

/// Whether the drink can be ordered with the same modifiers.
fn available(menu: Memo<Menu>, drink: &DrinkOrder) -> Memo<bool> {
    let drink = drink.clone();
    Memo::new(move |_| menu.with(|menu| menu.choose(&drink.drink, &drink.modifiers).is_ok()))
}

/// The most frequent drink, as a form that starts and submits an order with one tap.
#[component]
pub(super) fn Usual(
    past: PastDrink,
    menu: Memo<Menu>,
    submit: FormAction,
    current: CurrentOrder,
    /// Whether an order can be placed now.
    open: Memo<bool>,
) -> impl IntoView {
    let (t, m) = (messages(), menu_names());
    let drink = past.drink;
    let available = available(menu, &drink);
    let special = menu.with_untracked(|menu| special_of(&drink, menu.drink(&drink.drink)));
    let modifiers = drink
        .modifiers
        .iter()
        .map(|modifier| view! { <input type="hidden" name="extras[]" value=modifier.clone() /> })
        .collect_view();
    let pending = submit.pending();
    view! {
        <section class="usual" aria-labelledby="usual" hidden=move || !(open.get() && available.get())>
            <Drawing icon=drink.icon.clone() size=88 />
            <div>
                <h2 id="usual">{t.customer_usual()}</h2>
                <p class="name">{m.translate(&drink.drink)}</p>
                <Modifiers special=drink.special.clone() />
            </div>
            <form action=submit.path() method="post" on:submit=move |event| submit.on_submit(&event)>
                <input type="hidden" name="key" value=move || current.key() />
                <input type="hidden" name="order" value=move || current.unsubmitted_id() />
                <input type="hidden" name="drink" value=drink.drink.clone() />
                {modifiers}
                <button class="primary wide" type="submit" disabled=pending aria-busy=move || pending.get().then_some("true")>
                    {order_label(&drink.drink, &special)}
                </button>
            </form>
        </section>
    }
}

/// The modifiers that are not defaults, in one line.
#[component]
fn Modifiers(special: Vec<String>) -> impl IntoView {
    let m = menu_names();
    let special: Vec<String> = special.iter().map(|option| m.translate(option)).collect();
    (!special.is_empty()).then(|| view! { <p class="modifiers">{special.join(" · ")}</p> })
}

/// The other drinks. Each opens its sheet with the same modifiers. Includes the most frequent drink while that is not
/// available.
#[component]
pub(super) fn PastDrinks(past: Vec<PastDrink>, menu: Memo<Menu>) -> impl IntoView {
    let (t, m) = (messages(), menu_names());
    let only_the_usual = past.len() == 1;
    let usual = past.first().map(|usual| available(menu, &usual.drink));
    let nothing = move || only_the_usual && usual.is_some_and(|available| available.get());
    let rows = past
        .into_iter()
        .enumerate()
        .map(|(at, PastDrink { drink, .. })| {
            let available = available(menu, &drink);
            let href = drink_address(&drink.drink, &drink.special);
            let row = move || {
                let what = view! {
                    <Drawing icon=drink.icon.clone() size=56 />
                    <span class="what">
                        <strong>{m.translate(&drink.drink)}</strong>
                        <Modifiers special=drink.special.clone() />
                    </span>
                };
                if available.get() {
                    let go = view! { <span class="go">{t.customer_again()}<Icon sign=Sign::Back /></span> };
                    view! { <a class="row" href=href.clone() data-noscroll="">{what}{go}</a> }.into_any()
                } else {
                    let go = view! { <span class="go">{t.customer_sold_out()}</span> };
                    view! { <div class="row sold-out">{what}{go}</div> }.into_any()
                }
            };
            view! { <li hidden=move || at == 0 && available.get()>{row}</li> }
        })
        .collect_view();
    view! {
        <section class="past" aria-labelledby="past" hidden=nothing>
            <h2 id="past">{t.customer_past()}</h2>
            <ul>{rows}</ul>
        </section>
    }
}
