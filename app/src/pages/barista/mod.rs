//! `/barista`: the queue, on a tablet at the bar.
//!
//! Reading order: [`context`] is the shared state. [`lanes`] and [`card`] show the queue, below [`all_day`] and
//! [`top_bar`] with its [`panels`]. [`outbox_sender`] sends commands from the [`outbox`]. [`bump_bar`] handles keys,
//! and [`notifications`] chimes and announcements.

mod all_day;
mod bump_bar;
mod card;
mod context;
mod lanes;
mod notifications;
mod outbox;
mod outbox_sender;
mod panels;
mod texts;
mod top_bar;
mod undo;

use domain::Timestamp;
use leptos::prelude::*;

use self::{
    all_day::AllDayStrip, context::BaristaContext, lanes::Lanes, notifications::Notifications, outbox::Outbox,
    top_bar::TopBar, undo::UndoBar,
};
use crate::{
    components::{Alert, Icon, NoScriptRefresh, Sign, set_title},
    i18n::{local_time, messages},
    live::{ConnectionStatus, use_live},
    loaders::BaristaPageData,
    page_data,
};
#[cfg(not(feature = "hydrate"))]
use crate::{
    components::{ErrorPage, Logo},
    error::CommandError,
    loaders::read_bar,
};

/// Renders the queue, or a page about signing in.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn render() -> AnyView {
    page_data::render(read_bar(), show, |error| match error {
        CommandError::StaffOnly => view! { <SignIn /> }.into_any(),
        error => view! { <ErrorPage error=error link="/barista" /> }.into_any(),
    })
}

/// Hydrates the page.
#[cfg(feature = "hydrate")]
pub(crate) fn hydrate() {
    page_data::hydrate(show);
}

fn show(data: BaristaPageData) -> AnyView {
    view! { <BaristaPage data=data /> }.into_any()
}

#[cfg(not(feature = "hydrate"))]
#[component]
fn SignIn() -> impl IntoView {
    let t = messages();
    set_title(move || t.barista_sign_in_title().to_owned());
    view! {
        <main class="page trouble">
            <Logo />
            <h1>{t.barista_sign_in_heading()}</h1>
            <p>{t.barista_sign_in_link()}</p>
            <p>{t.barista_sign_in_once()}</p>
            <p><a class="button primary" href="/" rel="external">{t.barista_sign_in_guest()}</a></p>
        </main>
    }
}

#[component]
fn BaristaPage(data: BaristaPageData) -> impl IntoView {
    let (t, live) = (messages(), use_live());
    let context = BaristaContext::new(data);
    provide_context(context);
    set_title(move || t.barista_title(u32::try_from(context.waiting()).unwrap_or(u32::MAX)));
    #[cfg(feature = "hydrate")]
    bump_bar::listen(context);
    live.on_new_menu(context.shop, || {
        #[cfg(feature = "hydrate")]
        crate::failure::dispatch("outdated");
    });
    // In an effect, because the first rendering must be equal to that of the server.
    Effect::new(move |_| context.send_stored());
    let hand = move || if context.preferences.with(|preferences| preferences.left_handed) { "left" } else { "right" };
    view! {
        <NoScriptRefresh seconds=10 />
        <div
            class="bar-page"
            data-hand=hand
            on:submit=move |event| context.on_submit(&event)
            on:pointerdown=move |event| context.on_pointer_down(&event)
            on:click=move |event| {
                panels::close_others(&event);
                context.on_touch();
            }
        >
            <TopBar />
            <main>
                <AllDayStrip />
                <NotLive />
                <Alert text=context.error_text() />
                <Lanes />
                <UndoBar />
            </main>
            <Notifications />
        </div>
    }
}

/// Says that cards may be missing, and how many commands wait to be sent.
#[component]
fn NotLive() -> impl IntoView {
    let live = use_live();
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let waits = move || {
        let count = context.outbox.with(Outbox::len);
        (context.is_offline.get() && count > 0).then(|| t.barista_outbox(u32::try_from(count).unwrap_or(u32::MAX)))
    };
    let text = move || match live.status.get() {
        ConnectionStatus::Connecting | ConnectionStatus::Live => None,
        ConnectionStatus::Polling => Some(t.common_line_slow_sentence().to_owned()),
        ConnectionStatus::Stale { since } => {
            let since = t.common_line_silent_since(&local_time(Timestamp(since)));
            Some(format!("{since} {}", t.barista_line_advice()))
        }
    };
    let skipped =
        context.skipped.with_value(|names| (!names.is_empty()).then(|| t.barista_menu_skipped(&names.join(", "))));
    view! {
        <div class="line-banner">
            {move || text().map(|text| view! { <p><Icon sign=Sign::Offline />{text}</p> })}
            {skipped.map(|skipped| view! { <p class="skipped"><Icon sign=Sign::Warning />{skipped}</p> })}
            {move || waits().map(|waits| view! { <p class="waits"><Icon sign=Sign::Clock />{waits}</p> })}
        </div>
    }
}
