//! The embedded cloud: Step Functions, EventBridge and DynamoDB in one process and one file, spoken to through AWS's
//! own wire API, so that an unmodified AWS SDK or CLI cannot tell the difference.
//!
//! Reading order: [`clock`] and [`error`] are what everything uses; [`store`] owns the file and the one writer;
//! [`states`] interprets definitions, [`tables`] is DynamoDB, [`events`] is EventBridge, [`functions`] are the Lambda
//! targets; [`wire`] is the door.
//!
//! Architecture invariant: this crate knows nothing of coffee.

pub mod clock;
pub mod error;
pub mod states;
