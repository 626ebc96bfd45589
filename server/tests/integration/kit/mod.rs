//! A whole bar for a test: the server on a free port, a clock that is turned by hand, phones and tablets as HTTP clients.

mod client;
mod exposition;
mod isolation;
mod live;
mod log;
mod peer;
mod process;
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
    client::{Answer, Browser, Tape},
    exposition::{Sample, parse},
    isolation::in_own_process,
    live::Live,
    log::Log,
    peer::Peer,
    process::{Process, doppio},
    records::Records,
};

/// When the tests' clock begins: 2026-11-20T10:40:00Z.
pub(crate) const START: i64 = 1_795_171_200_000;

/// What no wait in a test may exceed; only a failing test gets there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A bar that is open.
pub(crate) struct TestServer {
    pub(crate) clock: ManualClock,
    pub(crate) running: RunningServer,
    pub(crate) tape: Tape,
    pub(crate) folder: TempDir,
    /// Further flags of `doppio serve`.
    flags: Vec<String>,
}

impl TestServer {
    /// Opens a new bar.
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// Opens a new bar with further flags of `doppio serve`.
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
        Self { clock, running, tape: Tape::default(), folder, flags }
    }

    /// Closes the bar and opens it again with the same data.
    pub(crate) async fn reopen(self) -> Self {
        self.running.shutdown().await;
        let reopened = Self::open_in(self.folder, self.clock, self.flags).await;
        Self { tape: self.tape, ..reopened }
    }

    /// A phone that has opened the menu.
    pub(crate) async fn phone(&self) -> Browser {
        let browser = self.browser();
        let answer = browser.get("/healthz").await;
        assert_eq!(answer.status, 200);
        browser.get("/").await;
        browser
    }

    /// A browser without any cookie.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.running.address, self.tape.clone())
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

    /// Somebody who watches the metrics; the bar was opened with `--metrics 127.0.0.1:0`.
    pub(crate) fn watcher(&self) -> Browser {
        Browser::new(self.running.metrics.unwrap(), Tape::default())
    }

    /// Whether the metrics have a line that begins like this.
    pub(crate) async fn measures(&self, line: &str) -> bool {
        self.watcher().get("/metrics").await.text().lines().any(|each| each.starts_with(line))
    }

    /// Waits until the metrics have a line that begins like this.
    pub(crate) async fn until_measured(&self, line: &str) {
        let watcher = self.watcher();
        let measured = async {
            while !self.measures(line).await {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, measured).await.is_err() {
            panic!("no line {line:?} in\n{}", watcher.get("/metrics").await.text());
        }
    }

    /// Turns the clock.
    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Looks into the tables.
    pub(crate) fn records(&self) -> Records {
        Records::new(self.running.engine.as_ref().unwrap())
    }
}

/// The settings of a bar in `folder`, on a free port.
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
