//! What can be ordered: drinks, and the modifiers each of them has.
//!
//! The JSON shape is that of the `menu` item in the config table (`drink`, `icon`, `available`, `modifiers` with `Name`
//! and `Options`); we add members and rename none.

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

/// One drink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drink {
    /// Its name, which is also its key: no two drinks share one.
    pub drink: String,
    /// Name of its drawing in `public/drinks/<icon>.svg`.
    pub icon: String,
    /// False when it is sold out.
    pub available: bool,
    /// One short line for the menu card.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What can be chosen with it, in the order in which a barista reads it: size, milk, extras.
    #[serde(default)]
    pub modifiers: Vec<ModifierGroup>,
}

/// A group of modifiers, such as Milk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifierGroup {
    /// `Size`, `Milk`, `Extras`.
    pub name: String,
    /// The modifiers. No two groups of a drink share one.
    pub options: Vec<String>,
    /// The modifier that is meant when nobody says otherwise. With a default exactly one of the options applies;
    /// without one any number of them may be added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Options that are sold out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sold_out: Vec<String>,
}

impl ModifierGroup {
    /// Whether `option` belongs to this group.
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|each| each == option)
    }

    /// Whether `option` can be had today.
    pub fn offers(&self, option: &str) -> bool {
        self.has(option) && !self.sold_out.iter().any(|each| each == option)
    }
}

/// Why a menu cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMenu {
    /// Nothing to order.
    #[error("the menu has no drinks: add at least one")]
    Empty,
    /// It has not the form of a menu or of a drink.
    #[error("it cannot be read: {0}")]
    Malformed(String),
    /// A drink without a name.
    #[error("a drink has no name")]
    NamelessDrink,
    /// A text with characters that cannot be seen, see [`crate::text`].
    #[error("{0:?} is empty or has characters that cannot be seen: write it anew")]
    Invisible(String),
    /// Two drinks of the same name.
    #[error("two drinks are called {0:?}: give each its own name")]
    DuplicateDrink(String),
    /// The same modifier in two groups, or twice in one.
    #[error("{drink:?} has the modifier {option:?} twice: give each its own name")]
    DuplicateOption {
        /// The drink.
        drink: String,
        /// The modifier.
        option: String,
    },
    /// A default that is not one of the options.
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
    /// The drink of that name.
    pub fn drink(&self, name: &str) -> Option<&Drink> {
        self.drinks.iter().find(|drink| drink.drink == name)
    }

    /// Checks what the rest of the program takes for granted.
    ///
    /// # Errors
    /// The first [`InvalidMenu`] found, in menu order.
    pub fn check(&self) -> Result<(), InvalidMenu> {
        if self.drinks.is_empty() {
            return Err(InvalidMenu::Empty);
        }
        let mut names = BTreeSet::new();
        self.drinks.iter().try_for_each(|drink| drink.check(&mut names))
    }
}

impl Drink {
    /// Checks a drink beside those whose names are known already, and adds its own to them.
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
