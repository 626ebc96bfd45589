//! A TCP connection for tests that need control over every byte.

use std::net::{IpAddr, SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::{TIMEOUT, TestServer};

/// A connection.
pub(crate) struct RawConnection(TcpStream);

impl RawConnection {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_from("127.0.0.1", address).await
    }

    /// Connects from another address of this machine.
    pub(crate) async fn connect_from(host: &str, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(host.parse::<IpAddr>().unwrap(), 0)).unwrap();
        Self(socket.connect(address).await.unwrap())
    }

    /// Connects from another address of this machine, with a tiny receive buffer.
    pub(crate) async fn connect_narrow_from(host: &str, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1_024).unwrap();
        socket.bind(SocketAddr::new(host.parse::<IpAddr>().unwrap(), 0)).unwrap();
        Self(socket.connect(address).await.unwrap())
    }

    /// A connection whose response is larger than the buffers of the system, and that reads only the head of it.
    pub(crate) async fn not_reading(server: &TestServer) -> Self {
        let file = server.folder.path().join("large.bin");
        if !file.exists() {
            std::fs::write(&file, vec![0; 32 << 20]).unwrap();
        }
        let mut peer = Self::connect_narrow_from("127.0.0.1", server.running.address).await;
        peer.send(b"GET /pkg/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert!(peer.head().await.starts_with("HTTP/1.1 200 "));
        peer
    }

    /// Sends bytes; errors are ignored, because the server may have closed the connection.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        _ = self.0.write_all(bytes).await;
    }

    /// The head of the next response; empty when the connection ends before.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match tokio::time::timeout(TIMEOUT, self.0.read_u8()).await.expect("an answer in time") {
                Ok(byte) => head.push(byte),
                Err(_) => return String::new(),
            }
        }
        String::from_utf8(head).unwrap()
    }

    /// Sends a request without a body and reads the response. The connection stays open.
    pub(crate) async fn get(&mut self, path: &str) {
        assert!(self.try_get(path).await, "no answer");
    }

    /// Like [`Self::get`]; returns false when there is no response of the service.
    pub(crate) async fn try_get(&mut self, path: &str) -> bool {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await;
        let head = self.head().await;
        if head.is_empty() || head.starts_with("HTTP/1.1 503 ") {
            return false;
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).await.is_ok()
    }

    /// Everything until the server closes the connection.
    pub(crate) async fn read_to_end(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(TIMEOUT, self.0.read_to_end(&mut bytes)).await;
        // The connection is reset rather than closed when the server has not read everything.
        _ = read.expect("the connection is closed in time");
        bytes
    }
}
