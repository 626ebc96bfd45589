//! The log of whole orders: each line has the id of its order, and none has a token. The test has a process of its own,
//! because a process has one log.

use domain::{
    TaskToken,
    view::{Outcome, Stage},
};

use crate::kit::{Browser, Live, Log, TIMEOUT, TestServer, in_own_process};

impl Log {
    /// Waits for lines with these texts, and checks that every line since the last call has the id of the order.
    /// Nothing else may happen meanwhile. Returns the lines.
    async fn lines_of(&self, order: &str, expected: &[&str]) -> String {
        let logged = self.until(order, expected).await;
        for line in ours(&logged) {
            let of_a_page = ["/live", "/", "/healthz"].iter().any(|path| line.contains(&format!("path=\"{path}\"")));
            assert!(line.contains(order) || of_a_page, "the line has no order id: {line}");
        }
        logged
    }

    /// Waits for lines that contain these texts and the id of the order. Returns all lines since the last call.
    async fn until(&self, order: &str, expected: &[&str]) -> String {
        let mut logged = self.take();
        let has = |logged: &str, words: &str| ours(logged).any(|line| line.contains(words) && line.contains(order));
        let all = async {
            while !expected.iter().all(|words| has(&logged, words)) {
                tokio::task::yield_now().await;
                logged += &self.take();
            }
        };
        if tokio::time::timeout(TIMEOUT, all).await.is_err() {
            panic!("not all of {expected:?} in\n{logged}");
        }
        logged
    }
}

/// The lines of our own code.
fn ours(log: &str) -> impl Iterator<Item = &str> {
    let target = |line: &&str| [" server::", " doppio_app::", " app::", " engine::"].iter().any(|it| line.contains(it));
    log.lines().filter(target)
}

struct Life {
    phone: Browser,
    order: String,
    live: Live,
}

async fn begin(server: &TestServer) -> Life {
    let phone = server.phone().await;
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    Life { phone, order, live }
}

impl Life {
    async fn wait(&mut self) {
        self.phone.submit(&self.order, "Latte").await.ok();
        self.live.order(&self.order, |view| view.number.is_some()).await;
    }

    async fn until(&mut self, stage: impl Fn(&Stage) -> bool) {
        self.live.order(&self.order, |view| stage(&view.stage)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_about_an_order_has_its_id_and_no_line_has_a_token() {
    if !in_own_process("log::every_line_about_an_order_has_its_id_and_no_line_has_a_token") {
        return;
    }
    let log = Log::start("trace");
    let server = TestServer::open().await;
    let tablet = server.tablet("Ana").await;
    let mut everything = log.take();
    let mut made = begin(&server).await;
    made.wait().await;
    for command in ["claim_order", "complete_order", "undo_complete", "complete_order"] {
        tablet.command(command, &made.order).await.ok();
    }
    server.advance(4);
    made.until(|stage| *stage == Stage::Ready).await;
    made.phone.command("collect_order", &made.order).await.ok();
    made.until(|stage| *stage == Stage::Ended { outcome: Outcome::Collected }).await;
    // The choice is sent a second time, too late.
    assert_eq!(made.phone.submit(&made.order, "Mocha").await.status, 409);
    let expected = ["Finished", "token sent back", "a task is answered", r#"path="/api/claim_order""#, "answered"];
    everything += &log.lines_of(&made.order, &expected).await;

    let mut cancelled = begin(&server).await;
    cancelled.wait().await;
    cancelled.phone.command("cancel_order", &cancelled.order).await.ok();
    cancelled.until(|stage| *stage == Stage::Ended { outcome: Outcome::CancelledByYou }).await;
    everything += &log
        .lines_of(&cancelled.order, &["token sent back", "CancelledByCustomer", r#"path="/api/cancel_order""#])
        .await;

    let mut late = begin(&server).await;
    server.advance(300);
    late.until(|stage| matches!(stage, Stage::Ended { outcome: Outcome::TimedOut { .. } })).await;
    assert_eq!(late.phone.submit(&late.order, "Latte").await.status, 409);
    everything += &log.lines_of(&late.order, &["TimedOut"]).await;

    // An order whose workflow was stopped: upkeep sends a token that is not valid any more.
    let mut stopped = begin(&server).await;
    let records = server.records();
    let machines = records.workflows.list_state_machines().send().await.unwrap();
    let running = records.workflows.list_executions().status_filter("RUNNING".into());
    let running = running.state_machine_arn(machines.state_machines()[0].state_machine_arn()).send().await.unwrap();
    records.workflows.stop_execution().execution_arn(running.executions()[0].execution_arn()).send().await.unwrap();
    server.advance(300);
    server.advance(60);
    stopped.until(|stage| matches!(stage, Stage::Ended { outcome: Outcome::TimedOut { .. } })).await;
    everything += &log.lines_of(&stopped.order, &["a spent task token was sent", "the step had ended before"]).await;

    // If recording an event fails, both the handler and the engine log it.
    let unlucky = begin(&server).await.order;
    server.records().delete_orders().await;
    server.advance(300);
    everything += &log.until(&unlucky, &["an event could not be recorded", "a delivery failed"]).await;
    let tokens = server.records().tokens().await;
    server.running.shutdown().await;
    everything += &log.take();
    assert_eq!(tokens.len(), 7, "both tokens of two orders, the first token of the others");
    for token in tokens {
        assert!(
            everything.contains(&TaskToken::new(token.as_str()).fingerprint()),
            "the fingerprint of the token is logged"
        );
        let line = everything.lines().find(|line| line.contains(&token));
        assert_eq!(line, None);
        // Nor a part of it.
        let part = &token[token.len() / 2..token.len() / 2 + 32];
        assert!(!everything.contains(part), "{part}");
    }
}
