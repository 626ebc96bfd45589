//! The modifiers on a ticket.

use super::{DrinkOrder, Menu};

/// How a modifier differs from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModifierKind {
    /// Another size or leaf than the default.
    Swap,
    /// Another milk than the default. It has its own kind because baristas overlook it most.
    Milk,
    /// Something extra.
    Add,
    /// Something left out.
    Remove,
}

/// A modifier on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardModifier {
    /// How it differs from the default.
    pub kind: ModifierKind,
    /// The name, such as `Oat milk`. Without the `No ` for [`ModifierKind::Remove`].
    pub text: String,
}

/// The name of the group of milks on the first menu. A bar whose group has another name still gets modifiers, and
/// batches by the whole choice.
const MILK_GROUP: &str = "milk";
/// The prefix of a modifier that leaves something out.
const NO_PREFIX: &str = "No ";

impl Menu {
    /// The modifiers of an order that are not defaults, in the order of the menu: size, milk, extras.
    pub fn card_modifiers(&self, order: &DrinkOrder) -> Vec<CardModifier> {
        let drink = self.drink(&order.drink);
        let modifier = |text: &String| {
            let group = drink.and_then(|drink| drink.modifiers.iter().find(|group| group.has(text)));
            if let Some(left_out) = text.strip_prefix(NO_PREFIX) {
                return CardModifier { kind: ModifierKind::Remove, text: left_out.to_owned() };
            }
            let kind = match group {
                Some(group) if group.default.is_none() => ModifierKind::Add,
                Some(group) if group.name.eq_ignore_ascii_case(MILK_GROUP) => ModifierKind::Milk,
                Some(_) | None => ModifierKind::Swap,
            };
            CardModifier { kind, text: text.clone() }
        };
        order.special.iter().map(modifier).collect()
    }

    /// Every milk on the menu, each once.
    pub fn milks(&self) -> Vec<&str> {
        let groups = self.drinks.iter().flat_map(|drink| &drink.modifiers);
        let mut milks: Vec<&str> = Vec::new();
        for milk in groups.filter(|group| group.name.eq_ignore_ascii_case(MILK_GROUP)).flat_map(|group| &group.options)
        {
            if !milks.contains(&milk.as_str()) {
                milks.push(milk);
            }
        }
        milks
    }

    /// The milk of an order. `None` if its drink has no choice of milk.
    pub fn milk<'a>(&self, order: &'a DrinkOrder) -> Option<&'a str> {
        let drink = self.drink(&order.drink)?;
        let group = drink.modifiers.iter().find(|group| group.name.eq_ignore_ascii_case(MILK_GROUP))?;
        order.modifiers.iter().map(String::as_str).find(|modifier| group.has(modifier))
    }

    /// Whether two orders can be made together: the same drink with the same milk, or with the same modifiers if it has
    /// no choice of milk.
    pub fn made_together(&self, one: &DrinkOrder, other: &DrinkOrder) -> bool {
        one.drink == other.drink
            && match (self.milk(one), self.milk(other)) {
                (None, None) => one.special == other.special,
                (one, other) => one == other,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> Menu {
        serde_json::from_value(serde_json::json!([
            {"drink": "Cappuccino", "icon": "cappuccino", "available": true, "modifiers": [
                {"Name": "Size", "Options": ["Regular", "Large"], "Default": "Regular"},
                {"Name": "Milk", "Options": ["Whole milk", "Oat milk"], "Default": "Whole milk"},
                {"Name": "Extras", "Options": ["Extra shot", "No chocolate"]}]},
            {"drink": "Espresso", "icon": "espresso", "available": true, "modifiers": [
                {"Name": "Extras", "Options": ["Decaf"]}]},
        ]))
        .unwrap()
    }

    fn order(drink: &str, wished: &[&str]) -> DrinkOrder {
        let wished: Vec<String> = wished.iter().map(|each| (*each).to_owned()).collect();
        menu().choose(drink, &wished).unwrap()
    }

    #[test]
    fn modifiers_come_in_the_order_of_the_menu_with_their_kind() {
        let order = order("Cappuccino", &["No chocolate", "Extra shot", "Oat milk", "Large"]);
        let modifiers = menu().card_modifiers(&order);
        let read: Vec<_> = modifiers.iter().map(|modifier| (modifier.kind, modifier.text.as_str())).collect();
        let expected = [
            (ModifierKind::Swap, "Large"),
            (ModifierKind::Milk, "Oat milk"),
            (ModifierKind::Add, "Extra shot"),
            (ModifierKind::Remove, "chocolate"),
        ];
        assert_eq!(read, expected);
        assert_eq!(menu().card_modifiers(&self::order("Cappuccino", &["Whole milk"])), []);
    }

    #[test]
    fn drinks_with_the_same_milk_are_made_together() {
        let together =
            |one: &[&str], other: &[&str]| menu().made_together(&order("Cappuccino", one), &order("Cappuccino", other));
        assert!(together(&["Oat milk"], &["Oat milk", "Large"]));
        assert!(together(&[], &["Extra shot"]));
        assert!(!together(&[], &["Oat milk"]));
        assert!(!menu().made_together(&order("Espresso", &[]), &order("Espresso", &["Decaf"])));
        assert!(menu().made_together(&order("Espresso", &[]), &order("Espresso", &[])));
        assert!(!menu().made_together(&order("Espresso", &[]), &order("Cappuccino", &[])));
    }
}
