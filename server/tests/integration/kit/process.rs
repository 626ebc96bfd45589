//! The real program in a process of its own.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use serde_json::{Value, json};

use super::{Answer, Browser, PATIENCE, Tape};

/// `doppio serve` on the data of a folder.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) aws: SocketAddr,
    /// Where the metrics are, when the process was started with `--metrics`.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) staff_path: String,
}

impl Process {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_at(folder, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// The same at a certain address.
    pub(crate) fn start_at(folder: &Path, address: SocketAddr) -> Self {
        let listen = address.to_string();
        Self::spawn(folder, &["--listen", &listen, "--aws-api", "127.0.0.1:0"], &[])
    }

    /// The same with further flags.
    pub(crate) fn start_with(folder: &Path, flags: &[&str]) -> Self {
        let usual = ["--listen", "127.0.0.1:0", "--aws-api", "127.0.0.1:0"];
        Self::spawn(folder, &[&usual, flags].concat(), &[])
    }

    /// The same, and the process may have so many open files.
    pub(crate) fn start_with_files(folder: &Path, files: u32, flags: &[&str]) -> Self {
        let usual = ["--listen", "127.0.0.1:0", "--aws-api", "127.0.0.1:0"];
        let script = format!(r#"ulimit -n {files}; exec "$0" "$@""#);
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_doppio")]);
        Self::run(command, folder, &[&usual, flags].concat(), &[])
    }

    /// Another node on the tables of `first`, which it reaches as it would reach an AWS account.
    pub(crate) fn start_beside(first: &Self, folder: &Path) -> Self {
        let endpoint = format!("http://{}", first.aws);
        let account = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        Self::spawn(folder, &["--listen", "127.0.0.1:0", "--cloud", "aws"], &account)
    }

    fn spawn(folder: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_doppio")), folder, flags, environment)
    }

    fn run(mut command: Command, folder: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        server::allow_open_files();
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let level = if flags.contains(&"--log") { &[][..] } else { &["--log", "trace"] };
        let mut child = command
            .arg("serve")
            .args(level)
            .args(flags)
            .envs(environment.iter().copied())
            .arg("--data-dir")
            .arg(folder)
            .arg("--site-root")
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut after = |label: &str| {
            let line = lines.find(|line| line.starts_with(label)).unwrap_or_else(|| panic!("no line {label:?}"));
            line[label.len()..].split_whitespace().next().unwrap().to_owned()
        };
        let url = after("Order");
        let staff = after("Staff link");
        let aws = match flags.contains(&"--aws-api") {
            true => after("AWS API").strip_prefix("http://").unwrap().parse().unwrap(),
            false => SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let metrics = flags.contains(&"--metrics").then(|| {
            let url = after("Metrics");
            url.strip_prefix("http://").and_then(|url| url.strip_suffix("/metrics")).unwrap().parse().unwrap()
        });
        let url = url.strip_suffix('/').unwrap();
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, address, aws, metrics, staff_path: staff.strip_prefix(url).unwrap().to_owned() }
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the metrics have a line that begins like this.
    pub(crate) async fn until_measured(&self, line: &str) {
        let watcher = Browser::new(self.metrics.unwrap(), Tape::default());
        let measured = async {
            while !watcher.get("/metrics").await.text().lines().any(|each| each.starts_with(line)) {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, measured).await.is_err() {
            panic!("no line {line:?} in\n{}", watcher.get("/metrics").await.text());
        }
    }

    /// A browser without any cookie.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address, Tape::default())
    }

    /// An operation of AWS's own API, such as `AWSEvents.PutRule`.
    pub(crate) async fn aws(&self, operation: &str, request: Value) -> Answer {
        let aws = Browser::new(self.aws, Tape::default());
        aws.post_raw("/", request.to_string().into_bytes(), &[("x-amz-target", operation)]).await
    }

    /// The task token that an order waits for, by AWS's own API.
    pub(crate) async fn token(&self, order: &str) -> String {
        let key = json!({ "PK": { "S": "orders" }, "SK": { "S": order } });
        let get = json!({ "TableName": "serverlesspresso-order-table", "Key": key, "ConsistentRead": true });
        let item = self.aws("DynamoDB_20120810.GetItem", get).await.ok();
        item["Item"]["TaskToken"]["S"].as_str().unwrap().to_owned()
    }

    /// SIGTERM, as whoever deploys sends it. Returns how the process has ended.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let sent = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails leaves no server behind.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Another sub-command on the same folder: whether it succeeded, and what it printed on both streams.
pub(crate) fn doppio(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_doppio"))
        .args(arguments)
        .arg("--data-dir")
        .arg(folder)
        .env_remove("DOPPIO_DATA_DIR")
        .output()
        .unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.success(), said)
}
