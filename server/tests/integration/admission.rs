//! Limits of live connections: refusals before the upgrade, and polling as the fallback.

use crate::kit::{Browser, Live, Response, TestServer};

fn assert_refused(refused: &Response, status: u16, words: &str) {
    assert_eq!((refused.status, &refused.headers["retry-after"]), (status, &"30".parse().unwrap()));
    assert!(refused.text().contains(words), "{}", refused.text());
}

/// Connects as soon as there is a free place. The server notices the end of a connection with a short delay.
async fn connect_when_possible(browser: &Browser, headers: &[(&str, &str)]) -> Live {
    loop {
        match browser.connect_with(headers).await {
            Ok(live) => return live,
            Err(refused) => assert!(matches!(refused.status, 429 | 503), "{}", refused.text()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connections_of_a_browser_are_limited_and_it_can_poll() {
    let server = TestServer::open_with(&["--live-limit-session", "2", "--metrics", "127.0.0.1:0"]).await;
    let (phone, other) = (server.phone().await, server.phone().await);
    let (first, _second) = (phone.live(&["board"]).await, phone.live(&["board"]).await);
    assert_refused(&phone.connect_with(&[]).await.err().unwrap(), 429, "Close some of its tabs");
    other.live(&["board"]).await;
    let polled = phone.post("/api/read_topics", &[("topics[0]", "board"), ("topics[1]", "shop")]).await.ok();
    assert_eq!(polled[1][0]["topic"], "board");
    drop(first);
    connect_when_possible(&phone, &[]).await;
    server.wait_for_metric(r#"doppio_live_refused_total{limit="session"} "#).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connections_of_a_network_behind_a_trusted_proxy_are_limited() {
    let flags = ["--live-limit-address", "2", "--trusted-proxy", "127.0.0.1,10.0.0.0/8"];
    let server = TestServer::open_with(&flags).await;
    let room = [("x-forwarded-for", "198.51.100.99, 203.0.113.7, 10.9.9.9")];
    let connect = async |headers: &[(&str, &str)]| server.phone().await.connect_with(headers).await;
    let (first, _second) = (connect(&room).await.unwrap(), connect(&room).await.unwrap());
    assert_refused(&connect(&room).await.err().unwrap(), 429, "Your network");
    // What the client itself writes stands before the entry of the proxy, and has no effect.
    let pretended = [("x-forwarded-for", "198.51.100.98, 203.0.113.7")];
    assert_refused(&connect(&pretended).await.err().unwrap(), 429, "Your network");
    connect(&[("x-forwarded-for", "203.0.113.8")]).await.unwrap();
    drop(first);
    connect_when_possible(&server.phone().await, &room).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_address_is_ignored_without_a_trusted_proxy() {
    let server = TestServer::open_with(&["--live-limit-address", "2"]).await;
    let connect = async |address| server.phone().await.connect_with(&[("x-forwarded-for", address)]).await;
    let _held = (connect("203.0.113.7").await.unwrap(), connect("203.0.113.8").await.unwrap());
    assert_refused(&connect("203.0.113.9").await.err().unwrap(), 429, "Your network");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_connections_of_the_server_are_limited() {
    let server = TestServer::open_with(&["--live-limit", "2"]).await;
    let (first, _second) = (server.phone().await.live(&["board"]).await, server.phone().await.live(&["board"]).await);
    let phone = server.phone().await;
    assert_refused(&phone.connect_with(&[]).await.err().unwrap(), 503, "as many live connections as it can serve");
    drop(first);
    connect_when_possible(&phone, &[]).await.hello(&["shop"]).await;
    server.running.shutdown().await;
}
