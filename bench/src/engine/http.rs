//! A minimal HTTP/1.1 client. It shares the machine with the server under measurement, so it must cost little.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, Write as _};
use std::pin::Pin;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;

/// An AWS service: the prefix of its targets, the version of its JSON protocol, and its name in signatures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    prefix: &'static str,
    json: &'static str,
    signing: &'static str,
}

/// Step Functions.
pub(crate) const STATES: Service = Service { prefix: "AWSStepFunctions", json: "1.0", signing: "states" };
/// DynamoDB.
pub(crate) const TABLES: Service = Service { prefix: "DynamoDB_20120810", json: "1.0", signing: "dynamodb" };

/// A keep-alive connection. One request at a time.
#[derive(Debug)]
pub(crate) struct Connection {
    host: String,
    stream: Option<TcpStream>,
    /// The request.
    request: Vec<u8>,
    /// The response, as far as it is read.
    response: Vec<u8>,
}

impl Connection {
    /// A connection to `host`, written `address:port`; opened by the first request.
    pub(crate) fn new(host: &str) -> Self {
        Self { host: host.to_owned(), stream: None, request: Vec::new(), response: Vec::new() }
    }

    /// Calls an operation and returns the status and the body of the answer.
    ///
    /// # Errors
    /// The connection fails, or the response is not HTTP.
    pub(crate) async fn post(&mut self, service: Service, operation: &str, body: &str) -> anyhow::Result<(u16, &[u8])> {
        let Service { prefix, json, signing } = service;
        // No server checks the signature. One emulator reads the service from it.
        let head = format_args!(
            "Content-Type: application/x-amz-json-{json}\r\nX-Amz-Target: {prefix}.{operation}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/{signing}/aws4_request, \
             SignedHeaders=host, Signature=0\r\n"
        );
        self.send("/", head, body).await.with_context(|| operation.to_owned())
    }

    /// Posts JSON to a path outside the AWS API.
    ///
    /// # Errors
    /// As for [`Connection::post`].
    pub(crate) async fn post_to(&mut self, path: &str, body: &str) -> anyhow::Result<(u16, &[u8])> {
        self.send(path, format_args!("Content-Type: application/json\r\n"), body).await
    }

    /// Posts a form like the script of a page. Returns the status.
    ///
    /// # Errors
    /// As for [`Connection::post`].
    pub(crate) async fn post_form(&mut self, path: &str, cookie: &str, form: &str) -> anyhow::Result<u16> {
        let head = format_args!(
            "Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\nCookie: {cookie}\r\n"
        );
        // Boxed, because the future contains the read buffer.
        Ok(Box::pin(self.send(path, head, form)).await?.0)
    }

    async fn send(&mut self, path: &str, head: fmt::Arguments<'_>, body: &str) -> anyhow::Result<(u16, &[u8])> {
        self.request.clear();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{head}Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        )?;
        let answer = match self.exchange().await {
            // The server may close an idle connection just before it receives the request.
            Err(error) if self.response.is_empty() && is_closed(&error) => {
                self.stream = None;
                self.exchange().await
            }
            answer => answer,
        };
        let (status, from, to, keep) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.stream = None;
                return Err(error);
            }
        };
        if !keep {
            self.stream = None;
        }
        Ok((status, self.response.get(from..to).unwrap_or_default()))
    }

    /// Calls an operation that must succeed, and returns its answer.
    ///
    /// # Errors
    /// As for [`Connection::post`], and when the operation is refused.
    pub(crate) async fn call(&mut self, service: Service, operation: &str, body: &str) -> anyhow::Result<Value> {
        let (status, answer) = self.post(service, operation, body).await?;
        ensure!(status == 200, "{operation}: {status} {}", String::from_utf8_lossy(answer));
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(answer)
            .with_context(|| format!("{operation} answered no JSON: {}", String::from_utf8_lossy(answer)))
    }

    async fn exchange(&mut self) -> anyhow::Result<(u16, usize, usize, bool)> {
        self.response.clear();
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(&self.host).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        let mut written = 0;
        while let Some(rest) = self.request.get(written..).filter(|rest| !rest.is_empty()) {
            written += poll_fn(|cx| Pin::new(&mut *stream).poll_write(cx, rest)).await?;
        }
        loop {
            let mut space = [0; 8192];
            let mut buffer = ReadBuf::new(&mut space);
            poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut buffer)).await?;
            let closed = buffer.filled().is_empty();
            self.response.extend_from_slice(buffer.filled());
            if let Some(answer) = parse(&mut self.response, closed)? {
                return Ok(answer);
            }
            if closed {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }
}

fn is_closed(error: &anyhow::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof))
}

/// Status, start and end of the body, and whether the connection stays open; `None` until the response is complete. Joins
/// the chunks of a chunked body in place.
fn parse(read: &mut Vec<u8>, closed: bool) -> anyhow::Result<Option<(u16, usize, usize, bool)>> {
    let Some(head_end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let body = head_end + 4;
    let head = str::from_utf8(read.get(..head_end).unwrap_or_default())?;
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.split(' ').nth(1).context("an answer without a status")?.parse()?;
    let mut keep = first.starts_with("HTTP/1.1");
    let (mut length, mut chunked) = (None, false);
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { bail!("a header without a colon: {line}") };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse::<usize>()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            keep = !value.eq_ignore_ascii_case("close");
        }
    }
    if chunked {
        return Ok(join_chunks(read, body)?.map(|end| (status, body, end, keep)));
    }
    Ok(match length {
        Some(length) if read.len() >= body + length => Some((status, body, body + length, keep)),
        None if closed => Some((status, body, read.len(), false)),
        _ => None,
    })
}

fn join_chunks(read: &mut Vec<u8>, body: usize) -> anyhow::Result<Option<usize>> {
    let (mut at, mut joined) = (body, Vec::new());
    loop {
        let rest = read.get(at..).unwrap_or_default();
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = str::from_utf8(rest.get(..line).unwrap_or_default())?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        let from = at + line + 2;
        let Some(chunk) = read.get(from..from + size).filter(|_| read.len() >= from + size + 2) else {
            return Ok(None);
        };
        joined.extend_from_slice(chunk);
        at = from + size + 2;
        if size == 0 {
            read.truncate(body);
            read.append(&mut joined);
            return Ok(Some(read.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<(u16, String, bool)> {
        let mut read = text.as_bytes().to_vec();
        let (status, from, to, keep) = parse(&mut read, false).unwrap()?;
        Some((status, String::from_utf8(read[from..to].to_vec()).unwrap(), keep))
    }

    #[test]
    fn a_response_is_parsed_only_when_it_is_complete() {
        let plain = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let chunked = "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
                       3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n";
        for (text, expected) in [(plain, (200, "{}", true)), (chunked, (400, "[1,2]", false))] {
            for end in 0..text.len() {
                assert_eq!(whole(&text[..end]), None, "{end} bytes");
            }
            assert_eq!(whole(text), Some((expected.0, expected.1.to_owned(), expected.2)));
        }
    }
}
