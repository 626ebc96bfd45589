//! The content of topics, byte by byte: with sensitive names in every field of many orders, topics for everybody have
//! nothing but numbers and phases, and the topic of an order has nothing about other guests.

use std::collections::BTreeSet;

use domain::view::Stage;
use serde_json::Value;

use crate::kit::{Browser, Live, START, TestServer, Transcript};

/// Names that only baristas may read.
const BARISTAS: [&str; 2] = ["Anastasia Telling", "Benvolio Secretive"];
/// A message from the bar to one guest.
const WORDS: &str = "Zacharias dropped the cup of TELLTALE";

/// All words in a frame of `board`.
const BOARD: [&str; 25] = [
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
const SHOP: [&str; 19] = [
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

struct Rush {
    server: TestServer,
    tablets: [Browser; 2],
    queue: Live,
    orders: Vec<(Browser, Transcript, Live, String)>,
}

impl Rush {
    async fn open() -> Self {
        let server = TestServer::open().await;
        let tablets = [server.tablet(BARISTAS[0]).await, server.tablet(BARISTAS[1]).await];
        let queue = tablets[0].live(&["queue"]).await;
        Self { server, tablets, queue, orders: Vec::new() }
    }

    /// A phone with its own recording starts an order.
    async fn begin(&mut self) -> usize {
        let transcript = Transcript::default();
        let phone = Browser::new(self.server.running.address, transcript.clone());
        phone.get("/").await;
        let order = phone.start(&format!("a key of their own {}", self.orders.len())).await;
        let mut live = phone.live(&[&format!("order/{order}")]).await;
        live.order(&order, |view| view.choose_by.is_some()).await;
        self.orders.push((phone, transcript, live, order));
        self.orders.len() - 1
    }

    async fn wait(&mut self, drink: &str) -> usize {
        let at = self.begin().await;
        let (phone, _, live, order) = &mut self.orders[at];
        phone.submit(order, drink).await.ok();
        live.order(order, |view| view.number.is_some()).await;
        at
    }

    async fn until(&mut self, at: usize, expected: impl Fn(&Stage) -> bool) {
        let (_, _, live, order) = &mut self.orders[at];
        live.order(order, |view| expected(&view.stage)).await;
    }

    async fn at_the_bar(&self, tablet: usize, command: &str, at: usize) {
        self.tablets[tablet].command(command, &self.orders[at].3).await.ok();
    }

    /// An order for each way that an order can take.
    async fn run(&mut self) {
        let ended = |stage: &Stage| matches!(stage, Stage::Ended { .. });
        let tablet = self.tablets[0].clone();
        let late = self.begin().await;
        let waiting = self.wait("Mocha").await;
        let made = self.wait("Latte").await;
        let called_off = self.wait("Cappuccino").await;
        let cancelled = self.wait("Americano").await;
        let left = self.wait("Flat White").await;
        self.at_the_bar(0, "claim_order", made).await;
        self.at_the_bar(0, "complete_order", made).await;
        self.at_the_bar(0, "undo_complete", made).await;
        self.at_the_bar(1, "claim_order", left).await;
        self.at_the_bar(1, "complete_order", left).await;
        self.at_the_bar(0, "complete_order", made).await;
        let (phone, .., order) = &self.orders[cancelled];
        phone.command("cancel_order", order).await.ok();
        tablet.post("/api/cancel_at_bar", &[("order", &self.orders[called_off].3), ("reason", WORDS)]).await.ok();
        self.until(called_off, ended).await;
        tablet.post("/api/set_sold_out", &[("drink", "Mocha"), ("gone", "true")]).await.ok();
        tablet.post("/api/set_sold_out", &[("modifier", "Oat milk"), ("gone", "true")]).await.ok();
        self.server.advance(4);
        for at in [made, left] {
            self.until(at, |stage| *stage == Stage::Ready).await;
        }
        self.at_the_bar(0, "hand_over_order", made).await;
        self.until(made, ended).await;
        self.at_the_bar(1, "recall_order", made).await;
        let walk_in = [("key", "a-key-of-the-bar"), ("drink", "Espresso")];
        self.tablets[1].post("/api/walk_in_order", &walk_in).await.ok();
        let state = [("state", "paused"), ("reason", "catching_up"), ("minutes", "5")];
        tablet.post("/api/set_shop_state", &state).await.ok();
        self.server.advance(300);
        self.until(late, ended).await;
        self.server.advance(600);
        self.until(left, ended).await;
        self.until(waiting, ended).await;
        self.queue.queue(|tickets| tickets.iter().any(|ticket| ticket.recalled)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_for_everybody_have_only_numbers_and_phases() {
    let mut rush = Rush::open().await;
    let reader = |transcript: &Transcript| Browser::new(rush.server.running.address, transcript.clone());
    let (board_tape, shop_tape, early_tape) = (Transcript::default(), Transcript::default(), Transcript::default());
    let (mut board, mut shop) = (reader(&board_tape).live(&["board"]).await, reader(&shop_tape).live(&["shop"]).await);
    let mut early = reader(&early_tape).live(&["board"]).await;
    early.board(<[_]>::is_empty).await;
    let (position, state) = (early.replica("board").position(), early.replica("board").state().clone());
    drop(early);
    let (board_reader, shop_reader) = (reader(&board_tape), reader(&shop_tape));
    rush.run().await;

    // One client from the beginning, one that comes late, and one that resumes.
    let walk_in = |entries: &[domain::view::BoardEntry]| entries.iter().any(|entry| entry.number.0 == 6);
    board.board(walk_in).await;
    board_reader.live(&["board"]).await;
    let mut back = board_reader.connect_with(&[]).await.unwrap();
    back.resume("board", state, position).await;
    back.board(walk_in).await;
    shop.shop(|shop| {
        shop.sold_out.drinks.iter().any(|drink| drink == "Mocha") && shop.state == domain::ShopState::Open
    })
    .await;
    shop_reader.live(&["shop"]).await;
    rush.server.advance(5);
    board.next().await.unwrap();
    shop.next().await.unwrap();
    let count = u64::try_from(rush.orders.len() + 1).unwrap();
    rush.server.running.shutdown().await;
    while board.next().await.is_some() {}
    while shop.next().await.is_some() {}

    let board_words: BTreeSet<&str> = BOARD.into();
    let shop_words: BTreeSet<&str> = BOARD.into_iter().chain(SHOP).collect();
    for (transcript, words, at_least) in [(&board_tape, &board_words, 30), (&shop_tape, &shop_words, 20)] {
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
    seen(&board_tape, &["snapshot", "resumed", "delta", "boardPut", "boardRemove", "ready", "heartbeat", "bye"]);
    seen(&shop_tape, &["snapshot", "delta", "paused", "open", "Mocha", "Oat milk", "catching_up"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_s_topic_has_nothing_about_others_and_only_the_customer_may_read_it() {
    let mut rush = Rush::open().await;
    rush.run().await;
    let stranger_tape = Transcript::default();
    let stranger = Browser::new(rush.server.running.address, stranger_tape.clone());
    let topics: Vec<String> = rush.orders.iter().map(|(.., order)| format!("order/{order}")).collect();
    let mut allowed = BTreeSet::new();
    for some in topics.chunks(4) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        let live = stranger.live(&some).await;
        assert_eq!(live.denied.len(), some.len());
        allowed.extend(some.iter().map(|topic| format!(r#"{{"frame":"denied","topic":"{topic}"}}"#)));
    }
    let told: BTreeSet<String> = stranger_tape.text().lines().map(str::to_owned).collect();
    assert_eq!(told, allowed, "others get these lines and nothing else");
    let polled = stranger.post("/api/read_topics", &[("topics[0]", &topics[0])]).await;
    assert_eq!(
        (polled.status, polled.text().as_str()),
        (404, r#"{"error":"refused","detail":{"refusal":"notFound"}}"#)
    );

    let mut customers = Vec::new();
    for (.., order) in &rush.orders {
        customers.push(rush.server.records().text(order, "USERID").await);
    }
    let tokens = rush.server.records().tokens().await;
    assert!(tokens.len() >= 2 * 6, "each order that came to the bar had two");
    let device = rush.server.records().text(&rush.orders[2].3, "baristaUserId").await;
    let device = device.split_once('~').unwrap().1.to_owned();
    for (at, (_, transcript, live, order)) in rush.orders.iter().enumerate() {
        assert!(transcript.contains(order), "the transcript is not empty");
        for (other, (.., id)) in rush.orders.iter().enumerate().filter(|(other, _)| *other != at) {
            assert!(!transcript.contains(id), "{at} has something about {other}");
        }
        let drink = live.order_now(order).drink.map(|drink| drink.drink);
        for told in ["Mocha", "Latte", "Cappuccino", "Americano", "Flat White", "Espresso"] {
            // Pages contain the whole menu; only frames are checked here.
            let frames: Vec<String> =
                transcript.text().lines().filter(|line| line.contains("\"frame\"")).map(str::to_owned).collect();
            let is_told = frames.iter().any(|frame| frame.contains(&format!("\"drink\":\"{told}\"")));
            assert_eq!(is_told, drink.as_deref() == Some(told), "{at} {told}");
        }
        let secrets = BARISTAS.iter().copied().chain([device.as_str()]);
        let secrets = secrets.chain(customers.iter().chain(&tokens).map(String::as_str));
        for secret in secrets {
            assert!(!transcript.contains(secret), "{at} has {secret}");
        }
    }
    // The message from the bar to one guest is sent to that guest only.
    let told: Vec<bool> = rush.orders.iter().map(|(_, transcript, ..)| transcript.contains(WORDS)).collect();
    assert_eq!(told, [false, false, false, true, false, false]);
    assert!(rush.server.transcript.contains(BARISTAS[1]), "the barista sees the name");
    rush.server.running.shutdown().await;
}
