//! What has been tapped and has not reached the server: kept in order, also over a reload or a crash of the tablet.
//!
//! Pure; `post` sends it and keeps its text in the browser.
#![cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser sends"))]

use domain::OrderNumber;

/// More is not kept: nobody taps so much without looking up.
const LIMIT: usize = 64;
/// What has waited for longer is not sent any more, in milliseconds: by then the bar has moved on.
pub(super) const FRESH_MILLIS: i64 = 15 * 60_000;

/// A form as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Where it is sent.
    pub(super) action: String,
    /// Its fields, encoded as in an address.
    pub(super) body: String,
    /// The order that it is about, or what else must not be sent twice at once.
    pub(super) about: String,
    /// The number of that order, as the card had it.
    pub(super) number: Option<OrderNumber>,
    /// When it was tapped, by the device's clock.
    pub(super) tapped_at: i64,
}

/// The commands that wait, the first tapped first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outbox(Vec<Command>);

impl Outbox {
    /// Adds a command. False when there are too many already.
    pub(super) fn push(&mut self, command: Command) -> bool {
        let room = self.0.len() < LIMIT;
        if room {
            self.0.push(command);
        }
        room
    }

    /// What is to be sent next.
    pub(super) fn first(&self) -> Option<&Command> {
        self.0.first()
    }

    /// Forgets the first: the server has answered it.
    pub(super) fn answered(&mut self) {
        if !self.0.is_empty() {
            self.0.remove(0);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether something about this waits already.
    pub(super) fn has(&self, about: &str) -> bool {
        self.0.iter().any(|command| command.about == about)
    }

    /// A line for each command. None of its parts has a tab or a new line: they are encoded as in an address.
    pub(super) fn text(&self) -> String {
        let line = |command: &Command| {
            let Command { action, body, about, number, tapped_at } = command;
            let number = number.map(|number| number.to_string()).unwrap_or_default();
            format!("{tapped_at}\t{number}\t{action}\t{about}\t{body}\n")
        };
        self.0.iter().map(line).collect()
    }

    /// What a tablet has kept, and how much of it is too old to be sent. What cannot be read was not kept by us.
    pub(super) fn read(text: &str, now: i64) -> (Self, usize) {
        let all: Vec<Command> = text.lines().filter_map(read).collect();
        let (fresh, stale): (Vec<_>, Vec<_>) =
            all.into_iter().take(LIMIT).partition(|command| now - command.tapped_at <= FRESH_MILLIS);
        (Self(fresh), stale.len())
    }
}

fn read(line: &str) -> Option<Command> {
    let mut parts = line.split('\t').map(str::to_owned);
    let tapped_at = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok().map(OrderNumber);
    let (action, about, body) = (parts.next()?, parts.next()?, parts.next()?);
    // Whoever else can write into the storage of this page must not choose where it sends something.
    action.starts_with("/api/").then_some(Command { action, body, about, number, tapped_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(order: &str, tapped_at: i64) -> Command {
        Command {
            action: "/api/claim_order".to_owned(),
            body: format!("order={order}"),
            about: order.to_owned(),
            number: Some(OrderNumber(47)),
            tapped_at,
        }
    }

    #[test]
    fn what_waits_is_read_back_in_the_order_in_which_it_was_tapped() {
        let mut outbox = Outbox::default();
        for order in ["b", "a", "c"] {
            assert!(outbox.push(claim(order, 1_000)));
        }
        let walk_in =
            Command { number: None, about: "/api/walk_in_order?key=k&drink=Flat+White".to_owned(), ..claim("", 5) };
        assert!(outbox.push(walk_in));
        assert_eq!(Outbox::read(&outbox.text(), 2_000), (outbox.clone(), 0));
        assert!(outbox.has("a") && outbox.first().is_some_and(|first| first.about == "b"));
        outbox.answered();
        assert!(!outbox.has("b") && outbox.len() == 3);
    }

    #[test]
    fn what_is_too_old_or_strange_is_not_sent() {
        let mut outbox = Outbox::default();
        outbox.push(claim("old", 0));
        outbox.push(claim("new", 60_000));
        let text = format!("{}nonsense\n1\t\thttps://evil.example/\tx\ty\n", outbox.text());
        let (kept, stale) = Outbox::read(&text, FRESH_MILLIS + 1);
        assert_eq!((kept.first().map(|first| first.about.as_str()), kept.len(), stale), (Some("new"), 1, 1));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut outbox = Outbox::default();
        let taken = (0..100).filter(|order| outbox.push(claim(&order.to_string(), 0))).count();
        assert_eq!((taken, outbox.len()), (LIMIT, LIMIT));
    }
}
