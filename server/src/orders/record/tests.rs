use std::{cell::RefCell, collections::BTreeSet};

use domain::{OrderEvent, order::CancelReason};
use proptest::{prelude::*, test_runner::TestRunner};

use super::*;

fn customer() -> CustomerId {
    CustomerId::try_from("phone").unwrap()
}

/// The events of a whole life, one after the other.
fn life() -> Vec<OrderEvent> {
    let ana = BaristaId::new("Ana", "t1").unwrap();
    let drink = DrinkOrder {
        drink: "Latte".into(),
        modifiers: vec!["Regular".into(), "Oat milk".into()],
        special: vec!["Oat milk".into()],
        icon: "latte".into(),
    };
    let moved = |turn, state| OrderEvent::BarMoved(BarMove { turn, round: turn / 5, state, at: Timestamp(40) });
    vec![
        OrderEvent::Started { customer: customer(), at: Timestamp(1) },
        OrderEvent::WorkflowStarted { customer: customer(), token: TaskToken::new("one"), choose_by: Timestamp(300) },
        OrderEvent::Submitted { drink, at: Timestamp(20) },
        OrderEvent::CustomerTokenSpent,
        OrderEvent::WaitingCompletion {
            customer: customer(),
            number: OrderNumber(47),
            token: TaskToken::new("two"),
            at: Timestamp(30),
            make_by: Timestamp(930),
        },
        moved(1, BarState::Making { barista: ana.clone() }),
        moved(2, BarState::Unclaimed),
        moved(3, BarState::Finishing { barista: ana.clone(), ready_due: Timestamp(44) }),
        moved(4, BarState::Making { barista: ana.clone() }),
        OrderEvent::Finished { at: Timestamp(50) },
        OrderEvent::Ended { round: 0, ending: Ending::Collected, at: Timestamp(60) },
        moved(5, BarState::Making { barista: ana.clone() }),
        moved(6, BarState::Served { barista: ana }),
        OrderEvent::Ended { round: 1, ending: Ending::TimedOut { who: Party::Barista }, at: Timestamp(70) },
        OrderEvent::Acknowledged { round: 1 },
    ]
}

#[test]
fn every_state_of_an_order_is_read_as_it_was_written() {
    let mut stored = StoredOrder::new(Order::new(OrderId::try_from("o1").unwrap(), customer()));
    for event in life() {
        stored.order.apply(event);
        let item = stored.write(Timestamp(99));
        let read = StoredOrder::read(item.clone()).unwrap();
        assert_eq!(read.order, stored.order);
        assert_eq!(read.version, stored.version + 1);
        stored = read;
    }
    assert!(!stored.item.contains_key("TaskToken"), "a spent token is removed");
}

#[test]
fn an_item_of_a_newer_release_is_not_read() {
    let mut stored = StoredOrder::new(Order::new(OrderId::try_from("o1").unwrap(), customer()));
    life().into_iter().for_each(|event| stored.order.apply(event));
    let item = stored.write(Timestamp(99));
    for name in ["ending", "barState", "awaiting", "drinkOrder"] {
        let mut newer = item.clone();
        newer.insert(name.to_owned(), text("of tomorrow"));
        assert_eq!(StoredOrder::read(newer), Err(Unreadable::Value(name)));
    }
    for name in ["SK", "USERID"] {
        let mut without = item.clone();
        without.remove(name);
        assert_eq!(StoredOrder::read(without), Err(Unreadable::Key(name)));
    }
}

#[test]
fn the_attributes_of_the_original_have_their_names() {
    let mut stored = StoredOrder::new(Order::new(OrderId::try_from("o1").unwrap(), customer()));
    life().into_iter().take(6).for_each(|event| stored.order.apply(event));
    let item = stored.write(Timestamp(99));
    let found = ["PK", "SK", "USERID", "ORDERSTATE", "TaskToken", "awaiting", "orderNumber", "baristaUserId"]
        .map(|name| get_text(&item, name).unwrap());
    assert_eq!(found, ["orders", "o1", "phone", "CREATED", "two", "BARISTA", "47", "Ana~t1"]);
    assert_eq!(
        get_text(&item, "drinkOrder"),
        Some(
            r#"{"userId":"phone","drink":"Latte","modifiers":["Regular","Oat milk"],"icon":"latte","special":["Oat milk"]}"#
        )
    );
    assert_eq!((get_number(&item, "TS"), get_flag(&item, "robot")), (Some(99), Some(false)));
}

#[test]
fn an_item_of_the_original_is_read_and_its_unknown_attributes_are_kept() {
    let item = Item::from([
        ("PK".to_owned(), text("orders")),
        ("SK".to_owned(), text("1")),
        ("USERID".to_owned(), text("1")),
        ("ORDERSTATE".to_owned(), text("CREATED")),
        ("TaskToken".to_owned(), text("AAAAKg")),
        ("TS".to_owned(), number(1_646_746_904_432_i64)),
        ("note".to_owned(), text("theirs")),
    ]);
    let stored = StoredOrder::read(item).unwrap();
    assert_eq!(stored.order.customer_token, TokenState::Open(TaskToken::new("AAAAKg")));
    assert_eq!((stored.version, stored.order.phase().rank()), (0, 0));
    assert_eq!(get_text(&stored.write(Timestamp(1)), "note"), Some("theirs"));
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..2_000_000_000_000_i64).prop_map(Timestamp)
}

/// Text as people write it, quotes and other alphabets included.
fn words() -> impl Strategy<Value = String> {
    r#"[\p{L}\p{N}"\\ ,.☕-]{0,12}"#
}

fn barista() -> impl Strategy<Value = BaristaId> {
    ("[A-Za-zÄß]{1,10}", "[a-f0-9]{4}").prop_map(|(name, device)| BaristaId::new(&name, &device).unwrap())
}

fn bar_state() -> impl Strategy<Value = BarState> {
    prop_oneof![
        Just(BarState::Unclaimed),
        barista().prop_map(|barista| BarState::Making { barista }),
        (barista(), time()).prop_map(|(barista, ready_due)| BarState::Finishing { barista, ready_due }),
    ]
}

fn cancel_reason() -> impl Strategy<Value = CancelReason> {
    prop_oneof![proptest::sample::select(CancelReason::CODES), words().prop_map(CancelReason::from)]
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Collected),
        Just(Ending::Uncollected),
        Just(Ending::CancelledByCustomer),
        (barista(), cancel_reason()).prop_map(|(barista, reason)| Ending::CancelledByBarista { barista, reason }),
        Just(Ending::TimedOut { who: Party::Customer }),
        Just(Ending::TimedOut { who: Party::Barista }),
        words().prop_map(|reason| Ending::Refused { reason }),
    ]
}

/// What a phone and the workflow say until the order waits at the bar, cut off anywhere.
fn choosing() -> impl Strategy<Value = Vec<OrderEvent>> {
    let drink = (words(), prop::collection::vec(words(), 0..3), prop::collection::vec(words(), 0..3), words());
    let drink = drink.prop_map(|(drink, modifiers, special, icon)| DrinkOrder { drink, modifiers, special, icon });
    let times = (time(), time(), time(), time(), time(), time());
    (drink, times, 1..4_u32, 1..100_000_u32, 0..=6_usize).prop_map(|(drink, times, extensions, number, length)| {
        let (started, choose_by, extended_to, submitted, waiting, make_by) = times;
        let mut events = vec![
            OrderEvent::Started { customer: customer(), at: started },
            OrderEvent::WorkflowStarted { customer: customer(), token: TaskToken::new("one"), choose_by },
            OrderEvent::Extended(Extension { times: extensions, choose_by: extended_to }),
            OrderEvent::Submitted { drink, at: submitted },
            OrderEvent::CustomerTokenSpent,
            OrderEvent::WaitingCompletion {
                customer: customer(),
                number: OrderNumber(number),
                token: TaskToken::new("two"),
                at: waiting,
                make_by,
            },
        ];
        events.truncate(length);
        events
    })
}

/// What happens at the bar, recalls included, cut off anywhere.
fn at_the_bar() -> impl Strategy<Value = Vec<OrderEvent>> {
    let moves = prop::collection::vec((bar_state(), time()), 0..4);
    let recalls = prop::collection::vec((barista(), time(), ending()), 0..3);
    (moves, time(), recalls, 0..12_usize).prop_map(|(moves, finished, recalls, length)| {
        let mut turn = 0;
        let mut moved = |round, state, at| {
            turn += 1;
            OrderEvent::BarMoved(BarMove { turn, round, state, at })
        };
        let mut events: Vec<OrderEvent> = moves.into_iter().map(|(state, at)| moved(0, state, at)).collect();
        events.push(OrderEvent::Finished { at: finished });
        for (round, (barista, at, ending)) in (1..).zip(recalls) {
            events.push(moved(round, BarState::Making { barista: barista.clone() }, at));
            events.push(moved(round, BarState::Served { barista }, at));
            events.push(OrderEvent::Ended { round, ending, at });
            events.push(OrderEvent::Acknowledged { round });
        }
        events.truncate(length);
        events
    })
}

/// An order at any moment of any life.
fn order() -> impl Strategy<Value = Order> {
    let end = prop::option::weighted(0.3, (ending(), time()));
    (choosing(), at_the_bar(), end).prop_map(|(mut events, at_the_bar, end)| {
        let is_waiting = matches!(events.last(), Some(OrderEvent::WaitingCompletion { .. }));
        match end {
            Some((ending, at)) => events.push(OrderEvent::Ended { round: 0, ending, at }),
            None if is_waiting => events.extend(at_the_bar),
            None => {}
        }
        let mut order = Order::new(OrderId::try_from("o1").unwrap(), customer());
        events.into_iter().for_each(|event| order.apply(event));
        order
    })
}

/// The names of the fields that are set, and of the kinds of what is in them.
fn parts(order: &Order) -> Vec<String> {
    // Without `..`, so that a new field does not compile before it is named here.
    let Order {
        id: _,
        customer: _,
        started_at,
        choose_by,
        extended,
        submitted,
        number,
        waiting_at,
        make_by,
        claimed_at,
        bar,
        ready_at,
        end,
        acknowledged,
        customer_token,
        barista_token,
    } = order;
    let fields = [
        ("started_at", started_at.is_some()),
        ("choose_by", choose_by.is_some()),
        ("extended", extended.is_some()),
        ("submitted", submitted.is_some()),
        ("number", number.is_some()),
        ("waiting_at", waiting_at.is_some()),
        ("make_by", make_by.is_some()),
        ("claimed_at", claimed_at.is_some()),
        ("ready_at", ready_at.is_some()),
        ("acknowledged", acknowledged.is_some()),
    ];
    let mut parts: Vec<String> = fields.iter().filter(|(_, set)| *set).map(|(name, _)| (*name).to_owned()).collect();
    parts.extend(bar.as_ref().map(|bar| {
        let kind = match bar.state {
            BarState::Unclaimed => "unclaimed",
            BarState::Making { .. } => "making",
            BarState::Finishing { .. } => "finishing",
            BarState::Served { .. } => "served",
        };
        format!("bar {kind}")
    }));
    parts.extend(end.as_ref().map(|end| {
        let kind = match &end.ending {
            Ending::Collected => "collected",
            Ending::Uncollected => "uncollected",
            Ending::CancelledByCustomer => "cancelled by the customer",
            Ending::CancelledByBarista { .. } => "cancelled by a barista",
            Ending::TimedOut { who: Party::Customer } => "timed out: customer",
            Ending::TimedOut { who: Party::Barista } => "timed out: barista",
            Ending::Refused { .. } => "refused",
        };
        format!("end {kind}")
    }));
    for (name, token) in [("customer_token", customer_token), ("barista_token", barista_token)] {
        let kind = match token {
            TokenState::Unknown => "unknown",
            TokenState::Open(_) => "open",
            TokenState::Spent => "spent",
        };
        parts.push(format!("{name} {kind}"));
    }
    parts
}

/// Fields, kinds of moves at the bar, endings, and states of the two tokens.
const PARTS: usize = 10 + 4 + 7 + 3 + 3;

#[test]
fn any_order_is_read_as_it_was_written() {
    let seen = RefCell::new(BTreeSet::new());
    let tried = TestRunner::deterministic().run(&order(), |order| {
        seen.borrow_mut().extend(parts(&order));
        let stored = StoredOrder::new(order);
        let item = stored.write(Timestamp(99));
        let read = StoredOrder::read(item.clone()).unwrap();
        prop_assert_eq!(&read.order, &stored.order);
        prop_assert_eq!((read.version, &read.item), (1, &item));
        let again = read.write(Timestamp(99));
        prop_assert_eq!(StoredOrder::read(again).unwrap().order, stored.order);
        Ok(())
    });
    tried.unwrap();
    assert_eq!(seen.borrow().len(), PARTS, "every field and every kind was tried: {seen:?}");
}
