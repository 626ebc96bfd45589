//! Random sequences of calls. They use few keys and attributes, so that calls affect each other, and are mostly valid.

mod expressions;
mod limits;
mod operations;
mod values;

pub(crate) use self::values::is_wrong;
use crate::{call::Call, random::Random};

/// A sequence of calls.
pub(crate) fn sequence(random: &mut Random) -> Vec<Call> {
    let length = 5 + random.below(30);
    (0..length).map(|_| operations::call(random)).collect()
}
