//! Serves the pages with made-up orders, for work on their design: `cargo run -p doppio-server --example preview`.
//!
//! `/scene/<name>` selects what every page shows; `/scene` lists the names. Commands have no effect.

mod scenes;

use std::{path::Path, sync::Arc};

use app::{
    backend::{Backend, SharedBackend, Viewer},
    error::CommandError,
};
use async_trait::async_trait;
use axum::{
    Router,
    extract::{
        Path as UrlPath, Request,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use domain::{
    BaristaId, CustomerId, Language, Menu, OrderCommand, OrderId, Refusal, Role, ShopState, Timestamp,
    live::{ClientFrame, Resume, ServerFrame, Topic, TopicState},
    menu::MenuWords,
    past_drinks::PastDrink,
    view::{OrderView, Ticket},
};
use engine::clock::{Clock, SystemClock};
use http::{StatusCode, header};
use server::pages::{Site, router};

use self::scenes::{SCENES, Scenes};

struct Preview {
    clock: Arc<dyn Clock>,
}

fn scene_of(customer: &CustomerId) -> &str {
    customer.as_str()
}

impl Preview {
    fn scenes(&self) -> Scenes {
        Scenes { now: self.now() }
    }

    fn answer(&self, customer: &CustomerId) -> Result<OrderView, CommandError> {
        match scene_of(customer) {
            "closed" => Err(Refusal::Closed.into()),
            "one-at-a-time" => Err(Refusal::OneAtATime.into()),
            "down" => Err(CommandError::Unavailable),
            scene => {
                self.scenes().order(scene).or_else(|| self.scenes().order("choosing")).ok_or(CommandError::Unavailable)
            }
        }
    }
}

#[async_trait]
impl Backend for Preview {
    async fn menu(&self) -> Result<Menu, CommandError> {
        serde_json::from_str(include_str!("menu.json")).map_err(|_| CommandError::Unavailable)
    }

    fn skipped_drinks(&self) -> Vec<String> {
        Vec::new()
    }

    async fn menu_words(&self, _language: Language) -> Result<MenuWords, CommandError> {
        Ok(MenuWords::default())
    }

    async fn topic(&self, viewer: &Viewer, topic: &Topic) -> Result<(TopicState, Resume), CommandError> {
        let scene = scene_of(&viewer.customer);
        let state = match topic {
            Topic::Board => TopicState::Board(self.scenes().board(scene)),
            Topic::Queue => {
                let me = viewer.role.staff().ok_or(CommandError::StaffOnly)?;
                TopicState::Queue(self.scenes().queue(scene, me))
            }
            Topic::Shop => TopicState::Shop(Scenes::shop(scene)),
            Topic::Order(_) => TopicState::Order(Box::new(self.scenes().order(scene).ok_or(Refusal::NotFound)?)),
        };
        Ok((state, Resume { epoch: 1, seq: 1 }))
    }

    async fn current_order(&self, customer: &CustomerId) -> Result<Option<OrderView>, CommandError> {
        match scene_of(customer) {
            "down" => Err(CommandError::Unavailable),
            scene => Ok(self.scenes().order(scene)),
        }
    }

    async fn past_drinks(&self, customer: &CustomerId, menu: &Menu) -> Result<Vec<PastDrink>, CommandError> {
        if scene_of(customer) == "stranger" {
            return Ok(Vec::new());
        }
        let wished: [(&str, &[&str]); 3] =
            [("Flat White", &["Oat milk"]), ("Cappuccino", &["Large", "Extra shot"]), ("Tea", &[])];
        let drinks = wished.iter().filter_map(|(drink, modifiers)| {
            let modifiers: Vec<String> = modifiers.iter().map(|each| (*each).to_owned()).collect();
            menu.choose(drink, &modifiers).ok().map(|drink| PastDrink { drink, available: true })
        });
        Ok(drinks.collect())
    }

    async fn start_order(&self, customer: &CustomerId, _: &str) -> Result<OrderView, CommandError> {
        self.answer(customer)
    }

    async fn submit_order(
        &self,
        customer: &CustomerId,
        _: Option<&OrderId>,
        _: &str,
        _: &str,
        _: &[String],
    ) -> Result<OrderView, CommandError> {
        self.answer(customer)
    }

    async fn act_as_guest(
        &self,
        customer: &CustomerId,
        _: &OrderId,
        command: OrderCommand,
    ) -> Result<OrderView, CommandError> {
        match command {
            OrderCommand::Extend => self.scenes().order(scene_of(customer)).ok_or_else(|| Refusal::NotFound.into()),
            _ => self.answer(customer),
        }
    }

    async fn act_as_barista(
        &self,
        _: &BaristaId,
        _: &OrderId,
        _: OrderCommand,
    ) -> Result<Option<Ticket>, CommandError> {
        let ben = BaristaId::new("Ben", "t2").map_err(|_| CommandError::Unavailable)?;
        Err(Refusal::being_made(&ben).into())
    }

    async fn claim_orders(&self, _: &BaristaId, _: &[OrderId]) -> Result<Vec<Ticket>, CommandError> {
        Ok(Vec::new())
    }

    async fn submit_walk_in(
        &self,
        _: &BaristaId,
        _: &str,
        _: &str,
        _: &[String],
    ) -> Result<Option<Ticket>, CommandError> {
        Ok(None)
    }

    async fn past_orders(&self) -> Result<Vec<Ticket>, CommandError> {
        Ok(Vec::new())
    }

    async fn set_sold_out(&self, _: &BaristaId, _: &domain::menu::SoldOutItem, _: bool) -> Result<(), CommandError> {
        Ok(())
    }

    async fn set_shop_state(&self, _: &BaristaId, _: ShopState) -> Result<(), CommandError> {
        Ok(())
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now().0)
    }

    fn new_key(&self) -> String {
        "preview".to_owned()
    }
}

fn scene(request: &Request) -> &str {
    let cookies = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let scene = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("scene=")).unwrap_or("busy");
    SCENES.iter().find(|each| **each == scene).copied().unwrap_or("busy")
}

/// Replaces the cookies: the scene is the customer, and the barista is Ana.
async fn introduce(mut request: Request, next: Next) -> Response {
    let scene = scene(&request).to_owned();
    if scene == "silent" && request.uri().path() == "/api/read_topics" {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let barista = (scene != "stranger").then(|| BaristaId::new("Ana", "t1").ok()).flatten();
    let role = barista.map_or(Role::Guest, Role::Barista);
    let Ok(customer) = CustomerId::try_from(scene) else { return StatusCode::BAD_REQUEST.into_response() };
    let asked = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = asked.and_then(Language::preferred).unwrap_or_default();
    request.extensions_mut().insert(language);
    request.extensions_mut().insert(Viewer { customer, has_cookie: true, role });
    next.run(request).await
}

async fn choose(UrlPath(name): UrlPath<String>) -> impl IntoResponse {
    ([(header::SET_COOKIE, format!("scene={name}; Path=/"))], Redirect::to("/"))
}

async fn list() -> Html<String> {
    Html(SCENES.map(|scene| format!("<p><a href=\"/scene/{scene}\">{scene}</a></p>")).concat())
}

/// A live connection without changes. The scenes `silent` and `down` have none.
async fn live(request: Request) -> Response {
    use axum::extract::FromRequestParts;
    if matches!(scene(&request), "silent" | "down") {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (mut parts, _) = request.into_parts();
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.on_upgrade(talk),
        Err(refused) => refused.into_response(),
    }
}

async fn talk(mut socket: WebSocket) {
    let clock = SystemClock;
    loop {
        let due = engine::clock::Timestamp(clock.now().0 + 5_000);
        let frames = tokio::select! {
            () = clock.sleep_until(due) => vec![ServerFrame::Heartbeat { now: Timestamp(clock.now().0) }],
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(ClientFrame::Hello { subscriptions }) => subscriptions
                        .into_iter()
                        .map(|wanted| ServerFrame::Resumed { topic: wanted.topic, epoch: 1, seq: 1, head: 1 })
                        .collect(),
                    Err(_) => return,
                },
                Some(Ok(_)) => Vec::new(),
                Some(Err(_)) | None => return,
            },
        };
        for frame in frames {
            let Ok(text) = serde_json::to_string(&frame) else { return };
            if socket.send(Message::Text(text.into())).await.is_err() {
                return;
            }
        }
    }
}

fn main() -> anyhow::Result<()> {
    // Leptos renders pages on several threads at once and can block with fewer (leptos#4578).
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?;
    runtime.block_on(async {
        let backend: SharedBackend = Arc::new(Preview { clock: Arc::new(SystemClock) });
        let dist = std::env::args().nth(1).unwrap_or_else(|| "dist".to_owned());
        let routes = Router::new()
            .route("/scene", get(list))
            .route("/scene/{name}", get(choose))
            .route("/live", get(live))
            .merge(router(Site::read(Path::new(&dist))?, backend, None, &[]))
            .layer(middleware::from_fn(introduce));
        let address = std::env::args().nth(2).unwrap_or_else(|| "127.0.0.1:3100".to_owned());
        let listener = tokio::net::TcpListener::bind(address).await?;
        println!("http://{}/scene", listener.local_addr()?);
        axum::serve(listener, routes).await?;
        Ok(())
    })
}
