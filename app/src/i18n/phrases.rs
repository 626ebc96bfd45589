//! Phrases about time, drinks and orders.

use domain::{Timestamp, order::Party, view::Outcome};

use super::{catalogue::messages, errors::reason_text, menu::menu_names};

/// Whole minutes: "just now", "4 min".
pub(crate) fn minutes(millis: i64) -> String {
    match u32::try_from(millis / 60_000) {
        Ok(0) | Err(_) => messages().common_just_now().to_owned(),
        Ok(many) => messages().common_minutes(many),
    }
}

/// A countdown: `4:07`.
pub(crate) fn countdown(millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The local time of the reader, `10:42`. Empty on the server, which does not know the time zone.
#[cfg(feature = "hydrate")]
pub(crate) fn local_time(at: Timestamp) -> String {
    let date = js_sys::Date::new(&(at.0 as f64).into());
    format!("{}:{:02}", date.get_hours(), date.get_minutes())
}

/// The local time of the reader, `10:42`. Empty on the server, which does not know the time zone.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn local_time(_at: Timestamp) -> String {
    String::new()
}

/// How many orders are made before this one.
pub(crate) fn orders_ahead(count: u32) -> String {
    match count {
        0 => messages().order_next().to_owned(),
        many => messages().order_ahead(many),
    }
}

/// How many orders are in the queue.
pub(crate) fn queue_length(in_queue: u32) -> String {
    match in_queue {
        0 => messages().customer_queue_empty().to_owned(),
        many => messages().customer_busy(many),
    }
}

/// A drink as people order it: "large oat flat white with vanilla".
pub(crate) fn spoken_drink<'a>(drink: &str, special: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (group, modifier) in special {
        let modifier = modifier.to_lowercase();
        match modifier.strip_suffix(" milk") {
            Some(milk) if milk != "no" => before.push(milk.to_owned()),
            _ if group.eq_ignore_ascii_case("size") => before.insert(0, modifier),
            _ => after.push(modifier),
        }
    }
    let mut text = before.join(" ");
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(&drink.to_lowercase());
    if !after.is_empty() {
        text.push_str(" with ");
        text.push_str(&list(&after));
    }
    text
}

/// "a", "a and b", "a, b and c".
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A drink within a sentence: lower-case in English. "drink" without a name.
pub(crate) fn in_a_sentence(drink: Option<&str>) -> String {
    let t = messages();
    match drink {
        None => t.order_drink().to_owned(),
        Some(drink) if t.language() == domain::Language::English => menu_names().translate(drink).to_lowercase(),
        Some(drink) => menu_names().translate(drink),
    }
}

/// A headline and a sentence about the end of an order, for its customer.
pub(crate) fn outcome_text(outcome: &Outcome, drink: Option<&str>) -> (String, String) {
    let t = messages();
    let drink = in_a_sentence(drink);
    let (headline, sentence) = match outcome {
        Outcome::Collected => (t.order_collected_headline(), t.order_collected_sentence(&drink)),
        Outcome::Uncollected => (t.order_uncollected_headline(), t.order_uncollected_sentence(&drink)),
        Outcome::CancelledByYou => (t.order_cancelled_headline(), t.order_cancelled_sentence().to_owned()),
        Outcome::CancelledByBar { reason: why } => {
            (t.order_by_bar_headline(), t.order_by_bar_sentence(&reason_text(why.as_str())))
        }
        Outcome::TimedOut { who: Party::Customer } => {
            (t.order_late_choice_headline(), t.order_late_choice_sentence().to_owned())
        }
        Outcome::TimedOut { who: Party::Barista } => (t.order_late_bar_headline(), t.order_late_bar_sentence(&drink)),
        Outcome::Refused { reason } => match reason.as_str() {
            "closed" => (t.order_refused_closed_headline(), t.order_refused_closed_sentence().to_owned()),
            "full" => (t.order_refused_full_headline(), t.order_refused_full_sentence().to_owned()),
            // The reason of a broken workflow is only for the log.
            _ => (t.order_refused_headline(), t.order_refused_sentence().to_owned()),
        },
    };
    (headline.to_owned(), sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drinks_are_phrased_as_people_order_them() {
        assert_eq!(spoken_drink("Latte", []), "latte");
        assert_eq!(spoken_drink("Flat White", [("Milk", "Oat milk")]), "oat flat white");
        let all = [("Size", "Large"), ("Milk", "Oat milk"), ("Extras", "Extra shot"), ("Extras", "Vanilla")];
        assert_eq!(spoken_drink("Flat White", all), "large oat flat white with extra shot and vanilla");
        assert_eq!(spoken_drink("Tea", [("Milk", "No milk")]), "tea with no milk");
    }

    #[test]
    fn times_are_phrased() {
        assert_eq!((minutes(-5).as_str(), minutes(60_000).as_str()), ("just now", "1 min"));
        assert_eq!(minutes(7 * 60_000 + 59_999), "7 min");
        assert_eq!(countdown(247_900), "4:07");
    }

    #[test]
    fn every_outcome_has_a_text() {
        let outcomes = [
            Outcome::Collected,
            Outcome::Uncollected,
            Outcome::CancelledByYou,
            Outcome::CancelledByBar { reason: "The oat milk is out".into() },
            Outcome::TimedOut { who: Party::Customer },
            Outcome::TimedOut { who: Party::Barista },
            Outcome::Refused { reason: "closed".into() },
            Outcome::Refused { reason: "full".into() },
        ];
        let said: std::collections::BTreeSet<_> =
            outcomes.iter().map(|outcome| outcome_text(outcome, Some("Latte"))).collect();
        assert_eq!(said.len(), outcomes.len(), "each outcome has its own text");
        assert!(outcome_text(&outcomes[3], None).1.contains("oat milk"));
    }
}
