//! Two nodes on the same tables: clients of one see the changes of the other.

use domain::view::{Column, Lane, Outcome, Stage};

use crate::kit::{Process, write_site};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_on_one_node_and_a_tablet_on_another_see_the_same_orders() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_site(folder.path());
    write_site(other.path());
    let first = Process::start(folder.path());
    // Nodes accept each other's cookies if they have the same key.
    std::fs::copy(folder.path().join("cookie.key"), other.path().join("cookie.key")).unwrap();
    let second = Process::start_second_node(&first, other.path());
    assert_eq!(first.staff_path, second.staff_path);

    let (phone, tablet) = (first.browser(), second.browser());
    tablet.post(&second.staff_path, &[("name", "Ana")]).await;
    let (mut queue, mut display) = (tablet.live(&["queue"]).await, second.browser().live(&["board", "shop"]).await);
    let mut guests = first.browser().live(&["shop"]).await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    phone.submit(&order, "Latte").await.ok();
    let tickets = queue.queue(|tickets| tickets.len() == 1).await;
    assert_eq!(tickets[0].id.as_str(), order);
    display.board(|board| board.len() == 1 && board[0].column == Column::Preparing).await;

    tablet.command("claim_order", &order).await.ok();
    live.order(&order, |view| view.stage == Stage::Making).await;
    tablet.post("/api/set_sold_out", &[("drink", "Mocha"), ("gone", "true")]).await.ok();
    guests.shop(|shop| shop.sold_out.drinks.iter().any(|drink| drink == "Mocha")).await;

    // Both decide at the same time, each on its own node: one wins, and both clients see the same.
    let (cancelled, completed) =
        tokio::join!(phone.command("cancel_order", &order), tablet.command("complete_order", &order));
    assert!(cancelled.status == 200 || completed.status == 200, "{} {}", cancelled.text(), completed.text());
    let at_phone = live.order(&order, |view| matches!(view.stage, Stage::Ready | Stage::Ended { .. })).await;
    match at_phone.stage {
        Stage::Ready => {
            queue.queue(|tickets| matches!(tickets[0].lane, Lane::HandOver { .. })).await;
            display.board(|board| board[0].column == Column::Ready).await;
            // The guest on one node, the barista on the other.
            phone.command("collect_order", &order).await.ok();
            queue.queue(<[_]>::is_empty).await;
        }
        stage => {
            assert_eq!(stage, Stage::Ended { outcome: Outcome::CancelledByYou });
            queue.queue(|tickets| matches!(tickets[0].lane, Lane::Ended { .. })).await;
        }
    }
    display.board(<[_]>::is_empty).await;

    // A node without its tables is not ready.
    assert_eq!(second.browser().get("/readyz").await.text(), "ready");
    first.kill();
    let answer = second.browser().get("/readyz").await;
    assert!(answer.status == 503 || answer.text() == "ready", "{}", answer.text());
    while second.browser().get("/readyz").await.status == 200 {
        tokio::task::yield_now().await;
    }
    second.kill();
}
