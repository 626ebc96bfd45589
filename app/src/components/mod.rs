//! Components that several pages share.

mod connection_status;
#[cfg(feature = "ssr")]
mod drawings;
mod error;
mod icon;
mod language;
mod refresh;
mod title;

pub(crate) use connection_status::{ConnectionBanner, LiveDot};
pub(crate) use error::Alert;
#[cfg(not(feature = "hydrate"))]
pub(crate) use error::ErrorPage;
pub(crate) use icon::{Drawing, Icon, Loading, Logo, Sign};
pub(crate) use language::LanguageSwitch;
pub(crate) use refresh::NoScriptRefresh;
pub(crate) use title::set_title;
#[cfg(not(feature = "hydrate"))]
pub(crate) use title::title;
