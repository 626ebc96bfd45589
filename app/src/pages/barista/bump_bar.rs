//! The keyboard as a bump bar: digits select a card, Enter presses its main button, and R, S and the brackets have the
//! usual functions.
//!
//! Keys are ignored in fields and panels, with modifier keys, and when they are switched off.

#[cfg(feature = "hydrate")]
pub(super) fn listen(context: super::context::BaristaContext) {
    use leptos::prelude::*;
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if context.preferences.try_with_untracked(|preferences| preferences.keys) != Some(true) {
            return;
        }
        if event.repeat() || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        if browser::press(&event.key()) {
            event.prevent_default();
            context.on_touch();
        }
    });
    on_cleanup(move || listener.remove());
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlCollection, HtmlElement};

    /// Handles a key. Returns false for a key without a function.
    pub(super) fn press(key: &str) -> bool {
        let focused = document().active_element();
        let in_field_or_panel = focused.as_ref().is_some_and(|element| {
            element.closest("input, select, textarea, details[open] > :not(summary)").ok().flatten().is_some()
        });
        if key == "Escape" {
            return close_panels();
        }
        if in_field_or_panel {
            return false;
        }
        match key {
            "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => {
                let at = key.parse::<u32>().unwrap_or(1) - 1;
                focus_card(focused.as_ref(), at)
            }
            "ArrowRight" | "ArrowLeft" | "ArrowDown" | "ArrowUp" => move_focus(focused.as_ref(), key),
            "Enter" => focused
                .filter(|element| element.matches("li.card").unwrap_or(false))
                .is_some_and(|card| press_main_button(&card)),
            "r" | "R" => toggle(".past-panel"),
            "s" | "S" => toggle(".all-day"),
            "?" => toggle(".settings-panel"),
            "[" => scroll_page(-1.0),
            "]" => scroll_page(1.0),
            _ => false,
        }
    }

    /// The lanes with cards, in the order of the page.
    fn lanes() -> Vec<HtmlElement> {
        within(&document().get_elements_by_class_name("lane"))
            .into_iter()
            .filter(|lane| !cards(lane).is_empty())
            .collect()
    }

    /// The lane with the focus, or else the first lane with cards.
    fn lane(focused: Option<&Element>) -> Option<HtmlElement> {
        let own = focused.and_then(|element| element.closest(".lane").ok().flatten());
        own.and_then(|lane| lane.dyn_into().ok()).or_else(|| lanes().into_iter().next())
    }

    fn cards(lane: &Element) -> Vec<HtmlElement> {
        within(&lane.get_elements_by_class_name("card"))
    }

    fn within(found: &HtmlCollection) -> Vec<HtmlElement> {
        let elements = (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<HtmlElement>().ok());
        elements.filter(|element| !element.hidden()).collect()
    }

    fn focus(card: Option<&HtmlElement>) -> bool {
        card.is_some_and(|card| card.focus().is_ok())
    }

    fn focus_card(focused: Option<&Element>, at: u32) -> bool {
        lane(focused).is_some_and(|lane| focus(cards(&lane).get(at as usize)))
    }

    /// Moves the focus: up and down within a lane, left and right to the neighbouring lane.
    fn move_focus(focused: Option<&Element>, key: &str) -> bool {
        let Some(here) = lane(focused) else { return false };
        let cards = cards(&here);
        let card = focused.and_then(|element| element.closest("li.card").ok().flatten());
        let at = cards.iter().position(|each| card.as_ref().is_some_and(|card| card.is_same_node(Some(each))));
        let Some(at) = at else { return focus(cards.first()) };
        match key {
            "ArrowDown" => focus(cards.get(at + 1)),
            "ArrowUp" => at.checked_sub(1).is_some_and(|at| focus(cards.get(at))),
            _ => neighbour(&here, key == "ArrowRight").is_some_and(|lane| focus(self::cards(&lane).first())),
        }
    }

    /// The nearest lane with cards on that side.
    fn neighbour(here: &HtmlElement, to_the_right: bool) -> Option<HtmlElement> {
        let distance = |lane: &HtmlElement| {
            let distance = lane.offset_left() - here.offset_left();
            if to_the_right { distance } else { -distance }
        };
        lanes().into_iter().filter(|lane| distance(lane) > 1).min_by_key(distance)
    }

    fn press_main_button(card: &Element) -> bool {
        let button = card.query_selector(".do button:not([disabled])").ok().flatten();
        button.and_then(|button| button.dyn_into::<HtmlElement>().ok()).is_some_and(|button| {
            button.click();
            true
        })
    }

    fn toggle(panel: &str) -> bool {
        let summary = document().query_selector(&format!("{panel} > summary")).ok().flatten();
        summary.and_then(|summary| summary.dyn_into::<HtmlElement>().ok()).is_some_and(|summary| {
            summary.click();
            _ = summary.focus();
            true
        })
    }

    fn scroll_page(direction: f64) -> bool {
        let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(600.0);
        window().scroll_by_with_x_and_y(0.0, direction * height * 0.8);
        true
    }

    fn close_panels() -> bool {
        let mut closed = false;
        while let Ok(Some(panel)) = document().query_selector(".bar-page details[open]") {
            closed |= panel.remove_attribute("open").is_ok();
        }
        closed
    }
}
