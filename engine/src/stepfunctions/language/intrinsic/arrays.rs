//! Functions on arrays and numbers.

use std::collections::HashSet;

use serde_json::Value;

use crate::stepfunctions::language::host::Host;

/// AWS's limit on the length of `States.ArrayRange`.
const MAX_RANGE: usize = 1_000;

fn array(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("an array was expected, but got {value}"))
}

/// A number, rounded half up as in AWS.
fn integer(value: &Value) -> Result<i64, String> {
    if let Some(integer) = value.as_i64() {
        return Ok(integer);
    }
    match value.as_f64() {
        Some(number) if number.abs() < 9.2e18 => Ok((number + 0.5).floor() as i64),
        _ => Err(format!("a number was expected, but got {value}")),
    }
}

pub(super) fn partition(items: &Value, size: &Value) -> Result<Value, String> {
    let size =
        usize::try_from(integer(size)?).ok().filter(|size| *size > 0).ok_or("the chunk size must be positive")?;
    Ok(array(items)?.chunks(size).map(|chunk| Value::from(chunk.to_vec())).collect())
}

pub(super) fn contains(items: &Value, wanted: &Value) -> Result<Value, String> {
    Ok(array(items)?.contains(wanted).into())
}

pub(super) fn range(first: &Value, last: &Value, step: &Value) -> Result<Value, String> {
    let (first, last, step) = (integer(first)?, integer(last)?, integer(step)?);
    if step == 0 {
        return Err("the step must not be 0".to_owned());
    }
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step));
    let numbers: Vec<Value> = numbers
        .take_while(|number| if step > 0 { *number <= last } else { *number >= last })
        .take(MAX_RANGE + 1)
        .map(Value::from)
        .collect();
    if numbers.len() > MAX_RANGE {
        return Err(format!("the range has more than {MAX_RANGE} numbers"));
    }
    Ok(numbers.into())
}

pub(super) fn get_item(items: &Value, index: &Value) -> Result<Value, String> {
    let (items, index) = (array(items)?, integer(index)?);
    let item = usize::try_from(index).ok().and_then(|index| items.get(index));
    item.cloned().ok_or_else(|| format!("the index {index} is out of the array's bounds"))
}

pub(super) fn length(items: &Value) -> Result<Value, String> {
    Ok(array(items)?.len().into())
}

pub(super) fn unique(items: Value) -> Result<Value, String> {
    let mut seen = HashSet::new();
    Ok(array(&items)?.iter().filter(|item| seen.insert(*item)).cloned().collect())
}

pub(super) fn add(left: &Value, right: &Value) -> Result<Value, String> {
    let sum = integer(left)?.checked_add(integer(right)?);
    sum.map(Value::from).ok_or_else(|| "the sum is too large".to_owned())
}

/// A number from `start` to below `end`; the same seed gives the same number.
pub(super) fn random(start: &Value, end: &Value, seed: Option<&Value>, host: &mut dyn Host) -> Result<Value, String> {
    let (start, end) = (integer(start)?, integer(end)?);
    let span = end.checked_sub(start).and_then(|span| u64::try_from(span).ok()).filter(|span| *span > 0);
    let span = span.ok_or("the end must be greater than the start")?;
    let bits = match seed {
        Some(seed) => mix_bits(integer(seed)?.cast_unsigned()),
        None => host.random(),
    };
    Ok((start + (bits % span).cast_signed()).into())
}

/// Mixes the bits of a seed (the finalizer of SplitMix64).
fn mix_bits(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
