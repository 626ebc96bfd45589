//! Faults.

use super::{World, network::RESEND_MILLIS, schedule::Event};
use crate::simulation::clock::MORNING;

impl World {
    /// Causes a fault, and schedules the next one.
    pub(super) fn fault(&mut self) {
        let left = MORNING + self.size.faults_millis - self.now();
        let device = self.random.index(self.devices.len());
        let kind = self.random.below(100);
        self.note("fault", device, kind);
        match kind {
            // The network of a device is down for a while. Most browsers notice when it is up again.
            0..=24 => {
                let span = if self.random.chance(1, 3) {
                    self.random.between(200, 4_000)
                } else {
                    self.random.between(1_000, 30_000)
                };
                self.devices[device].is_offline = true;
                self.after(span.min(left), Event::NetworkUp { device });
            }
            // Connections are reset, at both ends or at one.
            25..=49 => {
                let (at_server, at_client) =
                    [(true, true), (true, true), (true, false), (false, true)][self.random.index(4)];
                for connection in self.connections_of(device) {
                    self.reset(connection, at_server, at_client);
                }
            }
            // A connection is silently lost.
            50..=56 => {
                for connection in self.connections_of(device) {
                    self.reset(connection, false, false);
                }
            }
            // All devices of a network are affected.
            57..=60 => {
                let span = self.random.between(500, 20_000).min(left);
                for device in (device..self.devices.len()).step_by(3) {
                    self.devices[device].is_offline = true;
                    self.after(span, Event::NetworkUp { device });
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
                self.after(span, Event::DeviceWakes { device });
            }
            // A page is reloaded.
            79..=86 => {
                self.disconnect(device);
                let millis = self.random.between(100, 3_000);
                self.request_page(device, millis);
            }
            // The shop opens or closes.
            87..=91 => self.backend.toggle_shop(),
            92..=95 if left > 8_000 => {
                let (graceful, downtime) = (self.random.chance(1, 2), self.random.between(100, 3_000));
                self.restart(graceful, downtime);
            }
            _ => {}
        }
        let pause = self.random.between(20, 1_200);
        if pause < left {
            self.after(pause, Event::Fault);
        }
    }

    /// The device reads nothing for `span` milliseconds.
    pub(super) fn slow_down(&mut self, device: usize, span: i64) {
        let until = self.now() + span;
        self.devices[device].slow_until = self.devices[device].slow_until.max(until);
        self.after(span, Event::ReadingResumes { device });
    }

    pub(super) fn resume_reading(&mut self, device: usize) {
        if self.devices[device].reads(self.now()) && !self.devices[device].is_offline {
            self.release(device, 1);
        }
    }

    /// The network of the device is up again.
    pub(super) fn network_up(&mut self, device: usize) {
        if !std::mem::replace(&mut self.devices[device].is_offline, false) {
            return;
        }
        self.note("network up", device, 0);
        self.release(device, RESEND_MILLIS);
        // Only some browsers report that the network is up.
        if self.random.chance(1, 2) {
            self.page_becomes_visible(device);
        }
    }

    /// The device wakes up. The queued data and the event that the page is visible may come in any order.
    pub(super) fn wake(&mut self, device: usize) {
        // It may have been woken up before.
        if std::mem::take(&mut self.devices[device].asleep_until) == 0 {
            return;
        }
        self.devices[device].woke_at = self.now();
        self.note("wake", device, 0);
        let is_visible_first = self.random.chance(1, 2);
        if is_visible_first {
            self.page_becomes_visible(device);
        }
        if !self.devices[device].is_offline {
            self.release(device, 0);
        }
        if !is_visible_first {
            let pause = self.random.between(0, 50);
            self.after(pause, Event::PageVisible { device });
        }
    }

    /// The page becomes visible.
    pub(super) fn page_becomes_visible(&mut self, device: usize) {
        if !self.asleep(device) {
            let now = self.now();
            let actions = self.devices[device].client.wake(now);
            self.carry_out(device, actions);
        }
    }
}
