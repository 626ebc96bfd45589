//! The whole server with a clock that can be turned forward, for the browser tests: time passes as usual, and
//! `POST /advance?seconds=300` on the control port makes it jump. It prints one line of JSON:
//! `{"url", "staffLink", "control", "awsApi"}`. It takes the arguments of `doppio serve`.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Query, State},
    routing::post,
};
use clap::Parser;
use engine::clock::{BoxFuture, Clock, SystemClock, SystemRng, Timestamp};
use serde::Deserialize;
use server::config::{Cli, Command};
use tokio::{net::TcpListener, sync::watch};

/// The machine's clock, set forward by the control port.
#[derive(Debug, Clone)]
struct SetForward {
    by: Arc<watch::Sender<Duration>>,
}

impl Clock for SetForward {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.by.borrow()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'static, ()> {
        let mut by = self.by.subscribe();
        Box::pin(async move {
            loop {
                let ahead = i64::try_from(by.borrow_and_update().as_millis()).unwrap_or(i64::MAX);
                let on_the_machine = Timestamp(deadline.0.saturating_sub(ahead));
                tokio::select! {
                    () = SystemClock.sleep_until(on_the_machine) => return,
                    // The clock has been set; when it can never be set again, only the machine's counts.
                    changed = by.changed() => if changed.is_err() {
                        return SystemClock.sleep_until(on_the_machine).await;
                    }
                }
            }
        })
    }
}

#[derive(Deserialize)]
struct Advance {
    seconds: u64,
}

async fn advance(State(clock): State<SetForward>, Query(Advance { seconds }): Query<Advance>) -> String {
    clock.by.send_modify(|by| *by += Duration::from_secs(seconds));
    clock.now().to_string()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> anyhow::Result<()> {
    let Command::Serve(config) = Cli::parse().command;
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(&config.log))
        .with_writer(std::io::stderr)
        .init();
    let clock = SetForward { by: Arc::new(watch::Sender::new(Duration::ZERO)) };
    let running = server::serve(&config, Arc::new(clock.clone()), Arc::new(SystemRng)).await?;
    let control = TcpListener::bind("127.0.0.1:0").await?;
    println!(
        "{}",
        serde_json::json!({
            "url": running.url,
            "staffLink": running.staff_link,
            "control": format!("http://{}", control.local_addr()?),
            "awsApi": running.aws_api.map(|address| format!("http://{address}")),
        })
    );
    let stop = async {
        #[cfg(unix)]
        if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    };
    let routes = Router::new().route("/advance", post(advance)).with_state(clock);
    axum::serve(control, routes).with_graceful_shutdown(stop).await?;
    running.shutdown().await;
    Ok(())
}
