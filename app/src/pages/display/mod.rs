//! `/display`: the wall. Numbers that can be read from the back of the room, and nothing that could be missed.

mod layout;

use domain::{
    ShopState, Timestamp,
    view::{BoardEntry, ShopView},
};
use leptos::prelude::*;

use self::layout::{Layout, lay_out};
use crate::{
    components::{Icon, Mark, NoScriptRefresh, Sign, Trouble, set_title},
    live::{Line, use_live},
    reads::{WallData, read_wall},
    words,
};

/// The wall.
#[component]
pub(crate) fn DisplayPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| read_wall());
    view! {
        <Suspense fallback=|| view! { <main class="display" aria-busy="true"></main> }>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => view! { <Wall data=data /> }.into_any(),
                    Err(error) => view! { <Trouble error=error link="/display" /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Wall(data: WallData) -> impl IntoView {
    let live = use_live();
    live.clock.set(data.now);
    let shop = live.shop(data.shop);
    let board = live.board(data.board);
    let layout = Memo::new(move |_| board.with(|board| lay_out(board, live.clock.now())));
    let idle = Memo::new(move |_| board.with(Vec::is_empty));
    let silent = move || matches!(live.line.get(), Line::Silent { .. });
    let state = Memo::new(move |_| shop.get().state);
    set_title(move || format!("{} · Now ready", shop.get().name));
    view! {
        <NoScriptRefresh seconds=8 />
        <div class="display" class:stale=silent>
            <StaleBar />
            {move || match (idle.get(), state.get()) {
                (true, ShopState::Open) => view! { <Idle address=data.address.clone() shop=shop /> }.into_any(),
                (true, ShopState::Paused { reason, .. }) => {
                    view! { <Away headline="Short break" sentence=reason.to_string() /> }.into_any()
                }
                (true, ShopState::Closed) => {
                    view! { <Away headline="Closed" sentence="See you soon.".to_owned() /> }.into_any()
                }
                (false, _) => view! { <Columns layout=layout /> }.into_any(),
            }}
            <Foot shop=shop idle=idle />
        </div>
    }
}

/// The two columns.
#[component]
fn Columns(layout: Memo<Layout>) -> impl IntoView {
    let live = use_live();
    let next = move || layout.with(|layout| layout.preparing.first().map(|entry| entry.number));
    let nothing_ready = move || layout.with(|layout| layout.ready.is_empty());
    let pages = move |which: fn(&Layout) -> (usize, usize)| {
        let (page, pages) = layout.with(which);
        (pages > 1).then(|| format!("{} / {pages}", page + 1))
    };
    view! {
        <main class="board">
            <section class="ready" aria-labelledby="ready">
                <h1 id="ready">"Ready"<span class="page-of">{move || pages(|layout| layout.ready_page)}</span></h1>
                <ul class="tiles" class:compact=move || layout.with(|layout| layout.compact)>
                    <For each=move || layout.with(|layout| layout.ready.clone()) key=|entry| entry.number let:entry>
                        <li class="tile" class:new=move || layout::is_new(&entry, live.clock.now())>
                            <span class="new-word">"New"</span>
                            <span class="number">{entry.number.to_string()}</span>
                        </li>
                    </For>
                </ul>
                <p class="next" hidden=move || !nothing_ready()>
                    {move || next().map(|number| view! { <span class="label">"Next up"</span><span class="number">{number.to_string()}</span> })}
                </p>
                <div class="left-behind" hidden=move || layout.with(|layout| layout.not_collected.is_empty())>
                    <h2>"Not collected"<span class="page-of">{move || pages(|layout| layout.not_collected_page)}</span></h2>
                    <ul>
                        <For each=move || layout.with(|layout| layout.not_collected.clone()) key=|entry| entry.number let:entry>
                            <li class="number">{entry.number.to_string()}</li>
                        </For>
                    </ul>
                </div>
            </section>
            <section class="preparing" aria-labelledby="preparing">
                <h1 id="preparing">"Preparing"<span class="page-of">{move || pages(|layout| layout.preparing_page)}</span></h1>
                <ul class:roomy=move || layout.with(|layout| layout.preparing.len() <= 10)>
                    <For each=move || layout.with(|layout| layout.preparing.clone()) key=|entry| entry.number let:entry>
                        <li class="number">{entry.number.to_string()}</li>
                    </For>
                </ul>
            </section>
        </main>
    }
}

/// Nobody waits: how to order.
#[component]
fn Idle(address: String, shop: Memo<ShopView>) -> impl IntoView {
    view! {
        <main class="idle">
            <div class="big-mark"><Mark /></div>
            <h1>{move || format!("{} is open", shop.get().name)}</h1>
            <p class="how"><span>"Open"</span><span>"Tap"</span><span>"Sip"</span></p>
            <p class="address">"Order on your phone at "<strong>{address}</strong></p>
        </main>
    }
}

/// Nothing can be ordered, and nothing is left to hand out.
#[component]
fn Away(headline: &'static str, sentence: String) -> impl IntoView {
    view! {
        <main class="idle away">
            <div class="big-mark"><Mark /></div>
            <h1>{headline}</h1>
            <p class="sentence">{sentence}</p>
        </main>
    }
}

/// What is true when the board may not be: since when, and what to do.
#[component]
fn StaleBar() -> impl IntoView {
    let live = use_live();
    view! {
        <div class="stale-bar" role="status">
            {move || match live.line.get() {
                Line::Silent { since } => Some(view! {
                    <p><Icon sign=Sign::NoLine />{format!("Not live since {}. Please ask at the bar.", words::wall_time(Timestamp(since)))}</p>
                }),
                _ => None,
            }}
        </div>
    }
}

/// The bottom line: the bar's name, its state where numbers hide it, the clock.
#[component]
fn Foot(shop: Memo<ShopView>, idle: Memo<bool>) -> impl IntoView {
    let live = use_live();
    let note = move || match (idle.get(), shop.get().state) {
        (true, _) | (false, ShopState::Open) => String::new(),
        (false, ShopState::Paused { reason, .. }) => format!("No new orders for now: {reason}"),
        (false, ShopState::Closed) => "Closed for new orders".to_owned(),
    };
    let word = move || match live.line.get() {
        Line::Starting | Line::Live => "",
        Line::Slow => "Slower updates",
        Line::Silent { .. } => "Not live",
    };
    view! {
        <footer>
            <span class="shop"><Mark /><span>{move || shop.get().name}</span></span>
            <span class="note">{note}</span>
            <span class="line">{word}</span>
            <span class="clock">{move || live.clock.ticking().then(|| words::wall_time(live.clock.now()))}</span>
        </footer>
    }
}

/// Used by the layout, too.
type Entries = Vec<BoardEntry>;
