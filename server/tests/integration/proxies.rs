//! The configurations of nginx and Caddy in the README are run: pages, the live connection, the address of the guest.
//! Without the program the test is skipped, except with `CI=true`.

use std::{
    env,
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::kit::{Browser, TIMEOUT, TestServer};

const HOST: &str = "coffee.example";
/// How many ports are tried.
const ATTEMPTS: u32 = 5;

/// A running proxy.
struct Proxy {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Proxy {
    /// Runs a program on a free port, and waits until it responds. `configure` writes its configuration into a folder and
    /// returns its arguments. Another test may take the port before the program does; then another port is used.
    async fn start(program: &Path, configure: impl Fn(SocketAddr, &Path) -> Vec<String>) -> Self {
        for _ in 0..ATTEMPTS {
            if let Some(proxy) = Self::try_start(program, &configure).await {
                return proxy;
            }
        }
        panic!("{ATTEMPTS} ports in a row were in use");
    }

    async fn try_start(program: &Path, configure: impl Fn(SocketAddr, &Path) -> Vec<String>) -> Option<Self> {
        let (address, folder) = (free_address(), tempfile::tempdir().unwrap());
        let log = File::create(folder.path().join("log")).unwrap();
        let child = Command::new(program)
            .args(configure(address, folder.path()))
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut proxy = Self { child, address, folder };
        let responds = async {
            while tokio::net::TcpStream::connect(address).await.is_err() {
                if proxy.child.try_wait().unwrap().is_some() {
                    assert!(proxy.log().contains("ddress already in use"), "it has ended: {}", proxy.log());
                    return false;
                }
                tokio::task::yield_now().await;
            }
            true
        };
        let responds = tokio::time::timeout(TIMEOUT, responds).await.expect("the proxy listens");
        responds.then_some(proxy)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The path of a program; `None` when it is not installed.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join(program)).find(|file| file.is_file());
    if found.is_none() {
        assert_ne!(env::var("CI").as_deref(), Ok("true"), "{program} is missing: apt-get install {program}");
        println!("skipped: {program} is not installed");
    }
    found
}

/// The code block of the README in a language, with the addresses of this test.
fn configuration(language: &str, changes: &[(&str, &str)]) -> String {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once(&format!("```{language}\n")).expect("a block");
    let block = rest.split("```").next().unwrap().to_owned();
    changes.iter().fold(block, |block, (from, to)| {
        assert!(block.contains(from), "no {from:?} in {block}");
        block.replace(from, to)
    })
}

/// An address on which nothing listens.
fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn open() -> TestServer {
    let flags = ["--public-url", "http://coffee.example", "--trusted-proxy", "127.0.0.1", "--live-limit-address", "1"];
    TestServer::open_with(&flags).await
}

/// What a guest does, and what the server must learn through a proxy.
async fn works_through(proxy: &Proxy) {
    let guest = |from| Browser::from(from, proxy.address).named(HOST);
    let phone = guest("127.0.0.3");
    assert_eq!(phone.get("/").await.status, 200, "{}", proxy.log());
    let order = phone.start("k").await;
    let mut live = phone.live(&[&format!("order/{order}")]).await;
    live.order(&order, |view| view.choose_by.is_some()).await;
    phone.submit(&order, "Latte").await.ok();
    live.order(&order, |view| view.number.is_some()).await;

    // With one live connection per network, the address of the guest must have come through.
    let second = guest("127.0.0.3");
    second.get("/").await;
    assert_eq!(second.connect_with(&[]).await.err().unwrap().status, 429);
    let other = guest("127.0.0.4");
    other.get("/").await;
    other.live(&["board"]).await;
    let elsewhere = guest("127.0.0.5").connect_with(&[("origin", "http://evil.example")]).await;
    assert_eq!(elsewhere.err().unwrap().status, 403);

    let display = phone.get("/display").await.text();
    assert!(display.contains("class=\"code\"") && display.contains(HOST));
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_as_in_the_readme() {
    let Some(program) = find("nginx") else { return };
    let server = open().await;
    let upstream = server.running.address.to_string();
    let proxy = Proxy::start(&program, |address, folder| {
        let listen = format!("listen {address}");
        let block = configuration("nginx", &[("listen 80", &listen), ("127.0.0.1:3000", &upstream)]);
        let folder = folder.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
            .concat();
        let file = format!("{folder}/nginx.conf");
        let whole = format!(
            "daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{block}}}\n"
        );
        std::fs::write(&file, whole).unwrap();
        ["-e", "stderr", "-c", &file].map(str::to_owned).into()
    })
    .await;
    works_through(&proxy).await;
    drop(proxy);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_as_in_the_readme() {
    let Some(program) = find("caddy") else { return };
    let server = open().await;
    let upstream = server.running.address.to_string();
    let proxy = Proxy::start(&program, |address, folder| {
        let site = format!("http://{HOST}:{}", address.port());
        let block = configuration("caddyfile", &[(HOST, &site), ("127.0.0.1:3000", &upstream)]);
        let file = format!("{}/Caddyfile", folder.display());
        std::fs::write(&file, format!("{{\n    admin off\n}}\n{block}")).unwrap();
        ["run", "--config", &file, "--adapter", "caddyfile"].map(str::to_owned).into()
    })
    .await;
    works_through(&proxy).await;
    drop(proxy);
    server.running.shutdown().await;
}
