//! The settings of the shop and its menu: the items `config`, `menu` and `menuTranslations` of the config table.

use std::sync::{PoisonError, RwLock};

use aws_sdk_dynamodb::{Client, error::DisplayErrorContext, types::AttributeValue};
use domain::{
    Language, Menu, Shop, ShopState, SoldOut, Timestamp,
    menu::{MenuWords, SkippedDrink, SoldOutItem, Translations},
    order::REASON_LIMIT,
    text::clean,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use crate::cloud::attributes::{Item, get_flag, get_number, get_text, json, number, text};

/// What is sold out, as sets of names in the item `config`.
const SOLD_OUT_DRINKS: &str = "soldOutDrinks";
const SOLD_OUT_MODIFIERS: &str = "soldOutModifiers";

/// The longest name of a shop, in characters.
const NAME_LIMIT: usize = 60;

/// Why settings could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShopError {
    /// The table refused the request or did not answer.
    #[error("the config table does not answer: {0}")]
    Unavailable(String),
}

impl ShopError {
    fn from_sdk(error: impl std::error::Error) -> Self {
        Self::Unavailable(DisplayErrorContext(error).to_string())
    }
}

/// The config table, with a copy of the settings as they were read last.
#[derive(Debug)]
pub(crate) struct ShopStore {
    client: Client,
    table: String,
    current: RwLock<Shop>,
    /// Held during [`ShopStore::refresh`], so that an older read never replaces a newer one.
    refreshing: Mutex<()>,
    /// The drinks with mistakes, as the menu was read last.
    skipped: RwLock<Vec<SkippedDrink>>,
}

impl ShopStore {
    /// Reads the settings for the first time.
    pub(crate) async fn open(client: Client, table: String) -> Result<Self, ShopError> {
        let store = Self {
            client,
            table,
            current: RwLock::default(),
            refreshing: Mutex::default(),
            skipped: RwLock::default(),
        };
        store.refresh().await?;
        Ok(store)
    }

    /// The settings as they were read last.
    pub(crate) fn current(&self) -> Shop {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The largest number of orders under way, read from the table.
    pub(crate) async fn max_orders_in_queue(&self) -> Result<u32, ShopError> {
        let item = self.get("config").await?.unwrap_or_default();
        Ok(read_shop(&item).max_orders_in_queue)
    }

    /// Reads the settings again. Returns them if they have changed.
    pub(crate) async fn refresh(&self) -> Result<Option<Shop>, ShopError> {
        let _refreshing = self.refreshing.lock().await;
        let item = self.get("config").await?.unwrap_or_default();
        let (menu, skipped) = self.read_menu().await?;
        let translations = self.get("menuTranslations").await?.and_then(|item| item.get("value").map(json));
        let shop = Shop { menu: revision(&menu, translations), ..read_shop(&item) };
        self.report(skipped);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let changed = *current != shop;
        current.clone_from(&shop);
        Ok(changed.then_some(shop))
    }

    /// The menu, read from the table, without what is sold out.
    pub(crate) async fn menu(&self) -> Result<Menu, ShopError> {
        let (menu, _) = self.read_menu().await?;
        Ok(menu.mark_sold_out(&self.current().sold_out))
    }

    /// The names of the drinks that were left out of the menu because of a mistake.
    pub(crate) fn skipped(&self) -> Vec<String> {
        let skipped = self.skipped.read().unwrap_or_else(PoisonError::into_inner);
        skipped.iter().map(|drink| drink.name.clone()).collect()
    }

    async fn read_menu(&self) -> Result<(Menu, Vec<SkippedDrink>), ShopError> {
        let item = self.get("menu").await?.unwrap_or_default();
        Ok(Menu::read(item.get("value").map(json).unwrap_or_default()))
    }

    /// Logs each mistake in the menu once.
    fn report(&self, skipped: Vec<SkippedDrink>) {
        let mut known = self.skipped.write().unwrap_or_else(PoisonError::into_inner);
        for drink in skipped.iter().filter(|drink| !known.contains(drink)) {
            tracing::warn!(drink = %drink.name, error = %drink.why, "a drink was left out of the menu: correct it in the item `menu` of the config table");
        }
        *known = skipped;
    }

    /// Marks an item as sold out, or takes that back. Each item is a member of a set, so that two tablets at once lose
    /// nothing.
    pub(crate) async fn set_sold_out(&self, item: &SoldOutItem, gone: bool) -> Result<Shop, ShopError> {
        let (set, name) = match item {
            SoldOutItem::Drink(name) => (SOLD_OUT_DRINKS, name),
            SoldOutItem::Modifier(name) => (SOLD_OUT_MODIFIERS, name),
        };
        let verb = if gone { "ADD" } else { "DELETE" };
        let update = self.client.update_item().table_name(&self.table).key("PK", text("config"));
        let update = update
            .update_expression(format!("{verb} {set} :name"))
            .expression_attribute_values(":name", AttributeValue::Ss(vec![name.clone()]));
        update.send().await.map_err(ShopError::from_sdk)?;
        self.refresh().await?;
        Ok(self.current())
    }

    /// Opens the shop after `pause`, unless somebody has changed its state meanwhile.
    pub(crate) async fn resume(&self, pause: &ShopState) -> Result<Shop, ShopError> {
        if let ShopState::Paused { until: Some(until), .. } = pause {
            let update = self.client.update_item().table_name(&self.table).key("PK", text("config"));
            let update = update
                .update_expression("SET storeOpen = :open REMOVE pausedFor, pausedUntil")
                .condition_expression("pausedUntil = :until")
                .expression_attribute_values(":open", AttributeValue::Bool(true))
                .expression_attribute_values(":until", number(until.0));
            match update.send().await {
                Ok(_) => {}
                // Another node or a barista was faster. Their change is read below.
                Err(error)
                    if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) => {}
                Err(error) => return Err(ShopError::from_sdk(error)),
            }
        }
        self.refresh().await?;
        Ok(self.current())
    }

    /// The translations of the menu into a language. If they cannot be read, guests see the original texts.
    pub(crate) async fn menu_words(&self, language: Language) -> Result<MenuWords, ShopError> {
        let Some(item) = self.get("menuTranslations").await? else { return Ok(MenuWords::default()) };
        let value = item.get("value").map(json).unwrap_or_default();
        match serde_json::from_value::<Translations>(value) {
            Ok(translations) => Ok(translations.words(language)),
            Err(error) => {
                tracing::warn!(%error, "the item `menuTranslations` of the config table is no dictionary: correct it, or delete it and start again");
                Ok(MenuWords::default())
            }
        }
    }

    /// Opens, pauses or closes the shop. The workflow reads `storeOpen`, so a pause sets it to false.
    pub(crate) async fn set_state(&self, state: &ShopState) -> Result<Shop, ShopError> {
        let update = self.client.update_item().table_name(&self.table).key("PK", text("config"));
        let open = AttributeValue::Bool(*state == ShopState::Open);
        let update = update.expression_attribute_values(":open", open);
        let update = match state {
            ShopState::Open | ShopState::Closed => {
                update.update_expression("SET storeOpen = :open REMOVE pausedFor, pausedUntil")
            }
            ShopState::Paused { reason, until: None } => update
                .update_expression("SET storeOpen = :open, pausedFor = :reason REMOVE pausedUntil")
                .expression_attribute_values(":reason", text(reason.as_str())),
            ShopState::Paused { reason, until: Some(until) } => update
                .update_expression("SET storeOpen = :open, pausedFor = :reason, pausedUntil = :until")
                .expression_attribute_values(":reason", text(reason.as_str()))
                .expression_attribute_values(":until", number(until.0)),
        };
        update.send().await.map_err(ShopError::from_sdk)?;
        self.refresh().await?;
        Ok(self.current())
    }

    async fn get(&self, key: &str) -> Result<Option<Item>, ShopError> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true).key("PK", text(key));
        get.send().await.map(|output| output.item).map_err(ShopError::from_sdk)
    }
}

/// A number that changes with the menu or its translations.
fn revision(menu: &Menu, translations: Option<Value>) -> u32 {
    let translations = translations.and_then(|value| serde_json::from_value::<Translations>(value).ok());
    // Serialized from types, because the members of a table's item have no order.
    let text = serde_json::to_vec(&(menu, translations)).unwrap_or_default();
    let digest = Sha256::digest(text);
    digest.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn read_shop(item: &Item) -> Shop {
    let state = match (get_flag(item, "storeOpen").unwrap_or(false), get_text(item, "pausedFor")) {
        (true, _) => ShopState::Open,
        (false, None) => ShopState::Closed,
        // Other programs write this table, too.
        (false, Some(reason)) => {
            let reason = clean(reason, REASON_LIMIT).unwrap_or_default().into();
            ShopState::Paused { reason, until: get_number(item, "pausedUntil").map(Timestamp) }
        }
    };
    let usual = Shop::default();
    Shop {
        name: get_text(item, "name").and_then(|name| clean(name, NAME_LIMIT).ok()).unwrap_or(usual.name),
        state,
        max_orders_in_queue: get_number(item, "maxOrdersInQueue").unwrap_or(usual.max_orders_in_queue),
        max_orders_per_user: get_number(item, "maxOrdersPerUser").unwrap_or(usual.max_orders_per_user),
        sold_out: SoldOut { drinks: names(item, SOLD_OUT_DRINKS), modifiers: names(item, SOLD_OUT_MODIFIERS) },
        menu: usual.menu,
    }
}

/// The members of a set, sorted. An empty set is a missing attribute.
fn names(item: &Item, set: &str) -> Vec<String> {
    let mut names = item.get(set).and_then(|value| value.as_ss().ok()).cloned().unwrap_or_default();
    names.sort_unstable();
    names
}
