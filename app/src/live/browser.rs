//! Carries out the actions of the [`LiveClient`] in a browser.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use domain::{
    Timestamp,
    live::{ClientFrame, ServerFrame, Topic, TopicState},
};
use gloo_timers::callback::{Interval, Timeout};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventTarget, MessageEvent, WebSocket};

use super::{
    client::{Action, LiveClient},
    clock::PageClock,
    status::ConnectionStatus,
    suspension::Suspension,
};
use crate::{
    commands::path_of,
    device::{steady_millis, wall_millis},
    failure::{dispatch, has_failed},
    fetch::{post, with_timeout},
    json::{self, FromJson as _, Json},
    loaders::{ReadTopics, Snapshot},
};

/// The time-out of a poll, in milliseconds.
const POLL_TIMEOUT_MILLIS: i32 = 4_000;

/// A page that was loaded less than this ago is not reloaded, in milliseconds.
const RELOAD_MILLIS: i64 = 10_000;

/// The live connection of a tab.
pub(crate) struct Driver {
    client: RefCell<LiveClient>,
    socket: RefCell<Option<Socket>>,
    /// Sockets whose callbacks may still be running. Dropped at the next tick.
    retired: RefCell<Vec<Socket>>,
    subscribers: RefCell<Vec<Subscriber>>,
    /// The id of the next subscription.
    next_id: Cell<u32>,
    timer: Cell<Option<Timeout>>,
    status: RwSignal<ConnectionStatus>,
    clock: PageClock,
    suspension: Cell<Suspension>,
}

/// A signal that follows a topic.
struct Subscriber {
    id: u32,
    topic: Topic,
    state: RwSignal<Option<TopicState>>,
}

struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(Event)>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.remove_listeners();
        // It fails if the socket is closed already.
        _ = self.socket.close();
    }
}

impl Socket {
    fn remove_listeners(&self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.socket.set_onerror(None);
    }
}

impl Driver {
    /// A connection that opens with the first subscription, and lives as long as the tab.
    pub(crate) fn start(status: RwSignal<ConnectionStatus>, clock: PageClock) -> Rc<Self> {
        let driver = Rc::new(Self {
            client: RefCell::new(LiveClient::new(steady_millis())),
            socket: RefCell::new(None),
            retired: RefCell::new(Vec::new()),
            subscribers: RefCell::new(Vec::new()),
            next_id: Cell::new(0),
            timer: Cell::new(None),
            status,
            clock,
            suspension: Cell::new(Suspension::new(steady_millis(), wall_millis())),
        });
        let ticking = Rc::clone(&driver);
        Interval::new(1_000, move || {
            if has_failed() {
                return;
            }
            ticking.retired.borrow_mut().clear();
            ticking.resume_after_sleep();
            ticking.clock.tick();
            ticking.update(|client| client.tick(steady_millis(), js_sys::Math::random()));
        })
        .forget();
        driver.listen_to_events();
        driver
    }

    /// Listens to events after which the connection should be checked at once.
    fn listen_to_events(self: &Rc<Self>) {
        let window = web_sys::window();
        let document = window.as_ref().and_then(web_sys::Window::document);
        let targets: [(Option<EventTarget>, &str); 3] = [
            (window.clone().map(Into::into), "online"),
            (window.map(Into::into), "pageshow"),
            (document.map(Into::into), "visibilitychange"),
        ];
        for (target, event) in targets {
            let driver = Rc::clone(self);
            let wake = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let persisted =
                    js_sys::Reflect::get(&event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy());
                if driver.resume_after_sleep() {
                    return;
                }
                driver.update(
                    |client| if persisted { client.restored(steady_millis()) } else { client.wake(steady_millis()) },
                );
            });
            if let Some(target) = target {
                // In a browser without the event, the next tick checks the connection.
                _ = target.add_event_listener_with_callback(event, wake.as_ref().unchecked_ref());
            }
            wake.forget();
        }
    }

    /// Reconnects and polls after the device has slept.
    fn resume_after_sleep(self: &Rc<Self>) -> bool {
        let mut suspension = self.suspension.get();
        let suspended = suspension.detect(steady_millis(), wall_millis());
        self.suspension.set(suspension);
        if suspended {
            self.update(|client| client.restored(steady_millis()));
            // The poll sets the clock sooner than the next heartbeat.
            self.poll();
        }
        suspended
    }

    pub(super) fn subscribe(
        self: &Rc<Self>,
        topic: Topic,
        start: Option<Snapshot>,
        state: RwSignal<Option<TopicState>>,
    ) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        self.subscribers.borrow_mut().push(Subscriber { id, topic: topic.clone(), state });
        self.update(|client| client.subscribe(id, topic, start, steady_millis()));
        id
    }

    pub(super) fn unsubscribe(self: &Rc<Self>, id: u32) {
        self.subscribers.borrow_mut().retain(|subscribers| subscribers.id != id);
        self.update(|client| client.unsubscribe(id));
    }

    pub(super) fn refresh(self: &Rc<Self>) {
        if self.status.get_untracked() != ConnectionStatus::Live {
            self.poll();
        }
    }

    fn update(self: &Rc<Self>, decide: impl FnOnce(&mut LiveClient) -> Vec<Action>) {
        if has_failed() {
            return;
        }
        let actions = decide(&mut self.client.borrow_mut());
        for action in actions {
            self.perform(action);
        }
    }

    fn perform(self: &Rc<Self>, action: Action) {
        match action {
            Action::Open { generation } => self.open(generation),
            Action::Close => self.retire(),
            Action::Send(frame) => self.send(&frame),
            Action::Retry { generation, millis } => {
                let driver = Rc::clone(self);
                let millis = u32::try_from(millis).unwrap_or(0);
                let timer =
                    Timeout::new(millis, move || driver.update(|client| client.retry(generation, steady_millis())));
                self.timer.set(Some(timer));
            }
            Action::Poll => self.poll(),
            Action::CheckVersion => dispatch("renew"),
            // If a reload does not help, it is not repeated.
            Action::Reload if steady_millis() > RELOAD_MILLIS => _ = window().location().reload(),
            Action::Reload => {}
            Action::Show(topic, state) => {
                let subscribers = self.subscribers.borrow();
                let signals: Vec<_> = subscribers
                    .iter()
                    .filter(|subscribers| subscribers.topic == topic)
                    .map(|subscribers| subscribers.state)
                    .collect();
                drop(subscribers);
                for signal in signals {
                    signal.try_set(Some(state.clone()));
                }
            }
            Action::SetStatus(status) => {
                let status = match status {
                    ConnectionStatus::Stale { since } => ConnectionStatus::Stale { since: self.clock.at(since).0 },
                    status => status,
                };
                self.status.try_set(status);
            }
        }
    }

    fn retire(&self) {
        if let Some(socket) = self.socket.borrow_mut().take() {
            socket.remove_listeners();
            _ = socket.socket.close();
            self.retired.borrow_mut().push(socket);
        }
    }

    fn open(self: &Rc<Self>, generation: u32) {
        self.retire();
        let Some(socket) = live_address().and_then(|address| WebSocket::new(&address).ok()) else {
            self.update(|client| client.closed(generation, steady_millis(), js_sys::Math::random()));
            return;
        };
        let driver = Rc::clone(self);
        let on_open = Closure::new(move |_: Event| driver.update(|client| client.opened(generation, steady_millis())));
        let driver = Rc::clone(self);
        let on_message = Closure::new(move |event: MessageEvent| driver.on_message(generation, &event));
        let driver = Rc::clone(self);
        let on_close = Closure::new(move |_: Event| {
            driver.update(|client| client.closed(generation, steady_millis(), js_sys::Math::random()));
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        let socket = Socket { socket, _on_open: on_open, _on_message: on_message, _on_close: on_close };
        *self.socket.borrow_mut() = Some(socket);
    }

    fn on_message(self: &Rc<Self>, generation: u32, event: &MessageEvent) {
        let Some(text) = event.data().as_string() else { return };
        let Some(frame) = Json::parse(&text).and_then(|json| ServerFrame::from_json(&json)) else {
            // An unknown kind of frame is ignored. But if the state of a topic cannot be read, the page is too old for
            // the server.
            if text.contains(r#""topic""#) {
                dispatch("renew");
            }
            return;
        };
        if let ServerFrame::Heartbeat { now } = frame {
            self.clock.set(now);
        }
        self.update(|client| client.frame(generation, frame, steady_millis(), js_sys::Math::random()));
    }

    fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = &*self.socket.borrow() {
            // A socket that cannot send will close.
            _ = socket.socket.send_with_str(&json::frame_text(frame));
        }
    }

    fn poll(self: &Rc<Self>) {
        let driver = Rc::clone(self);
        let topics: Vec<_> = self.client.borrow().topics().iter().map(|topic| format!("topics[]={topic}")).collect();
        let asked_at = steady_millis();
        spawn_local(async move {
            let answer = with_timeout(POLL_TIMEOUT_MILLIS, post(path_of::<ReadTopics>(), &topics.join("&"))).await;
            let read = answer.and_then(Result::ok).and_then(|json| <(Timestamp, Vec<Snapshot>)>::from_json(&json));
            match read {
                Some((now, snapshots)) => {
                    driver.clock.set(now);
                    let random = js_sys::Math::random();
                    driver.update(|client| client.polled(snapshots, asked_at, steady_millis(), random));
                }
                None => driver.client.borrow_mut().poll_failed(),
            }
        });
    }
}

/// The address of `/live` on the server of the page.
fn live_address() -> Option<String> {
    let location = web_sys::window()?.location();
    let scheme = if location.protocol().ok()? == "https:" { "wss:" } else { "ws:" };
    Some(format!("{scheme}//{}/live", location.host().ok()?))
}
