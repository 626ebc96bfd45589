//! The embedded cloud in a process of its own, with a clock that stands still until it is turned: `cargo xtask seeds`
//! runs on it, so that a slow machine finds the same as a quick one.
//!
//! `cargo run --package doppio-engine --example turned_cloud -- <folder>`
//!
//! It prints the address of its AWS endpoint, then obeys lines on standard input: `advance <seconds>` turns the clock
//! forward and answers `turned`. When standard input ends it shuts down. Everything else is the engine as the product
//! runs it, on one file in the folder.

use std::{env, error::Error, io::BufRead, path::PathBuf, sync::Arc, thread, time::Duration};

use engine::{
    Engine, Options,
    clock::{Clock, ManualClock, SystemClock},
};
use tokio::{net::TcpListener, sync::mpsc};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or("which folder?")?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(folder))
}

async fn run(folder: PathBuf) -> Result<(), Box<dyn Error>> {
    let clock = ManualClock::starting_at(SystemClock.now());
    let path = Some(folder.join("cloud.db"));
    let engine = Engine::open(Options { path, clock: Arc::new(clock.clone()), ..Options::default() })?;
    engine.start();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let mut lines = standard_input();
    let obey = async {
        while let Some(line) = lines.recv().await {
            match line.strip_prefix("advance ").map(str::parse) {
                Some(Ok(seconds)) => {
                    clock.advance(Duration::from_secs(seconds));
                    println!("turned");
                }
                _ => println!("not understood: {line}"),
            }
        }
    };
    tokio::select! {
        served = axum::serve(listener, engine.router()) => served?,
        () = obey => {}
    }
    engine.shutdown().await;
    Ok(())
}

/// Lines of standard input, read by a thread of their own because that read cannot be called off.
#[expect(clippy::disallowed_methods, reason = "the read of a terminal ends with the process, so nobody can join it")]
fn standard_input() -> mpsc::UnboundedReceiver<String> {
    let (give, take) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if give.send(line).is_err() {
                return;
            }
        }
    });
    take
}
