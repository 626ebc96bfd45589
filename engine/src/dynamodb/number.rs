//! DynamoDB's number: up to 38 significant decimal digits, exact.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Maximum number of significant digits.
const MAX_DIGITS: u32 = 38;
/// Largest power of ten of a number `0.d…d × 10^power`: 9.9…E+125.
const MAX_POWER: i64 = 126;
/// Smallest power of ten of a number `0.d…d × 10^power`: 1E-130.
const MIN_POWER: i64 = -129;

/// An exact decimal number, `± coefficient × 10^exponent`.
///
/// Always normalized: the coefficient has no trailing zero and zero has no sign, so equal numbers are equal structures,
/// whatever their spelling (`1.0`, `1`, `0.1e1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Number {
    negative: bool,
    /// Less than 10^38.
    coefficient: u128,
    exponent: i32,
}

/// Why a text or a result is not a DynamoDB number; the messages are AWS's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberError {
    /// An empty string.
    #[error("The parameter cannot be converted to a numeric value")]
    Empty,
    /// The text is not made of a sign, digits, a point and an exponent.
    #[error("The parameter cannot be converted to a numeric value: {0}")]
    Malformed(String),
    /// More than 38 significant digits.
    #[error("Attempting to store more than 38 significant digits in a Number")]
    TooPrecise,
    /// Greater than 9.9…E+125.
    #[error("Number overflow. Attempting to store a number with magnitude larger than supported range")]
    Overflow,
    /// Closer to zero than 1E-130.
    #[error("Number underflow. Attempting to store a number with magnitude smaller than supported range")]
    Underflow,
}

impl Number {
    /// The exact sum.
    ///
    /// # Errors
    /// The sum needs more than 38 digits or leaves the range.
    pub(super) fn add(self, other: Self) -> Result<Self, NumberError> {
        if self.coefficient == 0 {
            return Ok(other);
        }
        if other.coefficient == 0 {
            return Ok(self);
        }
        let exponent = self.exponent.min(other.exponent);
        // An operand that does not fit at the lower exponent has at least 39 digits there, and the other operand cannot
        // cancel its leading digits, so the sum has too many digits.
        let left = self.scaled_to(exponent).ok_or(NumberError::TooPrecise)?;
        let right = other.scaled_to(exponent).ok_or(NumberError::TooPrecise)?;
        let (negative, coefficient) = if self.negative == other.negative {
            (self.negative, left.checked_add(right).ok_or(NumberError::TooPrecise)?)
        } else if left >= right {
            (self.negative, left - right)
        } else {
            (other.negative, right - left)
        };
        Self::normalized(negative, coefficient, i64::from(exponent))
    }

    /// The exact difference; fails as [`Number::add`] does.
    pub(super) fn subtract(self, other: Self) -> Result<Self, NumberError> {
        self.add(Self { negative: !other.negative && other.coefficient != 0, ..other })
    }

    /// Bytes that sort, as unsigned bytes, in the order of the numbers.
    pub(super) fn ordered_bytes(self) -> Vec<u8> {
        if self.coefficient == 0 {
            return vec![1];
        }
        // The power is between -129 and 126, so the biased power fits a byte.
        let decimal_exponent = u8::try_from(self.decimal_exponent() - MIN_POWER).unwrap_or(u8::MAX);
        let mut bytes = vec![decimal_exponent];
        let mut rest = self.aligned();
        let mut unit = 10u128.pow(MAX_DIGITS - 2);
        while rest > 0 {
            // Two digits per byte, plus one, so that no digit byte is the smallest or (inverted) the largest byte.
            bytes.push(u8::try_from(rest / unit).unwrap_or(99) + 1);
            rest %= unit;
            unit = (unit / 100).max(1);
        }
        if self.negative {
            bytes.iter_mut().for_each(|byte| *byte = !*byte);
            bytes.push(u8::MAX);
        }
        bytes.insert(0, if self.negative { 0 } else { 2 });
        bytes
    }

    /// The size in an item, by AWS's rule: one byte per two digits on each side of the point, and one.
    pub(super) fn size(self) -> usize {
        let digits = if self.coefficient == 0 { 0 } else { i64::from(self.coefficient.ilog10()) + 1 };
        let whole = self.decimal_exponent().clamp(0, digits);
        let halves = |count: i64| usize::try_from((count + 1) / 2).unwrap_or(0);
        halves(whole) + halves(digits - whole) + 1 + usize::from(self.negative)
    }

    /// The value as an integer, if it is whole and fits: for the seconds in a time-to-live attribute.
    pub(super) fn to_i64(self) -> Option<i64> {
        self.to_string().parse().ok()
    }

    /// Normalizes a coefficient and checks digits and range.
    fn normalized(negative: bool, mut coefficient: u128, mut exponent: i64) -> Result<Self, NumberError> {
        if coefficient == 0 {
            return Ok(Self::default());
        }
        while coefficient.is_multiple_of(10) {
            coefficient /= 10;
            exponent += 1;
        }
        let digits = i64::from(coefficient.ilog10()) + 1;
        if digits > i64::from(MAX_DIGITS) {
            return Err(NumberError::TooPrecise);
        }
        let decimal_exponent = digits + exponent;
        if decimal_exponent > MAX_POWER {
            return Err(NumberError::Overflow);
        }
        if decimal_exponent < MIN_POWER {
            return Err(NumberError::Underflow);
        }
        let exponent = i32::try_from(exponent).map_err(|_| NumberError::Overflow)?;
        Ok(Self { negative, coefficient, exponent })
    }

    /// The coefficient at a lower exponent.
    fn scaled_to(self, exponent: i32) -> Option<u128> {
        let shift = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.coefficient.checked_mul(10u128.checked_pow(shift)?)
    }

    /// `p` of `0.d…d × 10^p`.
    fn decimal_exponent(self) -> i64 {
        if self.coefficient == 0 { 0 } else { i64::from(self.coefficient.ilog10()) + 1 + i64::from(self.exponent) }
    }

    /// The coefficient with zeros appended up to 38 digits, so that fractions compare as integers.
    fn aligned(self) -> u128 {
        if self.coefficient == 0 {
            return 0;
        }
        self.coefficient * 10u128.pow(MAX_DIGITS - 1 - self.coefficient.ilog10())
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        let malformed = || NumberError::Malformed(text.to_owned());
        let (mantissa, written_exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(malformed());
                }
                (mantissa, exponent.parse::<i64>().map_err(|_| malformed())?)
            }
            None => (text, 0),
        };
        let negative = mantissa.starts_with('-');
        let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if whole.len() + fraction.len() == 0 || !digits().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let mut exponent = written_exponent.saturating_sub(i64::try_from(fraction.len()).unwrap_or(i64::MAX));
        let significant: Vec<u8> = digits().skip_while(|byte| *byte == b'0').collect();
        let kept = significant.iter().rposition(|byte| *byte != b'0').map_or(0, |last| last + 1);
        exponent = exponent.saturating_add(i64::try_from(significant.len() - kept).unwrap_or(i64::MAX));
        if kept > MAX_DIGITS as usize {
            return Err(NumberError::TooPrecise);
        }
        let coefficient = significant.iter().take(kept).fold(0u128, |sum, byte| sum * 10 + u128::from(byte - b'0'));
        // Far outside the range the sums below would overflow; the result is the same at the limit.
        Self::normalized(negative, coefficient, exponent.clamp(-1_000, 1_000))
    }
}

impl fmt::Display for Number {
    /// Plain notation without an exponent, as in AWS's responses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let digits = self.coefficient.to_string();
        if let Ok(zeros) = usize::try_from(self.exponent) {
            return write!(f, "{digits}{}", "0".repeat(zeros));
        }
        let places = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(0);
        match digits.len().checked_sub(places).and_then(|whole| digits.split_at_checked(whole)) {
            Some((whole, fraction)) if !whole.is_empty() => write!(f, "{whole}.{fraction}"),
            _ => write!(f, "0.{}{digits}", "0".repeat(places.saturating_sub(digits.len()))),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.coefficient, number.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        };
        let magnitude = |number: &Self| (number.decimal_exponent(), number.aligned());
        sign(self).cmp(&sign(other)).then_with(|| {
            let by_magnitude = magnitude(self).cmp(&magnitude(other));
            if self.negative { by_magnitude.reverse() } else { by_magnitude }
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn spellings_of_one_number_are_one_number() {
        for text in ["100", "1e2", "+1.0E+2", "00100.", "0.1e3", "1000e-1"] {
            assert_eq!(number(text).to_string(), "100", "{text}");
        }
        assert_eq!(number("-0").to_string(), "0");
        assert_eq!(number(".5").to_string(), "0.5");
        assert_eq!(number("-12.340").to_string(), "-12.34");
        assert_eq!(number("1e-3").to_string(), "0.001");
    }

    #[test]
    fn invalid_numbers_are_refused_in_the_words_of_aws() {
        for text in ["+", ".", "1e", "1e+", "--1", "1_000", " 1", "NaN", "0x1", "1.2.3"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::Malformed(text.to_owned())));
        }
        assert_eq!("".parse::<Number>(), Err(NumberError::Empty));
        assert_eq!("1e126".parse::<Number>(), Err(NumberError::Overflow));
        assert_eq!("1e99999".parse::<Number>(), Err(NumberError::Overflow));
        assert_eq!("1e-131".parse::<Number>(), Err(NumberError::Underflow));
        assert_eq!("1".repeat(39).parse::<Number>(), Err(NumberError::TooPrecise));
        assert!(format!("{}00", "9".repeat(38)).parse::<Number>().is_ok());
    }

    #[test]
    fn sums_are_exact_or_refused() {
        assert_eq!(number("0.1").add(number("0.2")), Ok(number("0.3")));
        assert_eq!(number("1e38").subtract(number("1")), Ok(number(&"9".repeat(38))));
        assert_eq!(number("1e38").add(number("1")), Err(NumberError::TooPrecise));
        assert_eq!(number("1e125").add(number("1")), Err(NumberError::TooPrecise));
        assert_eq!(number("9e125").add(number("9e125")), Err(NumberError::Overflow));
        assert_eq!(number("5").subtract(number("5")), Ok(number("0")));
    }

    #[test]
    fn sizes_follow_aws_s_rule() {
        for (text, size) in [("0", 1), ("1", 2), ("42", 2), ("-42", 3), ("123", 3), ("1.5", 3), ("0.25", 2)] {
            assert_eq!(number(text).size(), size, "{text}");
        }
    }

    /// A number as an i64 times a power of ten, so that i128 arithmetic is the reference.
    fn scaled() -> impl Strategy<Value = (i64, u32)> {
        (prop_oneof![any::<i64>(), -1000i64..1000, Just(0)], 0u32..12)
    }

    fn number_of((digits, places): (i64, u32)) -> Number {
        number(&format!("{digits}e-{places}"))
    }

    fn reference((digits, places): (i64, u32)) -> i128 {
        i128::from(digits) * 10i128.pow(12 - places)
    }

    proptest! {
        #[test]
        fn addition_and_order_agree_with_integers(a in scaled(), b in scaled()) {
            let (x, y) = (number_of(a), number_of(b));
            prop_assert_eq!(x.add(y).unwrap(), number(&format!("{}e-12", reference(a) + reference(b))));
            prop_assert_eq!(x.subtract(y).unwrap(), number(&format!("{}e-12", reference(a) - reference(b))));
            prop_assert_eq!(x.cmp(&y), reference(a).cmp(&reference(b)));
        }

        #[test]
        fn encoded_order_is_numeric_order(a in scaled(), b in scaled(), shift in -100i32..100) {
            let at = |(digits, places): (i64, u32), shift: i32| number(&format!("{digits}e{}", shift - i32::try_from(places).unwrap()));
            for (x, y) in [(at(a, shift), at(b, shift)), (at(a, shift), at(b, 0))] {
                prop_assert_eq!(x.ordered_bytes().cmp(&y.ordered_bytes()), x.cmp(&y), "{} {}", x, y);
            }
        }

        #[test]
        fn a_printed_number_parses_to_itself(a in scaled(), shift in -100i32..100) {
            let x = number(&format!("{}e{}", a.0, shift));
            prop_assert_eq!(number(&x.to_string()), x);
        }
    }
}
