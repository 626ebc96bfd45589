//! What one connection is doing. The stream and the service report to it. The task of the connection reads its deadline
//! and its instructions from it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::Waker,
    time::Duration,
};

use engine::clock::{Clock, Timestamp};
use futures_util::task::AtomicWaker;

use super::read_ahead::ReadAhead;

/// From the opening of the connection, or the first byte of a later request, to the end of the header.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// From the end of the header to the end of the body. Longer than the limit of a request to the pages, so that such a
/// request gets a response.
const BODY_LIMIT: Duration = Duration::from_secs(60);
/// Between two requests of a client.
const IDLE_LIMIT: Duration = Duration::from_secs(75);
/// Between two requests of a trusted proxy. Longer than proxies keep idle connections (nginx 60 s, Traefik 90 s, Caddy
/// 120 s): if the proxy closes first, it never sends a request on a connection that the server is closing.
const PROXY_IDLE_LIMIT: Duration = Duration::from_secs(180);
/// How long the client may take no byte of the response.
const WRITE_LIMIT: Duration = Duration::from_secs(30);
/// The same during shutdown, which waits for all responses.
const SHUTDOWN_WRITE_LIMIT: Duration = Duration::from_secs(2);

/// The part of a request that a connection is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Between two requests.
    Idle,
    /// The header is not complete.
    Header,
    /// The header is complete, the body is not.
    Body,
    /// The request is complete, the response is not.
    Answer,
    /// Another protocol has taken over, with its own time limits.
    Upgraded,
}

/// A time limit that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expired {
    /// The header of a request did not arrive in time.
    Header,
    /// The body of a request did not arrive in time.
    Body,
    /// No further request arrived in time.
    Idle,
    /// The client did not take the response in time.
    Write,
}

/// What a connection must do, from the least to the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Instruction {
    Continue,
    /// End when the current request is answered; at once if there is none.
    Finish,
    /// End at once, to make room for another connection.
    MakeRoom,
    /// End at once.
    Abort,
}

#[derive(Debug, Clone, Copy)]
struct State {
    phase: Phase,
    since: Timestamp,
    /// Since when the operating system takes no more bytes to send.
    blocked_since: Option<Timestamp>,
    read_ahead: ReadAhead,
}

/// The activity of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    instruction: AtomicU8,
    task: AtomicWaker,
    detached: AtomicBool,
    idle_limit: Duration,
    clock: Arc<dyn Clock>,
}

impl Activity {
    /// For a connection that has just been accepted.
    pub(super) fn new(from_proxy: bool, clock: Arc<dyn Clock>) -> Self {
        let state =
            State { phase: Phase::Header, since: clock.now(), blocked_since: None, read_ahead: ReadAhead::new() };
        Self {
            state: Mutex::new(state),
            instruction: AtomicU8::new(Instruction::Continue as u8),
            task: AtomicWaker::new(),
            detached: AtomicBool::new(false),
            idle_limit: if from_proxy { PROXY_IDLE_LIMIT } else { IDLE_LIMIT },
            clock,
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let now = self.clock.now();
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// The task of the connection has ended, and another protocol uses the stream. Further reports are ignored. The stored
    /// waker is dropped, because a waker keeps the memory of its task allocated: 2.8 KiB for each live connection.
    pub(super) fn detach(&self) {
        self.detached.store(true, Ordering::Relaxed);
        drop(self.task.take());
    }

    fn is_detached(&self) -> bool {
        self.detached.load(Ordering::Relaxed)
    }

    fn enter(&self, phase: Phase, from: impl FnOnce(Phase) -> bool) {
        self.with(|state, now| {
            if from(state.phase) {
                (state.phase, state.since) = (phase, now);
            }
        });
    }

    /// Bytes have arrived.
    pub(super) fn received(&self, bytes: &[u8]) {
        if self.is_detached() {
            return;
        }
        self.with(|state, now| {
            if state.phase == Phase::Idle {
                (state.phase, state.since) = (Phase::Header, now);
            }
            if state.phase != Phase::Upgraded {
                state.read_ahead.read(bytes);
            }
        });
    }

    /// The header of a request is complete. `body_length` is in bytes; `None` when it is not known.
    pub(super) fn header_complete(&self, body_length: Option<u64>) {
        self.with(|state, now| {
            state.read_ahead.header_complete(body_length);
            (state.phase, state.since) = (if body_length == Some(0) { Phase::Answer } else { Phase::Body }, now);
        });
    }

    /// The body of the request is complete, or the service does not read it any further.
    pub(super) fn body_complete(&self) {
        self.enter(Phase::Answer, |phase| phase == Phase::Body);
    }

    /// The service has produced the whole response; some of it may not be sent yet.
    pub(super) fn answered(&self) {
        self.with(|state, now| {
            if state.phase != Phase::Upgraded {
                let phase = if state.read_ahead.answered() { Phase::Header } else { Phase::Idle };
                (state.phase, state.since) = (phase, now);
            }
        });
    }

    /// The response switches to another protocol.
    pub(super) fn upgraded(&self) {
        self.enter(Phase::Upgraded, |_| true);
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.with(|state, _| state.phase == Phase::Upgraded)
    }

    /// The operating system takes no more bytes at the moment.
    pub(super) fn blocked(&self) {
        if self.is_detached() {
            return;
        }
        self.with(|state, now| {
            state.blocked_since.get_or_insert(now);
        });
    }

    /// The operating system has taken bytes.
    pub(super) fn sent(&self) {
        if self.is_detached() {
            return;
        }
        self.with(|state, _| state.blocked_since = None);
    }

    /// Since when the server has been waiting for a request or the rest of one; `None` while it works on one.
    pub(super) fn waiting_since(&self) -> Option<Timestamp> {
        self.with(|state, _| matches!(state.phase, Phase::Idle | Phase::Header | Phase::Body).then_some(state.since))
    }

    /// True when no request has been passed to the service and nothing is left to send.
    pub(super) fn is_between_requests(&self) -> bool {
        self.with(|state, _| matches!(state.phase, Phase::Idle | Phase::Header) && state.blocked_since.is_none())
    }

    /// When the connection has to be ended, and why.
    pub(super) fn deadline(&self) -> Option<(Timestamp, Expired)> {
        let write_limit = if self.instruction() == Instruction::Continue { WRITE_LIMIT } else { SHUTDOWN_WRITE_LIMIT };
        self.with(|state, _| {
            let phase = match state.phase {
                Phase::Idle => Some((state.since + self.idle_limit, Expired::Idle)),
                Phase::Header => Some((state.since + HEADER_LIMIT, Expired::Header)),
                Phase::Body => Some((state.since + BODY_LIMIT, Expired::Body)),
                Phase::Answer | Phase::Upgraded => None,
            };
            let write = state.blocked_since.map(|since| (since + write_limit, Expired::Write));
            phase.into_iter().chain(write).min_by_key(|(deadline, _)| *deadline)
        })
    }

    /// Tells the connection what to do. A milder instruction does not replace a stricter one.
    pub(super) fn instruct(&self, instruction: Instruction) {
        self.instruction.fetch_max(instruction as u8, Ordering::AcqRel);
        self.task.wake();
    }

    pub(super) fn instruction(&self) -> Instruction {
        [Instruction::Finish, Instruction::MakeRoom, Instruction::Abort]
            .into_iter()
            .find(|instruction| *instruction as u8 == self.instruction.load(Ordering::Acquire))
            .unwrap_or(Instruction::Continue)
    }

    /// Sets the task to wake up on the next instruction.
    pub(super) fn register(&self, task: &Waker) {
        self.task.register(task);
    }
}

#[cfg(test)]
mod tests {
    use engine::clock::ManualClock;

    use super::*;

    fn started() -> (ManualClock, Activity) {
        let clock = ManualClock::starting_at(Timestamp(0));
        let activity = Activity::new(false, Arc::new(clock.clone()));
        (clock, activity)
    }

    fn seconds(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000)
    }

    #[test]
    fn a_detached_activity_keeps_no_waker_and_no_deadline() {
        struct Task;
        impl std::task::Wake for Task {
            fn wake(self: Arc<Self>) {}
        }
        let (_, activity) = started();
        let task = Arc::new(Task);
        activity.register(&Waker::from(Arc::clone(&task)));
        activity.upgraded();
        assert_eq!(Arc::strong_count(&task), 2);
        activity.detach();
        activity.blocked();
        assert_eq!((Arc::strong_count(&task), activity.deadline()), (1, None));
    }

    #[test]
    fn each_part_of_a_request_has_its_limit() {
        let (clock, activity) = started();
        assert_eq!(activity.deadline(), Some((seconds(10), Expired::Header)), "a connection that sends nothing");
        clock.advance(Duration::from_secs(5));
        activity.received(b"GET / HTTP/1.1\r\n\r\n");
        assert_eq!(activity.deadline(), Some((seconds(10), Expired::Header)), "bytes do not extend the limit");
        activity.header_complete(Some(1));
        assert_eq!(activity.deadline(), Some((seconds(65), Expired::Body)));
        activity.body_complete();
        assert_eq!(activity.deadline(), None, "the service limits the duration of its response");
        activity.answered();
        assert_eq!(activity.deadline(), Some((seconds(80), Expired::Idle)));
        activity.received(b"G");
        assert_eq!(activity.deadline(), Some((seconds(15), Expired::Header)));
    }

    #[test]
    fn a_client_that_does_not_read_has_a_limit_that_each_byte_extends() {
        let (clock, activity) = started();
        activity.header_complete(Some(0));
        activity.blocked();
        clock.advance(Duration::from_secs(20));
        activity.blocked();
        assert_eq!(activity.deadline(), Some((seconds(30), Expired::Write)));
        activity.sent();
        assert_eq!(activity.deadline(), None);
        activity.blocked();
        activity.answered();
        assert_eq!(activity.deadline(), Some((seconds(50), Expired::Write)), "it comes before the idle limit");
        assert!(!activity.is_between_requests(), "something is left to send");
        activity.instruct(Instruction::Finish);
        assert_eq!(activity.deadline(), Some((seconds(22), Expired::Write)));
    }

    #[test]
    fn an_upgraded_connection_has_no_limit() {
        let (_, activity) = started();
        activity.header_complete(Some(0));
        activity.upgraded();
        activity.answered();
        activity.received(b"G");
        assert_eq!((activity.deadline(), activity.waiting_since()), (None, None));
    }

    #[test]
    fn a_proxy_may_be_idle_for_longer() {
        let clock = ManualClock::starting_at(Timestamp(0));
        let activity = Activity::new(true, Arc::new(clock));
        activity.header_complete(Some(0));
        activity.answered();
        assert_eq!(activity.deadline(), Some((seconds(180), Expired::Idle)));
    }

    #[test]
    fn a_milder_instruction_does_not_replace_a_stricter_one() {
        let (_, activity) = started();
        activity.instruct(Instruction::Abort);
        activity.instruct(Instruction::Finish);
        assert_eq!(activity.instruction(), Instruction::Abort);
    }
}
