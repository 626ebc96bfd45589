//! Generates the Rust code of the catalogue.

use std::fmt::Write as _;

use crate::{catalogue::Catalogue, message::Message};

/// The tables of all languages, where each area begins, and a method for each message.
pub(crate) fn code(english: &Catalogue, all: &[Catalogue]) -> String {
    let mut code = String::new();
    _ = writeln!(code, "// Written by app/build from locales/.\n");
    let mut begins = 0;
    _ = writeln!(code, "/// Where each area lies in the tables.\n#[cfg(not(feature = \"hydrate\"))]");
    _ = writeln!(code, "pub(super) const AREAS: [(&str, std::ops::Range<usize>); {}] = [", english.areas.len());
    for area in &english.areas {
        let ends = begins + area.messages.len();
        _ = writeln!(code, "    ({:?}, {begins}..{ends}),", area.name);
        begins = ends;
    }
    _ = writeln!(code, "];\n");
    _ = writeln!(
        code,
        "/// How many messages there are.\n#[cfg(feature = \"hydrate\")]\npub(super) const LENGTH: usize = {begins};\n"
    );
    tables(&mut code, all, begins);
    methods(&mut code, english);
    code
}

/// Only the server has the tables. A browser gets the messages of its page.
fn tables(code: &mut String, all: &[Catalogue], length: usize) {
    _ = writeln!(code, "/// All messages by language.\n#[cfg(not(feature = \"hydrate\"))]");
    _ = writeln!(code, "pub(super) static TABLES: [(&str, [&str; {length}]); {}] = [", all.len());
    for language in all {
        _ = writeln!(code, "    ({:?}, [", language.language);
        for (_, message) in language.areas.iter().flat_map(|area| &area.messages) {
            _ = writeln!(code, "        {:?},", message.packed());
        }
        _ = writeln!(code, "    ]),");
    }
    _ = writeln!(code, "];\n");
}

fn methods(code: &mut String, english: &Catalogue) {
    _ = writeln!(code, "impl Messages {{");
    let messages =
        english.areas.iter().flat_map(|area| area.messages.iter().map(|(key, message)| (&area.name, key, message)));
    for (index, (area, key, message)) in messages.enumerate() {
        let places = message.places().unwrap_or_default();
        let text = message.texts().first().copied().unwrap_or_default().replace('\n', " ");
        _ = writeln!(code, "    /// “{}”", text.replace('[', "\\[").replace('<', "\\<"));
        let arguments: String = places
            .iter()
            .map(|place| if place == "count" { ", count: u32".to_owned() } else { format!(", {place}: &str") })
            .collect();
        let others: Vec<&String> = places.iter().filter(|place| *place != "count").collect();
        let pairs: Vec<String> = others.iter().map(|place| format!("({place:?}, {place})")).collect();
        let pairs = pairs.join(", ");
        let (returns, body) = match message {
            Message::Plain(_) if places.is_empty() => ("&'static str", format!("self.text({index})")),
            Message::Plain(_) if places.iter().any(|place| place == "count") => {
                let more = if pairs.is_empty() { String::new() } else { format!(", {pairs}") };
                ("String", format!("self.fill({index}, &[(\"count\", &count.to_string()){more}])"))
            }
            Message::Plain(_) => ("String", format!("self.fill({index}, &[{pairs}])")),
            Message::Plural(_) => ("String", format!("self.plural({index}, count, &[{pairs}])")),
        };
        _ = writeln!(code, "    pub fn {area}_{key}(self{arguments}) -> {returns} {{ {body} }}");
    }
    _ = writeln!(code, "}}");
}
