//! A browser without JavaScript: it keeps cookies, follows no redirects, and records every byte that it receives.

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

use super::{Live, TIMEOUT};

/// Every byte that the browsers of a test have received.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transcript(Arc<Mutex<Vec<u8>>>);

impl Transcript {
    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut transcript = self.0.lock().unwrap();
        transcript.extend_from_slice(bytes);
        transcript.push(b'\n');
    }

    /// The recorded text, one response or header per line.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.0.lock().unwrap().windows(text.len()).any(|window| window == text.as_bytes())
    }
}

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    /// The JSON of a response with status 200.
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
    transcript: Transcript,
    /// The local address from which it connects, if it is not the usual one.
    local: Option<IpAddr>,
    /// The host name by which it addresses the server, if it is not the address.
    host: Option<String>,
}

impl Browser {
    pub(crate) fn new(address: SocketAddr, transcript: Transcript) -> Self {
        // A new connection for each request: tests advance the clock beyond the time for which the server keeps one
        // open.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { client, address, cookies: Arc::default(), transcript, local: None, host: None }
    }

    /// A browser without cookies that connects from another address of this machine.
    pub(crate) fn from(host: &str, address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_local_address(Some(host.parse().unwrap()));
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { client, local: Some(host.parse().unwrap()), ..Self::new(address, Transcript::default()) }
    }

    /// The same browser, addressing the server by this name.
    pub(crate) fn named(self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self }
    }

    /// The same browser with its cookies, for a server at another address.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The value of the header `Cookie`.
    pub(crate) fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// The names of the cookies.
    pub(crate) fn cookie_names(&self) -> Vec<String> {
        self.cookies.lock().unwrap().keys().cloned().collect()
    }

    /// Whether the server has set the customer cookie.
    pub(crate) fn is_known(&self) -> bool {
        !self.cookies.lock().unwrap().is_empty()
    }

    /// Like [`Self::get`]; `None` when the server does not respond.
    pub(crate) async fn try_get(&self, path: &str) -> Option<Response> {
        self.try_send(Method::GET, path, &[], Vec::new()).await
    }

    /// Like [`Self::post`]; `None` when the server does not respond.
    pub(crate) async fn try_post(&self, path: &str, form: &[(&str, &str)]) -> Option<Response> {
        self.try_send(Method::POST, path, &[], encode(form)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send(Method::GET, path, headers, Vec::new()).await
    }

    /// Sends a form as the scripts of the pages do.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.post_raw(path, encode(form), &[]).await
    }

    pub(crate) async fn post_raw(&self, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Response {
        self.send(Method::POST, path, headers, body).await
    }

    /// Sends any request.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
        self.try_send(method, path, headers, body).await.expect("the server answers")
    }

    async fn try_send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Response> {
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
            // Cookies are added to those of the browser; other headers replace the default ones.
            if name == header::COOKIE {
                request.headers_mut().append(name, value);
            } else {
                request.headers_mut().insert(name, value);
            }
        }
        let answer = tokio::time::timeout(TIMEOUT, self.client.request(request)).await.expect("no answer in time");
        let (head, body) = answer.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes().to_vec();
        for (name, value) in &head.headers {
            self.transcript.write(name.as_str().as_bytes());
            self.transcript.write(value.as_bytes());
        }
        self.transcript.write(&body);
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        Some(Response { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// Opens a live connection from a page of the server.
    pub(crate) async fn live(&self, topics: &[&str]) -> Live {
        let mut live = self.connect_with(&[]).await.unwrap();
        live.hello(topics).await;
        live
    }

    /// Opens a live connection from a page of `origin`. Returns the status when it is refused.
    pub(crate) async fn connect(&self, origin: Option<&str>) -> Result<Live, u16> {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let stream = self.stream().await;
        self.connect_over(stream, &headers).await.map_err(|answer| answer.status)
    }

    /// Opens a live connection from a page of the server with further headers. Returns the response when it is refused.
    pub(crate) async fn connect_with(&self, headers: &[(&str, &str)]) -> Result<Live, Response> {
        let stream = self.stream().await;
        self.connect_over(stream, &[&[("origin", self.origin().as_str())], headers].concat()).await
    }

    /// Opens a live connection with a tiny receive buffer.
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

    async fn connect_over(&self, stream: TcpStream, headers: &[(&str, &str)]) -> Result<Live, Response> {
        let mut request = format!("ws://{}/live", self.address).into_client_request().unwrap();
        request.headers_mut().insert(header::COOKIE, self.cookies().parse().unwrap());
        if let Some(host) = &self.host {
            request.headers_mut().insert(header::HOST, host.parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Live::new(socket, self.transcript.clone())),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                let (head, body) = response.into_parts();
                let body = body.unwrap_or_default();
                Err(Response { status: head.status.as_u16(), headers: head.headers, body })
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts an order and returns its id. Opens the menu first if necessary.
    pub(crate) async fn start(&self, key: &str) -> String {
        if !self.is_known() {
            self.get("/").await;
        }
        self.post("/api/start_order", &[("key", key)]).await.ok()["id"].as_str().unwrap().to_owned()
    }

    /// Submits a choice.
    pub(crate) async fn submit(&self, order: &str, drink: &str) -> Response {
        self.post("/api/submit_order", &[("order", order), ("drink", drink)]).await
    }

    /// Submits a choice as soon as the order accepts one.
    pub(crate) async fn submit_when_possible(&self, order: &str, drink: &str) {
        let submitted = async {
            while self.submit(order, drink).await.status != 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(TIMEOUT, submitted).await.expect("the order can be submitted");
    }

    /// Sends a command that needs only the id of the order.
    pub(crate) async fn command(&self, name: &str, order: &str) -> Response {
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
