//! The lanes of the page: up next, making, ready, and ended.

use domain::{
    BaristaId, OrderId, Timestamp,
    view::{Lane, Ticket},
};
use leptos::prelude::*;

use super::{card::Card, context::BaristaContext};
use crate::{
    components::Drawing,
    i18n::{local_time, messages},
    live::use_live,
};

/// A lane of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LaneKind {
    UpNext,
    Making,
    Ready,
    Ended,
}

impl LaneKind {
    const fn of(ticket: &Ticket) -> Self {
        match ticket.lane {
            Lane::UpNext => Self::UpNext,
            Lane::Making { .. } => Self::Making,
            Lane::Finishing { .. } | Lane::HandOver { .. } => Self::Ready,
            Lane::Ended { .. } => Self::Ended,
        }
    }

    fn texts(self) -> (&'static str, &'static str, &'static str) {
        let t = messages();
        match self {
            Self::UpNext => ("up-next", t.barista_lane_up_next(), t.barista_empty_up_next()),
            Self::Making => ("making", t.barista_lane_making(), t.barista_empty_making()),
            Self::Ready => ("ready", t.barista_lane_ready(), t.barista_empty_ready()),
            Self::Ended => ("ended", t.barista_lane_ended(), ""),
        }
    }
}

/// A position in a lane: a card, or the gap that a card has left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Slot {
    id: OrderId,
    gap: bool,
}

/// The orders of a lane, oldest first. In the lane of drinks being made, those of this barista come first.
fn sorted(queue: &[Ticket], kind: LaneKind, me: &BaristaId) -> Vec<OrderId> {
    let mut tickets: Vec<&Ticket> = queue.iter().filter(|ticket| LaneKind::of(ticket) == kind).collect();
    if kind == LaneKind::Making {
        tickets.sort_by_key(|ticket| !matches!(&ticket.lane, Lane::Making { barista } if barista == me));
    }
    tickets.into_iter().map(|ticket| ticket.id.clone()).collect()
}

/// The positions of the cards. While they are held, no card moves: a card that leaves leaves a gap, and a new card
/// comes last.
fn arrange(before: &[Slot], ids: &[OrderId], held: bool) -> Vec<Slot> {
    let card = |id: &OrderId| Slot { id: id.clone(), gap: false };
    if !held {
        return ids.iter().map(card).collect();
    }
    let kept = before.iter().map(|slot| Slot { id: slot.id.clone(), gap: !ids.contains(&slot.id) });
    let new = ids.iter().filter(|id| !before.iter().any(|slot| slot.id == **id)).map(card);
    kept.chain(new).collect()
}

/// All lanes.
#[component]
pub(super) fn Lanes() -> impl IntoView {
    view! {
        <div class="lanes">
            <LaneView kind=LaneKind::UpNext />
            <LaneView kind=LaneKind::Making />
            <div class="right">
                <LaneView kind=LaneKind::Ready />
                <LaneView kind=LaneKind::Ended />
            </div>
        </div>
    }
}

#[component]
fn LaneView(kind: LaneKind) -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let ids = Memo::new(move |_| context.queue.with(|queue| sorted(queue, kind, &context.me())));
    let slots = Memo::new(move |before: Option<&Vec<Slot>>| {
        let before = before.map(Vec::as_slice).unwrap_or_default();
        ids.with(|ids| arrange(before, ids, context.held.get()))
    });
    let (name, heading, empty) = kind.texts();
    let count = move || ids.with(Vec::len);
    let nothing = move || slots.with(Vec::is_empty);
    view! {
        <section class=format!("lane {name}") aria-labelledby=format!("lane-{name}") hidden=move || kind == LaneKind::Ended && nothing()>
            <h2 id=format!("lane-{name}")>{heading}" "<span class="count">{count}</span></h2>
            <ul>
                <For each=move || slots.get() key=|slot| slot.clone() let:slot>
                    {if slot.gap {
                        view! { <li class="gap" aria-hidden="true" style:min-block-size=format!("calc({}px / 64)", context.gap.get_untracked())></li> }.into_any()
                    } else {
                        view! { <Card id=slot.id /> }.into_any()
                    }}
                </For>
            </ul>
            <div class="empty" hidden=move || !nothing()>
                {(kind == LaneKind::UpNext).then(|| view! { <Drawing icon="cup" size=96 /> })}
                <p class="said">{empty}</p>
                {(kind == LaneKind::UpNext).then(|| view! { <LastOrder /> <MedianWait /> })}
            </div>
        </section>
    }
}

/// The time of the last order, so that an empty queue does not look like a failure.
#[component]
fn LastOrder() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let live = use_live();
    let t = messages();
    let last = Memo::new(move |before: Option<&Option<Timestamp>>| {
        let newest = |tickets: &Vec<Ticket>| tickets.iter().filter_map(|ticket| ticket.waiting_since).max();
        context.queue.with(newest).max(context.past_orders.with(newest)).max(before.copied().flatten())
    });
    move || {
        let last = last.get().filter(|_| live.clock.is_hydrated())?;
        Some(view! { <p class="last">{t.barista_last_order(&local_time(last))}</p> })
    }
}

/// Orders that are older than this do not count as today's, in milliseconds.
const DAY_MILLIS: i64 = 12 * 3_600_000;
/// The fewest drinks that give a median.
const MIN_SAMPLES: usize = 3;

/// The median wait of today's drinks in minutes, rounded up, from the list of past orders.
fn median_wait(past: &[Ticket], now: Timestamp) -> Option<u32> {
    let today = past.iter().filter(|ticket| ticket.ready_at.is_some_and(|at| now.millis_since(at) < DAY_MILLIS));
    let mut waited: Vec<i64> = today.filter_map(Ticket::waited).collect();
    waited.sort_unstable();
    let median = waited.get(waited.len().checked_sub(1)? / 2).filter(|_| waited.len() >= MIN_SAMPLES)?;
    u32::try_from((median + 59_999) / 60_000).ok()
}

/// The median wait, shown while the queue is empty.
#[component]
fn MedianWait() -> impl IntoView {
    let context = expect_context::<BaristaContext>();
    let live = use_live();
    let t = messages();
    let open = Memo::new(move |_| (context.waiting(), context.queue.with(Vec::len)));
    // The past orders that came with the page do not include those made since.
    Effect::new(move |before: Option<()>| {
        let (waiting, _) = open.get();
        if waiting == 0 && before.is_some() {
            context.load_past_orders();
        }
    });
    let half = Memo::new(move |_| context.past_orders.with(|past| median_wait(past, live.clock.now())));
    move || half.get().map(|minutes| view! { <p class="half">{t.barista_half_ready(&minutes.to_string())}</p> })
}

#[cfg(test)]
mod tests {
    use domain::{Ending, OrderNumber};

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
    fn the_median_wait_is_of_todays_drinks() {
        let minute = 60_000;
        let now = Timestamp(100 * DAY_MILLIS);
        let collected = |id: &str, ready: i64, waited: i64| Ticket {
            waiting_since: Some(Timestamp(now.0 - ready - waited)),
            ready_at: Some(Timestamp(now.0 - ready)),
            ..ticket(id, Lane::Ended { ending: Ending::Collected, at: now })
        };
        let mut past = vec![collected("a", minute, 2 * minute), collected("b", 0, 9 * minute)];
        assert_eq!(median_wait(&past, now), None, "two drinks are not enough");
        past.push(collected("c", 5 * minute, 3 * minute + 1));
        assert_eq!(median_wait(&past, now), Some(4), "rounded up");
        past.extend(["d", "e", "f"].map(|id| collected(id, DAY_MILLIS, minute)));
        past.push(Ticket { recalled: true, ..collected("g", 0, minute) });
        past.push(ticket("h", Lane::Ended { ending: Ending::CancelledByCustomer, at: now }));
        assert_eq!(median_wait(&past, now), Some(4), "without old, recalled and cancelled orders");
    }

    #[test]
    fn a_baristas_own_drinks_come_first() {
        let (ana, ben) = (BaristaId::new("Ana", "t1").unwrap(), BaristaId::new("Ben", "t2").unwrap());
        let queue = [
            ticket("a", Lane::Making { barista: ben.clone() }),
            ticket("b", Lane::UpNext),
            ticket("c", Lane::Making { barista: ana.clone() }),
            ticket("d", Lane::Finishing { barista: ana.clone(), ready_due: Timestamp(4_000) }),
        ];
        let ids = |kind| sorted(&queue, kind, &ana).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ids(LaneKind::Making), ["c", "a"]);
        assert_eq!(ids(LaneKind::UpNext), ["b"]);
        assert_eq!(ids(LaneKind::Ready), ["d"]);
        assert!(ids(LaneKind::Ended).is_empty());
    }

    #[test]
    fn cards_keep_their_places_while_held() {
        let ids = |names: &[&str]| names.iter().map(|name| OrderId::try_from(*name).unwrap()).collect::<Vec<_>>();
        let still = arrange(&[], &ids(&["a", "b", "c"]), false);
        // `b` has left; `z` is the oldest and belongs first.
        let now = ids(&["z", "a", "c"]);
        let held = arrange(&still, &now, true);
        let seen: Vec<_> = held.iter().map(|slot| (slot.id.as_str(), slot.gap)).collect();
        assert_eq!(seen, [("a", false), ("b", true), ("c", false), ("z", false)]);
        let back = arrange(&held, &ids(&["z", "a", "b", "c"]), true);
        assert!(back.iter().all(|slot| !slot.gap), "a returning card takes its own gap");
        let lifted: Vec<_> = arrange(&held, &now, false).into_iter().map(|slot| slot.id).collect();
        assert_eq!(lifted, now);
    }
}
