//! The menu: drinks and their modifiers.
//!
//! The JSON is that of the `menu` item in the config table (`drink`, `icon`, `available`, `modifiers` with `Name` and
//! `Options`). We add members and rename none.

mod choose;
mod modifiers;
mod read;
mod sold_out;
mod translate;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::is_clean;

pub use choose::{DrinkOrder, MenuRefusal};
pub use modifiers::{CardModifier, ModifierKind};
pub use read::SkippedDrink;
pub use sold_out::{SoldOut, SoldOutItem};
pub use translate::{MenuWords, Translations};

/// The drinks of the bar, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Menu {
    /// The drinks.
    pub drinks: Vec<Drink>,
}

/// A drink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drink {
    /// The name, which is also the key: no two drinks have the same.
    pub drink: String,
    /// The name of the drawing in `public/drinks/<icon>.svg`.
    pub icon: String,
    /// False when it is sold out.
    pub available: bool,
    /// One short line for the menu card.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The groups of modifiers, in the order in which a barista reads them: size, milk, extras.
    #[serde(default)]
    pub modifiers: Vec<ModifierGroup>,
}

/// A group of modifiers, such as Milk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifierGroup {
    /// The name: `Size`, `Milk`, `Extras`.
    pub name: String,
    /// The modifiers. No two groups of a drink have the same one.
    pub options: Vec<String>,
    /// The modifier of an order that names none. In a group with a default, exactly one modifier applies; in a group
    /// without one, any number of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The modifiers that are sold out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sold_out: Vec<String>,
}

impl ModifierGroup {
    /// Whether `option` belongs to this group.
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|each| each == option)
    }

    /// Whether `option` belongs to this group and is not sold out.
    pub fn offers(&self, option: &str) -> bool {
        self.has(option) && !self.sold_out.iter().any(|each| each == option)
    }
}

/// Why a menu or a drink is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMenu {
    /// The menu has no drinks.
    #[error("the menu has no drinks: add at least one")]
    Empty,
    /// The JSON does not have the shape of a menu or of a drink.
    #[error("it cannot be read: {0}")]
    Malformed(String),
    /// A drink has no name.
    #[error("a drink has no name")]
    NamelessDrink,
    /// A text has invisible characters; see [`crate::text`].
    #[error("{0:?} is empty or has characters that cannot be seen: write it anew")]
    Invisible(String),
    /// Two drinks have the same name.
    #[error("two drinks are called {0:?}: give each its own name")]
    DuplicateDrink(String),
    /// A drink has the same modifier twice.
    #[error("{drink:?} has the modifier {option:?} twice: give each its own name")]
    DuplicateOption {
        /// The drink.
        drink: String,
        /// The modifier.
        option: String,
    },
    /// A default is not one of the modifiers of its group.
    #[error("the default {default:?} of {group:?} of {drink:?} is not one of its options")]
    UnknownDefault {
        /// The drink.
        drink: String,
        /// The group.
        group: String,
        /// The default.
        default: String,
    },
}

impl Menu {
    /// The drink with this name.
    pub fn drink(&self, name: &str) -> Option<&Drink> {
        self.drinks.iter().find(|drink| drink.drink == name)
    }

    /// Checks the menu.
    ///
    /// # Errors
    /// The first [`InvalidMenu`], in menu order.
    pub fn check(&self) -> Result<(), InvalidMenu> {
        if self.drinks.is_empty() {
            return Err(InvalidMenu::Empty);
        }
        let mut names = BTreeSet::new();
        self.drinks.iter().try_for_each(|drink| drink.check(&mut names))
    }
}

impl Drink {
    /// Checks a drink against the names before it, and adds its own to them.
    fn check(&self, names: &mut BTreeSet<String>) -> Result<(), InvalidMenu> {
        if self.drink.trim().is_empty() {
            return Err(InvalidMenu::NamelessDrink);
        }
        let groups = self.modifiers.iter().flat_map(|group| std::iter::once(&group.name).chain(&group.options));
        let described = Some(&self.description).filter(|text| !text.is_empty());
        if let Some(text) = std::iter::once(&self.drink).chain(described).chain(groups).find(|text| !is_clean(text)) {
            return Err(InvalidMenu::Invisible(text.clone()));
        }
        let mut options = BTreeSet::new();
        for group in &self.modifiers {
            for option in &group.options {
                if !options.insert(option.as_str()) {
                    return Err(InvalidMenu::DuplicateOption { drink: self.drink.clone(), option: option.clone() });
                }
            }
            if let Some(default) = &group.default
                && !group.has(default)
            {
                return Err(InvalidMenu::UnknownDefault {
                    drink: self.drink.clone(),
                    group: group.name.clone(),
                    default: default.clone(),
                });
            }
        }
        if !names.insert(self.drink.clone()) {
            return Err(InvalidMenu::DuplicateDrink(self.drink.clone()));
        }
        Ok(())
    }
}
