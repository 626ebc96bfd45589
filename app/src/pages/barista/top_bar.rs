//! The top bar: the state of the bar, the panels, sound, and the status of the connection.

use domain::{PauseReason, ShopState};
use leptos::prelude::*;

use super::{
    context::BaristaContext,
    panels::{self, PANEL},
    texts,
};
use crate::{
    commands::{SetShopState, path_of},
    components::{LiveDot, Logo},
    i18n::{local_time, messages, reason_text},
    live::use_live,
};

/// The durations of a pause to choose from, in minutes.
const PAUSES: [u32; 4] = [5, 10, 15, 30];

/// The top bar.
#[component]
pub(super) fn TopBar() -> impl IntoView {
    let live = use_live();
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let clock = move || live.clock.is_hydrated().then(|| local_time(live.clock.now()));
    view! {
        <header class="top">
            <h1><Logo /><span class="name" translate="no">{move || context.shop.with(|shop| shop.name.clone())}</span><span class="visually-hidden">" · "{t.barista_the_bar()}</span></h1>
            <ShopSwitch />
            <panels::WalkIn />
            <panels::SoldOut />
            <panels::PastOrders />
            <DeviceStatus />
            <panels::Settings />
            <div class="now">
                <LiveDot />
                <p class="clock">{clock}</p>
            </div>
        </header>
    }
}

/// Opens, pauses or closes the bar. The present state is shown as text.
#[component]
fn ShopSwitch() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let live = use_live();
    let t = messages();
    let state = Memo::new(move |_| context.shop.with(|shop| shop.state.clone()));
    let (name, label) = (
        move || match state.get() {
            ShopState::Open => "open",
            ShopState::Paused { .. } => "paused",
            ShopState::Closed => "closed",
        },
        move || match state.get() {
            ShopState::Open => t.barista_shop_open(),
            ShopState::Paused { .. } => t.barista_shop_paused(),
            ShopState::Closed => t.barista_shop_closed(),
        },
    );
    let why = move || match state.get() {
        ShopState::Paused { reason, until } => {
            let until =
                until.filter(|_| live.clock.is_hydrated()).map(|until| t.barista_paused_until(&local_time(until)));
            Some(view! { <p class="reason-now">{reason_text(reason.as_str())}" "{until}</p> })
        }
        ShopState::Open | ShopState::Closed => None,
    };
    let left = move || match state.get() {
        ShopState::Paused { until: Some(until), .. } => {
            let left = until.millis_since(live.clock.now());
            Some(view! { <span class="left">{crate::i18n::countdown(left)}</span> })
        }
        _ => None,
    };
    let reasons = PauseReason::CODES
        .iter()
        .enumerate()
        .map(|(at, reason)| {
            view! {
                <label class="bar-choice">
                    <input type="radio" name="reason" value=reason.as_str() checked=at == 0 />
                    <span>{reason_text(reason.as_str())}</span>
                </label>
            }
        })
        .collect_view();
    let minutes = PAUSES
        .map(|minutes| {
            view! { <button class="quiet" type="submit" name="minutes" value=minutes.to_string()>{t.common_minutes(minutes)}</button> }
        })
        .collect_view();
    let is_open = move || state.with(|state| *state == ShopState::Open);
    let is_closed = move || state.with(|state| *state == ShopState::Closed);
    view! {
        <details class="switch" name=PANEL data-state=name>
            <summary><span class="visually-hidden">{t.barista_shop_is()}" "</span>{label}{left}</summary>
            <div class="panel">
                {why}
                <form method="post" action={path_of::<SetShopState>()} data-closes="">
                    <input type="hidden" name="state" value="open" />
                    <button class="ready wide" type="submit" disabled=is_open>{t.barista_do_open()}</button>
                </form>
                <form class="pause" method="post" action={path_of::<SetShopState>()} data-closes="">
                    <input type="hidden" name="state" value="paused" />
                    <fieldset>
                        <legend>{t.barista_pause_legend()}</legend>
                        <div class="bar-choices">{reasons}</div>
                    </fieldset>
                    <p class="label">{t.barista_pause_for()}</p>
                    <div class="minutes">
                        {minutes}
                        <button class="quiet" type="submit" name="minutes" value="0">{t.barista_pause_open_end()}</button>
                    </div>
                </form>
                <form method="post" action={path_of::<SetShopState>()} data-closes="">
                    <input type="hidden" name="state" value="closed" />
                    <button class="quiet danger wide" type="submit" disabled=is_closed>{t.barista_do_close()}</button>
                </form>
            </div>
        </details>
    }
}

/// The icon of the wake lock.
const SUN: &str = "M12 8.500a3.500 3.500 0 1 1 0 7a3.500 3.500 0 0 1 0-7M12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M5.600 18.400l1.100-1.100M17.300 6.700l1.100-1.100";

/// Whether chimes can be heard and whether the screen stays on. Hidden without a script.
#[component]
fn DeviceStatus() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let live = use_live();
    let t = messages();
    let state = move || match (context.sound.volume(), context.sound.is_audible()) {
        (0, _) => ("off", t.barista_sound_off()),
        (_, true) => ("on", t.barista_sound_on()),
        (_, false) => ("muted", t.barista_sound_muted()),
    };
    let awake = move || texts::wake_text(context.wake.state());
    view! {
        <div class="device" hidden=move || !live.clock.is_hydrated()>
            <button class="sound" type="button" data-sound=move || state().0 on:click=move |_| context.test_sound()>
                <span>{move || state().1}</span>
            </button>
            <p class="awake" data-awake=move || awake().0>
                <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
                    <path d=SUN fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
                    <path class="crossed" d="M3 21L21 3" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
                </svg>
                <span class="visually-hidden">{move || awake().1}</span>
            </p>
        </div>
    }
}
