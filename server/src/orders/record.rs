//! An order as an item of the order table. Attributes of the original Serverlesspresso keep their names and meanings;
//! the other attributes are ours.

use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    BaristaId, CustomerId, DrinkOrder, Ending, Order, OrderId, OrderNumber, TaskToken, Timestamp,
    order::{BarMove, BarState, End, Extension, Party, TokenState, WorkflowStep},
};
use serde::{Deserialize, Serialize};

use crate::cloud::attributes::{Item, get_flag, get_number, get_text, number, text};

/// The partition key of all orders, in the table and in the index of changes.
pub(super) const ORDERS: &str = "orders";

/// An order as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredOrder {
    pub(crate) order: Order,
    /// Incremented by each write; 0 for an item that another program wrote or that does not exist yet.
    pub(crate) version: u64,
    /// The item as it was read. Unknown attributes are written back unchanged.
    pub(super) item: Item,
}

/// Why an item cannot be read as an order. A newer release or another program may have written it; it is left
/// unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// A key is missing or malformed.
    #[error("its item has no usable {0}")]
    Key(&'static str),
    /// An attribute has a value that this release does not know.
    #[error("the attribute {0} of its item has a value that this release does not know")]
    Value(&'static str),
}

/// The attribute `drinkOrder` as JSON text. The members of the original come first.
#[derive(Serialize, Deserialize)]
struct WrittenDrink {
    #[serde(rename = "userId", default)]
    user_id: String,
    drink: String,
    #[serde(default)]
    modifiers: Vec<String>,
    #[serde(default)]
    icon: String,
    #[serde(default)]
    special: Vec<String>,
}

impl StoredOrder {
    /// An order that is not in the table yet.
    pub(crate) fn new(order: Order) -> Self {
        Self { order, version: 0, item: Item::new() }
    }

    /// Reads an item.
    ///
    /// # Errors
    /// [`Unreadable`]. The caller must neither act on such an order nor overwrite its item, because data would be lost.
    pub(super) fn read(item: Item) -> Result<Self, Unreadable> {
        let id = get_text(&item, "SK").and_then(|id| OrderId::try_from(id).ok()).ok_or(Unreadable::Key("SK"))?;
        let customer = get_text(&item, "USERID").and_then(|id| CustomerId::try_from(id).ok());
        let customer = customer.ok_or(Unreadable::Key("USERID"))?;
        let written = get_number(&item, "TS").map_or_else(Timestamp::default, Timestamp);
        let time = |name: &str| get_number(&item, name).map(Timestamp);
        let times = get_number(&item, "extendedTimes");
        let is_completed = get_text(&item, "ORDERSTATE") == Some("COMPLETED");
        let (customer_token, barista_token) = read_tokens(&item)?;
        let order = Order {
            id,
            customer,
            started_at: time("startedAt"),
            choose_by: time("chooseBy"),
            extended: times.zip(time("extendedTo")).map(|(times, choose_by)| Extension { times, choose_by }),
            submitted: read_drink(&item)?.map(|drink| (drink, time("submittedAt").unwrap_or(written))),
            number: get_text(&item, "orderNumber").and_then(|text| OrderNumber::from_str(text).ok()),
            waiting_at: time("waitingAt"),
            make_by: time("makeBy"),
            claimed_at: time("claimedAt"),
            bar: read_bar(&item, written)?,
            ready_at: time("readyAt").or(is_completed.then_some(written)),
            end: read_ending(&item)?.map(|ending| End {
                round: get_number(&item, "endedRound").unwrap_or(0),
                ending,
                at: time("endedAt").unwrap_or(written),
            }),
            acknowledged: get_number(&item, "acknowledgedRound"),
            customer_token,
            barista_token,
        };
        Ok(Self { order, version: get_number(&item, "version").unwrap_or(0), item })
    }

    /// The item of the next version.
    pub(super) fn write(&self, now: Timestamp) -> Item {
        // Without `..`, so that a new field does not compile before it is written here.
        let Order {
            id,
            customer,
            started_at,
            choose_by,
            extended,
            submitted,
            number: order_number,
            waiting_at,
            make_by,
            claimed_at,
            bar,
            ready_at,
            end,
            acknowledged,
            customer_token,
            barista_token,
        } = &self.order;
        let mut item = self.item.clone();
        let mut set = |name: &str, value| item.insert(name.to_owned(), value);
        set("PK", text(ORDERS));
        set("SK", text(id.as_str()));
        set("USERID", text(customer.as_str()));
        set("ORDERSTATE", text(self.order.phase().order_state()));
        set("TS", number(now.0));
        set("feed", text(ORDERS));
        set("changedAt", number(now.0));
        set("version", number(self.version.saturating_add(1)));
        let times = [
            ("startedAt", *started_at),
            ("chooseBy", *choose_by),
            ("waitingAt", *waiting_at),
            ("makeBy", *make_by),
            ("claimedAt", *claimed_at),
            ("readyAt", *ready_at),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                set(name, number(time.0));
            }
        }
        if let Some(Extension { times, choose_by }) = extended {
            set("extendedTimes", number(times));
            set("extendedTo", number(choose_by.0));
        }
        if let Some(order_number) = order_number {
            set("orderNumber", text(order_number.to_string()));
        }
        if let Some(round) = acknowledged {
            set("acknowledgedRound", number(round));
        }
        if let Some((drink, at)) = submitted {
            set("submittedAt", number(at.0));
            write_drink(drink, customer, &mut item);
        }
        if let Some(bar) = bar {
            write_bar(bar, &mut item);
        }
        if let Some(end) = end {
            write_end(end, &mut item);
        }
        write_tokens(self.order.callback(), customer_token, barista_token, &mut item);
        item.entry("robot".to_owned()).or_insert(AttributeValue::Bool(false));
        item
    }
}

fn read_drink(item: &Item) -> Result<Option<DrinkOrder>, Unreadable> {
    let Some(written) = get_text(item, "drinkOrder") else { return Ok(None) };
    let WrittenDrink { drink, modifiers, icon, special, .. } =
        serde_json::from_str(written).map_err(|_| Unreadable::Value("drinkOrder"))?;
    Ok(Some(DrinkOrder { drink, modifiers, special, icon }))
}

fn write_drink(drink: &DrinkOrder, customer: &CustomerId, item: &mut Item) {
    let DrinkOrder { drink, modifiers, special, icon } = drink.clone();
    let written = WrittenDrink { user_id: customer.to_string(), drink, modifiers, icon, special };
    if let Ok(written) = serde_json::to_string(&written) {
        item.insert("drinkOrder".to_owned(), text(written));
    }
}

/// The id of a barista that another program wrote has no device part; `outside` takes its place.
fn read_barista(item: &Item) -> Option<BaristaId> {
    let written = get_text(item, "baristaUserId").filter(|text| !text.is_empty())?;
    BaristaId::try_from(written.to_owned()).or_else(|_| BaristaId::new(written, "outside")).ok()
}

fn read_bar(item: &Item, written: Timestamp) -> Result<Option<BarMove>, Unreadable> {
    let barista = read_barista(item);
    let at = get_number(item, "barAt").map_or(written, Timestamp);
    let turn = get_number(item, "barTurn").unwrap_or(1);
    let round = get_number(item, "barRound").unwrap_or(0);
    let state = match (get_text(item, "barState"), barista) {
        (Some("FINISHING"), Some(barista)) => {
            BarState::Finishing { barista, ready_due: get_number(item, "readyDue").map_or(at, Timestamp) }
        }
        (Some("SERVED"), Some(barista)) => BarState::Served { barista },
        (Some("UNCLAIMED"), _) => BarState::Unclaimed,
        (Some("MAKING") | None, Some(barista)) => BarState::Making { barista },
        (None, None) => return Ok(None),
        (Some(_), _) => return Err(Unreadable::Value("barState")),
    };
    Ok(Some(BarMove { turn, round, state, at }))
}

fn write_bar(bar: &BarMove, item: &mut Item) {
    let BarMove { turn, round, state, at } = bar;
    let (name, barista, due) = match state {
        BarState::Unclaimed => ("UNCLAIMED", "", None),
        BarState::Making { barista } => ("MAKING", barista.as_str(), None),
        BarState::Served { barista } => ("SERVED", barista.as_str(), None),
        BarState::Finishing { barista, ready_due } => ("FINISHING", barista.as_str(), Some(ready_due)),
    };
    item.insert("barTurn".to_owned(), number(turn));
    item.insert("barRound".to_owned(), number(round));
    item.insert("barState".to_owned(), text(name));
    item.insert("barAt".to_owned(), number(at.0));
    item.insert("baristaUserId".to_owned(), text(barista));
    match due {
        Some(due) => item.insert("readyDue".to_owned(), number(due.0)),
        None => item.remove("readyDue"),
    };
}

fn read_ending(item: &Item) -> Result<Option<Ending>, Unreadable> {
    if let Some(written) = get_text(item, "ending") {
        return serde_json::from_str(written).map(Some).map_err(|_| Unreadable::Value("ending"));
    }
    let reason = || get_text(item, "reason").unwrap_or("no reason given").to_owned();
    Ok(match get_text(item, "ORDERSTATE") {
        Some("COLLECTED") => Some(Ending::Collected),
        Some("UNCOLLECTED") => Some(Ending::Uncollected),
        // Other programs write no more than this.
        Some("CANCELLED" | "TIMED_OUT" | "REFUSED") => Some(Ending::Refused { reason: reason() }),
        Some("CREATED" | "COMPLETED") | None => None,
        Some(_) => return Err(Unreadable::Value("ORDERSTATE")),
    })
}

fn write_end(end: &End, item: &mut Item) {
    let End { round, ending, at } = end;
    item.insert("endedRound".to_owned(), number(round));
    item.insert("endedAt".to_owned(), number(at.0));
    if let Ok(written) = serde_json::to_string(ending) {
        item.insert("ending".to_owned(), text(written));
    }
    let reason = match ending {
        Ending::Collected | Ending::Uncollected => return,
        Ending::CancelledByCustomer => "Cancelled by the customer".to_owned(),
        Ending::CancelledByBarista { reason, .. } => reason.to_string(),
        Ending::Refused { reason } => reason.clone(),
        Ending::TimedOut { who: Party::Customer } => "Customer timedout".to_owned(),
        Ending::TimedOut { who: Party::Barista } => "Barista timedout".to_owned(),
    };
    item.insert("reason".to_owned(), text(reason));
}

fn read_tokens(item: &Item) -> Result<(TokenState, TokenState), Unreadable> {
    let open =
        || get_text(item, "TaskToken").map_or(TokenState::Unknown, |token| TokenState::Open(TaskToken::new(token)));
    let spent = |name: &str| get_flag(item, name).unwrap_or(false);
    // Other programs do not write `awaiting`; an order with a number waits for a barista.
    let unsaid = || if item.contains_key("orderNumber") { "BARISTA" } else { "CUSTOMER" };
    Ok(match get_text(item, "awaiting").unwrap_or_else(unsaid) {
        "CUSTOMER" => (open(), TokenState::Unknown),
        "BARISTA" => (TokenState::Spent, open()),
        "NONE" => {
            let state = |spent: bool| if spent { TokenState::Spent } else { TokenState::Unknown };
            (state(spent("customerTokenSpent")), state(spent("baristaTokenSpent")))
        }
        _ => return Err(Unreadable::Value("awaiting")),
    })
}

fn write_tokens(
    callback: Option<(WorkflowStep, &TaskToken)>,
    customer_token: &TokenState,
    barista_token: &TokenState,
    item: &mut Item,
) {
    let awaiting = match callback {
        Some((WorkflowStep::Customer, token)) => {
            item.insert("TaskToken".to_owned(), text(token.reveal()));
            "CUSTOMER"
        }
        Some((WorkflowStep::Barista, token)) => {
            item.insert("TaskToken".to_owned(), text(token.reveal()));
            "BARISTA"
        }
        None => {
            item.remove("TaskToken");
            "NONE"
        }
    };
    item.insert("awaiting".to_owned(), text(awaiting));
    let flag = |state: &TokenState| AttributeValue::Bool(*state == TokenState::Spent);
    item.insert("customerTokenSpent".to_owned(), flag(customer_token));
    item.insert("baristaTokenSpent".to_owned(), flag(barista_token));
}

#[cfg(test)]
mod tests;
