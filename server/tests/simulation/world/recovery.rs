//! The recovery after all faults are repaired, and what must hold then.

use app::live::ConnectionStatus;

use super::{World, network::RESEND_MILLIS, requests::WAY_MILLIS, schedule::Event};
use crate::simulation::{clock::MORNING, mutant::Mutant};

/// Within this time after the repair, or after a server has said `bye`, every device shows all changes: then it polls.
const WHOLE_MILLIS: i64 = 3_000;
/// Within this time every device is live again: 15 seconds between attempts, and the duration of an attempt.
const LIVE_MILLIS: i64 = 20_000;

impl World {
    /// Runs the recovery.
    pub(super) fn recover(&mut self) -> Result<(), String> {
        let calm = MORNING + self.size.trouble;
        self.calm_down();
        self.until(calm + WHOLE_MILLIS)?;
        let asked = |away: i64| away + WHOLE_MILLIS + 2 * WAY_MILLIS;
        let (soon, mut later): (Vec<usize>, Vec<usize>) = (0..self.devices.len())
            .partition(|device| asked(self.devices[*device].sent_away_at) <= calm + WHOLE_MILLIS);
        soon.into_iter().try_for_each(|device| self.is_right(device))?;
        self.seen.sent_away_late += later.len() as u64;
        later.sort_by_key(|device| self.devices[*device].sent_away_at);
        for device in later {
            self.until(asked(self.devices[device].sent_away_at))?;
            self.is_right(device)?;
        }
        let early = if self.mutant == Some(Mutant::HubForgetsEndsEarly) { 60_000 } else { 0 };
        self.backend.expire_as_at(self.backend.now().plus_millis(early));
        self.backend.check_consistency()?;
        self.until(calm + LIVE_MILLIS)?;
        for device in 0..self.devices.len() {
            self.is_right(device)?;
            let line = self.devices[device].client.status();
            if line != ConnectionStatus::Live {
                return Err(format!("device {device} is not live again, but {line:?}"));
            }
        }
        Ok(())
    }

    /// Repairs all faults, and stops all changes of orders.
    fn calm_down(&mut self) {
        self.calm = true;
        self.open();
        self.schedule.calm_down();
        let told: Vec<_> = self.backend.orders().iter().filter_map(|id| self.backend.read(id)).collect();
        if self.mutant != Some(Mutant::HubForgetsAChange) {
            // The change feed publishes what the hub does not know yet.
            for news in &told {
                self.backend.publish(news);
            }
        }
        for device in 0..self.devices.len() {
            self.whole(device);
            self.devices[device].slow_until = 0;
            if self.devices[device].asleep_until > 0 {
                self.wake(device);
            }
            self.release(device, RESEND_MILLIS);
        }
        // A connection that was silently lost is reset by its first packet.
        for line in 0..self.lines.len() {
            if self.lines[line].forgotten && !self.lines[line].client_gone {
                self.after(1, Event::Broken { line });
            }
        }
    }

    fn is_right(&self, device: usize) -> Result<(), String> {
        let of = &self.devices[device];
        for topic in &of.topics {
            let (state, position) = self.backend.topic(topic).ok_or("the bar is closed")?.current();
            let shown = of.shown(topic);
            if shown != Some(&state) {
                let (line, at) = (of.client.status(), of.position(topic));
                return Err(format!(
                    "everything is whole, but device {device} ({line:?}, {at:?}) shows {shown:?} of {topic} in the place of \
                     {state:?} ({position:?})"
                ));
            }
        }
        Ok(())
    }
}
