//! Choosing from the menu: a requested choice becomes a [`DrinkOrder`] or a [`MenuRefusal`].

use serde::{Deserialize, Serialize};

use super::{Drink, Menu, ModifierGroup};
use crate::text::visible;

/// A drink with its modifiers, as it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DrinkOrder {
    /// The name of the drink on the menu.
    pub drink: String,
    /// The modifiers in the order of the menu, including defaults.
    pub modifiers: Vec<String>,
    /// The modifiers that are not defaults.
    #[serde(default)]
    pub special: Vec<String>,
    /// The name of the drawing.
    pub icon: String,
}

/// Why a choice is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "why", rename_all = "camelCase")]
pub enum MenuRefusal {
    /// No drink was named.
    #[error("Choose a drink first.")]
    NoDrink,
    /// The drink is not on the menu.
    #[error("There is no {drink} on the menu. Choose one of the drinks shown.")]
    UnknownDrink {
        /// The drink that was asked for.
        drink: String,
    },
    /// The drink is sold out.
    #[error("{drink} is sold out. Choose another drink.")]
    DrinkSoldOut {
        /// The drink.
        drink: String,
    },
    /// The drink does not have the modifier.
    #[error("{drink} does not come with {modifier}. Choose from what is shown.")]
    UnknownModifier {
        /// The drink.
        drink: String,
        /// The modifier that was asked for.
        modifier: String,
    },
    /// The modifier is sold out.
    #[error("{modifier} is sold out. Choose another one.")]
    ModifierSoldOut {
        /// The modifier.
        modifier: String,
    },
    /// More than one modifier of a group with a default.
    #[error("Choose only one of {group}.")]
    OnlyOne {
        /// The name of the group.
        group: String,
    },
}

impl Menu {
    /// Checks a choice. Groups without a choice get their default. The modifiers of the result are in the order of the
    /// menu, each once.
    ///
    /// # Errors
    /// [`MenuRefusal`] for unknown or sold-out drinks and modifiers.
    pub fn choose(&self, drink: &str, requested: &[String]) -> Result<DrinkOrder, MenuRefusal> {
        if drink.trim().is_empty() {
            return Err(MenuRefusal::NoDrink);
        }
        let drink = self.drink(drink).ok_or_else(|| MenuRefusal::UnknownDrink { drink: shorten(drink) })?;
        if !drink.available {
            return Err(MenuRefusal::DrinkSoldOut { drink: drink.drink.clone() });
        }
        for modifier in requested {
            drink.offer(modifier)?;
        }
        let mut order = DrinkOrder {
            drink: drink.drink.clone(),
            modifiers: Vec::new(),
            special: Vec::new(),
            icon: drink.icon.clone(),
        };
        for group in &drink.modifiers {
            for modifier in group.pick(requested)? {
                if group.default.as_deref() != Some(modifier) {
                    order.special.push(modifier.to_owned());
                }
                order.modifiers.push(modifier.to_owned());
            }
        }
        Ok(order)
    }
}

impl Drink {
    fn offer(&self, modifier: &str) -> Result<(), MenuRefusal> {
        match self.modifiers.iter().find(|group| group.has(modifier)) {
            None => Err(MenuRefusal::UnknownModifier { drink: self.drink.clone(), modifier: shorten(modifier) }),
            Some(group) if !group.offers(modifier) => {
                Err(MenuRefusal::ModifierSoldOut { modifier: modifier.to_owned() })
            }
            Some(_) => Ok(()),
        }
    }
}

impl ModifierGroup {
    fn pick<'a>(&'a self, requested: &[String]) -> Result<Vec<&'a str>, MenuRefusal> {
        let picked: Vec<&str> = self
            .options
            .iter()
            .map(String::as_str)
            .filter(|option| requested.iter().any(|name| name == option))
            .collect();
        match (&self.default, picked.as_slice()) {
            (Some(default), []) if self.offers(default) => Ok(vec![default]),
            (Some(default), []) => Err(MenuRefusal::ModifierSoldOut { modifier: default.clone() }),
            (Some(_), [_, _, ..]) => Err(MenuRefusal::OnlyOne { group: self.name.clone() }),
            _ => Ok(picked),
        }
    }
}

/// The text of a client, short and visible enough to be repeated in an answer.
fn shorten(text: &str) -> String {
    visible(text).chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> Menu {
        serde_json::from_value(serde_json::json!([
            {"drink": "Flat White", "icon": "flat-white", "available": true, "modifiers": [
                {"Name": "Size", "Options": ["Regular", "Large"], "Default": "Regular"},
                {"Name": "Milk", "Options": ["Whole milk", "Oat milk", "Soy milk"], "Default": "Whole milk", "SoldOut": ["Soy milk"]},
                {"Name": "Extras", "Options": ["Extra shot", "Vanilla"]}]},
            {"drink": "Mocha", "icon": "mocha", "available": false},
        ]))
        .unwrap()
    }

    fn name(modifiers: &[&str]) -> Vec<String> {
        modifiers.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn missing_choices_get_defaults_in_the_order_of_the_menu() {
        let order = menu().choose("Flat White", &name(&["Vanilla", "Oat milk", "Vanilla"])).unwrap();
        assert_eq!(order.modifiers, ["Regular", "Oat milk", "Vanilla"]);
        assert_eq!(order.special, ["Oat milk", "Vanilla"]);
    }

    #[test]
    fn unavailable_choices_are_refused_by_name() {
        let choose = |drink: &str, modifiers: &[&str]| menu().choose(drink, &name(modifiers)).unwrap_err();
        assert_eq!(choose("", &[]), MenuRefusal::NoDrink);
        assert_eq!(choose("Milkshake", &[]), MenuRefusal::UnknownDrink { drink: "Milkshake".into() });
        assert_eq!(choose("Mocha", &[]), MenuRefusal::DrinkSoldOut { drink: "Mocha".into() });
        assert_eq!(
            choose("Flat White", &["Ketchup"]),
            MenuRefusal::UnknownModifier { drink: "Flat White".into(), modifier: "Ketchup".into() }
        );
        assert_eq!(choose("Flat White", &["Soy milk"]), MenuRefusal::ModifierSoldOut { modifier: "Soy milk".into() });
        assert_eq!(choose("Flat White", &["Oat milk", "Whole milk"]), MenuRefusal::OnlyOne { group: "Milk".into() });
    }

    #[test]
    fn a_menu_with_duplicates_is_refused() {
        let mut twice = menu();
        twice.drinks.push(twice.drinks[0].clone());
        assert!(matches!(twice.check(), Err(super::super::InvalidMenu::DuplicateDrink(_))));
        let mut ambiguous = menu();
        ambiguous.drinks[0].modifiers[2].options.push("Oat milk".into());
        assert!(matches!(ambiguous.check(), Err(super::super::InvalidMenu::DuplicateOption { .. })));
        let mut hidden = menu();
        hidden.drinks[0].modifiers[1].options[1].push('\u{200b}');
        assert_eq!(hidden.check(), Err(super::super::InvalidMenu::Invisible("Oat milk\u{200b}".into())));
        assert_eq!(menu().check(), Ok(()));
    }
}
