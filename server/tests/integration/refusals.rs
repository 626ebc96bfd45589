//! Refusals: the status, the text, and that nothing changes.

use crate::kit::{Browser, TestServer};

const CUSTOMER_COMMANDS: [&str; 3] = ["submit_order", "cancel_order", "collect_order"];
const BAR_COMMANDS: [&str; 7] = [
    "claim_order",
    "release_order",
    "complete_order",
    "undo_complete",
    "hand_over_order",
    "cancel_at_bar",
    "set_shop_state",
];

/// A command, its form, the status and a part of the response.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str);

/// An order that is being chosen.
async fn choosing(server: &TestServer, phone: &Browser) -> String {
    let order = phone.start("k").await;
    phone.live(&[&format!("order/{order}")]).await.order(&order, |view| view.choose_by.is_some()).await;
    assert_eq!(server.records().text(&order, "awaiting").await, "CUSTOMER");
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_with_a_text_and_changes_nothing() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = choosing(&server, &phone).await;
    let before = server.records().order(&order).await;
    let id = order.as_str();
    let long = "x".repeat(2_000);
    let table: [Case<'_>; 12] = [
        ("submit_order", &[("order", id), ("drink", "Milkshake")], 422, "Milkshake"),
        ("submit_order", &[("order", id), ("drink", "Espresso"), ("extras[0]", "Ketchup")], 422, "Ketchup"),
        (
            "submit_order",
            &[("order", id), ("drink", "Latte"), ("choice[Milk]", "Oat milk"), ("extras[0]", "Soy milk")],
            422,
            "Milk",
        ),
        ("submit_order", &[("order", id), ("drink", &long)], 422, "unknownDrink"),
        ("submit_order", &[("order", id)], 422, "noDrink"),
        ("submit_order", &[("drink", "Latte")], 400, "outOfDate"),
        ("submit_order", &[("order", "../x"), ("drink", "Latte")], 404, "notFound"),
        ("submit_order", &[("order", "nobody"), ("drink", "Latte")], 404, "notFound"),
        ("start_order", &[], 400, "outOfDate"),
        ("start_order", &[("key", &long)], 400, "outOfDate"),
        ("cancel_order", &[], 400, "whichOrder"),
        ("collect_order", &[("order", id)], 409, "notReady"),
    ];
    for (command, form, status, words) in table {
        let answer = phone.post(&format!("/api/{command}"), form).await;
        assert_eq!(answer.status, status, "{command} {form:?}: {}", answer.text());
        assert!(answer.text().contains(words), "{command} {form:?}: {}", answer.text());
        assert!(!answer.text().contains(&long), "input is not repeated in full");
    }
    assert_eq!(server.records().order(&order).await, before);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_with_a_text() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = choosing(&server, &phone).await;
    let before = server.records().order(&order).await;
    let body = format!("order={order}&drink=Latte&choice[Milk]={}", "x".repeat(1 << 20));
    let answer = phone.post_raw("/api/submit_order", body.into_bytes(), &[]).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json(), serde_json::json!({"error": "invalid", "detail": "tooLarge"}));
    let answer = phone.post_raw(&server.staff_path(), vec![b'x'; 1 << 20], &[("accept-language", "de")]).await;
    assert_eq!((answer.status, answer.text().contains("Es wurde nichts geändert")), (413, true), "{}", answer.text());
    assert_eq!(server.records().order(&order).await, before);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_finds_no_such_order() {
    let server = TestServer::open().await;
    let (phone, stranger, nobody) = (server.phone().await, server.phone().await, server.phone().await);
    let order = choosing(&server, &phone).await;
    let before = server.records().order(&order).await;
    for browser in [&stranger, &nobody] {
        for command in CUSTOMER_COMMANDS {
            let form = [("order", order.as_str()), ("drink", "Latte")];
            let answer = browser.post(&format!("/api/{command}"), &form).await;
            assert_eq!(answer.status, 404, "{command}: {}", answer.text());
        }
        let page = browser.get(&format!("/orders/{order}")).await;
        assert_eq!(page.status, 404, "{}", page.text());
        let mut live = browser.connect(Some(&server.running.url)).await.unwrap();
        live.hello(&[&format!("order/{order}"), "queue", "board"]).await;
        assert_eq!(
            live.denied.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [format!("order/{order}"), "queue".into()]
        );
    }
    assert_eq!(server.records().order(&order).await, before);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_staff_link_every_command_of_the_bar_is_refused() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = choosing(&server, &phone).await;
    phone.submit(&order, "Latte").await.ok();
    phone.live(&[&format!("order/{order}")]).await.order(&order, |view| view.number.is_some()).await;
    let before = server.records().order(&order).await;
    let forged = server.browser();
    // With the cookie names of this shop.
    let names = server.tablet("Ana").await.cookie_names();
    assert_eq!(names.len(), 2);
    let forged_cookies: String = names.iter().map(|name| format!("{name}=9999999999999%20Ana~t1; ")).collect();
    for browser in [&phone, &forged] {
        let page = browser.get("/barista").await;
        assert_eq!(page.status, 403);
        assert!(page.text().contains("staff link") && !page.text().contains(&order), "the page says how to sign in");
        for command in BAR_COMMANDS {
            let form = [("order", order.as_str()), ("reason", "because"), ("state", "closed"), ("take_over", "true")];
            let answer = browser.post(&format!("/api/{command}"), &form).await;
            assert_eq!(answer.status, 403, "{command}: {}", answer.text());
            let cookies = [("cookie", forged_cookies.as_str())];
            let body = format!("order={order}&reason=because&state=closed").into_bytes();
            let answer = browser.post_raw(&format!("/api/{command}"), body, &cookies).await;
            assert_eq!(answer.status, 403, "{command} with a cookie of one's own making: {}", answer.text());
        }
    }
    assert_eq!(server.records().order(&order).await, before);
    assert_eq!(phone.start("k").await, order, "the bar is still open");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_staff_link_signs_in_and_it_asks_for_a_name() {
    let server = TestServer::open().await;
    let browser = server.phone().await;
    for path in ["/staff/", "/staff/0123456789abcdef0123456789abcdef", "/staff/x"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
        assert_eq!(browser.post(path, &[("name", "Eve")]).await.status, 404, "{path}");
    }
    let form = browser.get(&server.staff_path()).await;
    assert_eq!(form.status, 200);
    assert!(form.text().contains("method=\"post\"") && form.text().contains("name=\"name\""));
    for name in ["", "   ", &"x".repeat(40)] {
        assert_eq!(browser.post(&server.staff_path(), &[("name", name)]).await.status, 400, "{name:?}");
    }
    assert_eq!(browser.command("claim_order", "x").await.status, 403);
    let signed_in = browser.post(&server.staff_path(), &[("name", "Ana")]).await;
    assert_eq!((signed_in.status, &signed_in.headers["location"]), (303, &"/barista".parse().unwrap()));
    assert_eq!(browser.command("claim_order", "x").await.status, 404, "now the refusal is about the order");
    assert_eq!(browser.get("/barista").await.status, 200);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_and_connections_from_other_sites_are_refused() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let elsewhere = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let answer = phone.post_raw("/api/start_order", b"key=k".to_vec(), &elsewhere).await;
    assert_eq!(answer.status, 403);
    for origin in [Some("https://evil.example"), Some("null"), None] {
        assert_eq!(phone.connect(origin).await.err(), Some(403), "{origin:?}");
    }
    assert_eq!(server.records().executions("RUNNING").await, 0);
    server.running.shutdown().await;
}

/// Scripts get a code; a browser without scripts gets a sentence in its language.
#[tokio::test(flavor = "multi_thread")]
async fn no_english_sentence_is_sent_to_a_guest_who_reads_another_language() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let german = ("accept-language", "de");
    let big = || vec![b'x'; 1 << 20];
    let elsewhere = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let from_elsewhere = [&elsewhere[..], &[german]].concat();
    let from_a_form = [&from_elsewhere[..], &[("accept", "text/html")]].concat();
    let codes = [
        (phone.post_raw("/api/start_order", Vec::new(), &[german]).await, 400, "outOfDate"),
        (phone.post_raw("/api/submit_order", b"drink=Latte".to_vec(), &[german]).await, 400, "outOfDate"),
        (phone.post_raw("/api/cancel_order", Vec::new(), &[german]).await, 400, "whichOrder"),
        (phone.post_raw("/api/start_order", big(), &[german]).await, 413, "tooLarge"),
        (phone.post_raw("/api/start_order", b"key=k".to_vec(), &from_elsewhere).await, 403, "otherPage"),
        (tablet.post("/api/set_sold_out", &[("drink", "Ketchup"), ("gone", "true")]).await, 400, "notOnTheMenu"),
        (tablet.post("/api/walk_in_order", &[("key", "?"), ("drink", "Latte")]).await, 400, "outOfDate"),
    ];
    for (answer, status, code) in codes {
        let expected = serde_json::json!({"error": "invalid", "detail": code});
        assert_eq!((answer.status, answer.json()), (status, expected));
    }
    let answer = phone.post_raw("/api/start_order", b"key=k".to_vec(), &from_a_form).await;
    assert_eq!((answer.status, answer.text().contains("von einer anderen Seite")), (403, true), "{}", answer.text());
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_barista_and_not_the_tablet() {
    let server = TestServer::open().await;
    let (phone, tablet, other) = (server.phone().await, server.tablet("Ana").await, server.tablet("Ben").await);
    let order = choosing(&server, &phone).await;
    phone.submit(&order, "Latte").await.ok();
    phone.live(&[&format!("order/{order}")]).await.order(&order, |view| view.number.is_some()).await;
    tablet.command("claim_order", &order).await.ok();
    let being_made = phone.command("cancel_order", &order).await;
    let reason = [("order", order.as_str()), ("reason", "closing")];
    tablet.post("/api/cancel_at_bar", &reason).await.ok();
    let ended = [phone.command("cancel_order", &order).await, other.command("claim_order", &order).await];
    assert_eq!(being_made.json()["detail"]["barista"], "Ana");
    for answer in [&being_made, &ended[0], &ended[1]] {
        assert_eq!(answer.status, 409);
        assert!(!answer.text().contains('~'), "{}", answer.text());
    }
    assert_eq!(ended[0].json()["detail"]["barista"], "Ana");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_before_submit_is_refused() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let order = choosing(&server, &phone).await;
    for command in ["claim_order", "complete_order", "hand_over_order"] {
        let answer = tablet.command(command, &order).await;
        assert_eq!(answer.status, 409, "{command}: {}", answer.text());
    }
    assert_eq!(server.records().text(&order, "awaiting").await, "CUSTOMER");
    phone.submit(&order, "Latte").await.ok();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_has_one_order_under_way_until_it_is_cancelled() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = choosing(&server, &phone).await;
    phone.submit(&order, "Latte").await.ok();
    phone.live(&[&format!("order/{order}")]).await.order(&order, |view| view.number.is_some()).await;
    let second = phone.post("/api/submit_order", &[("key", "l"), ("drink", "Mocha")]).await;
    assert_eq!(second.status, 409);
    assert!(second.text().contains("oneAtATime"), "{}", second.text());
    phone.command("cancel_order", &order).await.ok();
    assert_ne!(phone.start("m").await, order);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_frame_ends_the_connection() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    for text in ["what?".to_owned(), "{}".to_owned(), "x".repeat(20_000)] {
        let mut live = phone.live(&["board"]).await;
        live.send_text(text).await;
        assert_eq!(live.next().await, None);
    }
    server.running.shutdown().await;
}

/// Reasons and names are shown to others: invisible and direction-changing characters are removed.
#[tokio::test(flavor = "multi_thread")]
async fn invisible_characters_are_removed_from_input() {
    let server = TestServer::open().await;
    let tablet = server.phone().await;
    for name in ["\u{200b}\u{200d}", "\u{202e}", "\u{1b}"] {
        assert_eq!(tablet.post(&server.staff_path(), &[("name", name)]).await.status, 400, "{name:?}");
    }
    tablet.post(&server.staff_path(), &[("name", "\u{202e}A\u{1b}na\u{200b}")]).await;
    let bar_page = tablet.get("/barista").await.text();
    assert!(bar_page.contains(">Ana<") && !bar_page.contains(['\u{202e}', '\u{1b}', '\u{200b}']));

    let pause = |reason: &'static str| {
        let tablet = tablet.clone();
        async move { tablet.post("/api/set_shop_state", &[("state", "paused"), ("reason", reason)]).await }
    };
    assert_eq!(pause("\u{202e}\u{200b}").await.json()["detail"], "reasonMissing");
    pause("\u{1b}[2J\u{202e}Back\u{2066} soon\n").await.ok();
    let mut phone = server.phone().await.live(&["shop"]).await;
    let paused = domain::ShopState::Paused { reason: "[2JBack soon".into(), until: None };
    phone.shop(|shop| shop.state == paused).await;
    tablet.post("/api/set_shop_state", &[("state", "open")]).await.ok();

    let guest = server.phone().await;
    let order = choosing(&server, &guest).await;
    guest.submit(&order, "Latte").await.ok();
    let mut live = guest.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.number.is_some()).await;
    let cancel = [("order", order.as_str()), ("reason", "No\u{202e} milk\u{200b}")];
    tablet.post("/api/cancel_at_bar", &cancel).await.ok();
    let by_bar = domain::view::Outcome::CancelledByBar { reason: "No milk".into() };
    live.order(&order, |view| view.stage == domain::view::Stage::Ended { outcome: by_bar.clone() }).await;
    server.running.shutdown().await;
}

/// A form without JavaScript redirects to its page, which shows the error once. No URL can make a page show a text.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_the_error_of_a_form_and_never_a_text_from_the_url() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let html = ("accept", "text/html");
    let page = format!("{}/?drink=Latte", server.running.url);
    let failed =
        phone.post_raw("/api/submit_order", b"key=k&drink=Milkshake".to_vec(), &[html, ("referer", &page)]).await;
    let location = failed.headers["location"].to_str().unwrap().to_owned();
    assert_eq!((failed.status, location.as_str()), (302, "/?drink=Latte"), "the URL has no text");
    let said = |text: &str| text.contains("There is no Milkshake on the menu");
    assert!(said(&phone.get_with("/?drink=Latte", &[html]).await.text()));
    assert!(!said(&phone.get_with("/?drink=Latte", &[html]).await.text()), "once");

    // What a server function would have written, made by somebody else.
    let lie = r#"{"error":"refused","detail":{"refusal":"paused","reason":"Pay at evil.example"}}"#;
    let lie = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE, lie);
    for path in
        ["/?__path=/api/submit_order&", "/?drink=Latte&__path=/api/submit_order&", "/barista?__path=/api/claim_order&"]
    {
        for reader in [&phone, &server.tablet("Ana").await] {
            let page = reader.get_with(&format!("{path}__err={lie}"), &[html]).await.text();
            let body = page.split_once("<body").unwrap().1;
            assert!(!body.contains("evil"), "{path}: {body}");
        }
    }
    server.running.shutdown().await;
}

/// Without a cookie the order could not be found again: nothing is started, and the page says why, without scripts,
/// too.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_cookies_is_told_so_and_starts_nothing() {
    let server = TestServer::open().await;
    for command in ["start_order", "submit_order", "cancel_order"] {
        let form = [("key", "k"), ("drink", "Latte"), ("order", "x")];
        let answer = server.browser().post(&format!("/api/{command}"), &form).await;
        assert_eq!((answer.status, answer.json()), (403, serde_json::json!({"error": "cookiesBlocked"})), "{command}");
    }
    let page = format!("{}/?drink=Latte", server.running.url);
    let form = [("accept", "text/html"), ("referer", &*page)];
    let sent = server.browser().post_raw("/api/submit_order", b"key=k&drink=Latte".to_vec(), &form).await;
    let location = sent.headers["location"].to_str().unwrap().to_owned();
    assert_eq!((sent.status, location.as_str()), (302, "/?drink=Latte&no-cookies"));
    let said = |text: &str| text.split_once("<body").unwrap().1.contains("Allow cookies");
    assert!(said(&server.browser().get_with(&location, &[("accept", "text/html")]).await.text()));
    assert!(
        !said(&server.phone().await.get_with(&location, &[("accept", "text/html")]).await.text()),
        "cookies came back"
    );
    assert_eq!(server.records().executions("RUNNING").await, 0);

    let phone = server.browser();
    assert_eq!(phone.post("/api/start_order", &[("key", "k")]).await.status, 403);
    phone.post("/api/start_order", &[("key", "k")]).await.ok();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_form_redirects_to_a_page_of_this_server_that_says_why() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let form = b"order=nobody".to_vec();
    for (referrer, page) in [
        (Some("http://bar.example/?drink=Latte"), "/?drink=Latte"),
        (Some("http://evil.example/x"), "/x"),
        (Some("//evil.example/"), "/"),
        (Some("/\\evil.example"), "/"),
        (Some("javascript:alert(1)"), "/"),
        (None, "/"),
    ] {
        let referer = referrer.map(|referrer| ("referer", referrer));
        let headers: Vec<_> = [("accept", "text/html")].into_iter().chain(referer).collect();
        let answer = phone.post_raw("/api/cancel_order", form.clone(), &headers).await;
        assert_eq!((answer.status, answer.headers["location"].to_str().unwrap()), (302, page), "{referrer:?}");
        assert_eq!(answer.body, b"");
        let shown = phone.get_with(page, &[("accept", "text/html")]).await.text();
        if page != "/x" {
            assert!(shown.contains("role=\"alert\"") && shown.contains("find that order"), "{referrer:?} {shown}");
        }
    }
    let answer = tablet.post_raw("/api/claim_order", form, &[("accept", "text/html")]).await;
    assert_eq!(answer.headers["location"], "/barista");
    assert!(tablet.get_with("/barista", &[("accept", "text/html")]).await.text().contains("find that order"));
    let look =
        tablet.post_raw("/api/set_look", b"theme=dark".to_vec(), &[("accept", "text/html"), ("referer", "//evil")]);
    assert_eq!(look.await.headers["location"], "/barista");
    server.running.shutdown().await;
}
