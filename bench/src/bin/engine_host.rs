//! The engine alone on a loopback socket: what `cargo xtask bench engine` measures.
//!
//! `engine-host <folder>` prints its address when it listens. It answers each line on standard input with its
//! statistics in JSON, and ends when standard input does.

use std::io::{Write as _, stdin, stdout};
use std::path::PathBuf;

use anyhow::Context as _;
use engine::{Engine, Options};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// One, since the store has threads of its own. A second one takes a sixth more processor time on two cores: the two
/// keep waking each other.
const THREADS: usize = 1;

fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("name the folder for the data")?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(serve(folder))
}

async fn serve(folder: PathBuf) -> anyhow::Result<()> {
    let engine = Engine::open(Options { path: Some(folder.join("engine.db")), ..Options::default() })?;
    engine.start();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&listener.local_addr()?.to_string())?;
    let (end, ended) = oneshot::channel::<()>();
    let asked = engine.clone();
    let asking = tokio::task::spawn_blocking(move || {
        for line in stdin().lines() {
            line?;
            let counted = asked.statistics();
            say(&serde_json::json!({ "commits": counted.commits, "jobs": counted.jobs }).to_string())?;
        }
        // The server has gone only when it failed, which it says itself.
        let _ = end.send(());
        Ok::<(), std::io::Error>(())
    });
    let stop = async {
        // An error is the same: nobody can ask it to end any more.
        let _ = ended.await;
    };
    axum::serve(listener, engine.router()).with_graceful_shutdown(stop).await?;
    asking.await??;
    engine.shutdown().await;
    Ok(())
}

fn say(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
