//! The engine alone on a loopback socket: the program that `cargo xtask bench engine` measures.
//!
//! `engine-host <folder>` prints its address when it listens. It answers each line on standard input with its
//! statistics in JSON, and ends when standard input does.

use std::io::{Write as _, stdin, stdout};
use std::path::PathBuf;

use anyhow::Context as _;
use engine::{Engine, Options};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// One, because the store has its own threads. With a second one the two wake each other, which costs a sixth more CPU
/// time on two cores.
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
    print_line(&listener.local_addr()?.to_string())?;
    let (end, ended) = oneshot::channel::<()>();
    let statistics_of = engine.clone();
    let input = tokio::task::spawn_blocking(move || {
        for line in stdin().lines() {
            line?;
            let counted = statistics_of.statistics();
            print_line(&serde_json::json!({ "commits": counted.commits, "jobs": counted.jobs }).to_string())?;
        }
        // The receiver is gone only when the server has failed, and then `serve` returns that error.
        let _ = end.send(());
        Ok::<(), std::io::Error>(())
    });
    let stop = async {
        // An error also means that the input has ended.
        let _ = ended.await;
    };
    axum::serve(listener, engine.router()).with_graceful_shutdown(stop).await?;
    input.await??;
    engine.shutdown().await;
    Ok(())
}

fn print_line(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
