//! What is sold out today ("86"). It is kept apart from the menu, so that one tap undoes it.

use serde::{Deserialize, Serialize};

use super::Menu;

/// A drink or a modifier that can be sold out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "name", rename_all = "camelCase")]
pub enum SoldOutItem {
    /// The drink with this name.
    Drink(String),
    /// The modifier with this name, in every drink.
    Modifier(String),
}

/// The drinks and modifiers that are sold out, by name, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SoldOut {
    /// Names of drinks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drinks: Vec<String>,
    /// Names of modifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<String>,
}

impl SoldOut {
    /// Whether this drink is sold out.
    pub fn has_drink(&self, name: &str) -> bool {
        self.drinks.iter().any(|each| each == name)
    }

    /// Whether this modifier is sold out.
    pub fn has_modifier(&self, name: &str) -> bool {
        self.modifiers.iter().any(|each| each == name)
    }
}

impl Menu {
    /// Whether the menu has the drink or modifier.
    pub fn contains(&self, item: &SoldOutItem) -> bool {
        match item {
            SoldOutItem::Drink(name) => self.drink(name).is_some(),
            SoldOutItem::Modifier(name) => {
                self.drinks.iter().any(|drink| drink.modifiers.iter().any(|group| group.has(name)))
            }
        }
    }

    /// The menu with these drinks and modifiers marked as sold out.
    #[must_use]
    pub fn mark_sold_out(mut self, sold_out: &SoldOut) -> Self {
        for drink in &mut self.drinks {
            drink.available &= !sold_out.has_drink(&drink.drink);
            for group in &mut drink.modifiers {
                let gone = group.options.iter().filter(|option| sold_out.has_modifier(option));
                for option in gone {
                    if !group.sold_out.contains(option) {
                        group.sold_out.push(option.clone());
                    }
                }
            }
        }
        self
    }

    /// The menu with these drinks and modifiers available again. Undoes [`Menu::mark_sold_out`] on a page that was
    /// rendered with it.
    #[must_use]
    pub fn restore(mut self, back: &SoldOut) -> Self {
        for drink in &mut self.drinks {
            drink.available |= back.has_drink(&drink.drink);
            for group in &mut drink.modifiers {
                group.sold_out.retain(|option| !back.has_modifier(option));
            }
        }
        self
    }

    /// Every modifier on the menu, each once, with the name of its group.
    pub fn modifiers(&self) -> Vec<(&str, &str)> {
        let mut found: Vec<(&str, &str)> = Vec::new();
        for group in self.drinks.iter().flat_map(|drink| &drink.modifiers) {
            for option in &group.options {
                if !found.iter().any(|(_, known)| known == option) {
                    found.push((&group.name, option));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menu::MenuRefusal;

    fn menu() -> Menu {
        serde_json::from_value(serde_json::json!([
            {"drink": "Latte", "icon": "latte", "available": true, "modifiers": [
                {"Name": "Milk", "Options": ["Whole milk", "Oat milk"], "Default": "Whole milk"}]},
            {"drink": "Mocha", "icon": "mocha", "available": true, "modifiers": [
                {"Name": "Milk", "Options": ["Whole milk", "Oat milk"], "Default": "Whole milk"}]},
        ]))
        .unwrap()
    }

    #[test]
    fn sold_out_drinks_and_modifiers_cannot_be_ordered() {
        let out = SoldOut { drinks: vec!["Mocha".into()], modifiers: vec!["Oat milk".into()] };
        let left = menu().mark_sold_out(&out);
        assert_eq!(left.choose("Mocha", &[]), Err(MenuRefusal::DrinkSoldOut { drink: "Mocha".into() }));
        let oat = [String::from("Oat milk")];
        assert_eq!(left.choose("Latte", &oat), Err(MenuRefusal::ModifierSoldOut { modifier: "Oat milk".into() }));
        assert!(left.choose("Latte", &[]).is_ok());
        assert_eq!(left.clone().mark_sold_out(&out), left, "marking twice is marking once");
        assert_eq!(menu().mark_sold_out(&SoldOut::default()), menu());
    }

    #[test]
    fn only_items_of_the_menu_can_be_sold_out() {
        assert!(
            menu().contains(&SoldOutItem::Drink("Latte".into()))
                && menu().contains(&SoldOutItem::Modifier("Oat milk".into()))
        );
        assert!(
            !menu().contains(&SoldOutItem::Drink("Oat milk".into()))
                && !menu().contains(&SoldOutItem::Modifier("Rum".into()))
        );
        assert_eq!(menu().modifiers(), [("Milk", "Whole milk"), ("Milk", "Oat milk")]);
    }

    #[test]
    fn restore_undoes_mark_sold_out() {
        let sold_out = SoldOut { drinks: vec!["Mocha".into()], modifiers: vec!["Oat milk".into()] };
        let without = menu().mark_sold_out(&sold_out);
        assert_ne!(without, menu());
        assert_eq!(without.restore(&sold_out), menu());
    }
}
