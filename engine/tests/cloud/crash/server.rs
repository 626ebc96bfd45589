//! The process that is killed, and its clients.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::types::AttributeValue;
use engine::{
    clock::{SystemClock, SystemRng},
    lambda::FunctionError,
};
use serde_json::Value;
use tokio::net::TcpListener;

use super::client::NOTES;
use crate::{
    common::{Clients, Cloud},
    shop,
};

const FILE: &str = "ENGINE_CRASH_TEST_FILE";
const LISTENING: &str = "listening on ";

/// Opens the engine and registers its functions.
pub(super) fn open(file: &Path) -> Cloud {
    let cloud = Cloud::open_with(Some(file), Arc::new(SystemClock), Arc::new(SystemRng));
    shop::register_functions(&cloud);
    let tables = cloud.tables.clone();
    let audit = move |event: Value| {
        let tables = tables.clone();
        Box::pin(async move {
            let key = AttributeValue::S(format!("event {}", event["id"].as_str().unwrap_or_default()));
            let put = tables.put_item().table_name(NOTES).item("PK", key).send().await;
            put.map(|_| Value::Null).map_err(|error| FunctionError::new("Tables", format!("{error:?}")))
        }) as _
    };
    cloud.engine.register_function("audit", Arc::new(audit));
    cloud.engine.start();
    cloud
}

/// Not a test: serves the engine on a socket until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs as the child process of nothing_acknowledged_is_lost_and_nothing_happens_twice"]
async fn the_process_that_is_killed() {
    let Ok(file) = env::var(FILE) else { return };
    let cloud = open(Path::new(&file));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{LISTENING}{}", listener.local_addr().unwrap());
    axum::serve(listener, cloud.engine.router()).await.unwrap();
}

/// The child process.
pub(crate) struct Server {
    child: Mutex<Child>,
    /// Kept open: the test harness in the child ends if it cannot report that its test takes long.
    _output: BufReader<ChildStdout>,
    address: SocketAddr,
    pub(crate) clients: Clients,
}

impl Server {
    /// Starts the process and waits until it listens.
    pub(crate) async fn start(file: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["crash::server::the_process_that_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(FILE, file)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.by_ref().lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.split_once(LISTENING)?.1.parse().ok());
        let address = address.expect("the process did not begin to listen");
        Self { child: Mutex::new(child), _output: output, address, clients: Clients::at(address) }
    }

    /// Clients with their own connections.
    pub(super) fn connect(&self) -> Clients {
        Clients::at(self.address)
    }

    /// kill -9.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        assert_eq!(child.try_wait().unwrap(), None, "the process ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failing test must not leave the process behind.
        let mut child = self.child.lock().unwrap();
        child.kill().ok();
        child.wait().ok();
    }
}
