//! A minimal websocket client. Ten thousand of them share two cores with the server under measurement, so each does only
//! what the benchmark needs.

use std::io;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tokio::net::TcpStream;

use crate::clock::within;

/// An all-zero mask, which leaves the payload as it is.
const MASK: [u8; 4] = [0; 4];

/// Time-out for one message, also on a busy machine.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(20);

/// A frame from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame<'b> {
    Text(&'b [u8]),
    Ping(&'b [u8]),
    Close,
    Other,
}

/// One live connection.
#[derive(Debug)]
pub(crate) struct LiveConnection {
    stream: TcpStream,
    /// Received bytes that are not yet a whole frame.
    unparsed: Vec<u8>,
}

impl LiveConnection {
    /// Connects to `/live` like a page. `cookie` may be empty.
    ///
    /// # Errors
    /// The connection fails, is refused, or times out.
    pub(crate) async fn open(host: &str, cookie: &str) -> anyhow::Result<Self> {
        within(MESSAGE_TIMEOUT, "a connection", Self::connect(host, cookie)).await
    }

    async fn connect(host: &str, cookie: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        // A dropped connection is reset at once, like on a broken network, and leaves no port in TIME_WAIT.
        stream.set_zero_linger()?;
        let mut connection = Self { stream, unparsed: Vec::new() };
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        let request = format!(
            "GET /live HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{cookie}\r\n"
        );
        connection.write(request.as_bytes()).await?;
        loop {
            connection.read_some(&mut [0; 2048]).await?;
            let Some(end) = connection.unparsed.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            ensure!(
                connection.unparsed.starts_with(b"HTTP/1.1 101"),
                "the server refused the websocket: {}",
                String::from_utf8_lossy(connection.unparsed.get(..end).unwrap_or_default())
            );
            connection.unparsed.drain(..end + 4);
            return Ok(connection);
        }
    }

    /// Sends a text message.
    ///
    /// # Errors
    /// The connection is broken.
    pub(crate) async fn send_text(&self, text: &str) -> anyhow::Result<()> {
        self.send(0x1, text.as_bytes()).await
    }

    async fn send(&self, opcode: u8, payload: &[u8]) -> anyhow::Result<()> {
        let mut frame = vec![0x80 | opcode];
        match u16::try_from(payload.len()).context("the benchmark sends short messages only")? {
            short @ 0..=125 => frame.push(0x80 | u8::try_from(short)?),
            long => {
                frame.push(0x80 | 126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend_from_slice(payload);
        self.write(&frame).await
    }

    async fn write(&self, mut bytes: &[u8]) -> anyhow::Result<()> {
        while !bytes.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn read_some(&mut self, space: &mut [u8]) -> anyhow::Result<()> {
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(space) {
                Ok(0) => bail!("the server has closed the connection"),
                Ok(read) => {
                    self.unparsed.extend_from_slice(space.get(..read).unwrap_or_default());
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads once and passes each text message to `take`. Answers pings.
    ///
    /// # Errors
    /// The connection has ended.
    pub(crate) async fn receive(&mut self, mut take: impl FnMut(&[u8])) -> anyhow::Result<()> {
        self.read_some(&mut [0; 2048]).await?;
        let mut at = 0;
        let mut pong = None;
        while let Some((frame, length)) = parse(self.unparsed.get(at..).unwrap_or_default()) {
            match frame {
                Frame::Text(text) => take(text),
                Frame::Ping(payload) => pong = Some(payload.to_vec()),
                Frame::Close => bail!("the server closed the websocket"),
                Frame::Other => {}
            }
            at += length;
        }
        self.unparsed.drain(..at);
        if self.unparsed.is_empty() {
            // The memory of the load generator is not measured, but ten thousand buffers must fit.
            self.unparsed.shrink_to(0);
        }
        match pong {
            Some(payload) => self.send(0xA, &payload).await,
            None => Ok(()),
        }
    }

    /// Waits for the next text message that contains `wanted`.
    ///
    /// # Errors
    /// The connection has ended, or the message does not arrive in time.
    pub(crate) async fn until(&mut self, wanted: &str) -> anyhow::Result<()> {
        within(MESSAGE_TIMEOUT, format_args!("a message with {wanted}"), self.find(wanted.as_bytes())).await
    }

    async fn find(&mut self, wanted: &[u8]) -> anyhow::Result<()> {
        let mut found = false;
        while !found {
            self.receive(|text| found |= text.windows(wanted.len()).any(|part| part == wanted)).await?;
        }
        Ok(())
    }
}

/// The first whole frame, and its length in bytes.
fn parse(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (length, head) = match second & 0x7F {
        126 => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?, 10),
        short => (usize::from(short), 2),
    };
    let payload = bytes.get(head..head + length)?;
    let frame = match first & 0x0F {
        0x1 => Frame::Text(payload),
        0x8 => Frame::Close,
        0x9 => Frame::Ping(payload),
        _ => Frame::Other,
    };
    Some((frame, head + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_parsed_only_when_it_is_complete() {
        let long = [b'x'; 300];
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x89, 0, 0x81, 126, 1, 44];
        bytes.extend(long);
        bytes.extend([0x88, 0]);
        let mut read = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some((frame, length)) = parse(rest) {
            read.push(frame);
            rest = &rest[length..];
        }
        assert_eq!(read, [Frame::Text(b"hi"), Frame::Ping(b""), Frame::Text(&long), Frame::Close]);
        assert!((0..4).all(|end| parse(&bytes[..end]).is_none()));
    }
}
