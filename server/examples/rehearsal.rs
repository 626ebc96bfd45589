//! The whole server with a clock that is turned by hand, for the browser tests: orders and workflows stand still until
//! `POST /advance?seconds=300` on the control port, while connections live by the machine's clock.
//!
//! It takes the flags of `doppio serve`, listens on free ports and has a public URL unless told otherwise, and prints one
//! line of JSON: `{"site", "staff", "control", "aws"}`. With `REHEARSAL_AT`, in milliseconds since 1970, the clock stands
//! there at first: a rehearsal that starts again goes on at the time at which the last one stopped.

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
    let at = env::var("REHEARSAL_AT").ok().map(|at| at.parse().map(Timestamp)).transpose();
    let clock = ManualClock::starting_at(at.context("REHEARSAL_AT is no time")?.unwrap_or_else(|| SystemClock.now()));
    let clocks = Clocks { orders: Arc::new(clock.clone()), connections: Clocks::system().connections };
    let running = server::serve(&config, clocks, Arc::new(SystemRng)).await?;
    let control = TcpListener::bind("127.0.0.1:0").await?;
    // Under the public URL nothing listens; the browsers of the tests open the address itself.
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
    axum::serve(control, routes).with_graceful_shutdown(told_to_stop()).await?;
    running.shutdown().await;
    Ok(())
}

/// The flags of `doppio serve`, with free ports as the default.
fn config() -> ServeConfig {
    let given: Vec<String> = env::args().skip(1).collect();
    let mut arguments = vec!["rehearsal".to_owned(), "serve".to_owned()];
    // All guests of a test come from one address, and the display shows a code only for an address that phones reach.
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
async fn told_to_stop() {
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
