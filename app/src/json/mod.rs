//! Deserialization in a browser: the browser parses the JSON, and each type reads its members.
//!
//! The server serializes with `serde`. The deserializers that `serde` derives support every format, and were a fifth of
//! the guest's bundle; these support only JSON (ADR 0011). Tests read whatever the server can write.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
mod native;
mod read;
#[cfg(test)]
mod tests;

use domain::live::ClientFrame;

#[cfg(feature = "hydrate")]
pub(crate) use self::browser::Json;
#[cfg(not(feature = "hydrate"))]
pub(crate) use self::native::Json;

/// A type that can be read from JSON.
pub(crate) trait FromJson: Sized {
    /// Reads a value. `None` when it is malformed, or is a variant that only a newer server knows.
    fn from_json(json: &Json) -> Option<Self>;
}

impl Json {
    /// Reads a member.
    fn member<T: FromJson>(&self, name: &str) -> Option<T> {
        T::from_json(&self.get(name))
    }

    /// Reads a member; the default if it is missing.
    fn member_or_default<T: FromJson + Default>(&self, name: &str) -> Option<T> {
        let member = self.get(name);
        if member.is_null() { Some(T::default()) } else { T::from_json(&member) }
    }
}

/// Serializes a frame. Topics have no characters that JSON would have to escape.
pub(crate) fn frame_text(frame: &ClientFrame) -> String {
    let ClientFrame::Hello { subscriptions } = frame;
    let mut text = r#"{"frame":"hello","subscriptions":["#.to_owned();
    for (at, subscription) in subscriptions.iter().enumerate() {
        text.push_str(if at == 0 { r#"{"topic":""# } else { r#",{"topic":""# });
        text.push_str(&subscription.topic.to_string());
        text.push('"');
        if let Some(resume) = subscription.resume {
            text.push_str(r#","resume":{"epoch":"#);
            text.push_str(&resume.epoch.to_string());
            text.push_str(r#","seq":"#);
            text.push_str(&resume.seq.to_string());
            text.push('}');
        }
        text.push('}');
    }
    text.push_str("]}");
    text
}
