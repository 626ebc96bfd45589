//! What a guest is offered again.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use domain::{
    BaristaId, CustomerId, Ending, Menu, Order, OrderEvent, OrderId, Timestamp, order::Party, past_drinks::past_drinks,
};

fn menu() -> Menu {
    serde_json::from_value(serde_json::json!([
        {"drink": "Latte", "icon": "latte", "available": true, "modifiers": [
            {"Name": "Milk", "Options": ["Whole milk", "Oat milk", "Soy milk"], "Default": "Whole milk", "SoldOut": ["Soy milk"]}]},
        {"drink": "Espresso", "icon": "espresso", "available": true},
        {"drink": "Mocha", "icon": "mocha", "available": false},
    ]))
    .unwrap()
}

fn order(at: i64, drink: &str, modifiers: &[&str], ending: Option<Ending>) -> Order {
    let customer = CustomerId::try_from("phone").unwrap();
    let mut order = Order::new(OrderId::try_from(format!("o{at}")).unwrap(), customer);
    let drink = domain::DrinkOrder {
        drink: drink.into(),
        modifiers: modifiers.iter().map(|each| (*each).into()).collect(),
        special: vec![],
        icon: "an-old-drawing".into(),
    };
    order.apply(OrderEvent::Submitted { drink, at: Timestamp(at) });
    if let Some(ending) = ending {
        order.apply(OrderEvent::Ended { round: 0, ending, at: Timestamp(at + 10) });
    }
    order
}

fn offered(orders: &[Order]) -> Vec<(String, bool)> {
    let say = |past: domain::past_drinks::PastDrink| {
        (format!("{} {}", past.drink.drink, past.drink.modifiers.join(", ")), past.available)
    };
    past_drinks(orders, &menu()).into_iter().map(say).collect()
}

#[test]
fn the_most_frequent_drink_is_first_and_the_others_follow_latest_first() {
    let collected = || Some(Ending::Collected);
    let orders = [
        order(1, "Latte", &["Oat milk"], collected()),
        order(2, "Latte", &["Whole milk"], collected()),
        order(3, "Latte", &["Oat milk"], Some(Ending::Uncollected)),
        order(4, "Espresso", &[], collected()),
        order(5, "Latte", &["Soy milk"], collected()),
    ];
    let expected =
        [("Latte Oat milk", true), ("Latte Soy milk", false), ("Espresso ", true), ("Latte Whole milk", true)];
    assert_eq!(offered(&orders), expected.map(|(drink, available)| (drink.to_owned(), available)));
}

#[test]
fn of_equally_frequent_drinks_the_latest_is_first() {
    let orders = [order(1, "Latte", &[], Some(Ending::Collected)), order(2, "Espresso", &[], Some(Ending::Collected))];
    assert_eq!(offered(&orders)[0].0, "Espresso ");
}

#[test]
fn refused_orders_and_those_cancelled_by_the_guest_are_left_out() {
    let ana = BaristaId::new("Ana", "t1").unwrap();
    let orders = [
        order(1, "Latte", &[], None),
        order(2, "Latte", &[], Some(Ending::CancelledByCustomer)),
        order(3, "Latte", &[], Some(Ending::Refused { reason: "full".into() })),
        order(4, "Mocha", &[], Some(Ending::CancelledByBarista { barista: ana, reason: "sold out".into() })),
        order(5, "Petrol", &[], Some(Ending::Collected)),
        order(6, "Latte", &["Goat milk"], Some(Ending::Collected)),
        order(7, "Espresso", &[], Some(Ending::TimedOut { who: Party::Barista })),
    ];
    assert_eq!(offered(&orders), [("Espresso ".to_owned(), true), ("Mocha ".to_owned(), false)]);
}

#[test]
fn a_drink_is_offered_as_the_menu_has_it_today() {
    let past = past_drinks(&[order(1, "Latte", &[], Some(Ending::Collected))], &menu());
    let [latte] = past.as_slice() else { panic!("one drink") };
    assert_eq!(
        (latte.drink.icon.as_str(), latte.drink.modifiers.as_slice()),
        ("latte", &["Whole milk".to_owned()][..])
    );
}
