//! The metrics: every metric is present, and no label identifies a person.

use domain::view::Stage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::task::TaskTracker;

use crate::kit::{Sample, TestServer, parse};

const WITH_METRICS: [&str; 2] = ["--metrics", "127.0.0.1:0"];

/// All values that labels may have.
const WORDS: [&str; 55] = [
    "cookies_blocked",
    "collected",
    "uncollected",
    "cancelled",
    "timed_out",
    "refused_full",
    "refused_closed",
    "refused_not_set_up",
    "refused_other",
    "board",
    "queue",
    "shop",
    "order",
    "first",
    "resumed",
    "snapshot",
    "behind",
    "denied",
    "all",
    "address",
    "session",
    "origin",
    "malformed",
    "too_large",
    "too_many_frames",
    "too_slow",
    "silent",
    "unavailable",
    "choosing",
    "submitted",
    "waiting",
    "making",
    "finishing",
    "ready",
    "start",
    "success",
    "failure",
    "heartbeat",
    "won",
    "too_late",
    "unknown",
    "running",
    "ended",
    "+Inf",
    "pages",
    "too_many",
    "staff_only",
    "customer_only",
    "not_found",
    "refused",
    "invalid",
    "staff_link",
    "offline",
    "aws_api",
    "metrics",
];

fn value(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let matches = |sample: &&Sample| {
        sample.name == name
            && sample.labels.len() == labels.len()
            && labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|is| is == value))
    };
    samples.iter().find(matches).unwrap_or_else(|| panic!("no {name} {labels:?} in {samples:#?}")).value
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_show_the_course_of_an_order() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let (phone, tablet, other) = (server.phone().await, server.tablet("Ana").await, server.phone().await);
    let scrape = async || parse(&server.metrics_client().get("/metrics").await.text());
    let order = phone.start("k").await;
    let topic = format!("order/{order}");
    let mut live = phone.live(&[&topic, "shop"]).await;
    let mut queue = tablet.live(&["queue", "board"]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    let samples = scrape().await;
    assert_eq!(value(&samples, "doppio_orders", &[("phase", "choosing")]), 1.0);
    assert_eq!(value(&samples, "doppio_queue_length", &[]), 0.0);
    assert_eq!(value(&samples, "doppio_live_sockets", &[]), 2.0);
    for (kind, count) in [("order", 1.0), ("shop", 1.0), ("queue", 1.0), ("board", 1.0)] {
        assert_eq!(value(&samples, "doppio_live_subscriptions", &[("topic", kind)]), count, "{kind}");
    }

    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    queue.queue(|tickets| tickets.len() == 1).await;
    tablet.command("claim_order", &order).await.ok();
    live.order(&order, |view| view.stage == Stage::Making).await;
    let samples = scrape().await;
    assert_eq!(value(&samples, "doppio_orders", &[("phase", "choosing")]), 0.0, "it has moved on");
    assert_eq!(value(&samples, "doppio_orders", &[("phase", "making")]), 1.0);
    assert_eq!(value(&samples, "doppio_queue_length", &[]), 1.0);
    assert_eq!(value(&samples, "doppio_callbacks_total", &[("call", "start"), ("outcome", "running")]), 1.0);
    assert_eq!(value(&samples, "doppio_callbacks_total", &[("call", "success"), ("outcome", "won")]), 1.0);
    assert!(value(&samples, "doppio_live_lag_seconds_count", &[("topic", "order")]) >= 2.0);
    assert!(value(&samples, "doppio_live_lag_seconds_bucket", &[("topic", "queue"), ("le", "+Inf")]) >= 2.0);

    tablet.post("/api/cancel_at_bar", &[("order", &order), ("reason", "sold_out")]).await.ok();
    live.order(&order, |view| matches!(view.stage, Stage::Ended { .. })).await;
    let position = live.replica(&topic).position();
    let mut again = phone.connect_with(&[]).await.unwrap();
    again.resume(&topic, live.replica(&topic).state().clone(), position).await;
    again.next().await.unwrap();
    let mut elsewhere = phone.connect_with(&[]).await.unwrap();
    let lost = domain::live::Resume { epoch: position.epoch + 1, ..position };
    elsewhere.resume(&topic, live.replica(&topic).state().clone(), lost).await;
    elsewhere.next().await.unwrap();
    other.live(&[&topic]).await;
    other.connect(Some("https://evil.example")).await.err().unwrap();
    let samples = scrape().await;
    let answers = [("first", 1.0), ("resumed", 1.0), ("snapshot", 1.0), ("denied", 1.0)];
    for (answer, count) in answers {
        let labels = [("topic", "order"), ("answer", answer)];
        assert_eq!(value(&samples, "doppio_live_answers_total", &labels), count, "{answer}");
    }
    assert_eq!(value(&samples, "doppio_live_refused_total", &[("limit", "origin")]), 1.0);
    assert_eq!(value(&samples, "doppio_callbacks_total", &[("call", "failure"), ("outcome", "won")]), 1.0);

    for Sample { name, labels, .. } in &samples {
        for (label, text) in labels {
            let ours = WORDS.contains(&text.as_str()) || text.parse::<f64>().is_ok();
            assert!(
                ours || (name, label.as_str()) == (&"doppio_build_info".to_owned(), "version"),
                "{name} {labels:?}"
            );
        }
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_not_served_with_the_pages() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    assert_eq!(server.browser().get("/metrics").await.status, 404);
    let metrics_client = server.metrics_client();
    for path in ["/", "/barista", "/api/read_topics", &server.staff_path(), "/live"] {
        assert_eq!(metrics_client.get(path).await.status, 404, "{path}");
    }
    assert_eq!(metrics_client.get("/healthz").await.text(), "alive");
    server.running.shutdown().await;
    let quiet = TestServer::open().await;
    assert_eq!(quiet.running.metrics, None, "nothing listens unless asked to");
    quiet.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_when_all_services_answer() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let ready = async || {
        let answers = [server.metrics_client().get("/readyz").await, server.browser().get("/readyz").await];
        let [one, other] = answers.map(|answer| (answer.status, answer.text()));
        assert_eq!(one, other);
        one
    };
    assert_eq!(ready().await, (200, "ready".to_owned()));
    server.records().delete_config("config").await;
    assert_eq!(ready().await.0, 200, "the result is used for a second");
    server.advance(1);
    let (status, words) = ready().await;
    assert_eq!(
        (status, words.as_str()),
        (503, "not ready: the item `config` of the config table is missing or does not answer")
    );
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_the_disk_is_full_and_is_ready_again_when_there_is_room() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let engine = server.running.engine.clone().unwrap();
    let ready = async || {
        server.advance(1);
        let answer = server.metrics_client().get("/readyz").await;
        (answer.status, answer.text())
    };
    engine.limit_pages(Some(1)).await.unwrap();
    // Some pages of the file are free.
    let mut refused = false;
    for _ in 0..200 {
        let answer = server.phone().await.post("/api/start_order", &[("key", "k")]).await;
        refused |= answer.status == 503;
        if refused {
            break;
        }
    }
    assert!(refused, "the store has grown beyond its limit");
    for _ in 0..2 {
        let (status, words) = ready().await;
        assert_eq!(status, 503, "{words}");
        assert!(words.contains("the disk is full"), "{words}");
    }
    engine.limit_pages(None).await.unwrap();
    assert_eq!(ready().await, (200, "ready".to_owned()));
    server.phone().await.start("again").await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_during_the_whole_shutdown() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let (metrics_client, phone) = (server.metrics_client(), server.phone().await);
    // A request that is not finished delays the shutdown.
    let mut slow = tokio::net::TcpStream::connect(server.running.address).await.unwrap();
    let head = format!(
        "POST /api/start_order HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Accept: application/json\r\nCookie: {}\r\nContent-Length: 5\r\nConnection: close\r\n\
         Expect: 100-continue\r\n\r\n",
        server.running.address,
        phone.cookies()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; 25];
    slow.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n", "the server waits for the form");
    let (clock, running) = (server.clock.clone(), server.running);
    let shutdown = TaskTracker::new().spawn(running.shutdown());
    while metrics_client.get("/readyz").await.status == 200 {
        tokio::task::yield_now().await;
    }
    let answer = metrics_client.get("/readyz").await;
    assert_eq!((answer.status, answer.text().as_str()), (503, "not ready: the server is starting or shutting down"));
    assert_eq!(metrics_client.get("/healthz").await.status, 200);
    assert!(parse(&metrics_client.get("/metrics").await.text()).len() > 10);
    assert!(!shutdown.is_finished());
    slow.write_all(b"key=k").await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "what was under way is finished: {answer}");
    // A kept-alive connection is closed after ten seconds.
    clock.advance(std::time::Duration::from_secs(10));
    shutdown.await.unwrap();
}
