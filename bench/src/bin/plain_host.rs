//! The floor behind HTTP: a server that answers the calls of a life and knows nothing of them.
//!
//! `plain-host <folder> <bytes>` reads no body and no table. A call that changes something writes that many bytes,
//! together with all that wait just then, in one durable transaction, and is answered after the commit; any other call
//! is answered at once. All answers are of the engine's size. What this takes no server can save that has the same HTTP
//! library, the same store, and keeps the same promise. It prints its address when it listens, answers each line on
//! standard input with its statistics in JSON, and ends when standard input does.

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

/// As `engine-host` has.
const THREADS: usize = 1;
/// Calls of one commit, as the engine takes.
const MAX_BATCH: usize = 256;
/// The engine's answers to a life of the benchmark.
const STARTED: &str = r#"{"executionArn":"arn:aws:states:us-east-1:000000000000:execution:Order:00000000000000000000000000000000","startDate":1790000000.001}"#;
const ITEM: &str = r#"{"Item":{"PK":{"S":"00000000000000000000000000000000"},"TaskToken":{"S":"AQAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},"step":{"S":"customer"}}}"#;
const DESCRIBED: &str = r#"{"executionArn":"arn:aws:states:us-east-1:000000000000:execution:Order:00000000000000000000000000000000","stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:Order","name":"00000000000000000000000000000000","status":"SUCCEEDED","startDate":1790000000.001,"stopDate":1790000000.021,"redriveCount":0,"inputDetails":{"included":true},"input":"{\"id\":\"00000000000000000000000000000000\"}","outputDetails":{"included":true},"output":"{\"id\":\"00000000000000000000000000000000\",\"order\":{\"number\":\"100000\"}}","redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven"}"#;

/// Whom to tell that the commit is done.
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
    say(&listener.local_addr()?.to_string())?;
    let (end, ended) = oneshot::channel::<()>();
    let asking = tokio::task::spawn_blocking(move || {
        for line in stdin().lines() {
            line?;
            say(&serde_json::json!({ "commits": commits.load(Ordering::Relaxed) }).to_string())?;
        }
        // The server has gone only when it failed, which it says itself.
        let _ = end.send(());
        Ok::<(), std::io::Error>(())
    });
    let stop = async {
        // An error is the same: nobody can ask it to end any more.
        let _ = ended.await;
    };
    let router = Router::new().route("/", post(answer)).with_state(calls);
    axum::serve(listener, router).with_graceful_shutdown(stop).await?;
    asking.await??;
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

/// Takes all that wait, writes for each of them, commits once, and tells them.
fn write(db: &Connection, bytes: usize, calls: &Receiver<Waiting>, commits: &AtomicU64) -> anyhow::Result<()> {
    let row = vec![b'x'; bytes * MAX_BATCH];
    while let Ok(first) = calls.recv() {
        let mut batch = vec![first];
        batch.extend(calls.try_iter().take(MAX_BATCH - 1));
        let row = row.get(..bytes * batch.len()).unwrap_or_default();
        db.prepare_cached("INSERT INTO plain (bytes) VALUES (?1)")?.execute([row])?;
        commits.fetch_add(1, Ordering::Relaxed);
        for call in batch {
            // A caller that went away does not want the answer.
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
        // What a server under measurement is asked until it answers.
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

fn say(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
