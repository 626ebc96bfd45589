//! Crashes and restarts of the server.

use domain::{
    live::ServerFrame,
    view::{Lane, Stage},
};

use crate::kit::{Browser, Process, TestServer, Transcript, write_site};

#[tokio::test(flavor = "multi_thread")]
async fn after_a_sigkill_both_orders_can_be_finished_and_numbers_continue() {
    let folder = tempfile::tempdir().unwrap();
    write_site(folder.path());
    let process = Process::start(folder.path());
    let browser = || Browser::new(process.address, Transcript::default());
    let (choosing, waiting, tablet) = (browser(), browser(), browser());
    tablet.post(&process.staff_path, &[("name", "Ana")]).await;
    let first = choosing.start("k").await;
    choosing.live(&[&format!("order/{first}")]).await.order(&first, |view| view.choose_by.is_some()).await;
    let second = waiting.start("k").await;
    waiting.submit(&second, "Mocha").await.ok();
    waiting.live(&[&format!("order/{second}")]).await.order(&second, |view| view.number.is_some()).await;
    let old_link = process.staff_path.clone();
    process.kill();

    let process = Process::start(folder.path());
    assert_eq!(process.staff_path, old_link);
    let at = process.address;
    let (choosing, waiting, tablet) = (choosing.at(at), waiting.at(at), tablet.at(at));
    choosing.submit(&first, "Latte").await.ok();
    let mut live = choosing.live(&[&format!("order/{first}")]).await;
    assert_eq!(live.order(&first, |view| view.number.is_some()).await.number.unwrap().0, 2, "numbers continue");
    let mut queue = tablet.live(&["queue"]).await;
    assert_eq!(queue.queue(|tickets| tickets.len() == 2).await[0].id.as_str(), second);
    for order in [&first, &second] {
        tablet.command("complete_order", order).await.ok();
    }
    queue.queue(|tickets| tickets.iter().all(|ticket| matches!(ticket.lane, Lane::HandOver { .. }))).await;
    choosing.command("collect_order", &first).await.ok();
    waiting.command("collect_order", &second).await.ok();
    queue.queue(<[_]>::is_empty).await;
    process.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_task_token_is_in_the_log_however_much_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    write_site(folder.path());
    let process = Process::start(folder.path());
    let phone = Browser::new(process.address, Transcript::default());
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    let first = process.token(&order).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    let second = process.token(&order).await;
    phone.command("cancel_order", &order).await.ok();
    let secret = process.staff_path.rsplit('/').next().unwrap().to_owned();
    process.kill();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for token in [first, second] {
        assert!(
            log.contains(&domain::TaskToken::new(token.as_str()).fingerprint()),
            "the log has the fingerprint of the token"
        );
        let line = log.lines().find(|line| line.contains(&token));
        assert_eq!(line, None);
    }
    assert!(!log.contains(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_sends_bye_and_a_restart_shows_the_same() {
    let server = TestServer::open().await;
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let topic = format!("order/{order}");
    let mut live = phone.live(&[&topic]).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;
    let position = live.replica(&topic).position();
    let state = live.replica(&topic).state().clone();

    // While the server runs, a new connection resumes where the old one was.
    let mut again = phone.connect(Some(&server.running.url)).await.unwrap();
    again.resume(&topic, state.clone(), position).await;
    assert!(matches!(again.next_answer().await, Some(ServerFrame::Resumed { .. })));

    let server = server.reopen().await;
    let mut last = None;
    while let Some(frame) = live.next().await {
        last = Some(frame);
    }
    assert!(matches!(last, Some(ServerFrame::Bye { retry_in_ms: 0..5_000 })), "{last:?}");
    let phone = phone.at(server.running.address);
    let mut back = phone.connect(Some(&server.running.url)).await.unwrap();
    back.resume(&topic, state, position).await;
    let Some(ServerFrame::Snapshot { .. }) = back.next_answer().await else {
        panic!("a new instance starts with a snapshot")
    };
    back.order(&order, |view| view.stage == Stage::Waiting && view.ahead == Some(0)).await;
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drink_whose_four_seconds_ended_while_the_server_was_down_becomes_ready_at_start() {
    let server = TestServer::open().await;
    let (phone, tablet) = (server.phone().await, server.tablet("Ana").await);
    let order = phone.start("k").await;
    let topic = format!("order/{order}");
    phone.submit(&order, "Latte").await.ok();
    phone.live(&[&topic]).await.order(&order, |view| view.number.is_some()).await;
    tablet.command("complete_order", &order).await.ok();
    let clock = server.clock.clone();
    server.running.shutdown().await;
    clock.advance(std::time::Duration::from_secs(30));
    let running = server::serve(
        &crate::kit::config(server.folder.path()),
        server::Clocks::single(std::sync::Arc::new(clock)),
        std::sync::Arc::new(engine::clock::SystemRng),
    )
    .await
    .unwrap();
    let mut live = phone.at(running.address).live(&[&topic]).await;
    live.order(&order, |view| view.stage == Stage::Ready).await;
    running.shutdown().await;
}
