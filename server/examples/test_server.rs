//! The whole server with a manual clock for orders and workflows, for the browser tests. `POST /advance?seconds=300` on
//! the control port advances it; connections use the clock of the machine.
//!
//! It takes the options of `doppio serve`, listens on free ports, has a public URL by default, and prints one line of
//! JSON: `{"site", "staff", "control", "aws"}`. `TEST_SERVER_TIME` sets the clock, in milliseconds since 1970, so that a
//! restart continues at the time at which the previous process stopped.

use std::{env, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{
    Router,
    extract::{Query, State},
    routing::post,
};
use clap::Parser;
use engine::clock::{Clock, ManualClock, SystemClock, SystemRng, Timestamp};
use serde::Deserialize;
use server::{
    Clocks,
    config::{Cli, Command, ServeConfig},
};
use tokio::{net::TcpListener, signal};

#[derive(Deserialize)]
struct Advance {
    seconds: u64,
}

async fn advance(State(clock): State<ManualClock>, Query(Advance { seconds }): Query<Advance>) -> String {
    clock.advance(Duration::from_secs(seconds));
    clock.now().to_string()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> anyhow::Result<()> {
    let config = config();
    server::start_log(&config.log);
    let at = env::var("TEST_SERVER_TIME").ok().map(|at| at.parse().map(Timestamp)).transpose();
    let clock = ManualClock::starting_at(
        at.context("TEST_SERVER_TIME is not a time in milliseconds")?.unwrap_or_else(|| SystemClock.now()),
    );
    let clocks = Clocks { orders: Arc::new(clock.clone()), connections: Clocks::system().connections };
    let running = server::serve(&config, clocks, Arc::new(SystemRng)).await?;
    let control = TcpListener::bind("127.0.0.1:0").await?;
    // Nothing listens at the public URL; the browsers of the tests use the address itself.
    let site = format!("http://{}", running.address);
    let staff = running.staff_link.replacen(&running.url, &site, 1);
    println!(
        "{}",
        serde_json::json!({
            "site": site,
            "staff": staff,
            "control": format!("http://{}", control.local_addr()?),
            "aws": running.aws_api.map(|address| format!("http://{address}")),
        })
    );
    let routes = Router::new().route("/advance", post(advance)).with_state(clock);
    axum::serve(control, routes).with_graceful_shutdown(stop_signal()).await?;
    running.shutdown().await;
    Ok(())
}

/// The options of `doppio serve`, with free ports by default.
fn config() -> ServeConfig {
    let given: Vec<String> = env::args().skip(1).collect();
    let mut arguments = vec!["test-server".to_owned(), "serve".to_owned()];
    // All guests of a test have one address, and the display shows a QR code only for an address that phones can reach.
    let defaults = [
        ("--listen", "127.0.0.1:0"),
        ("--aws-api", "127.0.0.1:0"),
        ("--starts-per-minute", "1000000"),
        ("--public-url", "http://coffee.example"),
    ];
    for (flag, default) in defaults {
        let is_it = |argument: &String| argument == flag || argument.starts_with(&format!("{flag}="));
        if !given.iter().any(is_it) {
            arguments.push(format!("{flag}={default}"));
        }
    }
    arguments.extend(given);
    let Command::Serve(config) = Cli::parse_from(arguments).command else {
        unreachable!("the first argument is serve")
    };
    config
}

/// Resolves at ctrl-c or SIGTERM.
async fn stop_signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = signal::ctrl_c() => {}
        }
        return;
    }
    let _ = signal::ctrl_c().await;
}
