//! Faults.

use super::{World, network::RESEND_MILLIS, schedule::Event};
use crate::simulation::clock::MORNING;

impl World {
    /// Causes a fault, and schedules the next one.
    pub(super) fn fault(&mut self) {
        let left = MORNING + self.size.trouble - self.now();
        let device = self.random.place(self.devices.len());
        let kind = self.random.below(100);
        self.note("trouble", device, kind);
        match kind {
            // The network of a device is down for a while. Most browsers notice when it is up again.
            0..=24 => {
                let span = if self.random.chance(1, 3) {
                    self.random.between(200, 4_000)
                } else {
                    self.random.between(1_000, 30_000)
                };
                self.devices[device].dark = true;
                self.after(span.min(left), Event::Whole { device });
            }
            // Connections are reset, at both ends or at one.
            25..=49 => {
                let (at_server, at_client) =
                    [(true, true), (true, true), (true, false), (false, true)][self.random.place(4)];
                for line in self.lines_of(device) {
                    self.reset(line, at_server, at_client);
                }
            }
            // A connection is silently lost.
            50..=56 => {
                for line in self.lines_of(device) {
                    self.reset(line, false, false);
                }
            }
            // All devices of a network are affected.
            57..=60 => {
                let span = self.random.between(500, 20_000).min(left);
                for device in (device..self.devices.len()).step_by(3) {
                    self.devices[device].dark = true;
                    self.after(span, Event::Whole { device });
                }
            }
            // A device does not read for a while.
            61..=70 => {
                let span = self.random.between(500, 20_000).min(left);
                self.slow_down(device, span);
            }
            // A device sleeps.
            71..=78 => {
                let span = self.random.between(500, 40_000).min(left);
                self.devices[device].asleep_until = self.now() + span;
                self.after(span, Event::Wakes { device });
            }
            // A page is reloaded.
            79..=86 => {
                self.let_go(device);
                let millis = self.random.between(100, 3_000);
                self.ask_for_page(device, millis);
            }
            // The shop closes or opens.
            87..=91 => self.backend.turn_sign(),
            92..=95 if left > 8_000 => {
                let (peaceful, down) = (self.random.chance(1, 2), self.random.between(100, 3_000));
                self.restart(peaceful, down);
            }
            _ => {}
        }
        let pause = self.random.between(20, 1_200);
        if pause < left {
            self.after(pause, Event::Trouble);
        }
    }

    /// The device reads nothing until a time.
    pub(super) fn slow_down(&mut self, device: usize, span: i64) {
        let until = self.now() + span;
        self.devices[device].slow_until = self.devices[device].slow_until.max(until);
        self.after(span, Event::ReadsOn { device });
    }

    pub(super) fn reads_on(&mut self, device: usize) {
        if self.devices[device].reads(self.now()) && !self.devices[device].dark {
            self.release(device, 1);
        }
    }

    /// The network of the device is up again.
    pub(super) fn whole(&mut self, device: usize) {
        if !std::mem::replace(&mut self.devices[device].dark, false) {
            return;
        }
        self.note("whole", device, 0);
        self.release(device, RESEND_MILLIS);
        // A browser is told only when its own network is up.
        if self.random.chance(1, 2) {
            self.show_page(device);
        }
    }

    /// The device wakes up. Queued data and the event for the visible page may come in any order.
    pub(super) fn wake(&mut self, device: usize) {
        // It may have been woken up before.
        if std::mem::take(&mut self.devices[device].asleep_until) == 0 {
            return;
        }
        self.devices[device].woke_at = self.now();
        self.note("wake", device, 0);
        let looks_first = self.random.chance(1, 2);
        if looks_first {
            self.show_page(device);
        }
        if !self.devices[device].dark {
            self.release(device, 0);
        }
        if !looks_first {
            let pause = self.random.between(0, 50);
            self.after(pause, Event::Shows { device });
        }
    }

    /// The page becomes visible.
    pub(super) fn show_page(&mut self, device: usize) {
        if !self.asleep(device) {
            let now = self.now();
            let acts = self.devices[device].client.wake(now);
            self.carry_out(device, acts);
        }
    }
}
