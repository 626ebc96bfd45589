//! JSONPath as Step Functions accepts it: `$.detail-type`, `$['a b']`, `[20]`, `[-1]`, `[*]`, `[1:3]`, `..`, filters, and
//! `$$` for the context object.
//!
//! A *reference path* names exactly one place (names and indexes only); `ResultPath` must be one.

mod parse;
mod place;
mod select;
#[cfg(test)]
mod tests;

pub(in crate::stepfunctions::language) use self::select::{Missing, Path, Root};
