//! Limits of connections on every listener: time, size and number.

use std::net::SocketAddr;

use crate::kit::{RawConnection, TIMEOUT, TestServer};

const WITH_METRICS: [&str; 2] = ["--metrics", "127.0.0.1:0"];

/// The beginning of an HTTP/2 connection by prior knowledge: the preface and an empty SETTINGS frame.
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// All listeners of a server with `--metrics` and `--aws-api`.
fn listeners(server: &TestServer) -> [(&'static str, SocketAddr); 3] {
    let running = &server.running;
    [("pages", running.address), ("aws_api", running.aws_api.unwrap()), ("metrics", running.metrics.unwrap())]
}

async fn with_all_listeners() -> TestServer {
    TestServer::open_with(&["--metrics", "127.0.0.1:0", "--aws-api", "127.0.0.1:0"]).await
}

async fn wait_for_end(server: &TestServer, listener: &str, reason: &str) {
    server
        .wait_for_metric(&format!(r#"doppio_connections_ended_total{{listener="{listener}",reason="{reason}"}} "#))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_is_refused() {
    let server = with_all_listeners().await;
    for (listener, address) in listeners(&server) {
        let mut peer = RawConnection::connect(address).await;
        peer.send(HTTP2).await;
        assert_eq!(peer.read_to_end().await, b"", "{listener}: no frame of HTTP/2 comes back");
        wait_for_end(&server, listener, "http2").await;
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_must_arrive_within_ten_seconds() {
    let server = with_all_listeners().await;
    for (listener, address) in listeners(&server) {
        let mut silent = RawConnection::connect(address).await;
        let mut slow = RawConnection::connect(address).await;
        slow.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Padding: ").await;
        // When the server answers on a later connection, it has accepted both.
        let mut later = RawConnection::connect(address).await;
        later.get("/healthz").await;
        server.advance(9);
        slow.send(b"aaaa").await;
        server.advance(1);
        assert_eq!(silent.read_to_end().await, b"", "{listener}");
        assert_eq!(slow.read_to_end().await, b"", "{listener}");
        wait_for_end(&server, listener, "header_timeout").await;
        // A connection that has been used has a longer limit.
        later.get("/healthz").await;
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_begins_together_with_the_previous_request_must_arrive_in_time_too() {
    let server = with_all_listeners().await;
    for (listener, address) in listeners(&server) {
        let mut peer = RawConnection::connect(address).await;
        let mut waiting = RawConnection::connect(address).await;
        waiting.get("/healthz").await;
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /x HT").await;
        assert!(peer.head().await.starts_with("HTTP/1.1 "), "{listener}");
        // When the server has sent the response, it is waiting for the rest.
        server.advance(10);
        peer.read_to_end().await;
        wait_for_end(&server, listener, "header_timeout").await;
        waiting.get("/healthz").await;
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_has_at_most_32_kib() {
    let server = with_all_listeners().await;
    for (listener, address) in listeners(&server) {
        let mut peer = RawConnection::connect(address).await;
        let fields = |bytes: usize| format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Padding: {}", "a".repeat(bytes));
        peer.send(fields(30 << 10).as_bytes()).await;
        peer.send(b"\r\n\r\n").await;
        assert!(!peer.head().await.contains("431"), "{listener}");
        let mut peer = RawConnection::connect(address).await;
        peer.send(fields(33 << 10).as_bytes()).await;
        assert!(peer.head().await.starts_with("HTTP/1.1 431 "), "{listener}: it is refused before its end has come");
        wait_for_end(&server, listener, "header_too_large").await;
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed() {
    let server = with_all_listeners().await;
    for (listener, address) in listeners(&server) {
        let mut peer = RawConnection::connect(address).await;
        peer.get("/healthz").await;
        server.advance(74);
        peer.get("/healthz").await;
        server.advance(75);
        assert_eq!(peer.read_to_end().await, b"", "{listener}");
        wait_for_end(&server, listener, "idle_timeout").await;
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_must_arrive_within_a_minute() {
    let server = with_all_listeners().await;
    let mut peer = RawConnection::connect(server.running.aws_api.unwrap()).await;
    peer.send(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSEvents.PutRule\r\nContent-Length: 9\r\n\
          Expect: 100-continue\r\n\r\n",
    )
    .await;
    assert_eq!(peer.head().await, "HTTP/1.1 100 Continue\r\n\r\n", "the server waits for the body");
    peer.send(b"{").await;
    server.advance(60);
    assert_eq!(peer.read_to_end().await, b"");
    wait_for_end(&server, "aws_api", "body_timeout").await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_its_response_is_disconnected() {
    let server = TestServer::open_with(&WITH_METRICS).await;
    let _unread = RawConnection::not_reading(&server).await;
    let ended = async {
        // The limit starts when the buffers are full, so the clock may have to be advanced several times.
        while !server.has_metric(r#"doppio_connections_ended_total{listener="pages",reason="write_timeout"} 1"#).await {
            server.advance(30);
        }
    };
    tokio::time::timeout(TIMEOUT, ended).await.unwrap();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_at_its_limit_loses_its_longest_idle_connection_for_a_new_one() {
    let server = TestServer::open_with(&["--connection-limit-network", "2", "--metrics", "127.0.0.1:0"]).await;
    let address = server.running.address;
    let (mut first, mut second) = (
        RawConnection::connect_from("127.0.0.2", address).await,
        RawConnection::connect_from("127.0.0.2", address).await,
    );
    first.get("/healthz").await;
    server.advance(1);
    second.get("/healthz").await;
    let mut third = RawConnection::connect_from("127.0.0.2", address).await;
    third.get("/healthz").await;
    assert_eq!(first.read_to_end().await, b"");
    wait_for_end(&server, "pages", "made_room").await;
    second.get("/healthz").await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_at_its_limit_is_refused_and_other_networks_are_not() {
    let server = TestServer::open_with(&["--connection-limit-network", "1", "--metrics", "127.0.0.1:0"]).await;
    let address = server.running.address;
    let busy = RawConnection::not_reading(&server).await;
    let mut refused = RawConnection::connect(address).await;
    assert!(refused.head().await.starts_with("HTTP/1.1 503 "));
    server.wait_for_metric(r#"doppio_connections_refused_total{listener="pages",limit="network"} 1"#).await;
    RawConnection::connect_from("127.0.0.3", address).await.get("/healthz").await;
    drop(busy);
    // The server notices a closed connection when it next tries to send.
    let accepted = async { while !RawConnection::connect(address).await.try_get("/healthz").await {} };
    tokio::time::timeout(TIMEOUT, accepted).await.unwrap();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_trusted_proxy_may_have_more_connections_than_a_network() {
    let flags = ["--connection-limit-network", "1", "--trusted-proxy", "127.0.0.1"];
    let server = TestServer::open_with(&flags).await;
    let busy = (RawConnection::not_reading(&server).await, RawConnection::not_reading(&server).await);
    RawConnection::connect(server.running.address).await.get("/healthz").await;
    drop(busy);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_total_limit_the_largest_network_makes_room() {
    let server = TestServer::open_with(&["--connection-limit", "4", "--metrics", "127.0.0.1:0"]).await;
    let address = server.running.address;
    let mut single = RawConnection::connect_from("127.0.0.2", address).await;
    single.get("/healthz").await;
    server.advance(1);
    let mut many = Vec::new();
    for host in ["127.0.0.3", "127.0.0.3", "127.0.0.4"] {
        let mut peer = RawConnection::connect_from(host, address).await;
        peer.get("/healthz").await;
        many.push(peer);
    }
    let mut new_peer = RawConnection::connect_from("127.0.0.5", address).await;
    new_peer.get("/healthz").await;
    assert_eq!(many[0].read_to_end().await, b"", "the network with two connections has one less");
    single.get("/healthz").await;
    // The metrics have connections of their own.
    assert!(server.has_metric(r#"doppio_connections_ended_total{listener="pages",reason="made_room"} 1"#).await);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_connection_has_no_http_time_limit_and_does_not_count_for_its_network() {
    let server = TestServer::open_with(&["--connection-limit-network", "1", "--metrics", "127.0.0.1:0"]).await;
    let phone = server.phone().await;
    let mut live = phone.live(&["board"]).await;
    let mut other = phone.live(&["board"]).await;
    RawConnection::connect(server.running.address).await.get("/healthz").await;
    server.wait_for_metric(r#"doppio_connections{listener="pages"} 2"#).await;
    // Longer than any limit for an idle connection. Reading answers the pings.
    for _ in 0..20 {
        server.advance(10);
        live.next().await.unwrap();
        other.next().await.unwrap();
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_does_not_wait_for_idle_connections() {
    let server = TestServer::open().await;
    let address = server.running.address;
    let (mut idle, mut silent, mut slow) = (
        RawConnection::connect(address).await,
        RawConnection::connect(address).await,
        RawConnection::connect(address).await,
    );
    slow.send(b"GET / HTTP/1.1\r\nHost: ").await;
    idle.get("/healthz").await;
    // The clock stands still, so nothing may wait for it.
    tokio::time::timeout(TIMEOUT, server.running.shutdown()).await.unwrap();
    for peer in [&mut idle, &mut silent, &mut slow] {
        assert_eq!(peer.read_to_end().await, b"");
    }
}
