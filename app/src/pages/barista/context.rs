//! What the parts of the bar's page share: the cards, the menu, who is signed in, what is on its way.

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

/// How long nothing moves under a finger after a touch, in milliseconds.
#[cfg(feature = "hydrate")]
const HOLD_MILLIS: u64 = 500;

/// How loud a muted tablet becomes when its sound is tested.
const AUDIBLE: u8 = 70;

/// The bar's context.
#[derive(Clone, Copy)]
pub(super) struct BaristaContext {
    /// The cards, oldest first.
    pub(super) queue: Memo<Vec<Ticket>>,
    pub(super) shop: Memo<ShopView>,
    pub(super) menu: StoredValue<Menu>,
    /// The names of the drinks that were left out of the menu because of a mistake.
    pub(super) skipped: StoredValue<Vec<String>>,
    pub(super) preferences: RwSignal<DisplayPreferences>,
    pub(super) sound: Sound,
    pub(super) wake: WakeLock,
    /// The card that was last acted on: it keeps the focus when it moves to another lane.
    pub(super) touched: RwSignal<Option<OrderId>>,
    /// New orders that nobody has looked at: no touch since they came.
    pub(super) fresh: RwSignal<Vec<OrderId>>,
    /// True for a moment after a touch: the lanes keep still.
    pub(super) held: RwSignal<bool>,
    /// How high the card was that was touched last, in 64ths of a pixel, which is how browsers lay out: the gap that it
    /// leaves is exactly as high, or its neighbours in the row would move.
    pub(super) gap: RwSignal<i32>,
    /// What has been tapped and has not been answered.
    pub(super) outbox: RwSignal<Outbox>,
    /// Whether it waits because the server cannot be reached.
    pub(super) stuck: RwSignal<bool>,
    /// For the hidden input of the next walk-in, by which a repeated request is recognised.
    pub(super) key: RwSignal<String>,
    /// The last orders that have ended, newest first.
    pub(super) past: RwSignal<Vec<Ticket>>,
    #[cfg(feature = "hydrate")]
    pub(super) last_sent: StoredValue<(i64, String)>,
    #[cfg(feature = "hydrate")]
    touches: StoredValue<u32>,
    me: StoredValue<BaristaId>,
    /// Why commands had no effect, since the last tap.
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
            touched: RwSignal::new(None),
            fresh: RwSignal::new(Vec::new()),
            held: RwSignal::new(false),
            gap: RwSignal::new(0),
            outbox: RwSignal::new(Outbox::default()),
            stuck: RwSignal::new(false),
            key: RwSignal::new(data.key),
            past: RwSignal::new(data.past),
            #[cfg(feature = "hydrate")]
            last_sent: StoredValue::new((0, String::new())),
            #[cfg(feature = "hydrate")]
            touches: StoredValue::new(0),
            me: StoredValue::new(data.me),
            // A form without JavaScript comes back to its page.
            errors: RwSignal::new(
                use_context::<Failed>().map(|failed| error_text(&failed.error)).into_iter().collect(),
            ),
        }
    }

    /// A finger is on the page: whatever card is under it may leave a gap. Nothing may move before the finger leaves, or
    /// the browser finds another element under it and the tap is lost.
    pub(super) fn pressed(self, event: &leptos::ev::PointerEvent) {
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

    /// A tap or a key has reached the page: what is new has been seen, sounds are allowed, nothing moves for a moment.
    pub(super) fn touch(self) {
        #[cfg(feature = "hydrate")]
        {
            if !self.sound.check() && self.sound.volume_now() > 0 {
                self.sound.unlock();
            }
            self.wake.request();
            self.fresh.update(Vec::clear);
        }
        self.hold();
    }

    /// Cards keep their places for a moment.
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

    /// Makes itself heard, if the browser lets it.
    pub(super) fn test_sound(self) {
        if self.sound.volume_now() == 0 {
            self.sound.set_volume(AUDIBLE);
        }
        self.sound.test(Chime::NewOrder);
    }

    /// The answer to a command. Of several that waited, each says what has become of it.
    #[cfg(feature = "hydrate")]
    pub(super) fn answered(self, command: &PendingCommand, answer: Result<(), CommandError>) {
        if let Err(error) = answer {
            self.report(texts::command_error_text(&error, command.number));
        }
    }

    /// Says why something had no effect.
    #[cfg(feature = "hydrate")]
    pub(super) fn report(self, text: String) {
        self.errors.try_update(|errors| errors.push(text));
    }

    /// What was text before the last tap has been read.
    #[cfg(feature = "hydrate")]
    pub(super) fn clear_errors(self) {
        self.errors.update(Vec::clear);
    }

    /// The next walk-in is another one.
    #[cfg(feature = "hydrate")]
    pub(super) fn next_key(self) {
        self.key.update(|key| {
            let (base, count) = key.rsplit_once('_').unwrap_or((key, "0"));
            *key = format!("{base}_{}", count.parse::<u32>().unwrap_or(0) + 1);
        });
    }

    /// The number of an order that can be tapped.
    #[cfg(feature = "hydrate")]
    pub(super) fn number_of(self, order: &str) -> Option<OrderNumber> {
        let find = |tickets: &Vec<Ticket>| {
            tickets.iter().find(|ticket| ticket.id.as_str() == order).and_then(|ticket| ticket.number)
        };
        self.queue.with_untracked(find).or_else(|| self.past.with_untracked(find))
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

    /// Reads the last orders anew. When that cannot be now, what was known is better than nothing; the line says that it is
    /// not live.
    pub(super) fn read_past(self) {
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            use crate::{commands::path_of, fetch::post, json::FromJson as _, loaders::ReadPast};
            let answer = post(path_of::<ReadPast>(), "").await;
            if let Some(past) = answer.ok().and_then(|json| Vec::from_json(&json)) {
                self.past.try_set(past);
            }
        });
    }

    /// Why the last command had no effect, or those that waited.
    pub(super) fn error_text(self) -> Signal<Option<String>> {
        Signal::derive(move || self.errors.with(|errors| (!errors.is_empty()).then(|| errors.join(" "))))
    }

    /// Who is signed in.
    pub(super) fn me(self) -> BaristaId {
        self.me.get_value()
    }

    /// How many orders nobody has started on.
    pub(super) fn waiting(self) -> usize {
        self.queue.with(|queue| queue.iter().filter(|ticket| ticket.lane == Lane::UpNext).count())
    }

    /// A card, as it is now.
    pub(super) fn ticket(self, id: OrderId) -> Memo<Option<Ticket>> {
        Memo::new(move |_| self.queue.with(|queue| queue.iter().find(|ticket| ticket.id == id).cloned()))
    }
}
