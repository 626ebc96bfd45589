//! A flood of connections from one network against a server process: guests of other networks can order meanwhile, and
//! a second flood does not need the memory of the first again.

use std::{fs, path::Path, time::Duration};

use crate::kit::{Browser, Process, RawConnection, write_site};

/// Connections of each kind.
const OF_EACH: usize = 500;
const OVERSIZED: usize = 400;
/// The second flood may need at most this fraction (one half) of the memory that the first has needed. Up to 19 % were
/// measured, for unknown reasons. If connections leaked, it would be 100 %.
const TOLERANCE: u64 = 2;

/// Connections that use resources of the server.
struct Flood {
    half: Vec<RawConnection>,
    slow: Vec<RawConnection>,
    _idle: Vec<RawConnection>,
    _unread: Vec<RawConnection>,
    _refused: Vec<RawConnection>,
}

impl Flood {
    async fn open(server: &Process) -> Self {
        let open = async |count: usize, bytes: &[u8]| {
            let mut peers = Vec::with_capacity(count);
            for _ in 0..count {
                let mut peer = RawConnection::connect_narrow_from("127.0.0.2", server.address).await;
                peer.send(bytes).await;
                peers.push(peer);
            }
            peers
        };
        let header = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Padding: ";
        let half = open(OF_EACH, header).await;
        let slow = open(OF_EACH, b"G").await;
        let idle = open(OF_EACH, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let unread = open(OF_EACH, b"GET /pkg/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let mut refused = open(1, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
        let oversized = [header.as_slice(), &vec![b'a'; 300 << 10]].concat();
        refused.extend(open(OVERSIZED, &oversized).await);
        Self { half, slow, _idle: idle, _unread: unread, _refused: refused }
    }

    /// Sends a few more bytes of the incomplete headers.
    async fn trickle(&mut self) {
        for byte in *b"ET / HTTP/1.1" {
            for peer in self.slow.iter_mut().chain(&mut self.half) {
                peer.send(&[byte]).await;
            }
        }
    }
}

/// A guest of another network orders a coffee. Returns the duration.
async fn order(server: &Process, key: &str) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "the duration is printed, and nothing depends on it")]
    let began = std::time::Instant::now();
    let phone = Browser::from("127.0.0.3", server.address);
    assert_eq!(phone.get("/").await.status, 200);
    let order = phone.start(key).await;
    phone.submit_when_possible(&order, "Latte").await;
    began.elapsed()
}

/// The peak memory of the process, in KiB.
fn peak_kib(server: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

fn site(folder: &Path) {
    write_site(folder);
    fs::write(folder.join("large.bin"), vec![0; 32 << 20]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_of_other_networks_can_order_during_a_flood_and_a_second_one_needs_no_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let server = Process::start_with(folder.path(), &["--metrics", "127.0.0.1:0", "--log", "info"]);
    order(&server, "before").await;
    let before = peak_kib(&server);
    let mut peaks = Vec::new();
    for key in ["first", "second"] {
        let mut flood = Flood::open(&server).await;
        flood.trickle().await;
        let took = order(&server, key).await;
        flood.trickle().await;
        let again = order(&server, "again").await;
        peaks.push(peak_kib(&server));
        println!(
            "{key} flood: the peak was {before} KiB before; orders took {took:?} and {again:?}, and the peak is {} KiB",
            peaks[peaks.len() - 1]
        );
        if key == "first" {
            drop(flood);
            server.wait_for_metric(r#"doppio_connections{listener="pages"} 0"#).await;
        } else {
            // Shutdown must not wait for these connections, so they are held until it is over.
            let ended = tokio::task::spawn_blocking(|| server.terminate()).await.unwrap();
            assert!(ended.success());
            break;
        }
    }
    assert!(peaks[1] - peaks[0] <= (peaks[0] - before) / TOLERANCE, "{before} {peaks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_few_open_files_some_are_kept_for_other_networks() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let server = Process::start_with_files(folder.path(), 300, &["--metrics", "127.0.0.1:0"]);
    let mut held = Vec::new();
    for _ in 0..300 {
        let mut peer = RawConnection::connect_narrow_from("127.0.0.2", server.address).await;
        peer.send(b"GET /pkg/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        held.push(peer);
    }
    order(&server, "key").await;
}
