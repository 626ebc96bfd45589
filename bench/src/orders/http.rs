//! A minimal HTTP/1.1 client: one connection, one request at a time.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `name=value` of each `Set-Cookie` header.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// It is not JSON.
    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("status {}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }
}

/// A keep-alive connection.
#[derive(Debug)]
pub(crate) struct Connection {
    host: String,
    stream: BufReader<TcpStream>,
    /// Number of answered requests.
    pub(crate) answered: u64,
}

impl Connection {
    /// Connects to `host`, written `address:port`.
    ///
    /// # Errors
    /// The connection is refused.
    pub(crate) fn open(host: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(host).with_context(|| format!("cannot connect to {host}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { host: host.to_owned(), stream: BufReader::new(stream), answered: 0 })
    }

    /// Posts a command as a form. `cookie` may be empty.
    ///
    /// # Errors
    /// The connection fails, or the response is not HTTP.
    pub(crate) fn post_form(&mut self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        let mut head = "Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n".to_owned();
        if !cookie.is_empty() {
            head.push_str(&format!("Cookie: {cookie}\r\n"));
        }
        self.post(path, &head, &body.join("&"))
    }

    /// Calls an AWS operation.
    ///
    /// # Errors
    /// The connection fails, or the response is not HTTP.
    pub(crate) fn post_aws(&mut self, target: &str, body: &Value) -> anyhow::Result<Answer> {
        let head = format!(
            "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: {target}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/eu-central-1/dynamodb/aws4_request\r\n"
        );
        self.post("/", &head, &body.to_string())
    }

    fn post(&mut self, path: &str, head: &str, body: &str) -> anyhow::Result<Answer> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{head}\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let answer = self.read().with_context(|| format!("POST {path}"))?;
        self.answered += 1;
        Ok(answer)
    }

    fn read(&mut self) -> anyhow::Result<Answer> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).context("an answer without a status")?.parse()?;
        let (mut length, mut chunked, mut cookies) = (0, false, Vec::new());
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse()?,
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                "set-cookie" => cookies.push(value.split(';').next().unwrap_or_default().to_owned()),
                _ => {}
            }
        }
        let body = if chunked { self.chunks()? } else { self.bytes(length)? };
        Ok(Answer { status, cookies, body })
    }

    fn chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(self.line()?.split(';').next().unwrap_or_default(), 16)?;
            body.extend(self.bytes(size)?);
            self.line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn bytes(&mut self, length: usize) -> anyhow::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }
}

/// Percent-encodes a form field.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn bodies_with_a_length_and_chunked_bodies_are_read_and_cookies_are_kept() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let server = thread::Builder::new().spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            for answer in [
                "HTTP/1.1 200 OK\r\nset-cookie: phone=1; Path=/\r\ncontent-length: 2\r\n\r\n{}",
                "HTTP/1.1 409 Conflict\r\ntransfer-encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n",
            ] {
                assert!(stream.read(&mut asked).unwrap() > 0);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        let mut connection = Connection::open(&host).unwrap();
        let first = connection.post_form("/api/y", "", &[]).unwrap();
        assert_eq!((first.status, first.cookies), (200, vec!["phone=1".to_owned()]));
        let second = connection.post_form("/api/x", "phone=1", &[("a", "b c")]).unwrap();
        assert_eq!((second.status, second.json().unwrap()), (409, serde_json::json!([1, 2])));
        server.unwrap().join().unwrap();
    }

    #[test]
    fn special_characters_in_a_form_field_are_encoded() {
        assert_eq!(escape("Flat white & ü"), "Flat%20white%20%26%20%C3%BC");
    }
}
