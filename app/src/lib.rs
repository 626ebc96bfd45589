//! What people see: pages, components, the signatures of the commands, and the browser's half of the live connection.
//!
//! Architecture invariant: nothing here knows of AWS. The pages ask the [`backend::Backend`], which the server implements.

pub mod commands;
pub mod error;

#[cfg(feature = "ssr")]
pub mod backend;

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "`ssr` is for the server and `hydrate` for the browser: build them separately, never with --all-features"
);
