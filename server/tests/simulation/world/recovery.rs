//! The recovery after all faults are repaired, and what must hold then.

use app::live::ConnectionStatus;

use super::{World, network::RESEND_MILLIS, requests::LATENCY_MILLIS, schedule::Event};
use crate::simulation::{clock::MORNING, mutant::Mutant};

/// Within this time after the repair, or after a server has said `bye`, every device shows all changes, because it polls by then.
const CONSISTENT_MILLIS: i64 = 3_000;
/// Within this time every device is live again: 15 seconds between attempts, and the duration of an attempt.
const LIVE_MILLIS: i64 = 20_000;

impl World {
    /// Runs the recovery.
    pub(super) fn recover(&mut self) -> Result<(), String> {
        let faults_end = MORNING + self.size.faults_millis;
        self.repair_faults();
        self.until(faults_end + CONSISTENT_MILLIS)?;
        let deadline = |bye_at: i64| bye_at + CONSISTENT_MILLIS + 2 * LATENCY_MILLIS;
        let (in_time, mut later): (Vec<usize>, Vec<usize>) = (0..self.devices.len())
            .partition(|device| deadline(self.devices[*device].bye_at) <= faults_end + CONSISTENT_MILLIS);
        in_time.into_iter().try_for_each(|device| self.check_shown(device))?;
        self.situations.late_bye += later.len() as u64;
        later.sort_by_key(|device| self.devices[*device].bye_at);
        for device in later {
            self.until(deadline(self.devices[device].bye_at))?;
            self.check_shown(device)?;
        }
        let early_millis = if self.mutant == Some(Mutant::EndedTicketsExpireEarly) { 60_000 } else { 0 };
        self.backend.expire_as_at(self.backend.now().plus_millis(early_millis));
        self.backend.check_consistency()?;
        self.until(faults_end + LIVE_MILLIS)?;
        for device in 0..self.devices.len() {
            self.check_shown(device)?;
            let status = self.devices[device].client.status();
            if status != ConnectionStatus::Live {
                return Err(format!("device {device} is not live again, but {status:?}"));
            }
        }
        Ok(())
    }

    /// Repairs all faults, and stops all changes of orders.
    fn repair_faults(&mut self) {
        self.faults_ended = true;
        self.start_server();
        self.schedule.drop_changes_and_faults();
        let stored: Vec<_> = self.backend.orders().iter().filter_map(|id| self.backend.read(id)).collect();
        if self.mutant != Some(Mutant::ChangeIsNotPublished) {
            // The change feed publishes what the hub does not know yet.
            for versioned in &stored {
                self.backend.publish(versioned);
            }
        }
        for device in 0..self.devices.len() {
            self.network_up(device);
            self.devices[device].slow_until = 0;
            if self.devices[device].asleep_until > 0 {
                self.wake(device);
            }
            self.release(device, RESEND_MILLIS);
        }
        // A connection that was silently lost is reset by its first packet.
        for connection in 0..self.connections.len() {
            if self.connections[connection].is_lost && !self.connections[connection].closed_by_client {
                self.after(1, Event::ConnectionLost { connection });
            }
        }
    }

    fn check_shown(&self, device: usize) -> Result<(), String> {
        let entry = &self.devices[device];
        for topic in &entry.topics {
            let (state, position) = self.backend.topic(topic).ok_or("the server is down")?.current();
            let shown = entry.shown(topic);
            if shown != Some(&state) {
                let (status, shown_at) = (entry.client.status(), entry.position(topic));
                return Err(format!(
                    "all faults are repaired, but device {device} ({status:?}, {shown_at:?}) shows {shown:?} of {topic} instead of \
                     {state:?} ({position:?})"
                ));
            }
        }
        Ok(())
    }
}
