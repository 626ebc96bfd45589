//! What each page contains as the server renders it, before any script has run.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod support;

use app::error::CommandError;
use domain::{
    DrinkOrder, Ending, Language, Refusal, ShopState, Timestamp,
    order::Party,
    past_drinks::PastDrink,
    view::{Column, Lane, Outcome, Stage},
};
use support::{Page, TestPages};

#[tokio::test]
async fn the_menu_links_every_available_drink() {
    let page = TestPages::open().get("/").await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for needed in
        ["<span>No queue</span>", r#"href="/?drink=Flat%20White""#, "Double shot, silky milk", "Mocha", "Sold out"]
    {
        assert!(text.contains(needed), "{needed} in {text}");
    }
    assert!(!page.html.contains(r#"href="/?drink=Mocha""#), "a sold-out drink has no link");
}

#[tokio::test]
async fn the_sheet_is_a_form_that_orders_without_javascript() {
    let page = TestPages::open().get("/?drink=Flat%20White").await;
    assert_eq!(page.text().matches(r#"action="/api/"#).count(), 1, "no past drinks for a new guest");
    for needed in [
        r#"action="/api/submit_order" method="post""#,
        r#"name="key" value="key-1""#,
        r#"name="drink" value="Flat White""#,
        r#"name="choice[Milk]" value="Oat milk""#,
        r#"name="extras[]" value="Vanilla""#,
        "Order flat white",
        "<legend>Milk</legend>",
    ] {
        assert!(page.text().contains(needed), "{needed} in {}", page.text());
    }
    let checked: Vec<_> =
        page.html.split("<input").filter(|tag| tag.split('>').next().unwrap().contains(" checked")).collect();
    assert_eq!(checked.len(), 2, "the default of each group is selected");
    assert!(checked[0].contains("Regular") && checked[1].contains("Whole milk"), "{checked:?}");
}

/// A flat white with oat milk that was ordered before.
fn past(available: bool) -> PastDrink {
    let drink = DrinkOrder {
        drink: "Flat White".into(),
        modifiers: vec!["Regular".into(), "Oat milk".into()],
        special: vec!["Oat milk".into()],
        icon: "flat-white".into(),
    };
    PastDrink { drink, available }
}

#[tokio::test]
async fn past_drinks_can_be_ordered_again() {
    let other = PastDrink { drink: DrinkOrder { special: vec!["Large".into()], ..past(true).drink }, available: true };
    let page = TestPages { past: vec![past(true), other], ..TestPages::open() }.get("/").await.text();
    let (usual, menu) = page.split_once("</form>").unwrap();
    for needed in
        ["Your usual", "Order oat flat white", r#"name="extras[]" value="Oat milk""#, r#"name="key" value="key-1""#]
    {
        assert!(usual.contains(needed), "{needed} in {usual}");
    }
    assert!(menu.contains(r#"href="/?drink=Flat%20White&amp;with=Large""#), "{menu}");
    let sheet = TestPages::open().get("/?drink=Flat%20White&with=Large%7COat%20milk%7CVanilla").await;
    let checked: Vec<_> =
        sheet.html.split("<input").filter(|tag| tag.split('>').next().unwrap().contains(" checked")).collect();
    assert_eq!(checked.len(), 3, "{checked:?}");
    for (tag, value) in checked.iter().zip(["Large", "Oat milk", "Vanilla"]) {
        assert!(tag.contains(value), "{tag}");
    }
    assert!(sheet.text().contains("Order large oat flat white with vanilla"), "{}", sheet.text());
}

#[tokio::test]
async fn an_unavailable_drink_is_not_offered_with_one_tap() {
    let mocha = PastDrink { drink: DrinkOrder { drink: "Mocha".into(), ..past(false).drink }, available: false };
    let page = TestPages { past: vec![mocha], ..TestPages::open() }.get("/").await;
    assert!(page.html.contains(r#"<section aria-labelledby="usual" hidden class="usual""#), "{}", page.html);
    assert!(page.text().contains("Ordered before"), "{}", page.text());
    let closed = TestPages { past: vec![past(true)], shop: ShopState::Closed, ..TestPages::open() }.get("/").await;
    assert!(closed.html.contains(r#"<section aria-labelledby="usual" hidden class="usual""#), "{}", closed.html);
}

#[tokio::test]
async fn a_second_scan_redirects_to_the_open_order() {
    for (stage, leads) in [
        (Stage::Choosing, false),
        (Stage::Waiting, true),
        (Stage::Ready, true),
        (Stage::Ended { outcome: Outcome::Collected }, false),
    ] {
        let page = TestPages::with_order(stage.clone()).get("/").await;
        let expected = if leads { (302, Some("/orders/order-1".to_owned())) } else { (200, None) };
        assert_eq!((page.status, page.location), expected, "{stage:?}");
    }
    let menu = TestPages::with_order(Stage::Waiting).get("/?menu").await;
    assert_eq!((menu.status, menu.html.contains(r#"href="/orders/order-1""#)), (200, true));
}

#[tokio::test]
async fn the_time_to_choose_can_be_extended_without_javascript() {
    let bar = TestPages::with_order(Stage::Choosing);
    let page = bar.get("/orders/order-1").await;
    let form = r#"<form action="/api/extend_order" method="post"><input type="hidden" name="order" value="order-1">"#;
    assert!(page.text().contains(form) && page.text().contains("kept for 5:00"), "{}", page.text());
    let answer = bar.post("/api/extend_order", "/orders/order-1", "order=order-1").await;
    assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/orders/order-1")));
    let late = TestPages {
        refusal: Some(Refusal::already_ended(&Ending::TimedOut { who: Party::Customer }).into()),
        ..TestPages::with_order(Stage::Ended { outcome: Outcome::TimedOut { who: Party::Customer } })
    };
    let answer = late.post("/api/extend_order", "/orders/order-1", "order=order-1").await;
    let page = late.get(answer.location.unwrap().trim_start_matches("http://bar.test")).await;
    assert!(page.text().contains("Time to choose ran out"), "{}", page.text());
}

#[tokio::test]
async fn a_form_without_javascript_redirects_to_the_order() {
    let bar = TestPages::open();
    let answer = bar
        .post(
            "/api/submit_order",
            "/?drink=Flat%20White",
            "key=key-1&drink=Flat+White&choice[Milk]=Oat+milk&extras[]=Vanilla",
        )
        .await;
    assert_eq!((answer.status, answer.location.as_deref()), (302, Some("/orders/order-1")));
    assert_eq!(*bar.submitted.lock().unwrap(), ["Flat White", "Oat milk", "Vanilla"]);
}

#[tokio::test]
async fn a_refused_form_redirects_to_its_page_with_the_error() {
    let bar = TestPages { refusal: Some(Refusal::Closed.into()), ..TestPages::open() };
    let answer = bar.post("/api/submit_order", "/?drink=Flat%20White", "key=k&drink=Flat+White").await;
    assert_eq!(answer.status, 302, "redirected instead of a bare 409");
    let location = answer.location.unwrap();
    let page = bar.get(location.trim_start_matches("http://bar.test")).await;
    assert!(page.html.contains("The bar is closed. Nothing has been ordered."), "{}", page.html);
    assert!(page.html.contains(r#"name="drink" value="Flat White""#), "the form is still open");
}

#[tokio::test]
async fn a_script_gets_the_status_instead() {
    let bar = TestPages { refusal: Some(Refusal::Closed.into()), ..TestPages::open() };
    assert_eq!(bar.call("/api/submit_order", "key=k&drink=Latte").await.status, 409);
    let bar = TestPages { refusal: Some(CommandError::Unavailable), ..TestPages::open() };
    assert_eq!(bar.call("/api/cancel_order", "order=order-1").await.status, 503);
}

#[tokio::test]
async fn every_stage_of_an_order_has_its_text_and_action() {
    let ended = |outcome| Stage::Ended { outcome };
    let stages = [
        (Stage::Submitted, "on its way to the bar", None),
        (Stage::Waiting, "3 orders before yours", Some("/api/cancel_order")),
        (Stage::Making, "A barista is making your latte", None),
        (Stage::Ready, "It&#x27;s ready!", Some("/api/collect_order")),
        (ended(Outcome::Collected), "Enjoy!", None),
        (ended(Outcome::Uncollected), "We missed each other", None),
        (ended(Outcome::CancelledByYou), "Nothing will be made", None),
        (ended(Outcome::CancelledByBar { reason: "The oat milk is out".into() }), "The oat milk is out", None),
        (ended(Outcome::TimedOut { who: Party::Customer }), "We ran out of time", None),
        (ended(Outcome::TimedOut { who: Party::Barista }), "we did not get to it", None),
        (ended(Outcome::Refused { reason: "full".into() }), "The queue is full", None),
    ];
    for (stage, words, action) in stages {
        let over = matches!(stage, Stage::Ended { .. });
        let page = TestPages::with_order(stage.clone()).get("/orders/order-1").await;
        assert!(page.text().contains(&words.replace("&#x27;", "'")), "{stage:?}: {words} in {}", page.text());
        match action {
            Some(action) => {
                let form = format!(
                    r#"<form action="{action}" method="post"><input type="hidden" name="order" value="order-1">"#
                );
                assert!(page.text().contains(&form), "{stage:?}: {}", page.text());
            }
            None => assert!(!page.html.contains(r#"action="/api/"#), "{stage:?} offers nothing to send"),
        }
        assert_eq!(
            page.html.contains(r#"http-equiv="refresh""#),
            !over,
            "{stage:?}: reloads itself until it has ended"
        );
        assert_eq!(page.html.contains("Order again"), over, "{stage:?}");
    }
}

#[tokio::test]
async fn another_customers_order_is_not_found() {
    let page = TestPages::open().get("/orders/another").await;
    assert_eq!(page.status, 404);
    assert!(
        page.text().contains("find that order on this phone") && page.html.contains("Go to the menu"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn the_bar_is_for_staff_only() {
    let bar = TestPages { staff: false, ..TestPages::with_tickets() };
    let page = bar.get("/barista").await;
    assert_eq!(page.status, 403);
    assert!(page.html.contains("Open the staff link"), "{}", page.html);
    assert!(!page.html.contains("Cortado"), "the page has no card");
    assert_eq!(bar.call("/api/read_bar", "").await.status, 403);
    assert_eq!(bar.call("/api/claim_order", "order=o1").await.status, 403);
}

#[tokio::test]
async fn every_card_has_its_main_action() {
    let page = TestPages::with_tickets().get("/barista").await;
    let text = page.text();
    let (_, up_next) = text.split_once(">Up next ").unwrap();
    let (up_next, making) = up_next.split_once(">Making ").unwrap();
    let (making, ready) = making.split_once("Ready to hand over").unwrap();
    let form = |action: &str, order: &str| {
        format!(r#"<form method="post" action="/api/{action}"><input type="hidden" name="order" value="{order}">"#)
    };
    assert!(up_next.contains(&form("claim_order", "o1")) && up_next.contains("Oat milk"), "{up_next}");
    assert!(up_next.contains("7:10") && up_next.contains(">late<"), "the age is text: {up_next}");
    assert!(up_next.contains(&form("cancel_at_bar", "o1")) && up_next.contains("We are closing."), "{up_next}");
    assert!(making.contains(&form("complete_order", "o2")) && making.contains("You are making it"), "{making}");
    assert!(making.contains("Ben is making it") && making.contains("Take over from Ben"), "{making}");
    assert!(ready.contains(&form("hand_over_order", "o4")), "{ready}");
    assert!(ready.contains("Cancelled by the guest. Do not make it."), "{ready}");
    assert!(ready.contains(&form("undo_complete", "o6")), "it can be undone: {ready}");
}

#[tokio::test]
async fn without_javascript_a_lost_race_names_the_winner() {
    let ben = domain::BaristaId::new("Ben", "t2").unwrap();
    let bar = TestPages { refusal: Some(Refusal::being_made(&ben).into()), ..TestPages::with_tickets() };
    let answer = bar.post("/api/claim_order", "/barista", "order=o1").await;
    let page = bar.get(answer.location.unwrap().trim_start_matches("http://bar.test")).await;
    assert!(page.html.contains("Ben is already making it"), "{}", page.html);
}

#[tokio::test]
async fn the_wall_shows_every_number_without_a_script() {
    let entries = [
        (41, Column::Preparing, -60_000),
        (42, Column::Preparing, -30_000),
        (40, Column::Ready, -20_000),
        (33, Column::Ready, -400_000),
    ];
    let page = TestPages::with_board(&entries).wall().await;
    let text = page.text();
    let (ready, preparing) = text.split_once(">Preparing").unwrap();
    let (preparing, not_collected) = preparing.split_once("Not collected").unwrap();
    assert!(ready.contains(">40<") && not_collected.contains(">33<"), "{text}");
    assert!(preparing.contains(">41<") && preparing.contains(">42<"), "{preparing}");
    assert!(page.html.contains(r#"http-equiv="refresh""#), "it keeps reloading");
}

#[tokio::test]
async fn the_wall_shows_the_state_of_the_bar_without_numbers() {
    let paused = ShopState::Paused { reason: "The grinder is being cleaned.".into(), until: None };
    for (state, words) in
        [(ShopState::Open, "Scan to order"), (paused, "The grinder is being cleaned."), (ShopState::Closed, "Closed")]
    {
        let page = TestPages { shop: state, ..TestPages::open() }.wall().await;
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
}

#[tokio::test]
async fn no_page_of_a_guest_contains_a_barista_id() {
    let bar = TestPages { board: vec![], ..TestPages::with_tickets() };
    for (path, page) in [
        ("/", bar.get("/").await),
        ("/display", bar.wall().await),
        ("/orders/order-1", bar.get("/orders/order-1").await),
    ] {
        assert!(!page.html.contains("Ana") && !page.html.contains("Ben") && !page.html.contains("phone-1"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let page = TestPages::open().get("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(page.html.contains("There is nothing here"));
}

#[tokio::test]
async fn an_unavailable_backend_gives_an_error_page() {
    let bar = TestPages { refusal: Some(CommandError::Unavailable), down: true, ..TestPages::open() };
    for path in ["/", "/barista"] {
        let page = bar.get(path).await;
        assert_eq!(page.status, 503, "{path}");
        assert!(page.html.contains("does not answer"), "{path}: {}", page.html);
    }
}

/// The lanes of the tickets in [`TestPages::with_tickets`], with the time of rendering.
fn lanes(now: Timestamp) -> Vec<(&'static str, &'static str, Lane)> {
    let (ana, ben) = (domain::BaristaId::new("Ana", "t1").unwrap(), domain::BaristaId::new("Ben", "t2").unwrap());
    vec![
        ("o1", "Latte", Lane::UpNext),
        ("o2", "Cortado", Lane::Making { barista: ana.clone() }),
        ("o3", "Espresso", Lane::Making { barista: ben }),
        ("o4", "Tea", Lane::HandOver { since: now }),
        ("o5", "Mocha", Lane::Ended { ending: Ending::CancelledByCustomer, at: now }),
        ("o6", "Americano", Lane::Finishing { barista: ana, ready_due: now.plus_millis(4_000) }),
    ]
}

/// The data of a page, if it has any.
fn seed(page: &Page) -> Option<serde_json::Value> {
    let (_, rest) = page.html.split_once(r#"id="seed""#)?;
    let (json, _) = rest.split_once('>').unwrap().1.split_once("</script>").unwrap();
    Some(serde_json::from_str(json).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_is_the_same_whether_its_data_is_delayed_or_not() {
    for language in Language::OFFERED {
        for (path, bar) in [
            ("/", TestPages { past: vec![past(true)], ..TestPages::with_order(Stage::Waiting) }),
            ("/?menu", TestPages { past: vec![past(true)], ..TestPages::with_order(Stage::Waiting) }),
            ("/?drink=Flat%20White", TestPages::open()),
            ("/orders/order-1", TestPages::with_order(Stage::Waiting)),
            ("/orders/order-1", TestPages::with_order(Stage::Choosing)),
            ("/barista", TestPages::with_tickets()),
            ("/barista", TestPages::open()),
        ] {
            let at_once = TestPages { language, ..bar.clone() }.get(path).await;
            let far = TestPages { language, far: true, ..bar };
            let mut elsewhere = tokio::task::JoinSet::new();
            elsewhere.spawn(async move { far.get(path).await });
            let later = elsewhere.join_next().await.unwrap().unwrap();
            // The document around it has another nonce each time.
            let body = |page: &Page| {
                let text = page.text();
                text.split_once("<body>").unwrap().1.split_once("</body>").unwrap().0.to_owned()
            };
            assert_eq!(body(&later), body(&at_once), "{language:?} {path}");
        }
    }
}

#[tokio::test]
async fn page_data_cannot_end_its_script_element() {
    let page = seed(&TestPages::with_order(Stage::Waiting).get("/orders/order-1").await).unwrap();
    assert_eq!(page[0], serde_json::Value::Null, "no error");
    assert_eq!(page[1]["order"]["state"]["is"]["drink"]["drink"], "Latte");
    let named = DrinkOrder { drink: "</script><b>".into(), ..past(true).drink };
    let page =
        TestPages { past: vec![PastDrink { drink: named, available: true }], ..TestPages::open() }.get("/").await;
    assert_eq!(seed(&page).unwrap()[1]["past"][0]["drink"]["drink"], "</script><b>");
}

#[tokio::test]
async fn an_error_page_has_no_data_and_reloads_itself() {
    let page = TestPages { refusal: Some(CommandError::Unavailable), down: true, ..TestPages::open() }.get("/").await;
    assert_eq!(seed(&page), None);
    assert!(page.html.contains(r#"data-refresh="8""#), "{}", page.html);
}

#[tokio::test]
async fn the_error_of_a_form_is_in_the_page_data() {
    let bar = TestPages { refusal: Some(Refusal::Closed.into()), ..TestPages::with_order(Stage::Waiting) };
    let answer = bar.post("/api/cancel_order", "/orders/order-1", "order=order-1").await;
    let page = bar.get(answer.location.unwrap().trim_start_matches("http://bar.test")).await;
    let refused = serde_json::json!({"path": "/api/cancel_order", "error": {"error": "refused", "detail": {"refusal": "closed"}}});
    assert_eq!(seed(&page).unwrap()[0], refused);
    assert!(page.text().contains("The bar is closed"), "{}", page.text());
}

#[tokio::test]
async fn topics_are_polled_with_a_form_body() {
    let bar = TestPages::with_order(Stage::Waiting);
    let answer = bar.call("/api/read_topics", "topics[]=shop&topics[]=order/order-1").await;
    let read: serde_json::Value = serde_json::from_str(&answer.html).unwrap();
    assert_eq!((&read[1][0]["topic"], &read[1][1]["topic"]), (&"shop".into(), &"order/order-1".into()));
}
