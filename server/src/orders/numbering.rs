//! The input from which the workflow assigns an order number: the business day, in which numbers start again, and how
//! long a number is held.

use domain::Timestamp;
use engine::clock;
use jiff::{Span, Timestamp as Instant, tz::TimeZone};
use serde::Serialize;

/// The local hour at which a business day begins.
const DAY_BEGINS: i64 = 4;

/// How long a number is held, in milliseconds: for the longest possible life of an order (15 minutes of waiting, 10
/// minutes on the counter, the same again after a recall within an hour) and an hour after its number was called,
/// rounded up to three hours.
const HELD_MILLIS: i64 = 3 * 60 * 60 * 1000;

/// How long longer numbers are used without another attempt once hardly any three-digit number is free, in
/// milliseconds.
const FULL_MILLIS: i64 = 60 * 1000;

/// The member `numbering` of the output that is sent with the customer's token. Times are written as
/// `2026-11-20T10:42:07.123Z`, so that the table can compare them as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Numbering {
    /// The business day, such as `2026-11-20`.
    day: String,
    now: String,
    held_until: String,
    try_again_at: String,
}

impl Numbering {
    /// For a number that is assigned at `now` in a shop in `zone`.
    pub(super) fn at(now: Timestamp, zone: &TimeZone) -> Self {
        let text = |time: Timestamp| clock::Timestamp(time.0).rfc3339_millis();
        Self {
            day: business_day(now, zone),
            now: text(now),
            held_until: text(now.plus_millis(HELD_MILLIS)),
            try_again_at: text(now.plus_millis(FULL_MILLIS)),
        }
    }
}

/// The local date four hours ago. A time that is outside the calendar gives the date of the epoch.
fn business_day(now: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(Instant::from_millisecond(now.0).unwrap_or_default());
    local.saturating_sub(Span::new().hours(DAY_BEGINS)).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse;

    fn day(time: &str, zone: &TimeZone) -> String {
        Numbering::at(parse(time).unwrap(), zone).day
    }

    #[test]
    fn a_business_day_begins_at_four_local_time() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        assert_eq!(day("2026-11-20T02:59:59.999Z", &berlin), "2026-11-19");
        assert_eq!(day("2026-11-20T03:00:00Z", &berlin), "2026-11-20");
        assert_eq!(day("2026-07-01T01:59:59Z", &berlin), "2026-06-30", "summer time");
        assert_eq!(day("2026-07-01T02:00:00Z", &berlin), "2026-07-01");
        assert_eq!(day("2026-11-20T03:59:59Z", &TimeZone::UTC), "2026-11-19");
    }

    #[test]
    fn a_number_is_held_for_three_hours_in_a_form_that_sorts_by_time() {
        let Numbering { now, held_until, .. } = Numbering::at(parse("2026-11-20T22:30:00Z").unwrap(), &TimeZone::UTC);
        assert_eq!((now.as_str(), held_until.as_str()), ("2026-11-20T22:30:00.000Z", "2026-11-21T01:30:00.000Z"));
    }
}
