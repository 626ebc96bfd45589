//! The test kit: a server on a free port with a manual clock, and phones and tablets as HTTP clients.

mod client;
mod exposition;
mod isolation;
mod live;
mod log;
mod process;
mod raw_connection;
mod records;

use std::{path::Path, sync::Arc, time::Duration};

use clap::Parser;
use engine::clock::{ManualClock, SystemRng, Timestamp};
use server::{
    Clocks, RunningServer,
    config::{Cli, Command, ServeConfig},
};
use tempfile::TempDir;

pub(crate) use self::{
    client::{Browser, Response, Transcript},
    exposition::{Sample, parse},
    isolation::in_own_process,
    live::Live,
    log::Log,
    process::{Process, doppio},
    raw_connection::RawConnection,
    records::Records,
};

/// The start of the manual clock: 2026-11-20T10:40:00Z.
pub(crate) const START: i64 = 1_795_171_200_000;

/// The limit of every wait. Only a failing test reaches it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// A running server.
pub(crate) struct TestServer {
    pub(crate) clock: ManualClock,
    pub(crate) running: RunningServer,
    pub(crate) transcript: Transcript,
    pub(crate) folder: TempDir,
    /// Further options of `doppio serve`.
    flags: Vec<String>,
}

impl TestServer {
    /// Starts a server with empty tables.
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// Starts a server with further options of `doppio serve`.
    pub(crate) async fn open_with(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_site(folder.path());
        let clock = ManualClock::starting_at(Timestamp(START));
        Self::open_in(folder, clock, flags.iter().map(|&flag| flag.to_owned()).collect()).await
    }

    async fn open_in(folder: TempDir, clock: ManualClock, flags: Vec<String>) -> Self {
        server::allow_open_files();
        let config = config_with(folder.path(), &flags);
        let running =
            server::serve(&config, Clocks::single(Arc::new(clock.clone())), Arc::new(SystemRng)).await.unwrap();
        Self { clock, running, transcript: Transcript::default(), folder, flags }
    }

    /// Stops the server and starts it again with the same data.
    pub(crate) async fn reopen(self) -> Self {
        self.running.shutdown().await;
        let reopened = Self::open_in(self.folder, self.clock, self.flags).await;
        Self { transcript: self.transcript, ..reopened }
    }

    /// A phone that has opened the menu.
    pub(crate) async fn phone(&self) -> Browser {
        let browser = self.browser();
        let answer = browser.get("/healthz").await;
        assert_eq!(answer.status, 200);
        browser.get("/").await;
        browser
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.running.address, self.transcript.clone())
    }

    /// The path of the staff link.
    pub(crate) fn staff_path(&self) -> String {
        self.running.staff_link.strip_prefix(&self.running.url).unwrap().to_owned()
    }

    /// A tablet on which `name` has signed in by the staff link.
    pub(crate) async fn tablet(&self, name: &str) -> Browser {
        let browser = self.phone().await;
        let answer = browser.post(&self.staff_path(), &[("name", name)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }

    /// A client of the metrics. The server needs the option `--metrics 127.0.0.1:0`.
    pub(crate) fn metrics_client(&self) -> Browser {
        Browser::new(self.running.metrics.unwrap(), Transcript::default())
    }

    /// Whether the metrics have a line with this beginning.
    pub(crate) async fn has_metric(&self, line: &str) -> bool {
        self.metrics_client().get("/metrics").await.text().lines().any(|each| each.starts_with(line))
    }

    /// Waits until the metrics have a line with this beginning.
    pub(crate) async fn wait_for_metric(&self, line: &str) {
        let metrics_client = self.metrics_client();
        let measured = async {
            while !self.has_metric(line).await {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(TIMEOUT, measured).await.is_err() {
            panic!("no line {line:?} in\n{}", metrics_client.get("/metrics").await.text());
        }
    }

    /// Advances the clock.
    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A client of the tables.
    pub(crate) fn records(&self) -> Records {
        Records::new(self.running.engine.as_ref().unwrap())
    }
}

/// The options of a server in `folder`, on a free port.
pub(crate) fn config(folder: &Path) -> ServeConfig {
    config_with(folder, &[])
}

fn config_with(folder: &Path, flags: &[String]) -> ServeConfig {
    let folder = folder.to_str().unwrap();
    let usual = ["doppio", "serve", "--listen", "127.0.0.1:0", "--data-dir", folder, "--site-root", folder];
    let flags = flags.iter().map(String::as_str);
    let closed = if flags.clone().any(|flag| flag == "--aws-api") { &[][..] } else { &["--aws-api", "off"] };
    let arguments = usual.into_iter().chain(closed.iter().copied()).chain(flags);
    let Command::Serve(config) = Cli::parse_from(arguments).command else { unreachable!() };
    config
}

/// The address of a style sheet of the site that [`write_site`] writes.
pub(crate) const STYLE_SHEET: &str = "/pkg/base-0123456789abcdef.css";

/// Writes what Trunk would build of the project's `index.html`, with empty files.
pub(crate) fn write_site(folder: &Path) {
    let source = include_str!("../../../../index.html");
    let attribute = |line: &str, name: &str| -> Option<String> {
        line.split_once(&format!("{name}=\""))?.1.split_once('"').map(|(value, _)| value.to_owned())
    };
    let mut index = String::from(r#"<script id="assets">{"js":"/pkg/a.js","wasm":"/pkg/a.wasm"}</script>"#);
    let mut files = vec!["bar.js".to_owned(), "bar_bg.wasm".to_owned()];
    let is_listed = |line: &&str| line.contains(r#"<link data-trunk rel="css""#) || line.contains("<script data-trunk");
    for line in source.lines().filter(is_listed) {
        let path = attribute(line, "src").or_else(|| attribute(line, "href")).unwrap();
        let (name, ending) = path.rsplit('/').next().unwrap().rsplit_once('.').unwrap();
        let built = format!("{name}-0123456789abcdef.{ending}");
        let line = line.replace(&path, &format!("/pkg/{built}"));
        index.push_str(&line.replace(r#"data-trunk rel="css""#, r#"rel="stylesheet""#).replace("data-trunk ", ""));
        files.push(built);
    }
    std::fs::write(folder.join("index.html"), index).unwrap();
    for file in files {
        std::fs::write(folder.join(file), "").unwrap();
    }
}
