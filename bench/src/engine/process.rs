//! Resources of a process, as Linux reports them. On other systems they are unknown, and the table shows a dash.

use std::fs;

/// Clock ticks per second in `/proc`.
const TICKS: f64 = 100.0;

/// Processor time so far, all threads together, in milliseconds.
pub(crate) fn cpu_ms(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program is in brackets and may contain any character; user and system time are fields 14 and 15.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) * 1000.0 / TICKS)
}

/// Memory in use now, in MiB.
pub(crate) fn memory(process: u32) -> Option<f64> {
    status(process, "VmRSS:")
}

/// The most memory that was ever in use, in MiB.
pub(crate) fn peak_memory(process: u32) -> Option<f64> {
    status(process, "VmHWM:")
}

fn status(process: u32, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// How many processes want to run at once, over the last minute: how busy the machine is.
pub(crate) fn machine_load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_very_process_uses_memory_and_time() {
        let id = std::process::id();
        // Read before the peak: other tests of this process may use more meanwhile.
        let memory = memory(id).unwrap();
        assert!(memory > 0.5);
        assert!(peak_memory(id).unwrap() >= memory);
        assert!(cpu_ms(id).is_some());
    }
}
