//! The choice of the language.

use domain::Language;
use leptos::prelude::*;

use crate::i18n::messages;

/// All languages, each by its own name. A plain form: the page is loaded again in the chosen language, with or without
/// JavaScript, and a cookie keeps the choice.
#[component]
pub(crate) fn LanguageSwitch() -> impl IntoView {
    let t = messages();
    let choices = Language::OFFERED.map(|language| {
        let current = (language == t.language()).then_some("true");
        view! {
            <li>
                <button
                    class="language"
                    type="submit"
                    name="language"
                    value=language.tag()
                    lang=language.tag()
                    dir=language.direction()
                    aria-current=current
                >
                    {language.own_name()}
                </button>
            </li>
        }
    });
    view! {
        <form class="languages" translate="no" action="/language" method="post" aria-label=t.common_language()>
            <ul>{choices.collect_view()}</ul>
        </form>
    }
}
