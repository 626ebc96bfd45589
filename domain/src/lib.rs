//! What an order, a menu and a shop are, and which change may follow which.
//!
//! Reading order: [`menu`] is what can be ordered, [`order`] is the life of one order, [`shop`] is the bar around it,
//! [`view`] is what each reader may see of it, [`live`] is how those views travel, [`language`] is what they are told
//! in. [`estimate`] is how long it will take, [`past_drinks`] what a phone has ordered before. [`text`] is the rule
//! for what people enter.
//!
//! Architecture invariant: no I/O, no clock, no async. It compiles to WebAssembly and runs on both sides.

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
