//! What baristas do besides orders by phone: walk-ins, recalls, sold-out items.

use domain::view::{Column, Lane, Stage, Ticket};

use crate::kit::{Browser, Live, TestServer};

/// Submits an order for a latte. Returns it when it has a number.
async fn submit_latte(phone: &Browser, key: &str) -> (String, Live) {
    let order = phone.start(key).await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    (order, live)
}

fn is_up_next(ticket: &Ticket) -> bool {
    ticket.lane == Lane::UpNext
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collected_drink_can_be_recalled_and_its_waiting_time_continues() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let mut queue = tablet.live(&["queue"]).await;
    let mut display = server.browser().live(&["board"]).await;
    let (order, mut live) = submit_latte(&phone, "k").await;
    let since = queue.queue(|tickets| tickets.len() == 1).await[0].waiting_since;

    tablet.command("complete_order", &order).await.ok();
    server.advance(4);
    live.order(&order, |view| view.stage == Stage::Ready).await;
    tablet.command("hand_over_order", &order).await.ok();
    queue.queue(<[Ticket]>::is_empty).await;
    let past = tablet.post("/api/read_past", &[]).await.ok();
    assert_eq!((past[0]["id"].as_str(), past.as_array().unwrap().len()), (Some(order.as_str()), 1));
    server.advance(60);

    tablet.command("recall_order", &order).await.ok();
    let back = queue.queue(|tickets| tickets.len() == 1).await;
    assert!(matches!(back[0].lane, Lane::Making { .. }), "the barista who recalls it makes it: {:?}", back[0].lane);
    assert!(back[0].recalled);
    assert_eq!(back[0].waiting_since, since, "the waiting time starts with the order");
    display.board(|entries| entries.iter().any(|entry| entry.column == Column::Preparing)).await;
    live.order(&order, |view| view.stage == Stage::Making).await;

    tablet.command("complete_order", &order).await.ok();
    server.advance(4);
    live.order(&order, |view| view.stage == Stage::Ready).await;
    phone.command("collect_order", &order).await.ok();
    queue.queue(<[Ticket]>::is_empty).await;
    let past = tablet.post("/api/read_past", &[]).await.ok();
    assert_eq!(past.as_array().unwrap().len(), 1, "a recalled order is still one order");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_finished_orders_can_be_recalled_and_only_by_baristas() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let (order, mut live) = submit_latte(&phone, "k").await;
    let early = tablet.command("recall_order", &order).await;
    assert_eq!(early.status, 409, "{}", early.text());
    assert_eq!(phone.command("recall_order", &order).await.status, 403);
    phone.command("cancel_order", &order).await.ok();
    live.order(&order, |view| matches!(view.stage, Stage::Ended { .. })).await;
    let cancelled = tablet.command("recall_order", &order).await;
    assert_eq!(cancelled.status, 409, "{}", cancelled.text());
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_in_joins_the_queue_with_its_own_number() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let mut queue = tablet.live(&["queue"]).await;
    let mut display = server.browser().live(&["board"]).await;
    let (by_phone, mut live) = submit_latte(&phone, "k").await;

    let form = [("key", "w1"), ("drink", "Flat White"), ("milk", "Oat milk"), ("modifiers[0]", "Large")];
    let (one, same) = tokio::join!(tablet.post("/api/walk_in_order", &form), tablet.post("/api/walk_in_order", &form));
    let (one, same) = (one.ok(), same.ok());
    assert_eq!((&one["number"], &one["id"]), (&2.into(), &same["id"]), "the same key twice is one order");
    let tickets = queue.queue(|tickets| tickets.len() == 2).await;
    assert_eq!(tickets.iter().map(|ticket| ticket.walk_in).collect::<Vec<_>>(), [false, true]);
    assert!(tickets.iter().all(is_up_next));
    let drink = tickets[1].drink.as_ref().unwrap();
    assert!(["Oat milk", "Large"].iter().all(|each| drink.special.iter().any(|special| special == each)), "{drink:?}");
    display.board(|entries| entries.len() == 2).await;

    let walk_in = one["id"].as_str().unwrap();
    tablet.command("complete_order", walk_in).await.ok();
    server.advance(4);
    display.board(|entries| entries.iter().any(|entry| entry.number.0 == 2 && entry.column == Column::Ready)).await;
    tablet.command("hand_over_order", walk_in).await.ok();
    queue.queue(|tickets| tickets.len() == 1).await;
    assert_eq!(server.records().text(walk_in, "ORDERSTATE").await, "COLLECTED");
    assert_eq!(live.order(&by_phone, |view| view.number.is_some()).await.stage, Stage::Waiting);
    assert_eq!(phone.post("/api/walk_in_order", &form).await.status, 403, "guests order on their own page");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_in_for_a_sold_out_drink_is_refused() {
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    tablet.post("/api/set_sold_out", &[("drink", "Mocha"), ("gone", "true")]).await.ok();
    for (drink, why) in [("Milkshake", "unknownDrink"), ("Mocha", "drinkSoldOut")] {
        let answer = tablet.post("/api/walk_in_order", &[("key", drink), ("drink", drink)]).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains(why), "{}", answer.text());
    }
    assert_eq!(server.records().executions("RUNNING").await, 0);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sold_out_item_is_shown_on_every_menu_and_refused_until_it_is_back() {
    let server = TestServer::open().await;
    let (tablet, phone) = (server.tablet("Ana").await, server.phone().await);
    let mut menu = phone.live(&["shop"]).await;
    let order = phone.start("k").await;
    phone.live(&[&format!("order/{order}")]).await.order(&order, |view| view.choose_by.is_some()).await;
    let set = async |what: &str, name: &str, gone: &str| {
        tablet.post("/api/set_sold_out", &[(what, name), ("gone", gone)]).await
    };
    set("drink", "Latte", "true").await.ok();
    set("modifier", "Oat milk", "true").await.ok();
    let shop = menu.shop(|shop| shop.sold_out.has_modifier("Oat milk")).await;
    assert!(shop.sold_out.has_drink("Latte"));

    let oat = [("order", order.as_str()), ("drink", "Flat White"), ("choice[Milk]", "Oat milk")];
    for (form, why) in
        [(&[("order", order.as_str()), ("drink", "Latte")][..], "drinkSoldOut"), (&oat, "modifierSoldOut")]
    {
        let answer = phone.post("/api/submit_order", form).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains(why), "{}", answer.text());
    }
    assert_eq!(
        server.records().text(&order, "awaiting").await,
        "CUSTOMER",
        "the guest can still choose something else"
    );

    set("modifier", "Oat milk", "false").await.ok();
    menu.shop(|shop| !shop.sold_out.has_modifier("Oat milk")).await;
    phone.post("/api/submit_order", &oat).await.ok();
    assert_eq!(set("drink", "Milkshake", "true").await.status, 400, "only items on the menu can be sold out");
    assert_eq!(phone.post("/api/set_sold_out", &[("drink", "Tea"), ("gone", "true")]).await.status, 403);
    let restarted = server.reopen().await;
    let shop = restarted.browser().live(&["shop"]).await.shop(|_| true).await;
    assert!(shop.sold_out.has_drink("Latte"), "sold-out items survive a restart");
    restarted.running.shutdown().await;
}
