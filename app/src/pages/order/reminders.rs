//! The schedule of calls: when the drink is ready, and twice more while it is on the counter.

use super::status_text::REMINDERS;

/// A call is skipped if it is later than this, in milliseconds.
const MAX_DELAY_MILLIS: i64 = 10_000;

/// The call that is due, by the time since the drink was put on the counter: 0 for the first, then the reminders.
pub(super) fn due(waited: i64) -> Option<u8> {
    let calls = [0].into_iter().chain(REMINDERS);
    let at = calls.enumerate().filter(|(_, at)| waited >= *at || *at == 0).last()?;
    (waited - at.1 < MAX_DELAY_MILLIS).then(|| u8::try_from(at.0).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::due;

    #[test]
    fn a_guest_is_called_at_once_and_reminded_after_three_and_six_minutes() {
        let second = 1_000;
        assert_eq!(
            [0, 9 * second, 180 * second, 189 * second, 365 * second].map(due),
            [Some(0), Some(0), Some(1), Some(1), Some(2)]
        );
    }

    #[test]
    fn missed_calls_are_not_made_up_for() {
        assert_eq!([10_000, 100_000, 190_000, 359_000, 370_000, 3_600_000].map(due), [None; 6]);
    }

    #[test]
    fn a_clock_that_is_behind_does_not_prevent_calls() {
        assert_eq!(due(-3_000), Some(0));
    }
}
