//! The server: accepts connections, sends and closes; the process crashes and restarts.

use std::sync::Arc;

use super::{
    World,
    network::{Packet, Way},
    schedule::Event,
};
use crate::{
    live::serve,
    simulation::{
        backend::Instance,
        wire::{Ends, ServerEnd},
    },
};

impl World {
    /// Runs the server, and takes what it sends onto the network.
    pub(super) fn settle(&mut self) {
        loop {
            self.executor.run();
            let stirred = std::mem::take(&mut *self.stirred.lock().unwrap());
            if stirred.is_empty() {
                return;
            }
            for line in stirred {
                self.listen_to(line);
            }
        }
    }

    fn listen_to(&mut self, at: usize) {
        let now = self.now();
        let line = &mut self.lines[at];
        let Some(wire) = &line.wire else { return };
        let heard = wire.lock().unwrap().listen();
        if line.ended {
            return;
        }
        // A connection that was blocked sends what it could not send before.
        let true_at = line.stuck_since.unwrap_or(now);
        self.seen.stuck += u64::from(heard.stuck && line.stuck_since.is_none());
        line.stuck_since = heard.stuck.then_some(true_at);
        line.ended = heard.dropped;
        for message in heard.said {
            self.send_as_of(at, Way::ToClient, Packet::Message(message), true_at);
        }
        if heard.dropped {
            self.send(at, Way::ToClient, Packet::End);
        }
    }

    pub(super) fn at_server(&mut self, at: usize, packet: Packet) {
        match packet {
            Packet::Open => self.let_in(at),
            Packet::Message(message) => {
                let epoch = self.backend.life.as_ref().map(|life| life.epoch);
                let message = match self.mutant {
                    Some(mutant) => mutant.to_server(message, epoch),
                    None => message,
                };
                self.receive(at, Some(message));
            }
            Packet::End => self.receive(at, None),
            Packet::Opened | Packet::Refused => {}
        }
    }

    fn receive(&self, at: usize, message: Option<axum::extract::ws::Message>) {
        if let Some(wire) = &self.lines[at].wire {
            wire.lock().unwrap().receive(message);
        }
    }

    fn let_in(&mut self, at: usize) {
        let Some(Instance { number, source, stop, .. }) =
            self.backend.life.as_ref().filter(|life| !life.stop.is_cancelled())
        else {
            return self.send(at, Way::ToClient, Packet::Refused);
        };
        let wire = Ends::of(at, &self.stirred);
        let task = self.executor.spawn(serve(ServerEnd(Arc::clone(&wire)), (), Arc::clone(source), stop.clone()));
        let line = &mut self.lines[at];
        (line.wire, line.task, line.life) = (Some(wire), Some(task), *number);
        self.send(at, Way::ToClient, Packet::Opened);
    }

    /// The server shuts down or crashes, and starts again after `down`.
    pub(super) fn restart(&mut self, peaceful: bool, down: i64) {
        let Some(life) = self.backend.end() else { return };
        if peaceful {
            life.stop.cancel();
            self.after(10_000.min(down + 2_000), Event::Dead { life: life.number });
        } else {
            self.dead(life.number);
        }
        self.after(down, Event::Open);
    }

    pub(super) fn open(&mut self) {
        if self.backend.life.is_none() {
            self.backend.open();
            self.note("open", 0, 0);
        }
    }

    /// The process has ended, and its connections with it. Some clients notice.
    pub(super) fn dead(&mut self, life: u64) {
        for at in 0..self.lines.len() {
            let line = &mut self.lines[at];
            if line.life != life || line.ended {
                continue;
            }
            line.ended = true;
            if let Some(task) = line.task.take() {
                self.executor.kill(task);
            }
            let heard = self.random.chance(9, 10);
            self.reset(at, false, heard);
        }
    }
}
