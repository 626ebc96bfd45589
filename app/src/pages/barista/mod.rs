//! `/barista`: the queue, on a tablet at the bar.
//!
//! Reading order: [`context`] is what the parts share; [`lanes`] and [`card`] are the queue; [`all_day`] and [`top_bar`] stand
//! above it, [`panels`] open from there; [`outbox_sender`] sends the forms, which wait in [`outbox`]; [`bump_bar`] is the bump bar, [`notifications`] what is heard.

mod all_day;
mod bump_bar;
mod card;
mod context;
mod lanes;
mod messages;
mod notifications;
mod outbox;
mod outbox_sender;
mod panels;
mod top_bar;
mod undo;

use domain::Timestamp;
use leptos::prelude::*;

use self::{
    all_day::Strip, context::Desk, lanes::Lanes, notifications::Attention, outbox::Outbox, top_bar::TopBar,
    undo::UndoBar,
};
use crate::{
    components::{Alert, Icon, NoScriptRefresh, Sign, set_title},
    i18n::{wall_time, words},
    live::{ConnectionStatus, use_live},
    loaders::BarData,
    page_data,
};
#[cfg(not(feature = "hydrate"))]
use crate::{
    components::{Mark, Trouble},
    error::CommandError,
    loaders::read_bar,
};

/// The queue, or a page that says to open the staff link.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn page() -> AnyView {
    page_data::page(read_bar(), show, |error| match error {
        CommandError::StaffOnly => view! { <SignIn /> }.into_any(),
        error => view! { <Trouble error=error link="/barista" /> }.into_any(),
    })
}

/// Takes it over in a browser.
#[cfg(feature = "hydrate")]
pub(crate) fn take_over() {
    page_data::take_over(show);
}

fn show(data: BarData) -> AnyView {
    view! { <BarView data=data /> }.into_any()
}

#[cfg(not(feature = "hydrate"))]
#[component]
fn SignIn() -> impl IntoView {
    let t = words();
    set_title(move || t.barista_sign_in_title().to_owned());
    view! {
        <main class="page trouble">
            <Mark />
            <h1>{t.barista_sign_in_heading()}</h1>
            <p>{t.barista_sign_in_link()}</p>
            <p>{t.barista_sign_in_once()}</p>
            <p><a class="button primary" href="/" rel="external">{t.barista_sign_in_guest()}</a></p>
        </main>
    }
}

#[component]
fn BarView(data: BarData) -> impl IntoView {
    let (t, live) = (words(), use_live());
    let desk = Desk::new(data);
    provide_context(desk);
    set_title(move || t.barista_title(u32::try_from(desk.waiting()).unwrap_or(u32::MAX)));
    #[cfg(feature = "hydrate")]
    bump_bar::listen(desk);
    live.on_new_menu(desk.shop, || {
        #[cfg(feature = "hydrate")]
        crate::failure::say("outdated");
    });
    // After the page has come to life: it must show at first exactly what the server has rendered.
    Effect::new(move |_| desk.send_kept());
    let hand = move || if desk.preferences.with(|preferences| preferences.left_handed) { "left" } else { "right" };
    view! {
        <NoScriptRefresh seconds=10 />
        <div
            class="bar-page"
            data-hand=hand
            on:submit=move |event| desk.submitted(&event)
            on:pointerdown=move |event| desk.pressed(&event)
            on:click=move |event| {
                panels::close_others(&event);
                desk.touch();
            }
        >
            <TopBar />
            <main>
                <Strip />
                <NotLive />
                <Alert words=desk.trouble() />
                <Lanes />
                <UndoBar />
            </main>
            <Attention />
        </div>
    }
}

/// Says that cards may be missing, and how much waits to be sent. What is tapped meanwhile is kept.
#[component]
fn NotLive() -> impl IntoView {
    let live = use_live();
    let desk = expect_context::<Desk>();
    let t = words();
    let waits = move || {
        let count = desk.outbox.with(Outbox::len);
        (desk.stuck.get() && count > 0).then(|| t.barista_outbox(u32::try_from(count).unwrap_or(u32::MAX)))
    };
    let said = move || match live.status.get() {
        ConnectionStatus::Connecting | ConnectionStatus::Live => None,
        ConnectionStatus::Polling => Some(t.common_line_slow_sentence().to_owned()),
        ConnectionStatus::Stale { since } => {
            let since = t.common_line_silent_since(&wall_time(Timestamp(since)));
            Some(format!("{since} {}", t.barista_line_advice()))
        }
    };
    let skipped =
        desk.skipped.with_value(|names| (!names.is_empty()).then(|| t.barista_menu_skipped(&names.join(", "))));
    view! {
        <div class="line-banner">
            {move || said().map(|said| view! { <p><Icon sign=Sign::Offline />{said}</p> })}
            {skipped.map(|skipped| view! { <p class="skipped"><Icon sign=Sign::Warning />{skipped}</p> })}
            {move || waits().map(|waits| view! { <p class="waits"><Icon sign=Sign::Clock />{waits}</p> })}
        </div>
    }
}
