//! Staff links that are not ours and refused commands are logged with the network, and counted. The test has a
//! process of its own, because a process has one log.

use crate::kit::{Browser, Log, TestServer, in_own_process};

#[tokio::test(flavor = "multi_thread")]
async fn refused_staff_requests_are_logged_with_the_network_and_counted() {
    if !in_own_process("refusal_log::refused_staff_requests_are_logged_with_the_network_and_counted") {
        return;
    }
    let log = Log::start("info");
    let server =
        TestServer::open_with(&["--metrics", "127.0.0.1:0", "--aws-api", "127.0.0.1:0", "--starts-per-minute", "1"])
            .await;
    let stranger = Browser::from("127.0.0.3", server.running.address);
    let lines = |words: &str| -> Vec<String> {
        log.text().lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    };

    let tried = "00112233445566778899aabbccddeeff";
    assert_eq!(stranger.get(&format!("/staff/{tried}")).await.status, 404);
    assert_eq!(stranger.post(&format!("/staff/{tried}"), &[("name", "Eve")]).await.status, 404);
    assert_eq!(stranger.command("claim_order", "a").await.status, 403);
    assert_eq!(stranger.command("cancel_order", "somebody-elses").await.status, 404);
    assert_eq!(stranger.post("/api/start_order", &[("key", "k")]).await.status, 200);
    assert_eq!(stranger.post("/api/start_order", &[("key", "l")]).await.status, 429);
    for (reason, count) in [("staff_link", 2), ("staff_only", 1), ("not_found", 1), ("too_many", 1)] {
        let logged = lines(&format!("reason=\"{reason}\""));
        assert_eq!(logged.len(), count, "{reason}: {logged:?}");
        for line in logged {
            assert!(line.contains(" WARN ") && line.contains("network=127.0.0.3"), "{line}");
        }
        server.wait_for_metric(&format!(r#"doppio_commands_refused_total{{reason="{reason}"}} {count}"#)).await;
    }
    assert_eq!(lines(tried), [""; 0], "a wrong link may be a typing error of the right one");
    assert_eq!(lines(&server.staff_path()), [""; 0]);

    // The number of lines is limited, but everything is counted.
    for _ in 0..50 {
        stranger.get(&format!("/staff/{tried}")).await;
    }
    server.wait_for_metric(r#"doppio_commands_refused_total{reason="staff_link"} 52"#).await;
    assert!(lines("staff_link").len() < 25);

    // The same for refused hosts.
    let address = server.running.address;
    let foreign = format!("evil.example{}", "a".repeat(30_000));
    for (from, address) in [("127.0.0.4", address), ("127.0.0.5", server.running.aws_api.unwrap())] {
        let stranger = Browser::from(from, address);
        let logged_before = log.text().len();
        for _ in 0..60 {
            let answer = stranger.get_with("/", &[("host", &foreign)]).await;
            assert!(matches!(answer.status, 403 | 421), "{}", answer.status);
        }
        let logged = lines("evil.example").len();
        assert!((1..25).contains(&logged), "{address}: {logged} lines");
        let bytes = log.text().len() - logged_before;
        assert!(bytes < 20_000, "{address}: {bytes} bytes");
        log.take();
    }
    let stranger = Browser::from("127.0.0.6", address);
    let method = "M".repeat(10_000).parse().unwrap();
    let path = format!("/{}", "p".repeat(10_000));
    stranger.send(method, &path, &[("host", "evil.example")], Vec::new()).await;
    let logged = lines("evil.example");
    assert!(logged.len() == 1 && logged[0].len() < 1_000, "{logged:?}");

    // No spelling of the staff link is logged.
    let staff_path = server.staff_path();
    let secret = staff_path.strip_prefix("/staff/").unwrap();
    let upper = secret.to_ascii_uppercase();
    let encoded: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let spellings = [
        format!("//staff/{secret}"),
        format!("/Staff/{secret}"),
        format!("/./staff/{secret}"),
        format!("/staff%2f{secret}"),
        format!("/%73taff/{secret}"),
        format!("/staff/{upper}"),
        format!("/st/{encoded}"),
        format!("/staff/x/{secret}"),
        format!("/{secret}/staff"),
        format!("/STAFF/{}", &secret[..12]),
    ];
    let stranger = Browser::from("127.0.0.7", address);
    log.take();
    for spelling in &spellings {
        stranger.get_with(spelling, &[("host", "evil.example")]).await;
    }
    let logged = lines("evil.example");
    assert_eq!(logged.len(), spellings.len());
    let beginning = &secret[..12];
    for leak in [beginning, &beginning.to_ascii_uppercase(), &encoded[..12 * 3]] {
        assert_eq!(lines(leak), [""; 0]);
    }
    server.running.shutdown().await;
}
