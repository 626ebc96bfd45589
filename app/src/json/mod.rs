//! Reading what the server says, in a browser: the browser parses the text, and each type takes what it is made of.
//!
//! The server writes with `serde`. The readers that `serde` derives serve every format, and were a fifth of what a guest
//! had to load; these serve one (ADR 0011). The tests give them whatever the server can write.

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

/// Something that can be read.
pub(crate) trait FromJson: Sized {
    /// `None` for what is malformed, or of a newer server and unknown here.
    fn from_json(json: &Json) -> Option<Self>;
}

impl Json {
    /// The member of that name.
    fn member<T: FromJson>(&self, name: &str) -> Option<T> {
        T::from_json(&self.get(name))
    }

    /// The member of that name; one that is missing is left at its default.
    fn member_or_default<T: FromJson + Default>(&self, name: &str) -> Option<T> {
        let member = self.get(name);
        if member.is_nothing() { Some(T::default()) } else { T::from_json(&member) }
    }
}

/// What a browser says on the live connection, as text. Topics hold nothing that JSON would have to escape.
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
