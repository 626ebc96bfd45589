//! The server: accepts connections, sends and closes; the process crashes and restarts.

use std::sync::Arc;

use super::{
    World,
    network::{Direction, Packet},
    schedule::Event,
};
use crate::{
    live::serve,
    simulation::{
        backend::Instance,
        wire::{ServerEnd, WireState},
    },
};

impl World {
    /// Runs the server, and sends its output over the network.
    pub(super) fn run_server(&mut self) {
        loop {
            self.executor.run();
            let changed = std::mem::take(&mut *self.changed_connections.lock().unwrap());
            if changed.is_empty() {
                return;
            }
            for connection in changed {
                self.take_output(connection);
            }
        }
    }

    fn take_output(&mut self, index: usize) {
        let now = self.now();
        let connection = &mut self.connections[index];
        let Some(wire) = &connection.wire else { return };
        let output = wire.lock().unwrap().take_output();
        if connection.ended {
            return;
        }
        // A connection that was blocked sends what it could not send before.
        let confirmed_until = connection.blocked_since.unwrap_or(now);
        self.situations.blocked += u64::from(output.is_blocked && connection.blocked_since.is_none());
        connection.blocked_since = output.is_blocked.then_some(confirmed_until);
        connection.ended = output.dropped;
        for message in output.outgoing {
            self.send_as_of(index, Direction::ToClient, Packet::Message(message), confirmed_until);
        }
        if output.dropped {
            self.send(index, Direction::ToClient, Packet::End);
        }
    }

    pub(super) fn at_server(&mut self, index: usize, packet: Packet) {
        match packet {
            Packet::Open => self.accept(index),
            Packet::Message(message) => {
                let epoch = self.backend.instance.as_ref().map(|instance| instance.epoch);
                let message = match self.mutant {
                    Some(mutant) => mutant.to_server(message, epoch),
                    None => message,
                };
                self.receive(index, Some(message));
            }
            Packet::End => self.receive(index, None),
            Packet::Opened | Packet::Refused => {}
        }
    }

    fn receive(&self, index: usize, message: Option<axum::extract::ws::Message>) {
        if let Some(wire) = &self.connections[index].wire {
            wire.lock().unwrap().receive(message);
        }
    }

    fn accept(&mut self, index: usize) {
        let Some(Instance { number, source, stop, .. }) =
            self.backend.instance.as_ref().filter(|instance| !instance.stop.is_cancelled())
        else {
            return self.send(index, Direction::ToClient, Packet::Refused);
        };
        let wire = WireState::of(index, &self.changed_connections);
        let task = self.executor.spawn(serve(ServerEnd(Arc::clone(&wire)), (), Arc::clone(source), stop.clone()));
        let connection = &mut self.connections[index];
        (connection.wire, connection.task, connection.instance) = (Some(wire), Some(task), *number);
        self.send(index, Direction::ToClient, Packet::Opened);
    }

    /// The server shuts down or crashes, and starts again after `downtime`.
    pub(super) fn restart(&mut self, graceful: bool, downtime: i64) {
        let Some(instance) = self.backend.stop_accepting() else { return };
        if graceful {
            instance.stop.cancel();
            self.after(10_000.min(downtime + 2_000), Event::ProcessExits { instance: instance.number });
        } else {
            self.process_exited(instance.number);
        }
        self.after(downtime, Event::ServerStarts);
    }

    pub(super) fn start_server(&mut self) {
        if self.backend.instance.is_none() {
            self.backend.start();
            self.note("start", 0, 0);
        }
    }

    /// The process has ended, and its connections with it. Some clients notice.
    pub(super) fn process_exited(&mut self, instance: u64) {
        for index in 0..self.connections.len() {
            let connection = &mut self.connections[index];
            if connection.instance != instance || connection.ended {
                continue;
            }
            connection.ended = true;
            if let Some(task) = connection.task.take() {
                self.executor.kill(task);
            }
            let is_noticed = self.random.chance(9, 10);
            self.reset(index, false, is_noticed);
        }
    }
}
