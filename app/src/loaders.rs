//! What pages load: all data of a page in one request, with the positions from which the live connection resumes.
#![expect(missing_docs, reason = "the server macro makes public structs without docs")]

use domain::{
    BaristaId, Menu, Timestamp,
    live::{Resume, Topic, TopicState},
    menu::MenuWords,
    past_drinks::PastDrink,
    view::Ticket,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::CommandError, preferences::DisplayPreferences};

/// The state of a topic when the page was rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The topic.
    pub topic: Topic,
    /// The state.
    pub state: TopicState,
    /// The position of the state.
    pub position: Resume,
}

/// The data of `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuPageData {
    /// The server's time.
    pub now: Timestamp,
    /// The idempotency key of the next order.
    pub key: String,
    /// The menu.
    pub menu: Menu,
    /// The translations of the menu into the reader's language.
    pub menu_words: MenuWords,
    /// The topic `shop`.
    pub shop: Snapshot,
    /// The drinks that the guest has ordered before, the most frequent first.
    pub past: Vec<PastDrink>,
    /// The open order of the guest, or the one that has just ended.
    pub order: Option<Snapshot>,
}

/// The data of `/orders/<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPageData {
    /// The server's time.
    pub now: Timestamp,
    /// The topic `shop`.
    pub shop: Snapshot,
    /// The topic `order/<id>`.
    pub order: Snapshot,
    /// The translations of the menu into the reader's language.
    pub menu_words: MenuWords,
}

/// The data of `/barista`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaristaPageData {
    /// The server's time.
    pub now: Timestamp,
    /// The barista who has signed in.
    pub me: BaristaId,
    /// The topic `shop`.
    pub shop: Snapshot,
    /// The topic `queue`.
    pub queue: Snapshot,
    /// The menu, with what was sold out when the page was rendered.
    pub menu: Menu,
    /// The names of the drinks that were skipped because of a mistake in the menu.
    pub skipped: Vec<String>,
    /// The last orders that have ended, newest first.
    pub past: Vec<Ticket>,
    /// The idempotency key of the next walk-in.
    pub key: String,
    /// The preferences of the tablet.
    #[serde(rename = "look")]
    pub preferences: DisplayPreferences,
}

/// Loads the menu and the current order of the guest.
#[server(endpoint = "read_menu", prefix = "/api")]
pub async fn read_menu() -> Result<MenuPageData, CommandError> {
    let (backend, viewer) = from_backend::context()?;
    // The shop is read first: if the menu changes meanwhile, the page has the new menu and reads it once more.
    let shop = from_backend::snapshot(Topic::Shop).await?;
    let menu = from_backend::with_status(backend.menu().await)?;
    let current = from_backend::with_status(backend.current_order(&viewer.customer).await)?;
    current.iter().for_each(from_backend::redirect_to_open_order);
    let order = match current {
        Some(order) => Some(from_backend::snapshot(Topic::Order(order.id)).await?),
        None => None,
    };
    let past = from_backend::with_status(backend.past_drinks(&viewer.customer, &menu).await)?;
    let menu_words = from_backend::menu_words(&backend).await?;
    Ok(MenuPageData { now: backend.now(), key: backend.new_key(), menu, menu_words, shop, past, order })
}

/// Loads an order of the guest.
#[server(endpoint = "read_order", prefix = "/api")]
pub async fn read_order(#[server(default)] order: String) -> Result<OrderPageData, CommandError> {
    let (backend, _) = from_backend::context()?;
    let id = from_backend::with_status(domain::OrderId::try_from(order).map_err(|_| domain::Refusal::NotFound.into()))?;
    let order = from_backend::snapshot(Topic::Order(id)).await?;
    let shop = from_backend::snapshot(Topic::Shop).await?;
    let menu_words = from_backend::menu_words(&backend).await?;
    Ok(OrderPageData { now: backend.now(), shop, order, menu_words })
}

/// Loads the tickets, for staff.
#[server(endpoint = "read_bar", prefix = "/api")]
pub async fn read_bar() -> Result<BaristaPageData, CommandError> {
    let (backend, me) = from_backend::staff()?;
    let queue = from_backend::snapshot(Topic::Queue).await?;
    let shop = from_backend::snapshot(Topic::Shop).await?;
    let menu = from_backend::with_status(backend.menu().await)?;
    let past = from_backend::with_status(backend.past_orders().await)?;
    let (key, preferences, skipped) = (backend.new_key(), crate::preferences::read_cookies(), backend.skipped_drinks());
    Ok(BaristaPageData { now: backend.now(), me, shop, queue, menu, skipped, past, key, preferences })
}

/// Loads the last forty orders that have ended, for staff.
#[server(endpoint = "read_past", prefix = "/api")]
pub async fn read_past() -> Result<Vec<Ticket>, CommandError> {
    let (backend, _) = from_backend::staff()?;
    from_backend::with_status(backend.past_orders().await)
}

/// Loads the state of topics, for pages that poll because they have no live connection.
#[server(endpoint = "read_topics", prefix = "/api")]
pub async fn read_topics(#[server(default)] topics: Vec<Topic>) -> Result<(Timestamp, Vec<Snapshot>), CommandError> {
    let (backend, _) = from_backend::context()?;
    let mut snapshots = Vec::new();
    for topic in topics.into_iter().take(from_backend::TOPICS_LIMIT) {
        snapshots.push(from_backend::snapshot(topic).await?);
    }
    Ok((backend.now(), snapshots))
}

#[cfg(feature = "ssr")]
mod from_backend {
    use domain::{
        live::Topic,
        menu::MenuWords,
        view::{OrderView, Stage},
    };
    use leptos::prelude::use_context;

    use super::Snapshot;
    use crate::{commands::request, error::CommandError};

    pub(super) use request::with_status;

    /// The maximum number of topics, as for a live connection.
    pub(super) const TOPICS_LIMIT: usize = 4;

    pub(super) fn context() -> Result<(crate::backend::SharedBackend, crate::backend::Viewer), CommandError> {
        with_status(request::context())
    }

    pub(super) fn staff() -> Result<(crate::backend::SharedBackend, domain::BaristaId), CommandError> {
        with_status(request::staff())
    }

    /// The translations of the menu into the language of the request.
    pub(super) async fn menu_words(backend: &crate::backend::SharedBackend) -> Result<MenuWords, CommandError> {
        with_status(backend.menu_words(crate::i18n::messages().language()).await)
    }

    pub(super) async fn snapshot(topic: Topic) -> Result<Snapshot, CommandError> {
        let (backend, viewer) = context()?;
        let (state, position) = with_status(backend.topic(&viewer, &topic).await)?;
        Ok(Snapshot { topic, state, position })
    }

    /// Redirects `/` to the open order of the guest, who has probably scanned the code again.
    pub(super) fn redirect_to_open_order(order: &OrderView) {
        let under_way = matches!(order.stage, Stage::Submitted | Stage::Waiting | Stage::Making | Stage::Ready);
        let parts = use_context::<http::request::Parts>();
        let scanned = parts.is_some_and(|parts| parts.uri.path() == "/" && parts.uri.query().is_none());
        if under_way && scanned {
            leptos_axum::redirect(&format!("/orders/{}", order.id));
        }
    }
}
