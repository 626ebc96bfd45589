//! Malformed requests get a 4xx with a message, never a 500.

use leptos::server_fn::axum::server_fn_paths;

use crate::kit::TestServer;

/// Bodies that are no form, or whose fields have the wrong type.
const BODIES: [&[u8]; 9] = [
    b"\xff",
    b"%ff=%ff",
    b"topics[0]=nonsense",
    b"state=paused&minutes=-1",
    b"state=paused&minutes=99999999999999999999",
    b"order[=x",
    b"order[a][b][c][d][e][f][g][h]=x",
    b"order=x&take_over=perhaps&gone=perhaps",
    b"orders=x&modifiers=y&choice=z&extras=w&topics=v",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_malformed_command_causes_a_server_error() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let commands: Vec<&str> = server_fn_paths().map(|(path, _)| path).collect();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        for body in BODIES {
            for browser in [&phone, &tablet] {
                let answer = browser.post_raw(command, body.to_vec(), &[]).await;
                let said = String::from_utf8_lossy(body);
                assert!(answer.status < 500, "{command} with {said}: {} {}", answer.status, answer.text());
            }
        }
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_request_is_a_bad_request_with_a_code() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let pause = b"state=paused&minutes=-1".to_vec();
    for (path, body) in [
        ("/api/set_shop_state", pause),
        ("/api/read_topics", b"topics[0]=nonsense".to_vec()),
        ("/api/start_order", b"\xff".to_vec()),
    ] {
        let answer = tablet.post_raw(path, body, &[]).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        assert_eq!(answer.json(), serde_json::json!({ "error": "invalid", "detail": "form" }), "{path}");
    }
    let unknown = tablet.post("/api/no_such_command", &[]).await;
    assert_eq!((unknown.status, unknown.text().as_str()), (404, ""));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_form_is_answered_in_the_language_of_the_browser() {
    let server = TestServer::open().await;
    let browser = server.browser();
    let german = [("accept-language", "de"), ("accept", "text/html")];
    for path in ["/language", &server.staff_path()] {
        let answer = browser.post_raw(path, b"name=%ff&language=%ff&name=%fe".to_vec(), &german).await;
        assert!(answer.status < 500, "{path}: {}", answer.status);
        let as_json = [("content-type", "application/json"), ("accept-language", "de"), ("accept", "text/html")];
        let answer = browser.post_raw(path, b"{}".to_vec(), &as_json).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        assert!(answer.text().contains("Anfrage"), "{path}: {}", answer.text());
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_url_of_a_page_causes_a_server_error() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let long = format!("/?drink={}", "x".repeat(8_000));
    for path in [
        "/%ff",
        "/orders/%ff",
        "/orders/..%2f..%2fetc",
        "/?drink=%ff",
        "/?drink=%",
        "/display?size=99999999999999999999&distance=-1",
        "/display?%ff=%ff",
        "/display/mine?number=99999999999999999999",
        "/display/mine?number=-1",
        "/barista?%00",
        "/pkg/%00",
        "/pkg/..%2f..%2fCargo.toml",
        "/staff/%ff",
        "/live",
        &long,
    ] {
        for browser in [&phone, &tablet] {
            let answer = browser.get_with(path, &[("accept", "text/html")]).await;
            assert!(answer.status < 500, "{path}: {}", answer.status);
        }
    }
    server.running.shutdown().await;
}
