//! When a Wait state ends.

use crate::{
    clock::Timestamp,
    stepfunctions::language::{
        data::{Data, StateError},
        date_time::DateTime,
        definition::Until,
    },
};

/// AWS's maximum wait, in seconds.
const MAX_WAIT_SECONDS: i64 = 2_147_483_647;

/// The time at which a Wait state ends; an error in AWS's words if it is invalid.
pub(super) fn wait_until(until: &Until, data: Data<'_>, now: Timestamp) -> Result<Timestamp, StateError> {
    let due = match until {
        Until::Seconds(seconds) => after_seconds(now, *seconds),
        Until::Timestamp(millis) => Timestamp(*millis),
        Until::SecondsPath(path) => {
            let missing = |_| format!("The SecondsPath parameter does not reference an input value: {}", path.text());
            let value = data.select(path).map_err(missing).map_err(StateError::runtime)?;
            let seconds = value.as_i64().ok_or_else(|| {
                let message = "The SecondsPath parameter cannot be parsed as a long value";
                StateError::runtime(format!("{message}: {} == {value}", path.text()))
            })?;
            if seconds < 0 {
                let message = "The SecondsPath parameter references a negative value";
                return Err(StateError::runtime(format!("{message}: {} == {value}", path.text())));
            }
            after_seconds(now, seconds)
        }
        Until::TimestampPath(path) => {
            let missing = |_| format!("The TimestampPath parameter does not reference an input value: {}", path.text());
            let value = data.select(path).map_err(missing).map_err(StateError::runtime)?;
            let moment = value.as_str().and_then(DateTime::parse).ok_or_else(|| {
                let message = "The TimestampPath parameter does not reference a valid ISO-8601 extended offset \
                               date-time format string";
                let printed = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                StateError::runtime(format!("{message}: {} == {printed}", path.text()))
            })?;
            Timestamp(moment.millis())
        }
    };
    if due.millis().saturating_sub(now.millis()) / 1000 > MAX_WAIT_SECONDS {
        return Err(StateError::runtime("Wait state delay is too long."));
    }
    Ok(due)
}

pub(super) fn after_seconds(from: Timestamp, seconds: i64) -> Timestamp {
    Timestamp(from.millis().saturating_add(seconds.saturating_mul(1000)))
}
