//! What the parts of the bar's page share: the cards, who is signed in, the commands and their answers.

use domain::{
    BaristaId, OrderId,
    view::{Lane, Ticket},
};
use leptos::prelude::*;

use crate::{
    commands::{CancelAtBar, ClaimOrder, CompleteOrder, HandOverOrder, ReleaseOrder, SetShopState, UndoComplete},
    error::CommandError,
    live::use_live,
    words,
};

/// The bar's desk.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    /// The cards, oldest first.
    pub(super) queue: Memo<Vec<Ticket>>,
    /// The card that was last acted on: it keeps the focus when it moves to another lane.
    pub(super) touched: RwSignal<Option<OrderId>>,
    pub(super) claim: ServerAction<ClaimOrder>,
    pub(super) release: ServerAction<ReleaseOrder>,
    pub(super) complete: ServerAction<CompleteOrder>,
    pub(super) undo: ServerAction<UndoComplete>,
    pub(super) hand_over: ServerAction<HandOverOrder>,
    pub(super) cancel: ServerAction<CancelAtBar>,
    pub(super) set_shop: ServerAction<SetShopState>,
    me: StoredValue<BaristaId>,
    trouble: RwSignal<Option<String>>,
}

impl Desk {
    pub(super) fn new(me: BaristaId, queue: Memo<Vec<Ticket>>) -> Self {
        let desk = Self {
            queue,
            touched: RwSignal::new(None),
            claim: ServerAction::new(),
            release: ServerAction::new(),
            complete: ServerAction::new(),
            undo: ServerAction::new(),
            hand_over: ServerAction::new(),
            cancel: ServerAction::new(),
            set_shop: ServerAction::new(),
            me: StoredValue::new(me),
            trouble: RwSignal::new(None),
        };
        desk.listen(desk.claim.value());
        desk.listen(desk.release.value());
        desk.listen(desk.complete.value());
        desk.listen(desk.undo.value());
        desk.listen(desk.hand_over.value());
        desk.listen(desk.cancel.value());
        desk.listen(desk.set_shop.value());
        desk
    }

    /// Says why a command had no effect, until the next one has; then looks at what it did.
    fn listen<T: Clone + Send + Sync + 'static>(self, answer: MappedSignal<Option<Result<T, CommandError>>>) {
        // A form without JavaScript comes back with its error: it is there before anything runs in the browser.
        if let Some(Err(error)) = answer.get_untracked() {
            self.trouble.set(Some(words::trouble(&error)));
        }
        let live = use_live();
        Effect::new(move |before: Option<()>| {
            let answer = answer.get();
            if before.is_some()
                && let Some(answer) = answer
            {
                self.trouble.set(answer.err().map(|error| words::trouble(&error)));
                live.refresh();
            }
        });
    }

    /// Why the last command had no effect.
    pub(super) fn trouble(self) -> Signal<Option<String>> {
        self.trouble.into()
    }

    /// Who is signed in.
    pub(super) fn me(self) -> BaristaId {
        self.me.get_value()
    }

    /// How many orders nobody has started on.
    pub(super) fn waiting(self) -> usize {
        self.queue.with(|queue| count_waiting(queue))
    }

    pub(super) fn waiting_untracked(self) -> usize {
        self.queue.with_untracked(|queue| count_waiting(queue))
    }

    /// A card, as it is now.
    pub(super) fn ticket(self, id: OrderId) -> Memo<Option<Ticket>> {
        Memo::new(move |_| self.queue.with(|queue| queue.iter().find(|ticket| ticket.id == id).cloned()))
    }
}

fn count_waiting(queue: &[Ticket]) -> usize {
    queue.iter().filter(|ticket| ticket.lane == Lane::UpNext).count()
}
