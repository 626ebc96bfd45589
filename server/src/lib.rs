//! The backend of Doppio: commands, event handlers, live screens.

pub mod pages;
