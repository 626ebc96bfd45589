//! Commands that the server has not answered, in the order of the taps. They survive a reload or a crash of the tablet.
//!
//! Pure; `outbox_sender` sends them and stores them in the browser.
#![cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser sends commands"))]

use domain::OrderNumber;

use crate::commands::API_PREFIX;

/// The maximum number of commands.
const LIMIT: usize = 64;
/// Commands are not sent any more after this time, in milliseconds.
pub(super) const MAX_AGE_MILLIS: i64 = 15 * 60_000;

/// A command that is not answered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PendingCommand {
    /// The path.
    pub(super) action: String,
    /// The URL-encoded fields.
    pub(super) body: String,
    /// The id of the order, or another key. Two commands with the same key are not sent at once.
    pub(super) about: String,
    /// The number of the order.
    pub(super) number: Option<OrderNumber>,
    /// When it was tapped, by the device's clock in milliseconds, which survives a reload.
    pub(super) tapped_at: i64,
    /// When it was tapped or restored, by the steady clock in milliseconds.
    pub(super) queued_at: i64,
}

/// A moment on both clocks of a browser, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// The device's clock, which can be set.
    pub(super) wall: i64,
    /// The steady clock, which may stop while the device sleeps.
    pub(super) steady: i64,
}

impl PendingCommand {
    /// The age in milliseconds: the longer one by both clocks, so that setting a clock does not make an old command
    /// fresh. A tap in the future means that the clock was set back since, so its age is unknown.
    pub(super) fn age(&self, now: Now) -> i64 {
        (now.wall - self.tapped_at).abs().max(now.steady - self.queued_at)
    }
}

/// The pending commands, in the order of the taps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outbox(Vec<PendingCommand>);

impl Outbox {
    /// Adds a command. Returns false when there are too many.
    pub(super) fn push(&mut self, command: PendingCommand) -> bool {
        let room = self.0.len() < LIMIT;
        if room {
            self.0.push(command);
        }
        room
    }

    /// The command to send next.
    pub(super) fn first(&self) -> Option<&PendingCommand> {
        self.0.first()
    }

    /// Removes the first command, which has been answered.
    pub(super) fn remove_first(&mut self) {
        if !self.0.is_empty() {
            self.0.remove(0);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is a command with this key.
    pub(super) fn has(&self, about: &str) -> bool {
        self.0.iter().any(|command| command.about == about)
    }

    /// Serializes the commands, one in each line. URL-encoded text has no tabs or line breaks.
    pub(super) fn text(&self) -> String {
        let line = |command: &PendingCommand| {
            let PendingCommand { action, body, about, number, tapped_at, queued_at: _ } = command;
            let number = number.map(|number| number.to_string()).unwrap_or_default();
            format!("{tapped_at}\t{number}\t{action}\t{about}\t{body}\n")
        };
        self.0.iter().map(line).collect()
    }

    /// Restores stored commands, and counts those that are too old. Malformed lines are ignored.
    pub(super) fn read(text: &str, now: Now) -> (Self, usize) {
        let all: Vec<PendingCommand> = text.lines().filter_map(|line| read(line, now.steady)).collect();
        let (fresh, stale): (Vec<_>, Vec<_>) =
            all.into_iter().take(LIMIT).partition(|command| command.age(now) <= MAX_AGE_MILLIS);
        (Self(fresh), stale.len())
    }
}

fn read(line: &str, steady: i64) -> Option<PendingCommand> {
    let mut parts = line.split('\t').map(str::to_owned);
    let tapped_at = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok().map(OrderNumber);
    let (action, about, body) = (parts.next()?, parts.next()?, parts.next()?);
    // Whoever can write to the storage must not choose where the page sends requests.
    action.starts_with(API_PREFIX).then_some(PendingCommand {
        action,
        body,
        about,
        number,
        tapped_at,
        queued_at: steady,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(order: &str, tapped_at: i64) -> PendingCommand {
        PendingCommand {
            action: "/api/claim_order".to_owned(),
            body: format!("order={order}"),
            about: order.to_owned(),
            number: Some(OrderNumber(47)),
            tapped_at,
            queued_at: 0,
        }
    }

    const fn at(wall: i64) -> Now {
        Now { wall, steady: 0 }
    }

    #[test]
    fn commands_are_restored_in_order() {
        let mut outbox = Outbox::default();
        for order in ["b", "a", "c"] {
            assert!(outbox.push(claim(order, 1_000)));
        }
        let walk_in = PendingCommand {
            number: None,
            about: "/api/walk_in_order?key=k&drink=Flat+White".to_owned(),
            ..claim("", 5)
        };
        assert!(outbox.push(walk_in));
        assert_eq!(Outbox::read(&outbox.text(), at(2_000)), (outbox.clone(), 0));
        assert!(outbox.has("a") && outbox.first().is_some_and(|first| first.about == "b"));
        outbox.remove_first();
        assert!(!outbox.has("b") && outbox.len() == 3);
    }

    #[test]
    fn old_and_malformed_commands_are_not_restored() {
        let mut outbox = Outbox::default();
        outbox.push(claim("old", 0));
        outbox.push(claim("new", 60_000));
        let text = format!("{}nonsense\n1\t\thttps://evil.example/\tx\ty\n", outbox.text());
        let (kept, stale) = Outbox::read(&text, at(MAX_AGE_MILLIS + 1));
        assert_eq!((kept.first().map(|first| first.about.as_str()), kept.len(), stale), (Some("new"), 1, 1));
    }

    #[test]
    fn setting_a_clock_does_not_make_an_old_command_fresh() {
        const HOUR: i64 = 3_600_000;
        let mut outbox = Outbox::default();
        outbox.push(claim("before the clock was set back", HOUR));
        let (kept, stale) = Outbox::read(&outbox.text(), at(0));
        assert_eq!((kept.len(), stale), (0, 1));
        let tapped = claim("a", HOUR);
        assert_eq!(
            tapped.age(Now { wall: HOUR, steady: MAX_AGE_MILLIS + 1 }),
            MAX_AGE_MILLIS + 1,
            "set back meanwhile"
        );
        assert_eq!(tapped.age(Now { wall: 2 * HOUR, steady: 10 }), HOUR, "asleep meanwhile");
        assert_eq!(tapped.age(Now { wall: HOUR + 5, steady: 4 }), 5);
    }

    #[test]
    fn the_outbox_is_limited() {
        let mut outbox = Outbox::default();
        let taken = (0..100).filter(|order| outbox.push(claim(&order.to_string(), 0))).count();
        assert_eq!((taken, outbox.len()), (LIMIT, LIMIT));
    }
}
