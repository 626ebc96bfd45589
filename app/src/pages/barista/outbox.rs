//! What has been tapped and has not reached the server: kept in order, also over a reload or a crash of the tablet.
//!
//! Pure; `outbox_sender` sends it and keeps its text in the browser.
#![cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser sends"))]

use domain::OrderNumber;

use crate::commands::API_PREFIX;

/// More is not kept: nobody taps so much without looking up.
const LIMIT: usize = 64;
/// What has waited for longer is not sent any more, in milliseconds: by then the bar has moved on.
pub(super) const FRESH_MILLIS: i64 = 15 * 60_000;

/// A form as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PendingCommand {
    /// Where it is sent.
    pub(super) action: String,
    /// Its fields, encoded as in an address.
    pub(super) body: String,
    /// The order that it is about, or what else must not be sent twice at once.
    pub(super) about: String,
    /// The number of that order, as the card had it.
    pub(super) number: Option<OrderNumber>,
    /// When it was tapped, by the device's clock in milliseconds: it is kept over a reload.
    pub(super) tapped_at: i64,
    /// When it was tapped, or read back, by the page's steady clock in milliseconds.
    pub(super) queued_at: i64,
}

/// A moment by both clocks of a browser, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// The device's clock, which somebody may set.
    pub(super) wall: i64,
    /// The page's clock for durations, which may stop while the device sleeps.
    pub(super) steady: i64,
}

impl PendingCommand {
    /// How long it has waited, in milliseconds: the longer time of both clocks, so that no step of one makes an old tap a
    /// fresh one. A tap of the future says that the clock was set back since: nobody knows then how old it is.
    pub(super) fn age(&self, now: Now) -> i64 {
        (now.wall - self.tapped_at).abs().max(now.steady - self.queued_at)
    }
}

/// The commands that wait, the first tapped first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outbox(Vec<PendingCommand>);

impl Outbox {
    /// Adds a command. False when there are too many already.
    pub(super) fn push(&mut self, command: PendingCommand) -> bool {
        let room = self.0.len() < LIMIT;
        if room {
            self.0.push(command);
        }
        room
    }

    /// What is to be sent next.
    pub(super) fn first(&self) -> Option<&PendingCommand> {
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
        let line = |command: &PendingCommand| {
            let PendingCommand { action, body, about, number, tapped_at, queued_at: _ } = command;
            let number = number.map(|number| number.to_string()).unwrap_or_default();
            format!("{tapped_at}\t{number}\t{action}\t{about}\t{body}\n")
        };
        self.0.iter().map(line).collect()
    }

    /// What a tablet has kept, and how much of it is too old to be sent. What cannot be read was not kept by us.
    pub(super) fn read(text: &str, now: Now) -> (Self, usize) {
        let all: Vec<PendingCommand> = text.lines().filter_map(|line| read(line, now.steady)).collect();
        let (fresh, stale): (Vec<_>, Vec<_>) =
            all.into_iter().take(LIMIT).partition(|command| command.age(now) <= FRESH_MILLIS);
        (Self(fresh), stale.len())
    }
}

fn read(line: &str, steady: i64) -> Option<PendingCommand> {
    let mut parts = line.split('\t').map(str::to_owned);
    let tapped_at = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok().map(OrderNumber);
    let (action, about, body) = (parts.next()?, parts.next()?, parts.next()?);
    // Whoever else can write into the storage of this page must not choose where it sends something.
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
    fn what_waits_is_read_back_in_the_order_in_which_it_was_tapped() {
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
        outbox.answered();
        assert!(!outbox.has("b") && outbox.len() == 3);
    }

    #[test]
    fn what_is_too_old_or_strange_is_not_sent() {
        let mut outbox = Outbox::default();
        outbox.push(claim("old", 0));
        outbox.push(claim("new", 60_000));
        let text = format!("{}nonsense\n1\t\thttps://evil.example/\tx\ty\n", outbox.text());
        let (kept, stale) = Outbox::read(&text, at(FRESH_MILLIS + 1));
        assert_eq!((kept.first().map(|first| first.about.as_str()), kept.len(), stale), (Some("new"), 1, 1));
    }

    #[test]
    fn no_step_of_a_clock_makes_an_old_tap_a_fresh_one() {
        const HOUR: i64 = 3_600_000;
        let mut outbox = Outbox::default();
        outbox.push(claim("before the clock was set back", HOUR));
        let (kept, stale) = Outbox::read(&outbox.text(), at(0));
        assert_eq!((kept.len(), stale), (0, 1));
        let tapped = claim("a", HOUR);
        assert_eq!(
            tapped.age(Now { wall: HOUR, steady: FRESH_MILLIS + 1 }),
            FRESH_MILLIS + 1,
            "set back while it waits"
        );
        assert_eq!(tapped.age(Now { wall: 2 * HOUR, steady: 10 }), HOUR, "asleep while it waits");
        assert_eq!(tapped.age(Now { wall: HOUR + 5, steady: 4 }), 5);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut outbox = Outbox::default();
        let taken = (0..100).filter(|order| outbox.push(claim(&order.to_string(), 0))).count();
        assert_eq!((taken, outbox.len()), (LIMIT, LIMIT));
    }
}
