//! The drinks that a guest has ordered before, to be ordered again with one tap.

use serde::{Deserialize, Serialize};

use crate::{
    menu::{DrinkOrder, Menu, MenuRefusal},
    order::{Ending, Order},
    time::Timestamp,
};

/// The maximum number of drinks.
const MAX_PAST_DRINKS: usize = 5;

/// A drink that a guest has ordered before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastDrink {
    /// The drink, with the defaults of the present menu.
    pub drink: DrinkOrder,
    /// False when the drink or one of its modifiers is sold out.
    pub available: bool,
}

/// The drinks of these orders, each once. The one that was ordered most often comes first (of equals, the latest); the
/// others follow, latest first. Orders that were refused or cancelled by the guest are left out, and so are drinks that
/// are no longer on the menu.
pub fn past_drinks<'a>(orders: impl IntoIterator<Item = &'a Order>, menu: &Menu) -> Vec<PastDrink> {
    let mut known: Vec<(u32, Timestamp, PastDrink)> = Vec::new();
    for (drink, at) in orders.into_iter().filter_map(placed) {
        let Some(offer) = offer(drink, menu) else { continue };
        match known.iter_mut().find(|(_, _, past)| past.drink == offer.drink) {
            Some((times, last, _)) => {
                *times += 1;
                *last = (*last).max(at);
            }
            None => known.push((1, at, offer)),
        }
    }
    known.sort_by_key(|(_, last, _)| std::cmp::Reverse(*last));
    let usual = known.iter().enumerate().max_by_key(|(at, (times, ..))| (*times, std::cmp::Reverse(*at)));
    if let Some((at, _)) = usual {
        let usual = known.remove(at);
        known.insert(0, usual);
    }
    known.into_iter().take(MAX_PAST_DRINKS).map(|(_, _, past)| past).collect()
}

/// The drink of an order and when it was submitted, if the bar has dealt with the order.
fn placed(order: &Order) -> Option<(&DrinkOrder, Timestamp)> {
    let (ending, _) = order.ended()?;
    let (drink, at) = order.submitted.as_ref()?;
    match ending {
        Ending::CancelledByCustomer | Ending::Refused { .. } => None,
        Ending::Collected | Ending::Uncollected | Ending::CancelledByBarista { .. } | Ending::TimedOut { .. } => {
            Some((drink, *at))
        }
    }
}

/// The drink on the present menu. `None` if the menu no longer has it.
fn offer(drink: &DrinkOrder, menu: &Menu) -> Option<PastDrink> {
    match menu.choose(&drink.drink, &drink.modifiers) {
        Ok(drink) => Some(PastDrink { drink, available: true }),
        Err(MenuRefusal::DrinkSoldOut { .. } | MenuRefusal::ModifierSoldOut { .. }) => {
            Some(PastDrink { drink: drink.clone(), available: false })
        }
        Err(_) => None,
    }
}
