//! What the menu is called in the reader's language.

use domain::menu::MenuWords;
use leptos::prelude::*;

use super::catalogue::messages;

/// The words of the menu. Ask [`menu_names`] once at the top of a component; the answer can be copied anywhere.
///
/// Only what is shown goes through it: forms and addresses keep the shop's own names, which are keys.
#[derive(Debug, Clone, Copy)]
pub struct MenuNames(Option<StoredValue<MenuWords>>);

/// Hands the words that came with a page to all its components.
pub fn provide_menu_names(words: MenuWords) {
    provide_context(MenuNames(Some(StoredValue::new(words))));
}

/// The words of the menu in the language of the page. Where a page has brought none (the bar's own), the shop's names.
pub fn menu_names() -> MenuNames {
    use_context().unwrap_or(MenuNames(None))
}

impl MenuNames {
    /// Replaces the words. What has been rendered already keeps the old ones until it is rendered again.
    #[cfg(feature = "hydrate")]
    pub(crate) fn set(self, words: MenuWords) {
        if let Some(names) = self.0 {
            names.try_set_value(words);
        }
    }

    /// What a drink, a description, a group or a modifier is called; the shop's own name where nobody has translated it.
    pub fn translate(self, name: &str) -> String {
        self.translated(name).unwrap_or_else(|| name.to_owned())
    }

    /// The language of [`Self::translate`]'s answer where it is not that of the page, for the attribute `lang`.
    pub fn language(self, name: &str) -> Option<&'static str> {
        let own = self.0?.try_with_value(|words| words.own)?;
        (own != messages().language() && self.translated(name).is_none()).then(|| own.tag())
    }

    fn translated(self, name: &str) -> Option<String> {
        self.0?.try_with_value(|words| words.translated(name).map(str::to_owned)).flatten()
    }
}
