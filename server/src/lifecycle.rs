//! Start-up and shutdown, in order.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::Path,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use engine::{
    Engine, OpenError, Options,
    clock::{Clock, Rng},
};
use futures_util::future::{Either, select};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    access::{self, AccessState, Authenticator, KeyError},
    backend::ServerBackend,
    client_address::TrustedProxies,
    cloud::{self, Cloud},
    config::{CloudKind, ConfigError, ServeConfig},
    data_folder, handlers,
    http::{
        self, AllowedHosts, CsrfError, HostGuard, HttpState, RateLimiter,
        listener::{Capacity, ConnectionBudget, Listener, Registry},
    },
    live::{self, Admission, Hub},
    metrics::Metrics,
    open_files,
    orders::{Orders, StoreError, follow_changes, upkeep},
    pages::{Site, SiteError},
    provision::{self, ORDER_PROCESSOR, Probe, ProvisionError, ResourceNames, StateMachines},
    routes::{
        self, Web,
        health::{self, Readiness},
        live::Live,
    },
    secret::Secret,
    shop::{ShopError, ShopStore},
    time::{self, Clocks},
};

/// Used in the ARNs of the embedded cloud.
const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";
/// How many past orders are read at start to learn how long a drink takes.
const PAST_ORDERS: i32 = 200;
/// How long shutdown waits for requests and connections.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database of the embedded cloud cannot be opened.
    #[error(transparent)]
    Engine(#[from] OpenError),
    /// Tables, rules or workflows cannot be created.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// There is no usable key for the cookies.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The built pages cannot be read.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The public URL is not an origin.
    #[error(transparent)]
    Csrf(#[from] CsrfError),
    /// Orders or settings cannot be read.
    #[error("{0}")]
    Read(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}. Stop what uses it, or choose another address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
}

impl From<StoreError> for ServeError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.to_string())
    }
}

impl From<ShopError> for ServeError {
    fn from(error: ShopError) -> Self {
        Self::Read(error.to_string())
    }
}

/// A running server.
#[derive(Debug)]
pub struct RunningServer {
    /// The address of the pages.
    pub address: SocketAddr,
    /// The address of the AWS API of the embedded cloud, if it is offered.
    pub aws_api: Option<SocketAddr>,
    /// The address of the metrics, if they are offered.
    pub metrics: Option<SocketAddr>,
    /// The URL of the pages for guests.
    pub url: String,
    /// The link that signs a tablet in.
    pub staff_link: Secret,
    /// The embedded cloud, unless AWS is used.
    pub engine: Option<Engine>,
    clock: Arc<dyn Clock>,
    /// The connections of each listener.
    registries: Vec<Arc<Registry>>,
    readiness: Readiness,
    connections: TaskTracker,
    tasks: TaskTracker,
    /// Live connections are closed and no new request is accepted.
    draining: CancellationToken,
    /// Background tasks end.
    stop: CancellationToken,
    /// The metrics listener ends. It is the last.
    stop_metrics: CancellationToken,
    metrics_tasks: TaskTracker,
}

/// Starts the server. It runs until [`RunningServer::shutdown`].
///
/// # Errors
/// [`ServeError`], which says what to do.
pub async fn serve(config: &ServeConfig, clocks: Clocks, rng: Arc<dyn Rng>) -> Result<RunningServer, ServeError> {
    config.check()?;
    let site = Site::read(&config.site_root)?;
    let key = access::load_or_create(config.cookie_key.as_deref(), &config.data_dir, &*rng)?;
    let names = ResourceNames::new(&config.table_prefix);
    let engine = match config.cloud {
        CloudKind::Embedded => Some(open_engine(&config.data_dir, &clocks.orders, &rng)?),
        CloudKind::Aws => None,
    };
    let (cloud, machines) = connect(config, engine.as_ref(), &names).await?;
    let bar_id = provision::bar_id(&cloud, &names, &*rng).await?;
    let authenticator = Arc::new(Authenticator::new(key, config.is_https(), bar_id));
    let orders =
        Arc::new(open_orders(&cloud, &names, machines.arn(&ORDER_PROCESSOR)?.to_owned(), &clocks, &rng).await?);
    if let Some(engine) = &engine {
        for (name, handler) in handlers::functions(&orders) {
            engine.register_function(name, handler);
        }
        engine.start();
    }

    let (draining, stop, stop_metrics) = (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
    let (connections, tasks, metrics_tasks) = (TaskTracker::new(), TaskTracker::new(), TaskTracker::new());
    tasks.spawn(upkeep(Arc::clone(&orders), stop.clone()));
    tasks.spawn(follow_changes(Arc::clone(&orders), Arc::clone(&clocks.connections), stop.clone()));
    let (hub, until) = (Arc::clone(&orders.hub), stop.clone());
    tasks.spawn(async move { hub.broadcast_loop(until).await });

    let clock = Arc::clone(&clocks.connections);
    let readiness = Readiness::new(Probe::new(cloud, names, machines), engine.clone(), Arc::clone(&clock));
    let metrics_router = routes::metrics::router(Arc::clone(&orders)).merge(health::router(readiness.clone()));
    let budget = ConnectionBudget::of(config.connection_limits, config.live_limits, open_files::max_connections());
    let mut listeners = Listeners {
        proxies: TrustedProxies::new(&config.trusted_proxy),
        clock: Arc::clone(&clock),
        metrics: Arc::clone(&orders.metrics),
        registries: Vec::new(),
    };
    let http = HttpState {
        clock: Arc::clone(&clock),
        rng: Arc::clone(&rng),
        https: config.is_https(),
        proxies: listeners.proxies.clone(),
        rates: Arc::new(RateLimiter::new(config.starts_per_minute, Arc::clone(&clock))),
        metrics: orders.metrics.commands.clone(),
    };
    let access = AccessState {
        authenticator,
        clock: Arc::clone(&clocks.orders),
        rng: Arc::clone(&rng),
        http: http.clone(),
        styles: site.assets.styles.iter().map(|style| style.href.clone()).collect(),
    };
    let staff_path = access.authenticator.staff_path();
    let backend = Arc::new(ServerBackend { orders, clocks, rng });
    let live = Live {
        backend: Arc::clone(&backend),
        public_origin: config.public_origin().map(Arc::from),
        proxies: listeners.proxies.clone(),
        admission: Admission::new(budget.live),
        stop: draining.clone(),
        connections: connections.clone(),
    };
    let hosts = AllowedHosts::of_this_machine(&config.allow_host);
    let router = routes::router(Web {
        backend,
        live,
        site,
        http: http.clone(),
        access,
        readiness: readiness.clone(),
        framed_by: config.allow_frame.clone(),
        hosts: config.public_url.is_none().then(|| hosts.clone()),
    })?;
    let tasks_and_stop = (&tasks, &draining);
    let address = listeners.open("pages", config.listen, router, budget.pages, tasks_and_stop)?;
    let aws_api = match (config.aws_api_address(), &engine) {
        (Some(address), Some(engine)) => {
            let api = http::without_web_pages(engine.router(), HostGuard { hosts, http });
            Some(listeners.open("aws_api", address, api, budget.internal, tasks_and_stop)?)
        }
        _ => None,
    };
    let metrics = match config.metrics {
        Some(address) => Some(listeners.open(
            "metrics",
            address,
            metrics_router,
            budget.internal,
            (&metrics_tasks, &stop_metrics),
        )?),
        None => None,
    };
    readiness.set(true);
    let url = config.public_origin().map_or_else(|| format!("http://{}", reachable(address)), str::to_owned);
    let staff_link = Secret::from(format!("{url}{}", staff_path));
    let running = RunningServer {
        address,
        aws_api,
        metrics,
        url,
        staff_link,
        engine,
        clock,
        registries: listeners.registries,
        readiness,
        connections,
        tasks,
        draining,
        stop,
        stop_metrics,
        metrics_tasks,
    };
    Ok(running)
}

fn open_engine(data_dir: &Path, clock: &Arc<dyn Clock>, rng: &Arc<dyn Rng>) -> Result<Engine, OpenError> {
    Engine::open(Options {
        path: Some(data_folder::database(data_dir)),
        clock: Arc::clone(clock),
        rng: Arc::clone(rng),
        region: REGION.to_owned(),
        account: ACCOUNT.to_owned(),
    })
}

/// The ARN of a function in the embedded cloud.
fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// Creates the clients, and returns the state machines of the workflows.
async fn connect(
    config: &ServeConfig,
    engine: Option<&Engine>,
    names: &ResourceNames,
) -> Result<(Cloud, StateMachines), ProvisionError> {
    match engine {
        Some(engine) => {
            let cloud = cloud::embedded(engine, REGION);
            let machines = provision::provision(&cloud, names, function_arn).await?;
            Ok((cloud, machines))
        }
        None => {
            let cloud = cloud::remote(config.region.clone()).await;
            let machines = provision::check(&cloud, names).await?;
            Ok((cloud, machines))
        }
    }
}

async fn open_orders(
    cloud: &Cloud,
    names: &ResourceNames,
    workflow_arn: String,
    clocks: &Clocks,
    rng: &Arc<dyn Rng>,
) -> Result<Orders, ServeError> {
    let shop = Arc::new(ShopStore::open(cloud.tables.clone(), names.config.clone()).await?);
    let hub = Arc::new(Hub::new(clocks.clone(), &**rng, shop.current()));
    let orders = Orders::new(cloud, names, workflow_arn, shop, hub, clocks.clone(), Metrics::new());
    let latest = orders.repository.latest(PAST_ORDERS).await?;
    orders.hub.learn_pace(latest.iter().rev().map(|stored| &stored.order));
    // Open orders, and those that ended so recently that they are still shown.
    let mut known = orders.repository.open().await?;
    known.extend(orders.repository.changed_since(orders.now().plus_millis(-live::LINGER_MILLIS)).await?);
    for stored in known {
        orders.publish(&stored);
    }
    Ok(orders)
}

/// The address for phones in the same network. For a server that listens on all addresses it is the one that this
/// machine uses for outgoing connections.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    // Connecting a UDP socket sends nothing; it only selects a route. The address is reserved for documentation (RFC
    // 5737).
    let way_out = UdpSocket::bind(("0.0.0.0", 0)).and_then(|socket| {
        socket.connect(("192.0.2.1", 9))?;
        socket.local_addr()
    });
    let ip = way_out.map_or(IpAddr::from(Ipv4Addr::LOCALHOST), |address| address.ip());
    SocketAddr::new(ip, address.port())
}

/// What all listeners have in common.
struct Listeners {
    proxies: TrustedProxies,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    registries: Vec<Arc<Registry>>,
}

impl Listeners {
    /// Serves `router` at `address`; returns the actual address.
    fn open(
        &mut self,
        name: &'static str,
        address: SocketAddr,
        router: Router,
        capacity: Capacity,
        (tasks, stop): (&TaskTracker, &CancellationToken),
    ) -> Result<SocketAddr, ServeError> {
        let listener = Listener::bind(address).map_err(|source| ServeError::Listen { address, source })?;
        let address = listener.address;
        let metrics = self.metrics.connections.of(name);
        let registry = Registry::new(capacity, self.proxies.clone(), Arc::clone(&self.clock), metrics);
        self.registries.push(Arc::clone(&registry));
        listener.serve(router, registry, Arc::clone(&self.clock), tasks, stop.clone());
        Ok(address)
    }
}

impl RunningServer {
    /// Stops in order: readiness, live connections, requests, background tasks, the embedded cloud, and last the
    /// metrics.
    pub async fn shutdown(self) {
        self.readiness.set(false);
        self.draining.cancel();
        self.stop.cancel();
        self.connections.close();
        self.tasks.close();
        let finished = async {
            self.connections.wait().await;
            self.tasks.wait().await;
        };
        if !self.within_timeout(finished).await {
            tracing::warn!("some requests did not end in time and were cut off");
            self.registries.iter().for_each(|registry| registry.abort());
        }
        if let Some(engine) = &self.engine {
            engine.shutdown().await;
        }
        self.stop_metrics.cancel();
        self.metrics_tasks.close();
        self.within_timeout(self.metrics_tasks.wait()).await;
    }

    /// Waits for `end`, at most for [`SHUTDOWN_TIMEOUT`]. Returns false when the time is over.
    async fn within_timeout(&self, end: impl Future<Output = ()>) -> bool {
        let limit = time::sleep(&*self.clock, SHUTDOWN_TIMEOUT);
        matches!(select(pin!(end), pin!(limit)).await, Either::Left(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_address_can_be_opened() {
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 3000));
        assert!(!reachable(everywhere).ip().is_unspecified());
        assert_eq!(reachable(everywhere).port(), 3000);
        let here = SocketAddr::from(([127, 0, 0, 1], 3000));
        assert_eq!(reachable(here), here);
    }
}
