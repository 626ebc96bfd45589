//! The parts that several pages share.

#[cfg(feature = "ssr")]
mod drawings;
mod icon;
mod language;
mod line;
mod refresh;
mod title;
mod trouble;

pub(crate) use icon::{Drawing, Icon, Mark, Sign, Wanted};
pub(crate) use language::LanguageSwitch;
pub(crate) use line::{LineBanner, LiveDot};
pub(crate) use refresh::NoScriptRefresh;
pub(crate) use title::set_title;
#[cfg(not(feature = "hydrate"))]
pub(crate) use title::title;
pub(crate) use trouble::Alert;
#[cfg(not(feature = "hydrate"))]
pub(crate) use trouble::Trouble;
