//! `/display`: the board on a wall.

use domain::{ShopState, Timestamp, view::BoardEntry};
use leptos::prelude::*;

use super::{
    layout::{self, Layout, ListPage, lay_out},
    qr_code::{QrImage, is_unreachable},
    request::{Board, DisplayRequest},
    scale::{FourDigits, Grids, Scale, Shape},
    script_data,
    settings::Settings,
    shell::Shell,
    text::{in_each_language, is_long, join_languages, reason_text},
};
use crate::{
    components::{Icon, Logo, Sign},
    i18n::Messages,
};

pub(super) fn page(request: &DisplayRequest<'_>, board: &Board) -> impl IntoView {
    let (settings, _) = Settings::read(request.query, request.messages.language());
    let scale = settings.scale();
    let messages: Vec<Messages> = settings.languages.iter().map(|language| Messages::of(*language)).collect();
    let t = messages.first().copied().unwrap_or(request.messages);
    let shell = Shell {
        request,
        messages: t,
        class: "wall",
        title: format!("{} · {}", board.name(), t.display_ready()),
        own_style: Some(own_style(scale)),
        scripts: &request.files.wall,
        start: Some(script_data::wall(board, &settings, scale, &messages)),
        changes: true,
    };
    shell.around(view(&messages, board, smaller_grids(scale), request.origin))
}

/// The sizes and grids of this screen, in both orientations.
fn own_style(scale: Scale) -> String {
    let grids = |shape| {
        let Grids { large, compact, roomy, preparing, left } = scale.grids(shape);
        let four = scale.four_digits(shape);
        let FourDigits { large: l4, compact: c4, roomy: o4, preparing: p4, left: e4 } = four;
        let columns = format!(
            "--lc:{};--lr:{};--cc:{};--cr:{};--oc:{};--or:{};--pc:{};--pr:{};--ec:{}",
            large.0, large.1, compact.0, compact.1, roomy.0, roomy.1, preparing.0, preparing.1, left.0
        );
        format!("{columns};--l4:{l4};--c4:{c4};--o4:{o4};--p4:{p4};--e4:{e4}")
    };
    format!(
        ":root{{--f:{};--s:{};{}}}@media (max-aspect-ratio:1/1){{:root{{{}}}}}",
        scale.factor,
        scale.strip(),
        grids(Shape::Wide),
        grids(Shape::Tall)
    )
}

/// The smaller grids of both orientations. Without JavaScript the orientation is not known.
fn smaller_grids(scale: Scale) -> Grids {
    let (wide, tall) = (scale.grids(Shape::Wide), scale.grids(Shape::Tall));
    let fewer = |a: super::scale::Grid, b: super::scale::Grid| if a.places() <= b.places() { a } else { b };
    Grids {
        large: fewer(wide.large, tall.large),
        compact: fewer(wide.compact, tall.compact),
        roomy: fewer(wide.roomy, tall.roomy),
        preparing: fewer(wide.preparing, tall.preparing),
        left: fewer(wide.left, tall.left),
    }
}

/// The layout: `board`, `paused`, `closed` or `idle`.
fn layout_of(board: &Board) -> &'static str {
    match (board.entries(), board.shop().map(|shop| &shop.state)) {
        ([_, ..], _) => "board",
        ([], Some(ShopState::Paused { .. })) => "paused",
        ([], Some(ShopState::Closed)) => "closed",
        ([], _) => "idle",
    }
}

fn view(messages: &[Messages], board: &Board, grids: Grids, origin: &str) -> impl IntoView + use<> {
    let layout = lay_out(board.entries(), board.now, grids);
    let shown = layout_of(board);
    let (menu, no_phone) = (format!("{origin}/"), is_unreachable(origin));
    let address = origin.split_once("://").map_or(origin, |(_, rest)| rest).to_owned();
    view! {
        <div class="stage" data-layout=shown id="stage">
            <StaleBar messages=messages.to_vec() />
            <header>
                <button id="muted" class="muted" type="button" hidden>
                    {in_each_language(messages, |t| t.display_muted().to_owned())}
                </button>
                <button id="fill" class="fill" type="button" hidden>
                    {in_each_language(messages, |t| t.display_fill().to_owned())}
                    <kbd>"F"</kbd>
                </button>
            </header>
            <main>
                <div class="board" id="layout-board" hidden=shown != "board">
                    <Ready layout=layout.clone() messages=messages.to_vec() now=board.now />
                    <Preparing layout=layout.clone() messages=messages.to_vec() />
                    <Strip layout=layout messages=messages.to_vec() board=board.clone() origin=origin.to_owned() />
                </div>
                <div class="quiet idle" id="layout-idle" hidden=shown != "idle">
                    <QrImage address=menu label=menu_label(messages) />
                    <div class="beside">
                        <p class="eyebrow"><Logo /><span class="shop-name">{board.name()}</span></p>
                        <h1 class="stack">{in_each_language(messages, |t| invitation(t, no_phone))}</h1>
                        {(!no_phone).then(|| view! {
                            <OrderingSteps messages=messages.to_vec() />
                            <p class="address">{in_each_language(messages, |t| t.display_or_open(&address))}</p>
                        })}
                    </div>
                </div>
                <NotServing board=board.clone() messages=messages.to_vec() shown=shown />
                // Screen readers read the board instead.
                <div class="call" id="call" aria-hidden="true" hidden>
                    <div class="head-word">{in_each_language(messages, |t| t.display_ready().to_owned())}</div>
                    <div class="numbers" id="called"></div>
                </div>
            </main>
            <footer class="meta">
                <span class="shop"><Logo /><span class="shop-name">{board.name()}</span></span>
                <span class="line"><span class="lamp"></span><span id="line"></span></span>
                <span class="clock" id="clock"></span>
            </footer>
        </div>
    }
}

/// How to order. If no phone can open the address of the screen, why not, for staff.
fn invitation(t: Messages, no_phone: bool) -> String {
    if no_phone { t.display_no_code() } else { t.display_scan() }.to_owned()
}

fn menu_label(messages: &[Messages]) -> String {
    messages.first().map(|t| t.display_scan().to_owned()).unwrap_or_default()
}

/// The bar that says since when the board is out of date. The script fills it in.
#[component]
fn StaleBar(messages: Vec<Messages>) -> impl IntoView {
    let says = messages.into_iter().map(|t| {
        let language = t.language();
        view! { <span lang=language.tag() dir=language.direction() data-say=t.display_stale("{time}")></span> }
    });
    view! {
        <div class="stale-bar">
            <Icon sign=Sign::Offline />
            <p id="stale" role="status">{says.collect_view()}</p>
        </div>
    }
}

#[component]
fn Ready(layout: Layout, messages: Vec<Messages>, now: Timestamp) -> impl IntoView {
    let next = layout.preparing.entries.first().map(|entry| entry.number.0);
    let new_word = messages.first().map(|t| t.display_new()).unwrap_or_default();
    let none = layout.ready.entries.is_empty();
    let tile = move |entry: &BoardEntry| {
        let number = entry.number.0;
        view! {
            <li class="tile" class:new=layout::is_new(entry, now) data-number=number>
                <span class="new-word">{new_word}</span>
                <span class="number" class:long=is_long(number)>{number}</span>
            </li>
        }
    };
    view! {
        <section class="ready" aria-labelledby="ready-title">
            <div class="head">
                <h1 id="ready-title">{in_each_language(&messages, |t| t.display_ready().to_owned())}</h1>
                <span class="page-of" id="ready-page">{page_of(&layout.ready)}</span>
            </div>
            <ul class="tiles" class:compact=layout.compact id="ready" hidden=none>
                {layout.ready.entries.iter().map(tile).collect_view()}
            </ul>
            <div class="nothing-ready" id="nothing-ready" hidden=!none>
                <p class="next-up" id="next-up" hidden=next.is_none()>
                    <span class="label">{in_each_language(&messages, |t| t.display_next_up().to_owned())}</span>
                    <span class="number" id="next-number">{next}</span>
                </p>
                <p class="hint stack">{in_each_language(&messages, |t| t.display_nothing_ready().to_owned())}</p>
            </div>
        </section>
    }
}

#[component]
fn Preparing(layout: Layout, messages: Vec<Messages>) -> impl IntoView {
    view! {
        <section class="preparing" aria-labelledby="preparing-title">
            <div class="head" class:two={messages.len() > 1}>
                <h2 id="preparing-title">{in_each_language(&messages, |t| t.display_preparing().to_owned())}</h2>
                <span class="page-of" id="preparing-page">{page_of(&layout.preparing)}</span>
            </div>
            <ul class:roomy=layout.roomy id="preparing">{numbers(&layout.preparing)}</ul>
        </section>
    }
}

/// The strip below the ready numbers: the QR code, the numbers that were not collected, and whether the bar takes
/// orders.
#[component]
fn Strip(layout: Layout, messages: Vec<Messages>, board: Board, origin: String) -> impl IntoView {
    let (menu, no_phone) = (format!("{origin}/"), is_unreachable(&origin));
    let none = layout.left.entries.is_empty();
    let open = board.shop().is_none_or(|shop| shop.state == ShopState::Open);
    view! {
        <div class="strip" class:full=!none id="strip">
            <QrImage address=menu label=menu_label(&messages) />
            <div class="beside">
                <p class="scan stack" id="scan" hidden=!open>{in_each_language(&messages, |t| invitation(t, no_phone))}</p>
                <p class="note stack" id="note" hidden=open>{in_each_language(&messages, |t| t.display_no_new_orders().to_owned())}</p>
                <section class="left-behind" id="left-behind" aria-labelledby="left-title" hidden=none>
                    <div class="head">
                        <h2 id="left-title">{in_each_language(&messages, |t| t.display_not_collected().to_owned())}</h2>
                        <span class="page-of" id="left-page">{page_of(&layout.left)}</span>
                    </div>
                    <ul id="left">{numbers(&layout.left)}</ul>
                </section>
            </div>
            <div class="aside" id="aside" hidden=!none>
                {(!no_phone).then(|| view! {
                    <QrImage address=format!("{origin}/display/mine") label=board_label(&messages) />
                    <p>{in_each_language(&messages, |t| t.display_on_phone().to_owned())}</p>
                })}
            </div>
        </div>
    }
}

fn board_label(messages: &[Messages]) -> String {
    messages.first().map(|t| t.display_on_phone().to_owned()).unwrap_or_default()
}

/// How to order, in three steps.
#[component]
fn OrderingSteps(messages: Vec<Messages>) -> impl IntoView {
    let steps = messages.into_iter().map(|t| {
        let language = t.language();
        view! {
            <ol class="how" lang=language.tag() dir=language.direction()>
                <li>{t.display_how_scan()}</li>
                <li>{t.display_how_choose()}</li>
                <li>{t.display_how_enjoy()}</li>
            </ol>
        }
    });
    steps.collect_view()
}

/// Shown when the bar takes no orders and no order is open.
#[component]
fn NotServing(board: Board, messages: Vec<Messages>, shown: &'static str) -> impl IntoView {
    let reason = match board.shop().map(|shop| &shop.state) {
        Some(ShopState::Paused { reason, .. }) => join_languages(&messages, |t| reason_text(reason, t)),
        _ => String::new(),
    };
    view! {
        <div class="quiet away" id="layout-paused" hidden=shown != "paused">
            <Logo />
            <h1 class="stack">{in_each_language(&messages, |t| t.display_paused().to_owned())}</h1>
            <p class="sentence" id="reason">{reason}</p>
            <p class="until" id="until"></p>
        </div>
        <div class="quiet away" id="layout-closed" hidden=shown != "closed">
            <Logo />
            <h1 class="stack">{in_each_language(&messages, |t| t.display_closed().to_owned())}</h1>
            <p class="sentence stack">{in_each_language(&messages, |t| t.display_closed_sentence().to_owned())}</p>
        </div>
    }
}

fn numbers(shown: &ListPage) -> impl IntoView + use<> {
    let items = shown.entries.iter().map(|entry| {
        let number = entry.number.0;
        view! { <li class="number" class:long=is_long(number) data-number=number>{number}</li> }
    });
    items.collect_view()
}

fn page_of(shown: &ListPage) -> Option<String> {
    let (page, pages) = shown.page;
    (pages > 1).then(|| format!("{} / {pages}", page + 1))
}
