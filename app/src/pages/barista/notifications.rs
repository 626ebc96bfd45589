//! Chimes and announcements.

use domain::{
    OrderId,
    order::Ending,
    view::{Lane, Ticket},
};
use leptos::prelude::*;

use super::{card::LATE_MILLIS, context::BaristaContext};
use crate::{
    device::Chime,
    i18n::messages,
    live::{ConnectionStatus, use_live},
};

/// The interval at which new orders chime again until the page is touched, in milliseconds.
const REPEAT_MILLIS: i64 = 20_000;
/// The shortest interval of announcements, in milliseconds.
const ANNOUNCE_MILLIS: i64 = 10_000;

/// What is known of the tickets so far.
#[derive(Clone, Default)]
struct Seen {
    initialized: bool,
    open: Vec<OrderId>,
    late: Vec<OrderId>,
    chimed_at: i64,
    announced_at: i64,
    unannounced: u32,
    new: Vec<OrderId>,
}

/// Chimes for new, late and cancelled orders, and the live region of the page.
#[component]
pub(super) fn Notifications() -> impl IntoView {
    let live = use_live();
    let context = expect_context::<BaristaContext>();
    let t = messages();
    let text = RwSignal::new(String::new());
    let seen = StoredValue::new(Seen::default());
    Effect::new(move |_| {
        let now = live.clock.now().0;
        let mut before = seen.get_value();
        let unannounced_before = before.unannounced;
        let chime = context.queue.with(|queue| update(&mut before, queue, now));
        let new = before.unannounced;
        if new > unannounced_before {
            context.new_orders.update(|new_orders| new_orders.append(&mut before.new));
        }
        before.unannounced = new;
        if before.unannounced > 0 && now - before.announced_at >= ANNOUNCE_MILLIS {
            text.set(t.barista_new_orders(before.unannounced));
            (before.unannounced, before.announced_at) = (0, now);
        }
        let waits = context.new_orders.with(|new_orders| {
            context
                .queue
                .with(|queue| queue.iter().any(|ticket| ticket.lane == Lane::UpNext && new_orders.contains(&ticket.id)))
        });
        if let Some(chime) = chime {
            context.sound.play(chime);
            before.chimed_at = now;
        } else if waits && now - before.chimed_at >= REPEAT_MILLIS {
            context.sound.play(Chime::NewOrder);
            before.chimed_at = now;
        } else {
            // A browser may stop the sound at any time.
            context.sound.check();
        }
        seen.set_value(before);
    });
    Effect::new(move |_| {
        if let ConnectionStatus::Stale { .. } = live.status.get() {
            text.set(t.barista_line_advice().to_owned());
        }
    });
    view! { <p class="visually-hidden" role="status">{text}</p> }
}

/// Compares the queue with what is known, and returns the most important chime.
fn update(seen: &mut Seen, queue: &[Ticket], now: i64) -> Option<Chime> {
    let ids = |wanted: &dyn Fn(&Ticket) -> bool| -> Vec<OrderId> {
        queue.iter().filter(|ticket| wanted(ticket)).map(|ticket| ticket.id.clone()).collect()
    };
    let is_open = |ticket: &Ticket| matches!(ticket.lane, Lane::UpNext | Lane::Making { .. });
    let waiting = ids(&|ticket| ticket.lane == Lane::UpNext);
    let open = ids(&is_open);
    let late = ids(&|ticket| is_open(ticket) && ticket.waiting_since.is_some_and(|since| now - since.0 >= LATE_MILLIS));
    let cancelled = queue.iter().any(|ticket| {
        let is_cancelled = matches!(ticket.lane, Lane::Ended { ending: Ending::CancelledByCustomer, .. });
        is_cancelled && seen.open.contains(&ticket.id)
    });
    // An order that returns to the queue is not new.
    let new: Vec<OrderId> = waiting.iter().filter(|id| !seen.open.contains(id)).cloned().collect();
    let newly_late = late.iter().any(|id| !seen.late.contains(id));
    let first = !seen.initialized;
    (seen.open, seen.late, seen.initialized) = (open, late, true);
    if first {
        // The first queue came with the page, so nothing in it is new.
        return None;
    }
    seen.unannounced = seen.unannounced.saturating_add(u32::try_from(new.len()).unwrap_or(u32::MAX));
    if !new.is_empty() {
        seen.new = new;
        Some(Chime::NewOrder)
    } else if cancelled {
        Some(Chime::Cancelled)
    } else if newly_late {
        Some(Chime::Late)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use domain::{BaristaId, OrderNumber, Timestamp};

    use super::*;

    fn ticket(id: &str, lane: Lane) -> Ticket {
        Ticket {
            id: OrderId::try_from(id).unwrap(),
            number: Some(OrderNumber(1)),
            drink: None,
            lane,
            waiting_since: Some(Timestamp(0)),
            make_by: None,
            walk_in: false,
            recalled: false,
            ready_at: None,
        }
    }

    #[test]
    fn after_a_gap_only_orders_that_still_wait_chime() {
        let mut seen = Seen::default();
        let before = [ticket("a", Lane::UpNext), ticket("b", Lane::UpNext)];
        update(&mut seen, &[], 0);
        assert_eq!(update(&mut seen, &before, 1), Some(Chime::NewOrder));
        let making = Lane::Making { barista: BaristaId::new("Ana", "t1").unwrap() };
        let handed = ticket("c", Lane::HandOver { since: Timestamp(2) });
        let after = [ticket("a", Lane::UpNext), ticket("b", making), handed];
        assert_eq!(update(&mut seen, &after, 3), None, "known orders, and one that came and went");
        let waits = [&after[..], &[ticket("d", Lane::UpNext), ticket("e", Lane::UpNext)]].concat();
        assert_eq!(update(&mut seen, &waits, 4), Some(Chime::NewOrder));
        assert_eq!(update(&mut seen, &waits, 5), None);
    }

    #[test]
    fn each_event_chimes_once() {
        let mut seen = Seen::default();
        let ana = BaristaId::new("Ana", "t1").unwrap();
        let making = Lane::Making { barista: ana };
        assert_eq!(update(&mut seen, &[ticket("a", Lane::UpNext)], 0), None, "the first queue is not new");
        let two = [ticket("a", Lane::UpNext), ticket("b", Lane::UpNext)];
        assert_eq!(update(&mut seen, &two, 1), Some(Chime::NewOrder));
        assert_eq!((update(&mut seen, &two, 2), seen.unannounced), (None, 1));
        let claimed = [ticket("a", making), ticket("b", Lane::UpNext)];
        assert_eq!(update(&mut seen, &claimed, 3), None);
        assert_eq!(update(&mut seen, &two, 4), None, "a returned order is not new");
        assert_eq!(update(&mut seen, &two, LATE_MILLIS), Some(Chime::Late));
        assert_eq!(update(&mut seen, &two, LATE_MILLIS + 1), None);
        let ended = Lane::Ended { ending: Ending::CancelledByCustomer, at: Timestamp(5) };
        let cancelled = [ticket("a", Lane::UpNext), ticket("b", ended)];
        assert_eq!(update(&mut seen, &cancelled, LATE_MILLIS + 2), Some(Chime::Cancelled));
        assert_eq!(update(&mut seen, &cancelled, LATE_MILLIS + 3), None);
    }
}
