//! The rules of Doppio: orders, menus, the shop, and what each role may see and do.
//!
//! Reading order: [`menu`] is what can be ordered, [`order`] is the life of one order, [`shop`] is the state of the
//! bar, [`role`] is who may read what, [`view`] is what each reader sees, [`live`] is how views are sent to readers,
//! and [`language`] is the languages of the pages. [`estimate`] computes waits, [`past_drinks`] is what a guest can
//! order again, and [`text`] is the rule for text that people enter.
//!
//! Architecture invariant: no I/O, no clock, no async. The crate compiles to WebAssembly and runs on the server and in
//! browsers.

pub mod estimate;
pub mod id;
pub mod language;
pub mod live;
pub mod menu;
pub mod order;
pub mod past_drinks;
pub mod role;
pub mod shop;
pub mod text;
pub mod time;
pub mod view;

pub use id::{BaristaId, BaristaName, CustomerId, OrderId, OrderNumber};
pub use language::Language;
pub use menu::{Drink, DrinkOrder, Menu, ModifierGroup, SoldOut};
pub use order::{Actor, CancelReason, Ending, Order, OrderCommand, OrderEvent, PauseReason, Phase, Refusal, TaskToken};
pub use role::Role;
pub use shop::{Shop, ShopState};
pub use time::Timestamp;
