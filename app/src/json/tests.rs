use std::fmt::Debug;

use domain::{
    BaristaId, CancelReason, Drink, DrinkOrder, Ending, Language, Menu, ModifierGroup, OrderId, OrderNumber,
    PauseReason, Refusal, ShopState, SoldOut, Timestamp,
    estimate::{Delay, WaitRange},
    live::{Change, ClientFrame, Resume, ServerFrame, SubscriptionRequest, Topic, TopicState},
    menu::{MenuRefusal, Translations},
    order::Party,
    past_drinks::PastDrink,
    view::{BoardEntry, Column, Lane, OrderView, Outcome, ShopView, Stage, Ticket},
};
use serde::Serialize;

use super::{FromJson, Json, frame_text};
use crate::{
    error::{CommandError, Failed, Invalid},
    loaders::{BaristaPageData, MenuPageData, OrderPageData, Snapshot},
    preferences::DisplayPreferences,
};

/// Checks that what `serde` writes is read as the same value.
fn is_read<T: Serialize + FromJson + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(Json::parse(&text).and_then(|json| T::from_json(&json)).as_ref(), Some(value), "{text}");
}

fn order_id() -> OrderId {
    OrderId::try_from("V1StGXR8_Z5jdHi6B-myT").unwrap()
}

fn barista() -> BaristaId {
    BaristaId::new("José", "t1").unwrap()
}

const AT: Timestamp = Timestamp(1_790_000_000_123);

fn drink() -> DrinkOrder {
    let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    DrinkOrder {
        drink: "Caffè \"doppio\" 日本".to_owned(),
        modifiers: all(&["Large", "Oat milk"]),
        special: all(&["Oat milk"]),
        icon: "latte".to_owned(),
    }
}

fn order(stage: Stage) -> OrderView {
    OrderView {
        id: order_id(),
        stage,
        number: Some(OrderNumber(47)),
        drink: Some(drink()),
        ahead: Some(2),
        wait: Some(WaitRange { from: 3, to: 6 }),
        delay: None,
        started_at: Some(AT),
        choose_by: Some(AT),
        extendable: true,
        ready_at: Some(AT),
    }
}

fn bare_order() -> OrderView {
    OrderView {
        id: order_id(),
        stage: Stage::Choosing,
        number: None,
        drink: None,
        ahead: None,
        wait: None,
        delay: None,
        started_at: None,
        choose_by: None,
        extendable: false,
        ready_at: None,
    }
}

fn shop(state: ShopState) -> ShopView {
    let sold_out = SoldOut { drinks: vec!["Mocha".to_owned()], modifiers: vec!["Oat milk".to_owned()] };
    ShopView { name: "Doppio".to_owned(), state, in_queue: 4, wait: None, sold_out, menu: 7 }
}

fn ticket(lane: Lane) -> Ticket {
    Ticket {
        id: order_id(),
        number: None,
        drink: Some(drink()),
        lane,
        waiting_since: Some(AT),
        make_by: None,
        walk_in: true,
        recalled: false,
        ready_at: Some(AT),
    }
}

fn menu() -> Menu {
    let group = |name: &str, default: Option<&str>, sold_out: &[&str]| ModifierGroup {
        name: name.to_owned(),
        options: vec!["A".to_owned(), "B".to_owned()],
        default: default.map(str::to_owned),
        sold_out: sold_out.iter().map(|each| (*each).to_owned()).collect(),
    };
    let drink = |modifiers: Vec<ModifierGroup>, description: &str| Drink {
        drink: "Latte".to_owned(),
        icon: "latte".to_owned(),
        available: modifiers.is_empty(),
        description: description.to_owned(),
        modifiers,
    };
    Menu { drinks: vec![drink(vec![], ""), drink(vec![group("Size", Some("A"), &[]), group("X", None, &["B"])], "x")] }
}

fn snapshot(topic: Topic, state: TopicState) -> Snapshot {
    // The largest number of a server: 53 bits, which a browser's numbers can hold.
    Snapshot { topic, state, position: Resume { epoch: (1 << 53) - 1, seq: 9 } }
}

fn endings() -> [Ending; 7] {
    [
        Ending::Collected,
        Ending::Uncollected,
        Ending::CancelledByCustomer,
        Ending::CancelledByBarista { barista: barista(), reason: CancelReason::SoldOut },
        Ending::TimedOut { who: Party::Customer },
        Ending::TimedOut { who: Party::Barista },
        Ending::Refused { reason: "full".to_owned() },
    ]
}

#[test]
fn orders_of_every_stage_are_read() {
    let outcomes = endings().map(|ending| Stage::Ended { outcome: Outcome::from(&ending) });
    let stages = [Stage::Choosing, Stage::Submitted, Stage::Waiting, Stage::Making, Stage::Ready];
    for stage in stages.into_iter().chain(outcomes) {
        is_read(&order(stage));
    }
    is_read(&bare_order());
    for delay in [Delay::MoreBefore, Delay::FewerBaristas, Delay::Slower] {
        is_read(&OrderView { delay: Some(delay), ..order(Stage::Waiting) });
    }
}

#[test]
fn every_state_of_the_shop_is_read() {
    let paused = |reason, until| ShopState::Paused { reason, until };
    let words = PauseReason::Custom("The \\ machine\nsleeps".to_owned());
    let states = [ShopState::Open, ShopState::Closed, paused(PauseReason::Machine, Some(AT)), paused(words, None)];
    for state in states {
        is_read(&shop(state));
    }
    is_read(&ShopView {
        sold_out: SoldOut::default(),
        wait: Some(WaitRange { from: 1, to: 2 }),
        ..shop(ShopState::Open)
    });
}

#[test]
fn tickets_of_every_lane_are_read() {
    let ended = endings().map(|ending| Lane::Ended { ending, at: AT });
    let lanes = [
        Lane::UpNext,
        Lane::Making { barista: barista() },
        Lane::Finishing { barista: barista(), ready_due: AT },
        Lane::HandOver { since: AT },
    ];
    for lane in lanes.into_iter().chain(ended) {
        is_read(&ticket(lane));
    }
    is_read(&Ticket {
        number: Some(OrderNumber(1)),
        walk_in: false,
        recalled: true,
        ready_at: None,
        ..ticket(Lane::UpNext)
    });
}

#[test]
fn page_data_is_read() {
    let start = || snapshot(Topic::Shop, TopicState::Shop(shop(ShopState::Open)));
    let mine = || snapshot(Topic::Order(order_id()), TopicState::Order(Box::new(order(Stage::Waiting))));
    let words: Translations =
        serde_json::from_value(serde_json::json!({"language": "en", "translations": {"ja": {"Tea": "紅茶"}}})).unwrap();
    let menu_words = || words.words(Language::Japanese);
    let past = || vec![PastDrink { drink: drink(), available: false }];
    let key = || "k3y".to_owned();
    let data = MenuPageData {
        now: AT,
        key: key(),
        menu: menu(),
        menu_words: menu_words(),
        shop: start(),
        past: past(),
        order: None,
    };
    is_read(&data);
    is_read(&MenuPageData { past: vec![], order: Some(mine()), ..data });
    is_read(&OrderPageData { now: AT, shop: start(), order: mine(), menu_words: menu_words() });
    let preferences = DisplayPreferences { theme: "dark".to_owned(), left_handed: true, keys: false, volume: 70 };
    let queue = snapshot(Topic::Queue, TopicState::Queue(vec![ticket(Lane::UpNext)]));
    let past = vec![ticket(Lane::Ended { ending: Ending::Collected, at: AT })];
    let skipped = vec!["Mocha".to_owned()];
    is_read(&BaristaPageData {
        now: AT,
        me: barista(),
        shop: start(),
        queue,
        menu: menu(),
        skipped,
        past,
        key: key(),
        preferences,
    });
    is_read(&(AT, vec![start(), mine()]));
    is_read(&vec![(7_usize, vec!["a \u{1f} b".to_owned()])]);
}

#[test]
fn every_server_frame_is_read() {
    let shop = || shop(ShopState::Open);
    let order = || Box::new(order(Stage::Making));
    let card = || Box::new(ticket(Lane::UpNext));
    let queue = TopicState::Queue(vec![*card()]);
    let states = [
        (Topic::Shop, TopicState::Shop(shop())),
        (Topic::Queue, queue),
        (Topic::Order(order_id()), TopicState::Order(order())),
    ];
    for (topic, state) in states {
        is_read(&ServerFrame::Snapshot { topic, epoch: 1, seq: 2, state });
    }
    let changes =
        [Change::Shop(shop()), Change::Order(order()), Change::TicketPut(card()), Change::TicketRemove(order_id())];
    for change in changes {
        is_read(&ServerFrame::Delta { topic: Topic::Shop, seq: 3, change });
    }
    is_read(&ServerFrame::Resumed { topic: Topic::Queue, epoch: 1, seq: 2, head: 3 });
    is_read(&ServerFrame::Heartbeat { now: AT });
    is_read(&ServerFrame::Denied { topic: Topic::Board });
    is_read(&ServerFrame::Bye { retry_in_ms: 4_000 });
}

#[test]
fn every_error_is_read() {
    let (drink, modifier) = (|| "Latte".to_owned(), || "Oat milk".to_owned());
    let menu = [
        MenuRefusal::NoDrink,
        MenuRefusal::UnknownDrink { drink: drink() },
        MenuRefusal::DrinkSoldOut { drink: drink() },
        MenuRefusal::UnknownModifier { drink: drink(), modifier: modifier() },
        MenuRefusal::ModifierSoldOut { modifier: modifier() },
        MenuRefusal::OnlyOne { group: "Milk".to_owned() },
    ];
    let refusals = [
        Refusal::NotFound,
        Refusal::OneAtATime,
        Refusal::Closed,
        Refusal::Paused { reason: PauseReason::CatchingUp },
        Refusal::StaffOnly,
        Refusal::CustomerOnly,
        Refusal::NotPlaced,
        Refusal::OnItsWay,
        Refusal::NoMoreTime,
        Refusal::AlreadyPlaced,
        Refusal::being_made(&barista()),
        Refusal::NotClaimed,
        Refusal::already_made(&barista()),
        Refusal::AlreadyReady,
        Refusal::NotReady,
        Refusal::NothingToUndo,
    ];
    let ended = endings().map(|ending| Refusal::already_ended(&ending));
    let refused = menu.map(Refusal::Menu).into_iter().chain(refusals).chain(ended).map(CommandError::Refused);
    let other = [
        CommandError::StaffOnly,
        CommandError::CookiesBlocked,
        CommandError::Invalid(Invalid::WhichOrder),
        CommandError::TooMany(12),
        CommandError::Unavailable,
        CommandError::Offline,
    ];
    for error in refused.chain(other) {
        is_read(&error);
        is_read(&Some(Failed { path: "/api/submit_order".to_owned(), error }));
    }
}

#[test]
fn unknown_and_malformed_values_are_not_read() {
    let read = |text: &str| Json::parse(text).and_then(|json| ServerFrame::from_json(&json));
    assert_eq!(
        read(r#"{"frame":"heartbeat","now":7,"later":true}"#),
        Some(ServerFrame::Heartbeat { now: Timestamp(7) })
    );
    for text in [
        "",
        "{",
        "7",
        "{}",
        r#"{"frame":"of a newer server"}"#,
        r#"{"frame":"heartbeat"}"#,
        r#"{"frame":"heartbeat","now":"7"}"#,
        r#"{"frame":"denied","topic":"order/../etc"}"#,
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    let board = BoardEntry { number: OrderNumber(1), column: Column::Ready, since: AT };
    let wall = ServerFrame::Delta { topic: Topic::Board, seq: 1, change: Change::BoardPut(board) };
    assert_eq!(read(&serde_json::to_string(&wall).unwrap()), None, "the wall has scripts of its own");
}

#[test]
fn client_frames_are_serialized_like_serde() {
    let new = SubscriptionRequest { topic: Topic::Order(order_id()), resume: None };
    let known = SubscriptionRequest { topic: Topic::Shop, resume: Some(Resume { epoch: (1 << 53) - 1, seq: 12 }) };
    for subscriptions in [vec![], vec![known.clone()], vec![known, new]] {
        let frame = ClientFrame::Hello { subscriptions };
        assert_eq!(frame_text(&frame), serde_json::to_string(&frame).unwrap());
    }
}
