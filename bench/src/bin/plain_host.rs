//! The baseline behind HTTP: a server that gives fixed answers to the calls of one order.
//!
//! `plain-host <folder> <bytes>` reads no body and no table. A call that writes stores that many bytes in one durable
//! transaction, together with all other waiting calls, and is answered after the commit. Any other call is answered at
//! once. All answers have the size of the engine's. No server with the same HTTP library, the same store and the same
//! durability can cost less. It prints its address when it listens, answers each line on standard input with its statistics
//! in JSON, and ends when standard input ends.

use std::io::{Write as _, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;

use anyhow::Context as _;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// As in `engine-host`.
const THREADS: usize = 1;
/// The most calls in one commit, as in the engine.
const MAX_BATCH: usize = 256;
/// The engine's answers to the calls of one order.
const STARTED: &str = r#"{"executionArn":"arn:aws:states:us-east-1:000000000000:execution:Order:00000000000000000000000000000000","startDate":1790000000.001}"#;
const ITEM: &str = r#"{"Item":{"PK":{"S":"00000000000000000000000000000000"},"TaskToken":{"S":"AQAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},"step":{"S":"customer"}}}"#;
const DESCRIBED: &str = r#"{"executionArn":"arn:aws:states:us-east-1:000000000000:execution:Order:00000000000000000000000000000000","stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:Order","name":"00000000000000000000000000000000","status":"SUCCEEDED","startDate":1790000000.001,"stopDate":1790000000.021,"redriveCount":0,"inputDetails":{"included":true},"input":"{\"id\":\"00000000000000000000000000000000\"}","outputDetails":{"included":true},"output":"{\"id\":\"00000000000000000000000000000000\",\"order\":{\"number\":\"100000\"}}","redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven"}"#;

/// Notifies a call that its commit is done.
type Waiting = oneshot::Sender<()>;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().context("name the folder for the data")?);
    let bytes = arguments.next().context("say how many bytes a call writes")?;
    let bytes = bytes.to_string_lossy().parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(serve(&folder, bytes))
}

async fn serve(folder: &Path, bytes: usize) -> anyhow::Result<()> {
    let (calls, waiting) = channel();
    let commits = Arc::new(AtomicU64::new(0));
    let db = open(folder)?;
    let counter = Arc::clone(&commits);
    let writer = Builder::new().spawn(move || write(&db, bytes, &waiting, &counter))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    print_line(&listener.local_addr()?.to_string())?;
    let (end, ended) = oneshot::channel::<()>();
    let input = tokio::task::spawn_blocking(move || {
        for line in stdin().lines() {
            line?;
            print_line(&serde_json::json!({ "commits": commits.load(Ordering::Relaxed) }).to_string())?;
        }
        // The receiver is gone only when the server has failed, and then `serve` returns that error.
        let _ = end.send(());
        Ok::<(), std::io::Error>(())
    });
    let stop = async {
        // An error also means that the input has ended.
        let _ = ended.await;
    };
    let router = Router::new().route("/", post(answer)).with_state(calls);
    axum::serve(listener, router).with_graceful_shutdown(stop).await?;
    input.await??;
    match writer.join() {
        Ok(done) => done,
        Err(_) => anyhow::bail!("the writer panicked"),
    }
}

fn open(folder: &Path) -> anyhow::Result<Connection> {
    let db = Connection::open(folder.join("plain.db"))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch("CREATE TABLE plain (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")?;
    Ok(db)
}

/// Commits all waiting calls together and notifies them.
fn write(db: &Connection, bytes: usize, calls: &Receiver<Waiting>, commits: &AtomicU64) -> anyhow::Result<()> {
    let row = vec![b'x'; bytes * MAX_BATCH];
    while let Ok(first) = calls.recv() {
        let mut batch = vec![first];
        batch.extend(calls.try_iter().take(MAX_BATCH - 1));
        let row = row.get(..bytes * batch.len()).unwrap_or_default();
        db.prepare_cached("INSERT INTO plain (bytes) VALUES (?1)")?.execute([row])?;
        commits.fetch_add(1, Ordering::Relaxed);
        for call in batch {
            // The client may have disconnected.
            let _ = call.send(());
        }
    }
    Ok(())
}

async fn answer(State(calls): State<Sender<Waiting>>, request: Request) -> Response {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let (body, writes) = match target.split_once('.').map(|(_, operation)| operation) {
        Some("StartExecution") => (STARTED, true),
        Some("SendTaskSuccess") => ("{}", true),
        Some("GetItem") => (ITEM, false),
        Some("DescribeExecution") => (DESCRIBED, false),
        // The benchmark polls this until the server answers.
        Some("ListStateMachines") => ("{}", false),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if to_bytes(request.into_body(), 1 << 20).await.is_err() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    if writes {
        let (done, committed) = oneshot::channel();
        if calls.send(done).is_err() || committed.await.is_err() {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    }
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    headers.insert("x-amzn-requestid", HeaderValue::from_static("00000000-0000-0000-0000-000000000000"));
    response
}

fn print_line(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
