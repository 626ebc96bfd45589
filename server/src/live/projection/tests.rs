use domain::{
    CustomerId, DrinkOrder, Ending, OrderEvent, OrderNumber, TaskToken,
    estimate::Delay,
    order::{BarMove, BarState},
};

use super::*;

fn waiting(number: u32) -> Order {
    let customer = CustomerId::try_from("phone").unwrap();
    let mut order = Order::new(OrderId::try_from(format!("o{number}")).unwrap(), customer.clone());
    order.apply(OrderEvent::WaitingCompletion {
        customer,
        number: OrderNumber(number),
        token: TaskToken::new("two"),
        at: Timestamp(i64::from(number)),
        make_by: Timestamp(900_000),
    });
    order
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(engine::clock::ManualClock::starting_at(engine::clock::Timestamp(0)))
}

fn ended(mut order: Order, at: i64) -> Order {
    order.apply(OrderEvent::Ended { round: 0, ending: Ending::CancelledByCustomer, at: Timestamp(at) });
    order
}

fn ahead(projection: &Projection, number: u32) -> Option<u32> {
    let id = OrderId::try_from(format!("o{number}")).unwrap();
    let TopicState::Order(view) = projection.log(&id).unwrap().current().0 else { panic!("an order's topic") };
    view.ahead
}

fn tickets(projection: &Projection) -> usize {
    let TopicState::Queue(tickets) = projection.queue.current().0 else { panic!("the queue") };
    tickets.len()
}

#[test]
fn everyone_behind_moves_up_when_an_order_leaves_the_queue() {
    let mut projection = Projection::new(1, Shop::default(), clock());
    for number in [3, 1, 2] {
        projection.update(&waiting(number), 1, Timestamp(0));
    }
    assert_eq!([1, 2, 3].map(|number| ahead(&projection, number)), [Some(0), Some(1), Some(2)]);
    projection.update(&ended(waiting(1), 5), 2, Timestamp(5));
    assert_eq!([2, 3].map(|number| ahead(&projection, number)), [Some(0), Some(1)]);
    let TopicState::Shop(shop) = projection.shop_log.current().0 else { panic!("the shop") };
    assert_eq!(shop.in_queue, 2);
}

#[test]
fn an_order_that_keeps_its_place_is_updated() {
    let mut projection = Projection::new(1, Shop::default(), clock());
    projection.update(&waiting(1), 1, Timestamp(0));
    let mut claimed = waiting(1);
    let state = BarState::Making { barista: BaristaId::new("Ana", "t1").unwrap() };
    claimed.apply(OrderEvent::BarMoved(BarMove { turn: 1, round: 0, state, at: Timestamp(5) }));
    projection.update(&claimed, 2, Timestamp(0));
    let TopicState::Order(view) = projection.log(&claimed.id).unwrap().current().0 else { panic!("an order's topic") };
    assert_eq!(view.stage, domain::view::Stage::Making);
}

#[test]
fn the_queue_is_sorted_by_waiting_time_although_numbers_restart() {
    let mut projection = Projection::new(1, Shop::default(), clock());
    let since = |number, at| {
        let mut order = waiting(number);
        order.waiting_at = Some(Timestamp(at));
        order
    };
    projection.update(&since(1, 20), 1, Timestamp(20));
    projection.update(&since(999, 10), 1, Timestamp(20));
    assert_eq!((ahead(&projection, 999), ahead(&projection, 1)), (Some(0), Some(1)));
}

#[test]
fn an_older_version_never_replaces_a_newer_one() {
    let mut projection = Projection::new(1, Shop::default(), clock());
    assert!(projection.update(&ended(waiting(1), 5), 2, Timestamp(5)));
    assert!(!projection.update(&waiting(1), 1, Timestamp(5)));
    assert_eq!(ahead(&projection, 1), None);
}

#[test]
fn a_cancelled_ticket_is_shown_for_two_minutes() {
    let mut projection = Projection::new(1, Shop::default(), clock());
    projection.update(&waiting(1), 1, Timestamp(0));
    projection.update(&ended(waiting(1), 1_000), 2, Timestamp(1_000));
    projection.expire(Timestamp(120_999));
    assert_eq!(tickets(&projection), 1);
    let (_, before) = projection.queue.current();
    projection.expire(Timestamp(121_000));
    assert_eq!((tickets(&projection), projection.queue.current().1.seq), (0, before.seq + 1));
    assert!(!projection.update(&ended(waiting(1), 1_000), 2, Timestamp(121_000)), "it is not shown again");
}

#[test]
fn an_older_version_that_arrives_late_does_not_bring_a_collected_order_back() {
    let mut projection = Projection::new(1, Shop::default(), clock());
    let mut collected = waiting(1);
    collected.apply(OrderEvent::Ended { round: 0, ending: Ending::Collected, at: Timestamp(1_000) });
    projection.update(&collected, 7, Timestamp(1_000));
    projection.expire(Timestamp(10_999));
    assert!(!projection.update(&waiting(1), 6, Timestamp(10_999)));
    projection.expire(Timestamp(11_000));
    assert!(projection.version(&collected.id).is_none(), "it is dropped afterwards");
}

const MINUTE: i64 = 60_000;

/// An order for a latte that waits.
fn latte(number: u32) -> Order {
    let mut order = waiting(number);
    let (drink, icon) = ("Latte".to_owned(), "latte".to_owned());
    let drink = DrinkOrder { drink, icon, modifiers: Vec::new(), special: Vec::new() };
    order.apply(OrderEvent::Submitted { drink, at: Timestamp(0) });
    order
}

/// An order that `barista` claims at `claimed` and has made a minute later.
fn made(number: u32, barista: &str, claimed: i64) -> Order {
    let mut order = latte(number);
    let barista = BaristaId::new(barista, barista).unwrap();
    let ready_due = Timestamp(claimed + MINUTE + 4_000);
    let moves = [
        (1, BarState::Making { barista: barista.clone() }, claimed),
        (2, BarState::Finishing { barista, ready_due }, claimed + MINUTE),
    ];
    for (turn, state, at) in moves {
        order.apply(OrderEvent::BarMoved(BarMove { turn, round: 0, state, at: Timestamp(at) }));
    }
    order.apply(OrderEvent::Finished { at: ready_due });
    order
}

/// A bar that has made three drinks, by as many baristas as are named, and has some orders in its queue.
fn warm(baristas: [&str; 3], queue: impl Iterator<Item = u32>) -> (Projection, i64) {
    let mut projection = Projection::new(1, Shop::default(), clock());
    let now = 2 * MINUTE;
    for (number, barista) in (1..).zip(baristas) {
        projection.update(&latte(number), 1, Timestamp(0));
        projection.update(&made(number, barista, 0), 2, Timestamp(now));
    }
    for number in queue {
        projection.update(&latte(number), 1, Timestamp(now));
    }
    (projection, now)
}

/// What the guest of an order reads of their wait, on the live page and on one that is loaded anew.
fn wait(projection: &Projection, number: u32) -> (Option<WaitRange>, Option<Delay>) {
    let id = OrderId::try_from(format!("o{number}")).unwrap();
    let TopicState::Order(view) = projection.log(&id).unwrap().current().0 else { panic!("an order's topic") };
    let place = projection.place(&projection.orders[&id].order).unwrap();
    assert_eq!((place.wait, place.delay), (view.wait, view.delay), "both pages say the same");
    (view.wait, view.delay)
}

#[test]
fn no_delay_is_shown_while_the_first_estimate_holds() {
    let (mut projection, now) = warm(["ana", "ana", "ana"], 4..7);
    assert_eq!(wait(&projection, 6), (Some(WaitRange { from: 3, to: 4 }), None));
    projection.expire(Timestamp(now + 2 * MINUTE));
    assert_eq!(wait(&projection, 6).1, None, "two minutes are within the tolerance");
}

#[test]
fn a_delay_is_shown_until_the_queue_has_caught_up() {
    let (mut projection, now) = warm(["ana", "ana", "ana"], 4..7);
    projection.expire(Timestamp(now + 3 * MINUTE));
    assert_eq!(wait(&projection, 6).1, Some(Delay::Slower));
    for number in [4, 5] {
        projection.update(&ended(latte(number), 0), 2, Timestamp(now + 3 * MINUTE));
    }
    assert_eq!(wait(&projection, 6).1, None);
}

#[test]
fn fewer_baristas_are_given_as_the_reason_of_a_delay() {
    let (mut projection, now) = warm(["ana", "ben", "cleo"], 4..20);
    let before = wait(&projection, 19);
    assert_eq!(before.1, None);
    // Ana continues; the other baristas have changed no order for so long that they do not count as present.
    let later = now + 10 * MINUTE;
    for number in 4..10 {
        projection.update(&made(number, "ana", later), 2, Timestamp(later));
    }
    projection.expire(Timestamp(later + 2 * MINUTE));
    assert_eq!(wait(&projection, 19).1, Some(Delay::FewerBaristas));
}

#[test]
fn a_recalled_order_is_given_as_the_reason_of_a_delay() {
    let (mut projection, now) = warm(["ana", "ana", "ana"], [5].into_iter());
    assert_eq!(wait(&projection, 5), (Some(WaitRange { from: 2, to: 3 }), None));
    for number in 1..4 {
        projection.update(&latte(number), 3, Timestamp(now + MINUTE));
    }
    assert_eq!(wait(&projection, 5).1, Some(Delay::MoreBefore));
}
