//! The two sides: the engine in this process, and dynoxide-rs in another.

use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use axum::{Router, body::Body};
use engine::{
    Engine, Options,
    clock::{ManualClock, Timestamp},
};
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::call::Call;

const NOW: Timestamp = Timestamp(1_780_000_000_000);

/// The engine, with its store in memory.
pub(crate) struct Ours {
    runtime: Runtime,
    router: Router,
}

impl Ours {
    pub(crate) fn open() -> Result<Self, Box<dyn Error>> {
        Ok(Self { runtime: Builder::new_current_thread().build()?, router: empty()? })
    }

    /// Starts again with an empty store.
    pub(crate) fn reset(&mut self) -> Result<(), Box<dyn Error>> {
        self.router = empty()?;
        Ok(())
    }

    /// Performs a call over the wire API.
    pub(crate) fn call(&self, call: &Call) -> Result<Value, Box<dyn Error>> {
        whole(call, |operation, request| self.runtime.block_on(self.send(operation, request)))
    }

    async fn send(&self, operation: &str, request: &Value) -> Result<Value, Box<dyn Error>> {
        let target = format!("DynamoDB_20120810.{operation}");
        let request = Request::post("/").header("x-amz-target", target).body(Body::from(request.to_string()))?;
        let response = self.router.clone().oneshot(request).await?;
        let succeeded = response.status().is_success();
        let body = response.into_body().collect().await?.to_bytes();
        let mut body: Map<String, Value> = serde_json::from_slice(&body)?;
        if succeeded {
            return Ok(json!({"ok": body}));
        }
        // The code without its namespace.
        if let Some(code) = body.get("__type").and_then(Value::as_str).and_then(|name| name.split('#').next_back()) {
            let code = json!(code);
            body.insert("__type".to_owned(), code);
        }
        Ok(json!({"error": body}))
    }
}

fn empty() -> Result<Router, Box<dyn Error>> {
    let options = Options { clock: Arc::new(ManualClock::starting_at(NOW)), ..Options::default() };
    Ok(Engine::open(options)?.router())
}

/// dynoxide-rs, over the pipe of the program in `engine/oracle/`.
pub(crate) struct Oracle {
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Builds and starts the program. It ends with its standard input.
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/Cargo.toml");
        let mut child = Command::new("cargo")
            .args(["run", "--quiet", "--locked", "--manifest-path", manifest])
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("the oracle has no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("the oracle has no output")?);
        Ok(Self { _child: child, input, output })
    }

    pub(crate) fn reset(&mut self) -> Result<(), Box<dyn Error>> {
        self.send("Reset", &Value::Null).map(drop)
    }

    pub(crate) fn call(&mut self, call: &Call) -> Result<Value, Box<dyn Error>> {
        whole(call, |operation, request| self.send(operation, request))
    }

    fn send(&mut self, operation: &str, request: &Value) -> Result<Value, Box<dyn Error>> {
        serde_json::to_writer(&mut self.input, &json!({"operation": operation, "request": request}))?;
        self.input.write_all(b"\n")?;
        self.input.flush()?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("the oracle has ended: see its message above".into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

/// Performs a call. Pages and segments are read to the end, because the order of partitions and their assignment to
/// segments may differ.
fn whole(
    call: &Call,
    mut send: impl FnMut(&str, &Value) -> Result<Value, Box<dyn Error>>,
) -> Result<Value, Box<dyn Error>> {
    if !call.all_pages {
        return send(call.operation, &call.request);
    }
    let (mut items, mut count, mut scanned) = (Vec::new(), 0, 0);
    for segment in 0..call.segments.unwrap_or(1) {
        let mut request = call.request.clone();
        if let Some(segments) = call.segments {
            request["Segment"] = json!(segment);
            request["TotalSegments"] = json!(segments);
        }
        if let Some(failure) = pages(call.operation, request, &mut send, &mut items, &mut count, &mut scanned)? {
            return Ok(failure);
        }
    }
    Ok(json!({"ok": {"Items": items, "Count": count, "ScannedCount": scanned}}))
}

/// Reads all pages; returns the response of a call that failed.
fn pages(
    operation: &str,
    mut request: Value,
    send: &mut impl FnMut(&str, &Value) -> Result<Value, Box<dyn Error>>,
    items: &mut Vec<Value>,
    count: &mut i64,
    scanned: &mut i64,
) -> Result<Option<Value>, Box<dyn Error>> {
    for _ in 0..1000 {
        let response = send(operation, &request)?;
        let Some(page) = response.get("ok") else { return Ok(Some(response)) };
        items.extend(page["Items"].as_array().cloned().unwrap_or_default());
        *count += page["Count"].as_i64().unwrap_or(-1);
        *scanned += page["ScannedCount"].as_i64().unwrap_or(-1);
        match page.get("LastEvaluatedKey") {
            Some(last) => request["ExclusiveStartKey"] = last.clone(),
            None => return Ok(None),
        }
    }
    Err(format!("a read has more than a thousand pages: {operation} {request}").into())
}
