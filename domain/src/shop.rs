//! The bar: open or not, and its limits. It is the `config` item of the config table.

use serde::{Deserialize, Serialize};

use crate::{menu::SoldOut, order::PauseReason, time::Timestamp};

/// Whether the bar takes orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum ShopState {
    /// It takes orders.
    Open,
    /// It takes no new orders for a while; what is in the queue is made.
    Paused {
        /// Why; guests read it.
        reason: PauseReason,
        /// When it opens again by itself; without it, somebody has to open it.
        until: Option<Timestamp>,
    },
    /// It is closed.
    Closed,
}

impl ShopState {
    /// Whether a pause is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        matches!(self, Self::Paused { until: Some(until), .. } if *until <= now)
    }
}

/// The settings that commands and pages go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// What guests read at the top of every page.
    pub name: String,
    /// Open, paused or closed (`storeOpen` and what we add to it).
    pub state: ShopState,
    /// `maxOrdersInQueue`: how many orders may be under way at once; the workflow refuses the next one.
    pub max_orders_in_queue: u32,
    /// `maxOrdersPerUser`: how many orders one phone may have under way at once.
    pub max_orders_per_user: u32,
    /// What has run out today.
    pub sold_out: SoldOut,
    /// Another number whenever the menu or its translations have changed.
    pub menu: u32,
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            name: "Doppio".to_owned(),
            state: ShopState::Open,
            max_orders_in_queue: 40,
            max_orders_per_user: 1,
            sold_out: SoldOut::default(),
            menu: 0,
        }
    }
}
