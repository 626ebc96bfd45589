//! The program in a process of its own.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use serde_json::{Value, json};

use super::{Browser, Response, TIMEOUT, Transcript};

/// `doppio serve` with the data in a folder.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) aws: SocketAddr,
    /// The address of the metrics, if the option `--metrics` was given.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) staff_path: String,
}

impl Process {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_at(folder, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts at the given address.
    pub(crate) fn start_at(folder: &Path, address: SocketAddr) -> Self {
        let listen = address.to_string();
        Self::spawn(folder, &["--listen", &listen, "--aws-api", "127.0.0.1:0"], &[])
    }

    /// Starts with further options.
    pub(crate) fn start_with(folder: &Path, flags: &[&str]) -> Self {
        let default_flags = ["--listen", "127.0.0.1:0", "--aws-api", "127.0.0.1:0"];
        Self::spawn(folder, &[&default_flags, flags].concat(), &[])
    }

    /// Starts with further options and a limit of open files.
    pub(crate) fn start_with_files(folder: &Path, files: u32, flags: &[&str]) -> Self {
        let default_flags = ["--listen", "127.0.0.1:0", "--aws-api", "127.0.0.1:0"];
        let script = format!(r#"ulimit -n {files}; exec "$0" "$@""#);
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_doppio")]);
        Self::run(command, folder, &[&default_flags, flags].concat(), &[])
    }

    /// Starts another node with the tables of `first`, which it uses like an AWS account.
    pub(crate) fn start_second_node(first: &Self, folder: &Path) -> Self {
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
        let mut value_after = |label: &str| {
            let line = lines.find(|line| line.starts_with(label)).unwrap_or_else(|| panic!("no line {label:?}"));
            line[label.len()..].split_whitespace().next().unwrap().to_owned()
        };
        let url = value_after("Order");
        let staff = value_after("Staff link");
        let aws = match flags.contains(&"--aws-api") {
            true => value_after("AWS API").strip_prefix("http://").unwrap().parse().unwrap(),
            false => SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let metrics = flags.contains(&"--metrics").then(|| {
            let url = value_after("Metrics");
            url.strip_prefix("http://").and_then(|url| url.strip_suffix("/metrics")).unwrap().parse().unwrap()
        });
        let url = url.strip_suffix('/').unwrap();
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, address, aws, metrics, staff_path: staff.strip_prefix(url).unwrap().to_owned() }
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the metrics have a line with this beginning.
    pub(crate) async fn wait_for_metric(&self, line: &str) {
        let metrics_client = Browser::new(self.metrics.unwrap(), Transcript::default());
        let measured = async {
            while !metrics_client.get("/metrics").await.text().lines().any(|each| each.starts_with(line)) {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(TIMEOUT, measured).await.is_err() {
            panic!("no line {line:?} in\n{}", metrics_client.get("/metrics").await.text());
        }
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address, Transcript::default())
    }

    /// Calls an operation of the AWS API, such as `AWSEvents.PutRule`.
    pub(crate) async fn aws(&self, operation: &str, request: Value) -> Response {
        let aws = Browser::new(self.aws, Transcript::default());
        aws.post_raw("/", request.to_string().into_bytes(), &[("x-amz-target", operation)]).await
    }

    /// The task token that an order waits for, read by the AWS API.
    pub(crate) async fn token(&self, order: &str) -> String {
        let key = json!({ "PK": { "S": "orders" }, "SK": { "S": order } });
        let get = json!({ "TableName": "serverlesspresso-order-table", "Key": key, "ConsistentRead": true });
        let item = self.aws("DynamoDB_20120810.GetItem", get).await.ok();
        item["Item"]["TaskToken"]["S"].as_str().unwrap().to_owned()
    }

    /// Sends SIGTERM, and waits for the end of the process.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let sent = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }

    /// Sends SIGKILL, and waits for the end of the process.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A failing test must not leave a process behind.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs another sub-command on the same folder. Returns whether it succeeded, and the output of both streams.
pub(crate) fn doppio(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_doppio"))
        .args(arguments)
        .arg("--data-dir")
        .arg(folder)
        .env_remove("DOPPIO_DATA_DIR")
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), text)
}
