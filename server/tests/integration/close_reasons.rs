//! The server closes live connections with a reason that the client gets and the metrics count.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::live::ServerFrame;

use crate::kit::{START, TestServer};

const WITH_METRICS: [&str; 2] = ["--metrics", "127.0.0.1:0"];
const HELLO: &str = r#"{"frame":"hello","subscriptions":[{"topic":"queue"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_too_many_messages_is_disconnected() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let mut live = server.phone().await.connect_with(&[]).await.unwrap();
    for _ in 0..1_000 {
        live.send_text(HELLO.to_owned()).await;
    }
    assert_eq!(live.end().await, (4001, "One frame a second is enough; come back later.".to_owned()));
    server.wait_for_metric(r#"doppio_live_answers_total{topic="queue",answer="denied"} 60"#).await;
    server.wait_for_metric(r#"doppio_live_cut_total{reason="too_many_frames"} 1"#).await;
    server.wait_for_metric("doppio_live_sockets 0").await;
    // One message a second is within the limit.
    let mut live = server.phone().await.connect_with(&[]).await.unwrap();
    for _ in 0..200 {
        live.send_text(HELLO.to_owned()).await;
        while !matches!(live.next().await, Some(ServerFrame::Denied { .. })) {}
        server.advance(1);
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_frame_is_answered_with_the_reason() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let connect = async || server.phone().await.live(&["board"]).await;
    let (malformed, too_large) = ("This is not a frame of this protocol.", "A message may have 16 KiB at most.");
    let mut live = connect().await;
    live.send_text(r#"{"frame":"goodbye"}"#.to_owned()).await;
    assert_eq!(live.end().await, (1008, malformed.to_owned()));
    let mut live = connect().await;
    live.send_bytes(HELLO.as_bytes().to_vec()).await;
    assert_eq!(live.end().await, (1008, malformed.to_owned()));
    let mut live = connect().await;
    live.send_text("x".repeat(16 * 1024 + 1)).await;
    assert_eq!(live.end().await, (1009, too_large.to_owned()));
    let mut live = connect().await;
    live.send_text(format!("{HELLO}{}", " ".repeat(16 * 1024 - HELLO.len()))).await;
    live.wait_for_denial("queue").await;
    server.wait_for_metric(r#"doppio_live_cut_total{reason="malformed"} 2"#).await;
    server.wait_for_metric(r#"doppio_live_cut_total{reason="too_large"} 1"#).await;
    server.running.shutdown().await;
}

/// Puts an order with a very long choice into the queue, so that snapshots are as long: 55 of them are more than the
/// buffers of a connection, which may be 4 MiB.
async fn put_long_order(server: &TestServer) {
    let text = |text: String| AttributeValue::S(text);
    let number = |number: i64| AttributeValue::N(number.to_string());
    let drink = format!(r#"{{"drink":"{}"}}"#, "Latte ".repeat(40_000));
    let item = HashMap::from([
        ("PK", text("orders".into())),
        ("SK", text("long".into())),
        ("USERID", text("somebody".into())),
        ("ORDERSTATE", text("CREATED".into())),
        ("feed", text("orders".into())),
        ("changedAt", number(START)),
        ("waitingAt", number(START)),
        ("makeBy", number(START + 900_000)),
        ("orderNumber", text("1".into())),
        ("version", number(1)),
        ("TaskToken", text("nobody waits for it".into())),
        ("drinkOrder", text(drink)),
    ]);
    server.records().put_order(item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).await;
    server.advance(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_disconnected_after_ten_seconds() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let tablet = server.tablet("Ana").await;
    let mut good = tablet.live(&["queue"]).await;
    put_long_order(&server).await;
    good.queue(|tickets| tickets.len() == 1).await;
    let mut slow = tablet.connect_narrow().await;
    for _ in 0..55 {
        slow.send_text(HELLO.to_owned()).await;
    }
    // Each step of the clock also sends a heartbeat to clients that read.
    let mut turns = 0;
    while !server
        .metrics_client()
        .get("/metrics")
        .await
        .text()
        .contains(r#"doppio_live_cut_total{reason="too_slow"} 1"#)
    {
        turns += 1;
        assert!(turns < 16, "{}", server.metrics_client().get("/metrics").await.text());
        server.advance(11);
        assert!(matches!(good.next().await, Some(ServerFrame::Heartbeat { .. })));
    }
    // When it reads again, it gets the rest of the frame, and the reason.
    let (code, reason) = slow.end().await;
    assert_eq!((code, reason.as_str()), (4002, "You do not take what you are sent; come back for a snapshot."));
    server.wait_for_metric("doppio_live_sockets 1").await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_no_ping_is_disconnected() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let (mut vanished, mut there) =
        (server.phone().await.live(&["board"]).await, server.phone().await.live(&["board"]).await);
    let mut beats = 0;
    while !server.metrics_client().get("/metrics").await.text().contains(r#"doppio_live_cut_total{reason="silent"} 1"#)
    {
        beats += 1;
        assert!(beats < 40, "a heartbeat may be missed when the clock is advanced quickly, but not every second one");
        server.advance(5);
        assert!(matches!(there.next().await, Some(ServerFrame::Heartbeat { .. })));
    }
    // The 18th heartbeat of a connection ends it; the first one may be sent at once.
    assert!(beats >= 17, "closed after {beats} heartbeats");
    assert_eq!(
        vanished.end().await,
        (4003, "You have not answered the last pings; come back when you can.".to_owned())
    );
    server.wait_for_metric("doppio_live_sockets 1").await;
    assert!(there.pings >= 2, "{}", there.pings);
    server.running.shutdown().await;
}
