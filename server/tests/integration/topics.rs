//! The content of topics, byte by byte: with sensitive names in every field of many orders, topics for everybody have
//! nothing but numbers and phases, and the topic of an order has nothing about other guests.

use std::collections::BTreeSet;

use domain::view::Stage;
use serde_json::Value;

use crate::kit::{Browser, Live, START, TestServer, Transcript};

/// Names that only baristas may read.
const BARISTAS: [&str; 2] = ["Anastasia Telling", "Benvolio Secretive"];
/// A message from the bar to one guest.
const MESSAGE: &str = "Zacharias dropped the cup of TELLTALE";

/// All words in a frame of `board`.
const BOARD_WORDS: [&str; 25] = [
    "frame",
    "snapshot",
    "resumed",
    "delta",
    "heartbeat",
    "topic",
    "board",
    "epoch",
    "seq",
    "head",
    "state",
    "of",
    "is",
    "number",
    "column",
    "preparing",
    "ready",
    "since",
    "change",
    "boardPut",
    "boardRemove",
    "to",
    "now",
    "bye",
    "retry_in_ms",
];
/// Further words in a frame of `shop`: the menu and the name of the shop.
const SHOP_WORDS: [&str; 19] = [
    "shop",
    "name",
    "Doppio",
    "open",
    "paused",
    "closed",
    "reason",
    "catching_up",
    "until",
    "in_queue",
    "wait",
    "from",
    "sold_out",
    "menu",
    "drinks",
    "modifiers",
    "Mocha",
    "Oat milk",
    "position",
];

/// Parses JSON by a strict grammar: punctuation, whole numbers, `null` and the given words, and not one byte more.
/// Returns the numbers.
fn numbers(text: &str, words: &BTreeSet<&str>) -> Vec<u64> {
    let (mut rest, mut numbers) = (text, Vec::new());
    while let Some(byte) = rest.bytes().next() {
        let length = match byte {
            b'{' | b'}' | b'[' | b']' | b':' | b',' => 1,
            b'"' => {
                let word = rest[1..].split('"').next().unwrap();
                assert!(words.contains(word), "{word:?} in {text}");
                word.len() + 2
            }
            b'0'..=b'9' => {
                let digits = rest.split(|each: char| !each.is_ascii_digit()).next().unwrap();
                numbers.push(digits.parse().unwrap());
                digits.len()
            }
            _ => {
                assert!(rest.starts_with("null"), "{rest:?} in {text}");
                4
            }
        };
        rest = &rest[length..];
    }
    numbers
}

/// Checks that each number of a frame is an expected one, so that none carries other information.
fn check_numbers(frame: &Value, name: &str, orders: u64) {
    match frame {
        Value::Array(items) => items.iter().for_each(|item| check_numbers(item, name, orders)),
        Value::Object(members) => members.iter().for_each(|(name, value)| check_numbers(value, name, orders)),
        Value::Number(number) => {
            let (number, start) = (number.as_u64().unwrap(), u64::try_from(START).unwrap());
            let range = match name {
                "since" | "now" | "until" => start..start + 3_600_000,
                // The order number in a change that removes it.
                "number" | "to" | "in_queue" => 0..orders + 1,
                "seq" | "head" => 0..orders * 20,
                "menu" => 0..1 << 32,
                "epoch" => 0..1 << 53,
                "retry_in_ms" => 0..5_000,
                "from" => 2..60,
                _ => panic!("a number under {name:?}"),
            };
            assert!(range.contains(&number), "{name} is {number}");
        }
        Value::String(_) | Value::Null | Value::Bool(_) => {}
    }
}

struct Scenario {
    server: TestServer,
    tablets: [Browser; 2],
    queue: Live,
    orders: Vec<(Browser, Transcript, Live, String)>,
}

impl Scenario {
    async fn open() -> Self {
        let server = TestServer::open().await;
        let tablets = [server.tablet(BARISTAS[0]).await, server.tablet(BARISTAS[1]).await];
        let queue = tablets[0].live(&["queue"]).await;
        Self { server, tablets, queue, orders: Vec::new() }
    }

    /// Starts an order on a phone with its own transcript. Returns the index of the order.
    async fn start_order(&mut self) -> usize {
        let transcript = Transcript::default();
        let phone = Browser::new(self.server.running.address, transcript.clone());
        phone.get("/").await;
        let order = phone.start(&format!("a key of their own {}", self.orders.len())).await;
        let mut live = phone.live(&[&format!("order/{order}")]).await;
        live.order(&order, |view| view.choose_by.is_some()).await;
        self.orders.push((phone, transcript, live, order));
        self.orders.len() - 1
    }

    async fn submit_order(&mut self, drink: &str) -> usize {
        let at = self.start_order().await;
        let (phone, _, live, order) = &mut self.orders[at];
        phone.submit(order, drink).await.ok();
        live.order(order, |view| view.number.is_some()).await;
        at
    }

    async fn wait_for_stage(&mut self, at: usize, expected: impl Fn(&Stage) -> bool) {
        let (_, _, live, order) = &mut self.orders[at];
        live.order(order, |view| expected(&view.stage)).await;
    }

    async fn barista_command(&self, tablet: usize, command: &str, at: usize) {
        self.tablets[tablet].command(command, &self.orders[at].3).await.ok();
    }

    /// Runs an order through each sequence of states.
    async fn run(&mut self) {
        let ended = |stage: &Stage| matches!(stage, Stage::Ended { .. });
        let tablet = self.tablets[0].clone();
        let not_submitted = self.start_order().await;
        let not_made = self.submit_order("Mocha").await;
        let made = self.submit_order("Latte").await;
        let cancelled_by_barista = self.submit_order("Cappuccino").await;
        let cancelled_by_guest = self.submit_order("Americano").await;
        let not_collected = self.submit_order("Flat White").await;
        self.barista_command(0, "claim_order", made).await;
        self.barista_command(0, "complete_order", made).await;
        self.barista_command(0, "undo_complete", made).await;
        self.barista_command(1, "claim_order", not_collected).await;
        self.barista_command(1, "complete_order", not_collected).await;
        self.barista_command(0, "complete_order", made).await;
        let (phone, .., order) = &self.orders[cancelled_by_guest];
        phone.command("cancel_order", order).await.ok();
        tablet
            .post("/api/cancel_at_bar", &[("order", &self.orders[cancelled_by_barista].3), ("reason", MESSAGE)])
            .await
            .ok();
        self.wait_for_stage(cancelled_by_barista, ended).await;
        tablet.post("/api/set_sold_out", &[("drink", "Mocha"), ("gone", "true")]).await.ok();
        tablet.post("/api/set_sold_out", &[("modifier", "Oat milk"), ("gone", "true")]).await.ok();
        self.server.advance(4);
        for at in [made, not_collected] {
            self.wait_for_stage(at, |stage| *stage == Stage::Ready).await;
        }
        self.barista_command(0, "hand_over_order", made).await;
        self.wait_for_stage(made, ended).await;
        self.barista_command(1, "recall_order", made).await;
        let walk_in = [("key", "a-key-of-the-bar"), ("drink", "Espresso")];
        self.tablets[1].post("/api/walk_in_order", &walk_in).await.ok();
        let state = [("state", "paused"), ("reason", "catching_up"), ("minutes", "5")];
        tablet.post("/api/set_shop_state", &state).await.ok();
        self.server.advance(300);
        self.wait_for_stage(not_submitted, ended).await;
        self.server.advance(600);
        self.wait_for_stage(not_collected, ended).await;
        self.wait_for_stage(not_made, ended).await;
        self.queue.queue(|tickets| tickets.iter().any(|ticket| ticket.recalled)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_for_everybody_have_only_numbers_and_phases() {
    let mut scenario = Scenario::open().await;
    let reader = |transcript: &Transcript| Browser::new(scenario.server.running.address, transcript.clone());
    let (board_transcript, shop_transcript, early_transcript) =
        (Transcript::default(), Transcript::default(), Transcript::default());
    let (mut board, mut shop) =
        (reader(&board_transcript).live(&["board"]).await, reader(&shop_transcript).live(&["shop"]).await);
    let mut early = reader(&early_transcript).live(&["board"]).await;
    early.board(<[_]>::is_empty).await;
    let (position, state) = (early.replica("board").position(), early.replica("board").state().clone());
    drop(early);
    let (board_reader, shop_reader) = (reader(&board_transcript), reader(&shop_transcript));
    scenario.run().await;

    // One client from the beginning, one that comes late, and one that resumes.
    let walk_in = |entries: &[domain::view::BoardEntry]| entries.iter().any(|entry| entry.number.0 == 6);
    board.board(walk_in).await;
    board_reader.live(&["board"]).await;
    let mut resumed = board_reader.connect_with(&[]).await.unwrap();
    resumed.resume("board", state, position).await;
    resumed.board(walk_in).await;
    shop.shop(|shop| {
        shop.sold_out.drinks.iter().any(|drink| drink == "Mocha") && shop.state == domain::ShopState::Open
    })
    .await;
    shop_reader.live(&["shop"]).await;
    scenario.server.advance(5);
    board.next().await.unwrap();
    shop.next().await.unwrap();
    let count = u64::try_from(scenario.orders.len() + 1).unwrap();
    scenario.server.running.shutdown().await;
    while board.next().await.is_some() {}
    while shop.next().await.is_some() {}

    let board_words: BTreeSet<&str> = BOARD_WORDS.into();
    let shop_words: BTreeSet<&str> = BOARD_WORDS.into_iter().chain(SHOP_WORDS).collect();
    for (transcript, words, at_least) in [(&board_transcript, &board_words, 30), (&shop_transcript, &shop_words, 20)] {
        let frames = transcript.text();
        assert!(frames.lines().count() >= at_least, "{frames}");
        for frame in frames.lines() {
            numbers(frame, words);
            check_numbers(&serde_json::from_str(frame).unwrap(), "", count);
        }
    }
    // Every kind of frame was parsed.
    let seen = |transcript: &Transcript, words: &[&str]| {
        for word in words {
            assert!(transcript.contains(&format!("\"{word}\"")), "{word}");
        }
    };
    seen(&board_transcript, &["snapshot", "resumed", "delta", "boardPut", "boardRemove", "ready", "heartbeat", "bye"]);
    seen(&shop_transcript, &["snapshot", "delta", "paused", "open", "Mocha", "Oat milk", "catching_up"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_s_topic_has_nothing_about_others_and_only_the_customer_may_read_it() {
    let mut scenario = Scenario::open().await;
    scenario.run().await;
    let other_transcript = Transcript::default();
    let other_guest = Browser::new(scenario.server.running.address, other_transcript.clone());
    let topics: Vec<String> = scenario.orders.iter().map(|(.., order)| format!("order/{order}")).collect();
    let mut allowed = BTreeSet::new();
    for some in topics.chunks(4) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        let live = other_guest.live(&some).await;
        assert_eq!(live.denied.len(), some.len());
        allowed.extend(some.iter().map(|topic| format!(r#"{{"frame":"denied","topic":"{topic}"}}"#)));
    }
    let received: BTreeSet<String> = other_transcript.text().lines().map(str::to_owned).collect();
    assert_eq!(received, allowed, "others get these lines and nothing else");
    let polled = other_guest.post("/api/read_topics", &[("topics[0]", &topics[0])]).await;
    assert_eq!(
        (polled.status, polled.text().as_str()),
        (404, r#"{"error":"refused","detail":{"refusal":"notFound"}}"#)
    );

    let mut customers = Vec::new();
    for (.., order) in &scenario.orders {
        customers.push(scenario.server.records().text(order, "USERID").await);
    }
    let tokens = scenario.server.records().tokens().await;
    assert!(tokens.len() >= 2 * 6, "each order that came to the bar had two");
    let device = scenario.server.records().text(&scenario.orders[2].3, "baristaUserId").await;
    let device = device.split_once('~').unwrap().1.to_owned();
    for (at, (_, transcript, live, order)) in scenario.orders.iter().enumerate() {
        assert!(transcript.contains(order), "the transcript is not empty");
        for (other, (.., id)) in scenario.orders.iter().enumerate().filter(|(other, _)| *other != at) {
            assert!(!transcript.contains(id), "{at} has something about {other}");
        }
        let drink = live.order_now(order).drink.map(|drink| drink.drink);
        for name in ["Mocha", "Latte", "Cappuccino", "Americano", "Flat White", "Espresso"] {
            // Pages contain the whole menu; only frames are checked here.
            let frames: Vec<String> =
                transcript.text().lines().filter(|line| line.contains("\"frame\"")).map(str::to_owned).collect();
            let is_sent = frames.iter().any(|frame| frame.contains(&format!("\"drink\":\"{name}\"")));
            assert_eq!(is_sent, drink.as_deref() == Some(name), "{at} {name}");
        }
        let secrets = BARISTAS.iter().copied().chain([device.as_str()]);
        let secrets = secrets.chain(customers.iter().chain(&tokens).map(String::as_str));
        for secret in secrets {
            assert!(!transcript.contains(secret), "{at} has {secret}");
        }
    }
    // The message from the bar to one guest is sent to that guest only.
    let has_message: Vec<bool> =
        scenario.orders.iter().map(|(_, transcript, ..)| transcript.contains(MESSAGE)).collect();
    assert_eq!(has_message, [false, false, false, true, false, false]);
    assert!(scenario.server.transcript.contains(BARISTAS[1]), "the barista sees the name");
    scenario.server.running.shutdown().await;
}
