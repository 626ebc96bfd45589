//! The state that the components of the page share.

#[cfg(feature = "hydrate")]
use domain::OrderNumber;
use domain::{
    BaristaId, Menu, OrderId,
    view::{Lane, ShopView, Ticket},
};
use leptos::prelude::*;

use super::outbox::Outbox;
#[cfg(feature = "hydrate")]
use super::{outbox::PendingCommand, texts};
#[cfg(feature = "hydrate")]
use crate::error::CommandError;
use crate::{
    device::{Chime, Sound, WakeLock},
    error::Failed,
    i18n::error_text,
    live::use_live,
    loaders::BaristaPageData,
    preferences::DisplayPreferences,
};

/// How long cards keep their places after a touch, in milliseconds.
#[cfg(feature = "hydrate")]
const HOLD_MILLIS: u64 = 500;

/// The volume that a test of the sound sets on a muted tablet.
const TEST_VOLUME: u8 = 70;

/// The shared state of the page.
#[derive(Clone, Copy)]
pub(super) struct BaristaContext {
    /// The tickets, oldest first.
    pub(super) queue: Memo<Vec<Ticket>>,
    pub(super) shop: Memo<ShopView>,
    pub(super) menu: StoredValue<Menu>,
    /// The names of the drinks that were skipped because of a mistake in the menu.
    pub(super) skipped: StoredValue<Vec<String>>,
    pub(super) preferences: RwSignal<DisplayPreferences>,
    pub(super) sound: Sound,
    pub(super) wake: WakeLock,
    /// The card that was last acted on. It keeps the focus when it moves to another lane.
    pub(super) last_touched: RwSignal<Option<OrderId>>,
    /// Orders that are new since the last touch.
    pub(super) new_orders: RwSignal<Vec<OrderId>>,
    /// True for a moment after a touch, while cards keep their places.
    pub(super) held: RwSignal<bool>,
    /// The height of the card that was touched last, in 64ths of a pixel, which is the unit of layout in browsers. The
    /// gap that the card leaves must have exactly this height, or its neighbours would move.
    pub(super) gap: RwSignal<i32>,
    /// The commands that are not answered yet.
    pub(super) outbox: RwSignal<Outbox>,
    /// Whether they wait because the server cannot be reached.
    pub(super) is_offline: RwSignal<bool>,
    /// The idempotency key of the next walk-in.
    pub(super) key: RwSignal<String>,
    /// The last orders that have ended, newest first.
    pub(super) past_orders: RwSignal<Vec<Ticket>>,
    #[cfg(feature = "hydrate")]
    pub(super) last_sent: StoredValue<(i64, String)>,
    #[cfg(feature = "hydrate")]
    touches: StoredValue<u32>,
    me: StoredValue<BaristaId>,
    /// The errors of commands since the last tap.
    errors: RwSignal<Vec<String>>,
}

impl BaristaContext {
    pub(super) fn new(data: BaristaPageData) -> Self {
        let live = use_live();
        live.clock.set(data.now);
        Self {
            queue: live.queue(data.queue),
            shop: live.shop(data.shop),
            menu: StoredValue::new(data.menu),
            skipped: StoredValue::new(data.skipped),
            sound: Sound::new(data.preferences.volume),
            preferences: RwSignal::new(data.preferences),
            wake: WakeLock::new(),
            last_touched: RwSignal::new(None),
            new_orders: RwSignal::new(Vec::new()),
            held: RwSignal::new(false),
            gap: RwSignal::new(0),
            outbox: RwSignal::new(Outbox::default()),
            is_offline: RwSignal::new(false),
            key: RwSignal::new(data.key),
            past_orders: RwSignal::new(data.past),
            #[cfg(feature = "hydrate")]
            last_sent: StoredValue::new((0, String::new())),
            #[cfg(feature = "hydrate")]
            touches: StoredValue::new(0),
            me: StoredValue::new(data.me),
            // A form that was sent without JavaScript is shown again with its error.
            errors: RwSignal::new(
                use_context::<Failed>().map(|failed| error_text(&failed.error)).into_iter().collect(),
            ),
        }
    }

    /// A pointer is down. Remembers the height of the card below it, and keeps all cards in place: if an element moved
    /// away from under the pointer, the tap would be lost.
    pub(super) fn on_pointer_down(self, event: &leptos::ev::PointerEvent) {
        #[cfg(feature = "hydrate")]
        {
            use wasm_bindgen::JsCast;
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let card = target.and_then(|target| target.closest("li.card").ok().flatten());
            if let Some(card) = card {
                self.gap.set((card.get_bounding_client_rect().height() * 64.0).round() as i32);
            }
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
        self.hold();
    }

    /// A tap or a key: new orders have been seen, sound is allowed, and cards keep their places for a moment.
    pub(super) fn on_touch(self) {
        #[cfg(feature = "hydrate")]
        {
            if !self.sound.check() && self.sound.volume_now() > 0 {
                self.sound.unlock();
            }
            self.wake.request();
            self.new_orders.update(Vec::clear);
        }
        self.hold();
    }

    /// Keeps the cards in place for a moment.
    fn hold(self) {
        #[cfg(feature = "hydrate")]
        {
            self.held.set(true);
            self.touches.update_value(|touches| *touches = touches.wrapping_add(1));
            let touch = self.touches.get_value();
            set_timeout(
                move || {
                    if self.touches.try_get_value() == Some(touch) {
                        self.held.try_set(false);
                    }
                },
                std::time::Duration::from_millis(HOLD_MILLIS),
            );
        }
    }

    /// Plays a chime, and unmutes the tablet if necessary.
    pub(super) fn test_sound(self) {
        if self.sound.volume_now() == 0 {
            self.sound.set_volume(TEST_VOLUME);
        }
        self.sound.test(Chime::NewOrder);
    }

    /// Handles the answer to a command.
    #[cfg(feature = "hydrate")]
    pub(super) fn answered(self, command: &PendingCommand, answer: Result<(), CommandError>) {
        if let Err(error) = answer {
            self.report(texts::command_error_text(&error, command.number));
        }
    }

    /// Shows an error.
    #[cfg(feature = "hydrate")]
    pub(super) fn report(self, text: String) {
        self.errors.try_update(|errors| errors.push(text));
    }

    /// Removes the errors from before this tap.
    #[cfg(feature = "hydrate")]
    pub(super) fn clear_errors(self) {
        self.errors.update(Vec::clear);
    }

    /// Changes the idempotency key for the next walk-in.
    #[cfg(feature = "hydrate")]
    pub(super) fn next_key(self) {
        self.key.update(|key| {
            let (base, count) = key.rsplit_once('_').unwrap_or((key, "0"));
            *key = format!("{base}_{}", count.parse::<u32>().unwrap_or(0) + 1);
        });
    }

    /// The number of an order that has a card or is in the list of past orders.
    #[cfg(feature = "hydrate")]
    pub(super) fn number_of(self, order: &str) -> Option<OrderNumber> {
        let find = |tickets: &Vec<Ticket>| {
            tickets.iter().find(|ticket| ticket.id.as_str() == order).and_then(|ticket| ticket.number)
        };
        self.queue.with_untracked(find).or_else(|| self.past_orders.with_untracked(find))
    }

    /// Applies a preference without waiting for the server, which only keeps it.
    #[cfg(feature = "hydrate")]
    pub(super) fn apply_preference(self, body: &str) {
        let Some((name, value)) = body.split_once('=') else { return };
        let mut preferences = self.preferences.get_untracked();
        match name {
            "theme" => {
                crate::device::set_theme(value);
                preferences.theme = value.to_owned();
            }
            "hand" => preferences.left_handed = value == "left",
            "keys" => preferences.keys = value != "off",
            "volume" => {
                preferences.volume = value.parse().unwrap_or(preferences.volume);
                self.sound.set_volume(preferences.volume);
                self.sound.test(Chime::NewOrder);
            }
            _ => return,
        }
        self.preferences.set(preferences);
    }

    /// Loads the past orders again. If that fails, the list stays as it is.
    pub(super) fn load_past_orders(self) {
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            use crate::{commands::path_of, fetch::post, json::FromJson as _, loaders::ReadPast};
            let answer = post(path_of::<ReadPast>(), "").await;
            if let Some(past) = answer.ok().and_then(|json| Vec::from_json(&json)) {
                self.past_orders.try_set(past);
            }
        });
    }

    /// The errors since the last tap.
    pub(super) fn error_text(self) -> Signal<Option<String>> {
        Signal::derive(move || self.errors.with(|errors| (!errors.is_empty()).then(|| errors.join(" "))))
    }

    /// The barista who has signed in.
    pub(super) fn me(self) -> BaristaId {
        self.me.get_value()
    }

    /// The number of orders that nobody has claimed.
    pub(super) fn waiting(self) -> usize {
        self.queue.with(|queue| queue.iter().filter(|ticket| ticket.lane == Lane::UpNext).count())
    }

    /// The ticket of an order.
    pub(super) fn ticket(self, id: OrderId) -> Memo<Option<Ticket>> {
        Memo::new(move |_| self.queue.with(|queue| queue.iter().find(|ticket| ticket.id == id).cloned()))
    }
}
