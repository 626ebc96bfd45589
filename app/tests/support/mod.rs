//! Pages on a fake backend, and a browser without JavaScript.

use std::sync::{Arc, Mutex, Once};

use any_spawner::Executor;
use app::{
    backend::{Backend, SharedBackend, Viewer},
    display,
    document::{Assets, Bundle, document},
    error::{CommandError, Failed},
    i18n::Messages,
    loaders::Snapshot,
};
use async_trait::async_trait;
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use domain::{
    BaristaId, CustomerId, DrinkOrder, Language, Menu, OrderCommand, OrderId, OrderNumber, Refusal, Role, ShopState,
    Timestamp,
    live::{Resume, Topic, TopicState},
    menu::MenuWords,
    past_drinks::PastDrink,
    view::{BoardEntry, Column, OrderView, ShopView, Stage, Ticket},
};
use http_body_util::BodyExt;
use leptos::{prelude::provide_context, server_fn::error::ServerFnUrlError};
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

#[derive(Clone)]
pub(crate) struct TestPages {
    pub(crate) shop: ShopState,
    pub(crate) order: Option<OrderView>,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) board: Vec<BoardEntry>,
    /// The drinks that the guest has ordered before.
    pub(crate) past: Vec<PastDrink>,
    /// The error that every command answers with.
    pub(crate) refusal: Option<CommandError>,
    /// Whether reading fails too, with `refusal`.
    pub(crate) down: bool,
    /// Whether every answer is delayed, as on AWS. Otherwise it is there at once.
    pub(crate) far: bool,
    /// The language of the reader.
    pub(crate) language: Language,
    /// Whether the browser has signed in as staff.
    pub(crate) staff: bool,
    /// The drink and the modifiers of the last submit.
    pub(crate) submitted: Arc<Mutex<Vec<String>>>,
}

/// An answer.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) html: String,
}

impl Page {
    /// The HTML without the marks for hydration.
    pub(crate) fn text(&self) -> String {
        self.html.replace("<!>", "").replace("&#x27;", "'")
    }
}

fn order(stage: Stage) -> OrderView {
    let chosen = stage != Stage::Choosing;
    let latte = DrinkOrder {
        drink: "Latte".into(),
        modifiers: vec!["Regular".into(), "Oat milk".into()],
        special: vec!["Oat milk".into()],
        icon: "latte".into(),
    };
    OrderView {
        id: OrderId::try_from("order-1").unwrap(),
        number: (chosen && stage != Stage::Submitted).then_some(OrderNumber(47)),
        drink: chosen.then_some(latte),
        ahead: (stage == Stage::Waiting).then_some(3),
        started_at: Some(NOW),
        choose_by: (!chosen).then_some(NOW.plus_millis(300_000)),
        ready_at: None,
        wait: None,
        delay: None,
        extendable: !chosen,
        stage,
    }
}

impl TestPages {
    /// An open bar without orders.
    pub(crate) fn open() -> Self {
        Self {
            shop: ShopState::Open,
            order: None,
            tickets: Vec::new(),
            board: Vec::new(),
            past: Vec::new(),
            refusal: None,
            down: false,
            far: false,
            language: Language::English,
            staff: true,
            submitted: Arc::default(),
        }
    }

    pub(crate) fn with_order(stage: Stage) -> Self {
        Self { order: Some(order(stage)), ..Self::open() }
    }

    pub(crate) fn with_tickets() -> Self {
        let ticket = |(id, drink, lane): (&str, &str, _)| Ticket {
            id: OrderId::try_from(id).unwrap(),
            number: Some(OrderNumber(7)),
            drink: Some(DrinkOrder {
                drink: drink.into(),
                modifiers: vec!["Oat milk".into()],
                special: vec!["Oat milk".into()],
                icon: "cup".into(),
            }),
            lane,
            waiting_since: Some(NOW.plus_millis(-430_000)),
            make_by: None,
            walk_in: false,
            recalled: false,
            ready_at: None,
        };
        Self { tickets: super::lanes(NOW).into_iter().map(ticket).collect(), ..Self::with_order(Stage::Making) }
    }

    /// Entries of the board: number, column, and milliseconds relative to now.
    pub(crate) fn with_board(entries: &[(u32, Column, i64)]) -> Self {
        let entry = |(number, column, since): &(u32, Column, i64)| BoardEntry {
            number: OrderNumber(*number),
            column: *column,
            since: NOW.plus_millis(*since),
        };
        Self { board: entries.iter().map(entry).collect(), ..Self::open() }
    }

    fn check(&self) -> Result<(), CommandError> {
        self.refusal.clone().map_or(Ok(()), Err)
    }

    async fn read(&self) -> Result<(), CommandError> {
        if self.far {
            // The future is woken from another thread.
            tokio::task::spawn_blocking(|| ()).await.unwrap();
        }
        if self.down { self.check() } else { Ok(()) }
    }

    fn context(&self) -> impl Fn() + Clone + Send + Sync + 'static {
        let backend: SharedBackend = Arc::new(self.clone());
        let words = Messages::of(self.language);
        move || {
            provide_context(Arc::clone(&backend));
            provide_context(words);
        }
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // Starts the executor of Leptos, as the server does.
            Executor::init_tokio().unwrap();
        });
        let viewer = Viewer {
            customer: CustomerId::try_from("phone-1").unwrap(),
            has_cookie: true,
            role: if self.staff { Role::Barista(BaristaId::new("Ana", "t1").unwrap()) } else { Role::Guest },
        };
        Request::builder().method(method).uri(path).header("host", "bar.test").extension(viewer)
    }

    /// Loads a page.
    pub(crate) async fn get(&self, path: &str) -> Page {
        let bundle = |name: &str| Bundle { script: format!("/pkg/{name}.js"), wasm: format!("/pkg/{name}.wasm") };
        let assets = Assets { styles: Vec::new(), guest: bundle("guest"), bar: bundle("bar") };
        let assets = Arc::new(assets);
        let render = render_app_async_with_context(self.context(), move || document(Arc::clone(&assets)));
        let mut request = self.request("GET", path).header("accept", "text/html").body(Body::empty()).unwrap();
        // The server carries the error of a form to its page.
        if let Some(failed) = failed(path) {
            request.extensions_mut().insert(failed);
        }
        page(render(request).await).await
    }

    /// Renders the wall.
    pub(crate) async fn wall(&self) -> Page {
        let viewer = Viewer { customer: CustomerId::try_from("phone-1").unwrap(), has_cookie: true, role: Role::Guest };
        let read = async |topic: Topic| {
            let (state, position) = self.topic(&viewer, &topic).await.unwrap();
            Snapshot { topic, state, position }
        };
        let board = display::Board { now: self.now(), board: read(Topic::Board).await, shop: read(Topic::Shop).await };
        let files = display::DisplayFiles { style: String::new(), wall: Vec::new(), mine: Vec::new() };
        let request = display::DisplayRequest {
            files: &files,
            nonce: "once",
            query: "",
            messages: Messages::of(Language::English),
            origin: "http://bar.test",
        };
        Page { status: 200, location: None, html: display::wall(&request, &board) }
    }

    /// Sends a form of the page `from`.
    pub(crate) async fn post(&self, path: &str, from: &str, body: &'static str) -> Page {
        let request = self
            .request("POST", path)
            .header("accept", "text/html")
            .header("referer", format!("http://bar.test{from}"));
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(body)).unwrap();
        page(handle_server_fns_with_context(self.context(), request).await.into_response()).await
    }

    /// Calls a server function as a script does.
    pub(crate) async fn call(&self, path: &str, body: &'static str) -> Page {
        let request = self.request("POST", path).header("accept", "application/json");
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(body)).unwrap();
        page(handle_server_fns_with_context(self.context(), request).await.into_response()).await
    }
}

async fn page(response: Response) -> Page {
    let status = response.status().as_u16();
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let html = String::from_utf8(body.to_vec()).unwrap();
    // Removes the messages, which every page carries.
    let html = match html.split_once(r#"<script type="application/json" id="words">"#) {
        Some((before, after)) => format!("{before}{}", after.split_once("</script>").unwrap().1),
        None => html,
    };
    Page { status, location, html }
}

#[async_trait]
impl Backend for TestPages {
    async fn menu(&self) -> Result<Menu, CommandError> {
        self.read().await?;
        Ok(serde_json::from_value(serde_json::json!([
            {"drink": "Flat White", "icon": "flat-white", "available": true, "description": "Double shot, silky milk", "modifiers": [
                {"Name": "Size", "Options": ["Regular", "Large"], "Default": "Regular"},
                {"Name": "Milk", "Options": ["Whole milk", "Oat milk"], "Default": "Whole milk"},
                {"Name": "Extras", "Options": ["Extra shot", "Vanilla"]}]},
            {"drink": "Mocha", "icon": "mocha", "available": false},
        ]))
        .unwrap())
    }

    fn skipped_drinks(&self) -> Vec<String> {
        Vec::new()
    }

    async fn menu_words(&self, _language: Language) -> Result<MenuWords, CommandError> {
        Ok(MenuWords::default())
    }

    async fn topic(&self, viewer: &Viewer, topic: &Topic) -> Result<(TopicState, Resume), CommandError> {
        self.read().await?;
        let state = match topic {
            Topic::Board => TopicState::Board(self.board.clone()),
            Topic::Queue if viewer.role.staff().is_none() => return Err(CommandError::StaffOnly),
            Topic::Queue => TopicState::Queue(self.tickets.clone()),
            Topic::Shop => TopicState::Shop(ShopView {
                name: "Doppio".into(),
                state: self.shop.clone(),
                in_queue: 0,
                wait: None,
                sold_out: domain::SoldOut::default(),
                menu: 0,
            }),
            Topic::Order(id) => match &self.order {
                Some(order) if order.id == *id => TopicState::Order(Box::new(order.clone())),
                _ => return Err(Refusal::NotFound.into()),
            },
        };
        Ok((state, Resume { epoch: 1, seq: 1 }))
    }

    async fn current_order(&self, _: &CustomerId) -> Result<Option<OrderView>, CommandError> {
        self.read().await?;
        Ok(self.order.clone())
    }

    async fn past_drinks(&self, _: &CustomerId, _: &Menu) -> Result<Vec<PastDrink>, CommandError> {
        Ok(self.past.clone())
    }

    async fn start_order(&self, _: &CustomerId, _: &str) -> Result<OrderView, CommandError> {
        self.check()?;
        Ok(order(Stage::Choosing))
    }

    async fn submit_order(
        &self,
        _: &CustomerId,
        _: Option<&OrderId>,
        _: &str,
        drink: &str,
        modifiers: &[String],
    ) -> Result<OrderView, CommandError> {
        self.check()?;
        *self.submitted.lock().unwrap() = std::iter::once(drink.to_owned()).chain(modifiers.to_vec()).collect();
        Ok(order(Stage::Submitted))
    }

    async fn act_as_guest(
        &self,
        _: &CustomerId,
        _: &OrderId,
        command: OrderCommand,
    ) -> Result<OrderView, CommandError> {
        self.check()?;
        Ok(order(match command {
            OrderCommand::Extend => Stage::Choosing,
            OrderCommand::Collect => Stage::Ready,
            _ => Stage::Waiting,
        }))
    }

    async fn act_as_barista(
        &self,
        _: &BaristaId,
        _: &OrderId,
        _: OrderCommand,
    ) -> Result<Option<Ticket>, CommandError> {
        self.check()?;
        Ok(None)
    }

    async fn claim_orders(&self, _: &BaristaId, _: &[OrderId]) -> Result<Vec<Ticket>, CommandError> {
        self.check()?;
        Ok(Vec::new())
    }

    async fn submit_walk_in(
        &self,
        _: &BaristaId,
        _: &str,
        _: &str,
        _: &[String],
    ) -> Result<Option<Ticket>, CommandError> {
        self.check()?;
        Ok(None)
    }

    async fn past_orders(&self) -> Result<Vec<Ticket>, CommandError> {
        self.read().await?;
        Ok(Vec::new())
    }

    async fn set_sold_out(&self, _: &BaristaId, _: &domain::menu::SoldOutItem, _: bool) -> Result<(), CommandError> {
        self.check()
    }

    async fn set_shop_state(&self, _: &BaristaId, _: ShopState) -> Result<(), CommandError> {
        self.check()
    }

    fn now(&self) -> Timestamp {
        NOW
    }

    fn new_key(&self) -> String {
        "key-1".into()
    }
}

/// The error that a server function has put into the address of a page.
fn failed(address: &str) -> Option<Failed> {
    let (_, query) = address.split_once('?')?;
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.map(|value| value.replace("%2F", "/").replace("%3D", "="))
    };
    let (path, error) = (value("__path")?, value("__err")?);
    Some(Failed { path, error: ServerFnUrlError::<CommandError>::decode_err(&error) })
}
