//! Authorization: every row of the tables in `docs/security.md` is tried with every role, and every route, command and
//! live topic has a row.

#[path = "../../../xtask/tests/conformance/table.rs"]
mod table;

use std::{collections::BTreeSet, fs, path::Path};

use app::Page;
use domain::{live::Topic, view::Stage};
use futures_util::{StreamExt, stream};
use http::Method;
use leptos::server_fn::axum::server_fn_paths;
use table::{Line, Table, tables};

use crate::kit::{Browser, Response, STYLE_SHEET, TestServer};

/// The first columns of a table of requests; the others are roles.
const REQUEST_COLUMNS: [&str; 3] = ["request", "fields", "order"];
/// The first column of a table of topics; the others are roles.
const TOPIC_COLUMNS: [&str; 1] = ["topic"];

/// The row for paths without a route.
const UNKNOWN_PATH: &str = "/{anything}";

/// How many rows are tried concurrently, each against its own server.
const AT_ONCE: usize = 4;

/// The headers of a request from a page of another site.
const CROSS_SITE_HEADERS: [(&str, &str); 2] = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];

/// The signature header that every AWS client sends. The engine does not check it.
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=any/20261120/eu-central-1/any/aws4_request";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The tables whose header starts with these columns.
fn read(columns: &[&str]) -> Vec<Table> {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let found: Vec<_> = tables(&text).into_iter().filter(|table| table.header.starts_with(&owned(columns))).collect();
    assert!(
        found.iter().any(|table| !table.rows.is_empty()),
        "docs/security.md has no table that begins with {columns:?}"
    );
    found
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// A listener of the server. The heading of a table names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Listener {
    Pages,
    Metrics,
    AwsApi,
}

impl Listener {
    fn of(section: &str) -> Self {
        match section {
            "Metrics listener" => Self::Metrics,
            "AWS API listener" => Self::AwsApi,
            _ => Self::Pages,
        }
    }
}

/// A request of a row.
#[derive(Debug, Clone)]
struct Request {
    line: usize,
    listener: Listener,
    method: Method,
    path: String,
    /// A form; for the AWS API the target.
    fields: String,
    /// The phase of the order.
    phase: String,
    /// Each role with the expected outcome.
    roles: Vec<(String, String)>,
}

impl Request {
    fn all() -> Vec<Self> {
        let mut requests = Vec::new();
        for Table { section, header, rows } in read(&REQUEST_COLUMNS) {
            for Line { number, cells } in rows {
                assert_eq!(cells.len(), header.len(), "line {number} has another number of cells than its header");
                let plain: Vec<_> = cells.iter().map(|cell| cell.trim_matches('`').to_owned()).collect();
                let (method, path) = plain[0].split_once(' ').unwrap_or_else(|| panic!("line {number}: no method"));
                let roles = header.iter().cloned().zip(plain.iter().cloned()).skip(REQUEST_COLUMNS.len());
                requests.push(Self {
                    line: number,
                    listener: Listener::of(&section),
                    method: method.parse().unwrap(),
                    path: path.to_owned(),
                    fields: plain[1].clone(),
                    phase: plain[2].clone(),
                    roles: roles.collect(),
                });
            }
        }
        requests
    }
}

async fn open() -> TestServer {
    let listeners = ["--metrics", "127.0.0.1:0", "--aws-api", "127.0.0.1:0"];
    let server = TestServer::open_with(&[&listeners[..], &["--starts-per-minute", "100000"]].concat()).await;
    for name in
        ["service-worker.js", "install/guest.webmanifest", "install/bar.webmanifest", "install/wall.webmanifest"]
    {
        let to = server.folder.path().join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join("public").join(name), to).unwrap();
    }
    server
}

/// A browser with a customer cookie. Every response sets the cookie, and the style sheet is faster than a page.
async fn phone(server: &TestServer) -> Browser {
    let browser = server.browser();
    assert_eq!(browser.get(STYLE_SHEET).await.status, 200);
    assert!(browser.is_known());
    browser
}

/// A phone on which a barista has signed in.
async fn tablet(server: &TestServer) -> Browser {
    let browser = phone(server).await;
    assert_eq!(browser.post(&server.staff_path(), &[("name", "Ana")]).await.status, 303);
    browser
}

/// Brings an order of `owner` to a phase. Returns its id.
async fn order(server: &TestServer, owner: &Browser, barista: &Browser, phase: &str) -> String {
    let id = owner.start("an-order").await;
    let mut live = owner.live(&[&format!("order/{id}")]).await;
    live.order(&id, |view| view.choose_by.is_some()).await;
    let phases = ["choosing", "waiting", "making", "finishing", "ready", "collected"];
    let reach = match phase {
        "cancelled" => 1,
        _ => phases.iter().position(|each| *each == phase).unwrap_or_else(|| panic!("there is no phase {phase:?}")),
    };
    for step in &phases[1..=reach] {
        match *step {
            "waiting" => {
                owner.submit(&id, "Latte").await.ok();
                live.order(&id, |view| view.number.is_some()).await;
            }
            "making" => _ = barista.command("claim_order", &id).await.ok(),
            "finishing" => _ = barista.command("complete_order", &id).await.ok(),
            "ready" => {
                server.advance(4);
                live.order(&id, |view| view.stage == Stage::Ready).await;
            }
            _ => _ = owner.command("collect_order", &id).await.ok(),
        }
    }
    if phase == "cancelled" {
        owner.command("cancel_order", &id).await.ok();
    }
    id
}

/// The browser of a role, and the headers that it adds.
async fn browser_of(
    role: &str,
    server: &TestServer,
    owner: &Browser,
    barista: &Browser,
) -> (Browser, &'static [(&'static str, &'static str)]) {
    match role {
        "nobody" => (server.browser(), &[]),
        "guest" => (owner.clone(), &[]),
        "other guest" => (phone(server).await, &[]),
        "barista" => (barista.clone(), &[]),
        "foreign page" => (barista.clone(), &CROSS_SITE_HEADERS),
        _ => panic!("there is no role {role:?}; add it to `browser_of`"),
    }
}

/// The status, and the code of the error if there is one.
fn outcome(answer: &Response) -> String {
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = [&json["detail"], &json["detail"]["refusal"], &json["error"]].into_iter().find_map(|code| code.as_str());
    code.map_or_else(|| answer.status.to_string(), |code| format!("{} {code}", answer.status))
}

/// Replaces `{order}` and the like by values.
fn fill(text: &str, server: &TestServer, id: &str) -> String {
    let secret = server.staff_path().rsplit('/').next().unwrap().to_owned();
    let values = [
        ("id", id),
        ("order", id),
        ("secret", &secret),
        ("file", STYLE_SHEET.strip_prefix("/pkg/").unwrap()),
        ("anything", "nowhere"),
    ];
    let filled = values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
    assert!(!filled.contains('{'), "no value for {filled}");
    filled
}

/// Tries a row with every role. Returns the differences.
async fn try_row(request: Request) -> Vec<String> {
    let server = open().await;
    let barista = tablet(&server).await;
    let mut differences = Vec::new();
    for (role, expected) in &request.roles {
        let owner = phone(&server).await;
        let id = match request.phase.as_str() {
            "-" => String::new(),
            phase => order(&server, &owner, &barista, phase).await,
        };
        let (browser, headers) = browser_of(role, &server, &owner, &barista).await;
        let (browser, mut headers) = (browser_at(&browser, &server, request.listener), headers.to_vec());
        let fields = fill(request.fields.trim_matches('-'), &server, &id);
        let body = if request.listener == Listener::AwsApi {
            headers.extend([("x-amz-target", fields.as_str()), ("authorization", SIGNATURE)]);
            "{}".to_owned()
        } else {
            fields.clone()
        };
        let path = fill(&request.path, &server, &id);
        let found = if path == "/live" {
            // The upgrade succeeds, so there is no response.
            match browser.connect_with(&headers).await {
                Ok(_) => "101".to_owned(),
                Err(answer) => outcome(&answer),
            }
        } else {
            outcome(&browser.send(request.method.clone(), &path, &headers, body.into_bytes()).await)
        };
        if found != *expected {
            let Request { line, method, path, .. } = &request;
            differences.push(format!("line {line}: {method} {path} as {role}: expected {expected:?}, got {found:?}"));
        }
    }
    server.running.shutdown().await;
    differences
}

fn browser_at(browser: &Browser, server: &TestServer, listener: Listener) -> Browser {
    match listener {
        Listener::Pages => browser.clone(),
        Listener::Metrics => browser.at(server.running.metrics.unwrap()),
        Listener::AwsApi => browser.at(server.running.aws_api.unwrap()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_has_the_outcome_of_its_row_for_every_role() {
    let requests = Request::all();
    let differences: Vec<Vec<String>> = stream::iter(requests).map(try_row).buffered(AT_ONCE).collect().await;
    let differences = differences.concat();
    assert!(differences.is_empty(), "docs/security.md differs:\n{}", differences.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_topic_has_the_outcome_of_its_row_for_every_role() {
    let server = open().await;
    let barista = tablet(&server).await;
    let (mut differences, mut kinds) = (Vec::new(), BTreeSet::new());
    for Table { header, rows, .. } in read(&TOPIC_COLUMNS) {
        for Line { number, cells } in rows {
            assert_eq!(cells.len(), header.len(), "line {number} has another number of cells than its header");
            let topic = cells[0].trim_matches('`');
            kinds.insert(topic.split('/').next().unwrap().to_owned());
            for (role, expected) in header.iter().zip(&cells).skip(TOPIC_COLUMNS.len()) {
                let owner = phone(&server).await;
                let id = order(&server, &owner, &barista, "waiting").await;
                let topic = fill(topic, &server, &id);
                let (browser, headers) = browser_of(role, &server, &owner, &barista).await;
                let found = match browser.connect_with(headers).await {
                    Ok(mut live) => {
                        live.hello(&[&topic]).await;
                        if live.denied.is_empty() { "allowed" } else { "denied" }.to_owned()
                    }
                    Err(answer) => answer.status.to_string(),
                };
                if found != *expected {
                    differences.push(format!("line {number}: {topic} as {role}: expected {expected:?}, got {found:?}"));
                }
            }
        }
    }
    assert_eq!(kinds, owned(&Topic::KINDS).into_iter().collect(), "each kind of topic has a row");
    assert!(differences.is_empty(), "docs/security.md differs:\n{}", differences.join("\n"));
    server.running.shutdown().await;
}

/// All routes of the program: axum's, the pages' and the server functions'.
fn addresses() -> BTreeSet<String> {
    let mut addresses = BTreeSet::new();
    routes_in(&root().join("server/src"), &mut addresses);
    assert!(addresses.contains("/live"), "/live is not found among the routes {addresses:?}; correct `routes_in`");
    // Server functions have rows of their own.
    assert!(addresses.remove("/api/{command}"));
    let commands: Vec<_> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert!(commands.contains(&"/api/start_order".to_owned()), "{commands:?}");
    addresses.extend(commands);
    addresses.extend(Page::ADDRESSES.map(|(address, _)| address.to_owned()));
    addresses.insert(UNKNOWN_PATH.to_owned());
    addresses
}

/// Finds the routes in the source text, because axum does not list them.
fn routes_in(folder: &Path, routes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_in(&path, routes);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for call in [".route(", ".nest(", ".route_service(", ".nest_service("] {
                for rest in text.split(call).skip(1) {
                    let name = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                    let name = name.unwrap_or_else(|| panic!("{}: name the route in {call}…)", path.display()));
                    let all_below = if call.contains("nest") { "/{file}" } else { "" };
                    routes.insert(format!("{}{all_below}", name.trim_end_matches('/')));
                }
            }
        }
    }
}

/// Whether a route is the one of a row. A part in braces stands for any text; a file may be in a folder.
fn row_matches(row: &str, address: &str) -> bool {
    if let Some(folder) = address.strip_suffix("/{file}") {
        return row.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    }
    let (row, address): (Vec<_>, Vec<_>) = (row.split('/').collect(), address.split('/').collect());
    row.len() == address.len() && row.iter().zip(address).all(|(row, part)| *row == part || part.starts_with('{'))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_has_a_row_and_every_row_a_route() {
    // Server functions are registered when the server starts.
    let server = open().await;
    let (requests, addresses) = (Request::all(), addresses());
    let rows = || requests.iter().filter(|request| request.listener != Listener::AwsApi);
    let mut differences = Vec::new();
    for address in &addresses {
        if !rows().any(|row| row.path == *address) {
            differences.push(format!("{address} has no row"));
        }
    }
    // Unknown paths below `/api` get the same response.
    let nowhere = [UNKNOWN_PATH, "/api/{anything}"];
    for row in rows().filter(|row| !nowhere.contains(&row.path.as_str())) {
        if !addresses.iter().any(|address| address != UNKNOWN_PATH && row_matches(&row.path, address)) {
            differences.push(format!("line {}: the program has no address {}", row.line, row.path));
        }
    }
    assert!(differences.is_empty(), "docs/security.md:\n{}", differences.join("\n"));

    // Routes without a row are refused. The AWS API has examples only.
    let barista = tablet(&server).await;
    let id = barista.start("an-order").await;
    let known: BTreeSet<_> = rows().map(|row| (row.listener, row.path.as_str(), row.method.as_str())).collect();
    let paths: BTreeSet<_> = rows().map(|row| row.path.as_str()).collect();
    for (listener, path) in [Listener::Pages, Listener::Metrics]
        .into_iter()
        .flat_map(|listener| paths.iter().map(move |path| (listener, *path)))
    {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if known.contains(&(listener, path, method.as_str())) {
                continue;
            }
            let browser = browser_at(&barista, &server, listener);
            let answer = browser.send(method.clone(), &fill(path, &server, &id), &[], Vec::new()).await;
            if !matches!(answer.status, 404 | 405) {
                differences
                    .push(format!("{method} {path} at {listener:?} has no row, and its status is {}", answer.status));
            }
        }
    }
    assert!(differences.is_empty(), "docs/security.md:\n{}", differences.join("\n"));
    server.running.shutdown().await;
}
