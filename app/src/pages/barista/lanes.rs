//! The lanes of the bar: up next, making, ready to hand over, and what ended otherwise.

use domain::{
    BaristaId, OrderId,
    view::{Lane, Ticket},
};
use leptos::prelude::*;

use super::{card::Card, desk::Desk};

/// A lane of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    UpNext,
    Making,
    Ready,
    Ended,
}

impl Place {
    const fn of(ticket: &Ticket) -> Self {
        match ticket.lane {
            Lane::UpNext => Self::UpNext,
            Lane::Making { .. } => Self::Making,
            Lane::Finishing { .. } | Lane::HandOver { .. } => Self::Ready,
            Lane::Ended { .. } => Self::Ended,
        }
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::UpNext => ("up-next", "Up next", "All caught up."),
            Self::Making => ("making", "Making", "Nothing on the machine."),
            Self::Ready => ("ready", "Ready to hand over", "The counter is clear."),
            Self::Ended => ("ended", "Ended", ""),
        }
    }
}

/// The orders of a lane: oldest first, one's own before those of others.
fn sorted(queue: &[Ticket], place: Place, me: &BaristaId) -> Vec<OrderId> {
    let mut tickets: Vec<&Ticket> = queue.iter().filter(|ticket| Place::of(ticket) == place).collect();
    if place == Place::Making {
        tickets.sort_by_key(|ticket| !matches!(&ticket.lane, Lane::Making { barista } if barista == me));
    }
    tickets.into_iter().map(|ticket| ticket.id.clone()).collect()
}

/// All lanes.
#[component]
pub(super) fn Lanes() -> impl IntoView {
    view! {
        <main class="lanes">
            <LaneView place=Place::UpNext />
            <LaneView place=Place::Making />
            <div class="right">
                <LaneView place=Place::Ready />
                <LaneView place=Place::Ended />
            </div>
        </main>
    }
}

#[component]
fn LaneView(place: Place) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let ids = Memo::new(move |_| desk.queue.with(|queue| sorted(queue, place, &desk.me())));
    let (name, heading, empty) = place.words();
    let count = move || ids.with(Vec::len);
    view! {
        <section class=format!("lane {name}") aria-labelledby=format!("lane-{name}") hidden=move || place == Place::Ended && count() == 0>
            <h2 id=format!("lane-{name}")>{heading}" "<span class="count">{count}</span></h2>
            <ul>
                <For each=move || ids.get() key=|id| id.clone() let:id>
                    <Card id=id />
                </For>
            </ul>
            <p class="empty" hidden=move || count() != 0>{empty}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use domain::{OrderNumber, Timestamp};

    use super::*;

    fn ticket(id: &str, lane: Lane) -> Ticket {
        let number = Some(OrderNumber(1));
        let waiting_since = Some(Timestamp(0));
        Ticket {
            id: OrderId::try_from(id).unwrap(),
            number,
            drink: None,
            lane,
            waiting_since,
            make_by: None,
            walk_in: false,
            recalled: false,
        }
    }

    #[test]
    fn a_barista_sees_their_own_drinks_first_and_nobodys_is_hidden() {
        let (ana, ben) = (BaristaId::new("Ana", "t1").unwrap(), BaristaId::new("Ben", "t2").unwrap());
        let queue = [
            ticket("a", Lane::Making { barista: ben.clone() }),
            ticket("b", Lane::UpNext),
            ticket("c", Lane::Making { barista: ana.clone() }),
            ticket("d", Lane::Finishing { barista: ana.clone(), ready_due: Timestamp(4_000) }),
        ];
        let ids = |place| sorted(&queue, place, &ana).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ids(Place::Making), ["c", "a"]);
        assert_eq!(ids(Place::UpNext), ["b"]);
        assert_eq!(ids(Place::Ready), ["d"]);
        assert!(ids(Place::Ended).is_empty());
    }
}
