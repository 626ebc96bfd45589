//! The embedded cloud as a separate process with a manual clock. `cargo xtask seeds` uses it, so that the result does
//! not depend on the speed of the machine.
//!
//! `cargo run --package doppio-engine --example manual_clock_cloud -- <folder>`
//!
//! It prints the address of its AWS endpoint, then reads commands from standard input: `advance <seconds>` advances the
//! clock and prints `advanced`. At the end of standard input it shuts down. Apart from the clock the engine runs as in
//! the product, with its store in the folder.

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
                    println!("advanced");
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

/// Lines of standard input. A separate thread reads them, because that read cannot be cancelled.
#[expect(clippy::disallowed_methods, reason = "the read of a terminal ends with the process, so it cannot be joined")]
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
