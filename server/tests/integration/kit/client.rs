//! A browser without JavaScript: keeps cookies, follows nothing, and writes down every byte it is sent.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use http::{HeaderName, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{Live, PATIENCE};

/// Every byte that any browser of a test was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape(Arc<Mutex<Vec<u8>>>);

impl Tape {
    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut tape = self.0.lock().unwrap();
        tape.extend_from_slice(bytes);
        tape.push(b'\n');
    }

    /// What was written, one piece a line.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.0.lock().unwrap().windows(text.len()).any(|window| window == text.as_bytes())
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    /// The JSON of an answer that says yes.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }
}

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    client: Client<HttpConnector, Full<bytes::Bytes>>,
    address: SocketAddr,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    tape: Tape,
    /// Another address of this machine from which it connects.
    local: Option<IpAddr>,
    /// Another name under which it knows the server.
    host: Option<String>,
}

impl Browser {
    pub(crate) fn new(address: SocketAddr, tape: Tape) -> Self {
        // A connection for each request: a test turns the clock beyond the time for which the server keeps one open.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { client, address, cookies: Arc::default(), tape, local: None, host: None }
    }

    /// A browser without any cookie on another address of this machine.
    pub(crate) fn from(host: &str, address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_local_address(Some(host.parse().unwrap()));
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { client, local: Some(host.parse().unwrap()), ..Self::new(address, Tape::default()) }
    }

    /// The same browser, which knows the server under this name.
    pub(crate) fn named(self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self }
    }

    /// The same browser with its cookies, at a server that has moved.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The header `Cookie` of this browser.
    pub(crate) fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// The names of the cookies that this browser keeps.
    pub(crate) fn cookie_names(&self) -> Vec<String> {
        self.cookies.lock().unwrap().keys().cloned().collect()
    }

    /// Whether the server has given this browser its cookie.
    pub(crate) fn is_known(&self) -> bool {
        !self.cookies.lock().unwrap().is_empty()
    }

    /// The same as [`Self::get`], of a server that may be down: `None` when it does not answer.
    pub(crate) async fn try_get(&self, path: &str) -> Option<Answer> {
        self.try_send(Method::GET, path, &[], Vec::new()).await
    }

    /// The same as [`Self::post`], of a server that may be down: `None` when it does not answer.
    pub(crate) async fn try_post(&self, path: &str, form: &[(&str, &str)]) -> Option<Answer> {
        self.try_send(Method::POST, path, &[], encode(form)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, Vec::new()).await
    }

    /// Sends a form as the pages' script does.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_raw(path, encode(form), &[]).await
    }

    pub(crate) async fn post_raw(&self, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, headers, body).await
    }

    /// Sends any request.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        self.try_send(method, path, headers, body).await.expect("the server answers")
    }

    async fn try_send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Answer> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(format!("http://{}{path}", self.address))
            .header(header::COOKIE, self.cookies());
        if !headers.iter().any(|(name, _)| *name == "accept") {
            request = request.header(header::ACCEPT, "application/json");
        }
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let mut request = request.body(Full::from(body)).unwrap();
        if let Some(host) = &self.host {
            request.headers_mut().insert(header::HOST, host.parse().unwrap());
        }
        for (name, value) in headers {
            let (name, value) = (HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            // Cookies come in addition to those of the browser; anything else is said instead.
            if name == header::COOKIE {
                request.headers_mut().append(name, value);
            } else {
                request.headers_mut().insert(name, value);
            }
        }
        let answer = tokio::time::timeout(PATIENCE, self.client.request(request)).await.expect("no answer in time");
        let (head, body) = answer.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes().to_vec();
        for (name, value) in &head.headers {
            self.tape.write(name.as_str().as_bytes());
            self.tape.write(value.as_bytes());
        }
        self.tape.write(&body);
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        Some(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// Opens the live connection from our own page.
    pub(crate) async fn live(&self, topics: &[&str]) -> Live {
        let mut live = self.connect_with(&[]).await.unwrap();
        live.hello(topics).await;
        live
    }

    /// Opens the live connection from a page of `origin`; the status when it is refused.
    pub(crate) async fn connect(&self, origin: Option<&str>) -> Result<Live, u16> {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let stream = self.stream().await;
        self.connect_over(stream, &headers).await.map_err(|answer| answer.status)
    }

    /// Opens the live connection from our own page with further headers; the answer when it is refused.
    pub(crate) async fn connect_with(&self, headers: &[(&str, &str)]) -> Result<Live, Answer> {
        let stream = self.stream().await;
        self.connect_over(stream, &[&[("origin", self.origin().as_str())], headers].concat()).await
    }

    /// Opens the live connection of a machine that takes hardly a byte before it is read.
    pub(crate) async fn connect_narrow(&self) -> Live {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1_024).unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        self.connect_over(stream, &[("origin", &self.origin())]).await.unwrap()
    }

    fn origin(&self) -> String {
        self.host.as_ref().map_or_else(|| format!("http://{}", self.address), |host| format!("http://{host}"))
    }

    async fn stream(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(local) = self.local {
            socket.bind(SocketAddr::new(local, 0)).unwrap();
        }
        socket.connect(self.address).await.unwrap()
    }

    async fn connect_over(&self, stream: TcpStream, headers: &[(&str, &str)]) -> Result<Live, Answer> {
        let mut request = format!("ws://{}/live", self.address).into_client_request().unwrap();
        request.headers_mut().insert(header::COOKIE, self.cookies().parse().unwrap());
        if let Some(host) = &self.host {
            request.headers_mut().insert(header::HOST, host.parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Live::new(socket, self.tape.clone())),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                let (head, body) = response.into_parts();
                let body = body.unwrap_or_default();
                Err(Answer { status: head.status.as_u16(), headers: head.headers, body })
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts an order and returns its id. A browser has opened the menu before.
    pub(crate) async fn start(&self, key: &str) -> String {
        if !self.is_known() {
            self.get("/").await;
        }
        self.post("/api/start_order", &[("key", key)]).await.ok()["id"].as_str().unwrap().to_owned()
    }

    /// Submits a choice.
    pub(crate) async fn submit(&self, order: &str, drink: &str) -> Answer {
        self.post("/api/submit_order", &[("order", order), ("drink", drink)]).await
    }

    /// Submits a choice as soon as the order can take one.
    pub(crate) async fn submit_when_possible(&self, order: &str, drink: &str) {
        let submitted = async {
            while self.submit(order, drink).await.status != 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, submitted).await.expect("the order can be submitted");
    }

    /// A command on an order that needs nothing more.
    pub(crate) async fn command(&self, name: &str, order: &str) -> Answer {
        self.post(&format!("/api/{name}"), &[("order", order)]).await
    }
}

fn encode(form: &[(&str, &str)]) -> Vec<u8> {
    let form: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    form.join("&").into_bytes()
}

fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
