//! "Tell me when ready": one tap enables chime, vibration and wake lock.

use domain::view::{OrderView, Stage};
use leptos::prelude::*;

use super::reminders;
use crate::{
    components::{Icon, Sign},
    device::{Chime, Sound, WakeLock, WakeState, vibrate},
    i18n::messages,
    live::{ConnectionStatus, use_live},
};

/// The volume, 0 to 100.
const VOLUME: u8 = 80;
const VIBRATION: [u16; 5] = [220, 120, 220, 120, 400];

/// The button while there is something to wait for, and afterwards the controls.
#[component]
pub(super) fn NotifyMe(order: Memo<Option<OrderView>>) -> impl IntoView {
    let t = messages();
    let live = use_live();
    let (sound, wake) = (Sound::new(VOLUME), WakeLock::new());
    let wanted = RwSignal::new(false);
    call_when_ready(order, sound, wanted);
    // A browser may mute the page at any time, and the page shows that.
    Effect::new(move |_| {
        _ = live.clock.now();
        if wanted.get() {
            sound.check();
        }
    });
    let waits = Memo::new(move |_| {
        order.with(|order| {
            let stage = order.as_ref().map(|order| &order.stage);
            matches!(stage, Some(Stage::Submitted | Stage::Waiting | Stage::Making))
        })
    });
    Effect::new(move |_| {
        if !waits.get() {
            wake.release();
        }
    });
    let ask = move |_| {
        sound.unlock();
        vibrate(&[60]);
        wanted.set(true);
    };
    // Chimes need the script, so the button appears after hydration.
    let offer = move || match (waits.get() && live.clock.is_hydrated(), wanted.get()) {
        (false, _) => ().into_any(),
        (true, false) => view! {
            <button class="primary wide" type="button" on:click=ask><Icon sign=Sign::Bell />{t.order_tell()}</button>
        }
        .into_any(),
        (true, true) => view! { <NotifyControls sound=sound wake=wake /> }.into_any(),
    };
    view! { <div class="tell" data-waits=move || waits.get().to_string()>{offer}</div> }
}

#[component]
fn NotifyControls(sound: Sound, wake: WakeLock) -> impl IntoView {
    let t = messages();
    let text = move || if sound.is_audible() { t.order_told() } else { t.order_told_mute() };
    let try_it = move |_| {
        sound.unlock();
        sound.play(Chime::Ready);
        vibrate(&VIBRATION);
    };
    let screen = move |_| match wake.state() {
        WakeState::On => wake.release(),
        WakeState::Off | WakeState::Unavailable => wake.request(),
    };
    view! {
        <div class="told">
            <p class="promise"><Icon sign=Sign::Bell /><span>{text}</span></p>
            <button class="quiet" type="button" on:click=try_it>{t.order_try_sound()}</button>
            <button class="quiet switch" type="button" role="switch" on:click=screen
                aria-checked=move || (wake.state() == WakeState::On).to_string()>{t.order_screen_on()}</button>
            {move || (wake.state() == WakeState::Unavailable).then(|| view! { <p class="hint">{t.order_screen_impossible()}</p> })}
        </div>
    }
}

/// Chimes and vibrates once for each call. Calls are not made up for after a time without connection.
fn call_when_ready(order: Memo<Option<OrderView>>, sound: Sound, wanted: RwSignal<bool>) {
    let live = use_live();
    let ready_at = Memo::new(move |_| {
        order.with(|order| order.as_ref().filter(|order| order.stage == Stage::Ready).and_then(|order| order.ready_at))
    });
    Effect::new(move |before: Option<Option<u8>>| {
        let due = ready_at.get().and_then(|at| reminders::due(live.clock.now().millis_since(at)));
        let Some(before) = before else { return due };
        let is_live = !matches!(live.status.get_untracked(), ConnectionStatus::Stale { .. });
        if due.is_some() && due > before && is_live && wanted.get_untracked() {
            sound.play(Chime::Ready);
            vibrate(&VIBRATION);
        }
        due.or(before)
    });
}
