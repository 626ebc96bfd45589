//! `/display/mine`: the board on a guest's phone. It highlights the guest's own number.

use leptos::prelude::*;

use super::{
    layout::sort,
    request::{Board, DisplayRequest, OwnOrder},
    script_data,
    shell::Shell,
    text::{is_long, place_texts},
};
use domain::view::BoardEntry;

pub(super) fn page(request: &DisplayRequest<'_>, board: &Board, order: Option<&OwnOrder>) -> impl IntoView {
    let t = request.messages;
    let asked = request.query.split('&').find_map(|pair| pair.strip_prefix("number="));
    let asked = asked.and_then(|number| number.parse::<u32>().ok());
    let number = asked.or_else(|| order.and_then(|order| order.number).map(|number| number.0));
    let lists = sort(board.entries(), board.now);
    let has = |list: &[BoardEntry]| number.is_some_and(|number| list.iter().any(|entry| entry.number.0 == number));
    let [ready, left, preparing] = &lists;
    let place = [("ready", ready), ("left", left), ("preparing", preparing)]
        .into_iter()
        .find(|(_, list)| has(list))
        .map_or("gone", |(place, _)| place);
    let state = place_texts(t).into_iter().find(|(name, _)| *name == place).map(|(_, text)| text);
    let shell = Shell {
        request,
        messages: t,
        class: "mine",
        title: t.display_mine_title().to_owned(),
        own_style: None,
        scripts: &request.files.mine,
        start: Some(script_data::mine(board, number, t)),
        changes: true,
    };
    let back = order.map(|order| format!("/orders/{}", order.id));
    shell.around(view! {
        <main class="sheet">
            <p class="eyebrow"><span class="shop-name">{board.name()}</span><span class="lamp-line"><span class="lamp"></span><span id="line"></span></span></p>
            <h1>{t.display_mine_title()}</h1>
            <p class="warning" id="stale" hidden></p>
            <p class="said" id="said" role="status"></p>
            {match number {
                Some(number) => view! {
                    <section class="mine-card" id="mine-card" data-place=place aria-labelledby="mine-title">
                        <h2 id="mine-title">{t.display_mine_yours()}</h2>
                        <p class="number">{number}</p>
                        <p class="state" id="mine-state">{state}</p>
                    </section>
                }.into_any(),
                None => view! {
                    <form class="ask" method="get" action="/display/mine">
                        <label for="number">{t.display_mine_ask()}</label>
                        <input id="number" name="number" inputmode="numeric" pattern="[0-9]{1,4}" maxlength="4" autocomplete="off" required />
                        <button>{t.display_mine_show()}</button>
                    </form>
                }.into_any(),
            }}
            <List id="ready" title=t.display_ready() none=t.display_mine_none() entries=ready.clone() number=number />
            <List id="preparing" title=t.display_preparing() none=t.display_mine_none() entries=preparing.clone() number=number />
            <div id="left-behind" hidden=left.is_empty()>
                <List id="left" title=t.display_not_collected() none=t.display_mine_none() entries=left.clone() number=number />
            </div>
            <p class="ways">
                {back.map(|href| view! { <a href=href>{t.display_mine_order()}</a> })}
                <a href="/">{t.display_mine_menu()}</a>
            </p>
        </main>
    })
}

#[component]
fn List(
    id: &'static str,
    title: &'static str,
    none: &'static str,
    entries: Vec<BoardEntry>,
    number: Option<u32>,
) -> impl IntoView {
    let empty = entries.is_empty();
    let items = entries.into_iter().map(move |entry| {
        let own = number == Some(entry.number.0);
        view! { <li class="number" class:own=own class:long=is_long(entry.number.0)>{entry.number.0}</li> }
    });
    view! {
        <section class=format!("list {id}") aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{title}</h2>
            <ul id=id>{items.collect_view()}</ul>
            <p class="none" id=format!("{id}-none") hidden=!empty>{none}</p>
        </section>
    }
}
