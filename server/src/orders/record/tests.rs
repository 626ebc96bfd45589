use domain::{OrderEvent, order::Waiter};

use super::*;

fn customer() -> CustomerId {
    CustomerId::try_from("phone").unwrap()
}

/// The facts of a whole life, one after the other.
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
        OrderEvent::Ended { round: 1, ending: Ending::TimedOut { who: Waiter::Barista }, at: Timestamp(70) },
        OrderEvent::Acknowledged { round: 1 },
    ]
}

#[test]
fn every_moment_of_an_order_survives_the_table() {
    let mut stored = Stored::blank(Order::new(OrderId::try_from("o1").unwrap(), customer()));
    for fact in life() {
        stored.order.apply(fact);
        let item = stored.write(Timestamp(99));
        let read = Stored::read(item.clone()).unwrap();
        assert_eq!(read.order, stored.order);
        assert_eq!(read.version, stored.version + 1);
        stored = read;
    }
    assert!(!stored.item.contains_key("TaskToken"), "a spent token is removed");
}

#[test]
fn an_item_of_a_newer_release_is_not_read() {
    let mut stored = Stored::blank(Order::new(OrderId::try_from("o1").unwrap(), customer()));
    life().into_iter().for_each(|fact| stored.order.apply(fact));
    let item = stored.write(Timestamp(99));
    for name in ["ending", "barState", "awaiting", "drinkOrder"] {
        let mut newer = item.clone();
        newer.insert(name.to_owned(), text("of tomorrow"));
        assert_eq!(Stored::read(newer), Err(Unreadable::Value(name)));
    }
    for name in ["SK", "USERID"] {
        let mut without = item.clone();
        without.remove(name);
        assert_eq!(Stored::read(without), Err(Unreadable::Key(name)));
    }
}

#[test]
fn the_seeds_attributes_are_there_under_their_names() {
    let mut stored = Stored::blank(Order::new(OrderId::try_from("o1").unwrap(), customer()));
    life().into_iter().take(6).for_each(|fact| stored.order.apply(fact));
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
fn an_item_that_a_seeds_function_wrote_is_understood_and_keeps_what_we_do_not_know() {
    let item = Item::from([
        ("PK".to_owned(), text("orders")),
        ("SK".to_owned(), text("1")),
        ("USERID".to_owned(), text("1")),
        ("ORDERSTATE".to_owned(), text("CREATED")),
        ("TaskToken".to_owned(), text("AAAAKg")),
        ("TS".to_owned(), number(1_646_746_904_432_i64)),
        ("note".to_owned(), text("theirs")),
    ]);
    let stored = Stored::read(item).unwrap();
    assert_eq!(stored.order.customer_token, TokenState::Open(TaskToken::new("AAAAKg")));
    assert_eq!((stored.version, stored.order.phase().rank()), (0, 0));
    assert_eq!(get_text(&stored.write(Timestamp(1)), "note"), Some("theirs"));
}
