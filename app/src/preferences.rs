//! How a tablet shows the page of the bar. Set on the tablet, and kept in cookies of its browser.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub(crate) use self::cookies::{read_cookies, theme, write_cookies};

/// The preferences of one tablet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DisplayPreferences {
    /// `light` or `dark`. Empty: the theme of the device.
    pub theme: String,
    /// Whether the lanes run from right to left, for the left hand.
    pub left_handed: bool,
    /// Whether single keys are shortcuts.
    pub keys: bool,
    /// The volume of chimes, 0 to 100.
    pub volume: u8,
}

impl DisplayPreferences {
    /// Whether a preference has this value, both as they are named in forms and cookies.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        match name {
            "theme" => self.theme == value || (value == "auto" && self.theme.is_empty()),
            "hand" => self.left_handed == (value == "left"),
            "keys" => self.keys == (value == "on"),
            _ => self.volume.to_string() == value,
        }
    }
}

#[cfg(feature = "ssr")]
mod cookies {
    use cookie::{Cookie, SameSite, time::Duration};
    use http::{HeaderValue, header};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use super::DisplayPreferences;
    use crate::error::{CommandError, Invalid};

    /// How long a browser keeps its preferences.
    const MAX_AGE: Duration = Duration::days(365);

    /// The volume of a tablet on which none has been set.
    const DEFAULT_VOLUME: u8 = 70;

    /// The preferences of the browser that sends the request.
    pub(crate) fn read_cookies() -> DisplayPreferences {
        let value = |name| read(name).unwrap_or_default();
        DisplayPreferences {
            theme: value("theme"),
            left_handed: value("hand") == "left",
            keys: value("keys") != "off",
            volume: value("volume").parse().unwrap_or(DEFAULT_VOLUME).min(100),
        }
    }

    /// `light` or `dark`, if one of them has been set in the browser that sends the request.
    pub(crate) fn theme() -> Option<String> {
        read("theme").filter(|theme| matches!(theme.as_str(), "light" | "dark"))
    }

    fn read(name: &str) -> Option<String> {
        let parts = use_context::<http::request::Parts>()?;
        let headers = parts.headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut cookies = headers.flat_map(Cookie::split_parse).flatten();
        cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }

    /// Sets the cookies of the preferences that are not empty.
    ///
    /// # Errors
    /// [`Invalid::Preference`] for a value that no preference has.
    pub(crate) fn write_cookies(preferences: &[(&str, String)]) -> Result<(), CommandError> {
        let response = use_context::<ResponseOptions>().ok_or(CommandError::Unavailable)?;
        for (name, value) in preferences.iter().filter(|(_, value)| !value.is_empty()) {
            let plain = value.len() <= 8 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let cookie = Cookie::build((*name, value)).path("/").max_age(MAX_AGE).same_site(SameSite::Lax);
            match HeaderValue::from_str(&cookie.to_string()) {
                Ok(cookie) if plain => response.append_header(header::SET_COOKIE, cookie),
                _ => return Err(Invalid::Preference.into()),
            }
        }
        Ok(())
    }
}
