//! The limit of open files, which limits the number of connections.

/// File descriptors that are kept for the database, files of the pages and so on.
const RESERVED: u64 = 256;

/// Raises the soft limit to the hard limit, as Go's runtime does: many systems start with 1,024 for the sake of old
/// programs. Call it once, at start.
pub fn allow_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current != maximum {
            // A failure is ignored: the current limit is enough for a small event.
            _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        }
    }
}

/// How many connections the system allows; `None` when it has no limit.
pub(crate) fn max_connections() -> Option<u32> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        let files = getrlimit(Resource::Nofile).current?;
        // With a very small limit, half of it is for connections.
        Some(u32::try_from(files.saturating_sub(RESERVED).max(files / 2)).unwrap_or(u32::MAX))
    }
    #[cfg(not(unix))]
    None
}
