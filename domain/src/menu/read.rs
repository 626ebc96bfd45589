//! Reading the menu from JSON. A drink with a mistake is skipped; the others are offered.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Drink, InvalidMenu, Menu};

/// A drink that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedDrink {
    /// Its name. `#3` for the third entry if it has none.
    pub name: String,
    /// The mistake.
    pub why: InvalidMenu,
}

impl Menu {
    /// The valid drinks of the list, and the skipped ones. Of two drinks with the same name, the first is kept.
    #[must_use]
    pub fn read(value: Value) -> (Self, Vec<SkippedDrink>) {
        let Value::Array(entries) = value else {
            let skipped =
                SkippedDrink { name: "menu".to_owned(), why: InvalidMenu::Malformed("not a list".to_owned()) };
            return (Self::default(), vec![skipped]);
        };
        let (mut menu, mut skipped, mut names) = (Self::default(), Vec::new(), BTreeSet::new());
        for (at, entry) in entries.into_iter().enumerate() {
            let named = entry.get("drink").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
            let name = named.map_or_else(|| format!("#{}", at + 1), crate::text::visible);
            match serde_json::from_value::<Drink>(entry).map_err(|error| InvalidMenu::Malformed(error.to_string())) {
                Ok(drink) => match drink.check(&mut names) {
                    Ok(()) => menu.drinks.push(drink),
                    Err(why) => skipped.push(SkippedDrink { name, why }),
                },
                Err(why) => skipped.push(SkippedDrink { name, why }),
            }
        }
        (menu, skipped)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_drink_with_a_mistake_is_left_out_and_the_others_are_offered() {
        let good = |name: &str| json!({"drink": name, "icon": "latte", "available": true});
        let wrong_default = json!({"drink": "Mocha", "icon": "mocha", "available": true,
            "modifiers": [{"Name": "Milk", "Options": ["Oat milk"], "Default": "Soy milk"}]});
        let nameless = json!({"icon": "latte", "available": true});
        let hidden = good("Tea\u{202e}");
        let (menu, skipped) =
            Menu::read(json!([good("Latte"), wrong_default, nameless, good("Latte"), hidden, 7, good("Tea")]));
        assert_eq!(menu.drinks.iter().map(|drink| drink.drink.as_str()).collect::<Vec<_>>(), ["Latte", "Tea"]);
        assert_eq!(
            skipped.iter().map(|each| each.name.as_str()).collect::<Vec<_>>(),
            ["Mocha", "#3", "Latte", "Tea", "#6"]
        );
        assert!(matches!(skipped[0].why, InvalidMenu::UnknownDefault { .. }));
        assert_eq!(skipped[2].why, InvalidMenu::DuplicateDrink("Latte".to_owned()));
    }

    #[test]
    fn a_menu_that_is_not_a_list_is_empty_and_reported() {
        let (menu, skipped) = Menu::read(Value::Null);
        assert_eq!((menu, skipped.len()), (Menu::default(), 1));
    }
}
