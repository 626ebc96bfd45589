//! RFC 3339 timestamps in Wait and Choice states.

use jiff::civil::Date;

/// A time with nanoseconds: seconds since the epoch, then nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DateTime {
    seconds: i64,
    nanos: u32,
}

impl DateTime {
    /// Milliseconds since the epoch.
    pub(super) fn millis(self) -> i64 {
        self.seconds * 1000 + i64::from(self.nanos / 1_000_000)
    }

    /// Parses `2026-11-20T10:42:07.5Z`, or with an offset such as `+01:00`; stricter than RFC 3339, as AWS is.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let mut parts = date.split('-').map(digits);
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() || year.1 != 4 || month.1 != 2 || day.1 != 2 {
            return None;
        }
        let date = Date::new(year.0.try_into().ok()?, month.0.try_into().ok()?, day.0.try_into().ok()?).ok()?;
        let offset_at = time.find(['Z', '+', '-'])?;
        let (clock, offset) = time.split_at_checked(offset_at)?;
        let (clock, fraction) =
            clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
        let mut clock = clock.split(':').map(digits);
        let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
        let in_range = hour.0 < 24 && minute.0 < 60 && second.0 < 60;
        if clock.next().is_some() || hour.1 != 2 || minute.1 != 2 || second.1 != 2 || !in_range {
            return None;
        }
        let nanos = match fraction {
            None => 0,
            Some(fraction) => {
                let (value, length) = digits(fraction).filter(|(_, length)| *length <= 9)?;
                u32::try_from(value * 10_i64.pow(u32::try_from(9 - length).ok()?)).ok()?
            }
        };
        const EPOCH: Date = jiff::civil::date(1970, 1, 1);
        let day = date.duration_since(EPOCH).as_secs();
        let seconds = day + hour.0 * 3600 + minute.0 * 60 + second.0 - offset_seconds(offset)?;
        Some(Self { seconds, nanos })
    }
}

/// The value and the number of digits of a text that consists of digits.
fn digits(text: &str) -> Option<(i64, usize)> {
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Some((text.parse().ok().filter(|_| all_digits)?, text.len()))
}

fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let ((hours, hour_digits), (minutes, minute_digits)) = (digits(hours)?, digits(minutes)?);
    let seconds = (hour_digits == 2 && minute_digits == 2 && hours < 24 && minutes < 60)
        .then_some(hours * 3600 + minutes * 60)?;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// Parses an RFC 3339 timestamp to milliseconds since the epoch.
pub(crate) fn rfc3339_millis(text: &str) -> Option<i64> {
    DateTime::parse(text).map(DateTime::millis)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn offsets_and_fractions_are_parsed() {
        let time = DateTime::parse("2016-03-14T01:59:00Z").unwrap();
        assert_eq!(time.millis(), 1_457_920_740_000);
        assert_eq!(DateTime::parse("2016-03-14T02:59:00.000+01:00"), Some(time));
        assert!(DateTime::parse("2016-03-14T01:59:00.000000001Z").unwrap() > time);
    }

    #[test]
    fn invalid_timestamps_are_refused_as_in_aws() {
        for text in [
            "2016-12-05 21:29:29Z",
            "2016-12-05T21:29:29",
            "2016-13-05T21:29:29Z",
            "2016-12-05T25:29:29Z",
            "05-12-2016T21:29:29Z",
            "2023-02-29T00:00:00Z",
            "",
            "2016-12-05T21:29Z",
            "2016-12-05t21:29:29Z",
        ] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_timestamp_that_is_written_is_read_again(millis in 0_i64..4_000_000_000_000) {
            prop_assert_eq!(DateTime::parse(&Timestamp(millis).rfc3339_millis()).unwrap().millis(), millis);
        }
    }
}
