//! The state of the bar and its limits: the `config` item of the config table.

use serde::{Deserialize, Serialize};

use crate::{menu::SoldOut, order::PauseReason, time::Timestamp};

/// Whether the bar takes orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum ShopState {
    /// The bar takes orders.
    Open,
    /// The bar takes no new orders for a while. Orders in the queue are made.
    Paused {
        /// The reason, for guests.
        reason: PauseReason,
        /// When the bar opens again by itself. `None` until somebody opens it.
        until: Option<Timestamp>,
    },
    /// The bar is closed.
    Closed,
}

impl ShopState {
    /// Whether this is a pause that has ended.
    pub fn is_over(&self, now: Timestamp) -> bool {
        matches!(self, Self::Paused { until: Some(until), .. } if *until <= now)
    }
}

/// The settings of the bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// The name of the bar, at the top of every page.
    pub name: String,
    /// Open, paused or closed (`storeOpen` and the members that we add).
    pub state: ShopState,
    /// `maxOrdersInQueue`: how many orders may be open at once. The workflow refuses the next one.
    pub max_orders_in_queue: u32,
    /// `maxOrdersPerUser`: how many orders a guest may have open at once.
    pub max_orders_per_user: u32,
    /// What is sold out today.
    pub sold_out: SoldOut,
    /// The version of the menu and its translations: another number after each change.
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
