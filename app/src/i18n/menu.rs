//! The translations of the menu.

use domain::menu::MenuWords;
use leptos::prelude::*;

use super::catalogue::messages;

/// The translations of the menu. [`menu_names`] is to be called at the top of a component; the result is `Copy`.
///
/// Only for what is shown: forms and addresses use the shop's names, which are keys.
#[derive(Debug, Clone, Copy)]
pub struct MenuNames(Option<StoredValue<MenuWords>>);

/// Provides the translations of a page to its components.
pub fn provide_menu_names(words: MenuWords) {
    provide_context(MenuNames(Some(StoredValue::new(words))));
}

/// The translations of the page. A page without translations, such as the bar's, shows the shop's names.
pub fn menu_names() -> MenuNames {
    use_context().unwrap_or(MenuNames(None))
}

impl MenuNames {
    /// Replaces the translations. What has been rendered changes with its next rendering.
    #[cfg(feature = "hydrate")]
    pub(crate) fn set(self, words: MenuWords) {
        if let Some(names) = self.0 {
            names.try_set_value(words);
        }
    }

    /// The translation of a drink, a description, a group or a modifier; the shop's name if there is none.
    pub fn translate(self, name: &str) -> String {
        self.translated(name).unwrap_or_else(|| name.to_owned())
    }

    /// The language of [`Self::translate`]'s result if it is not that of the page, for the attribute `lang`.
    pub fn language(self, name: &str) -> Option<&'static str> {
        let own = self.0?.try_with_value(|words| words.own)?;
        (own != messages().language() && self.translated(name).is_none()).then(|| own.tag())
    }

    fn translated(self, name: &str) -> Option<String> {
        self.0?.try_with_value(|words| words.translated(name).map(str::to_owned)).flatten()
    }
}
