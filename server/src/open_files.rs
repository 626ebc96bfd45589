//! How many files this process may have open: each connection is one.

/// So many are left for everything else: the store, the pages, requests that come and go.
const RESERVED: u64 = 256;

/// Asks the system for as many as it gives to this user, as Go's runtime does for its programs: many systems begin at
/// 1,024 for the sake of old programs. Call it once, at start.
pub fn allow_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current != maximum {
            // Some systems give less than they say; what there is, is enough for a bar.
            _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        }
    }
}

/// So many connections the system allows at once; `None` when it sets no limit.
pub(crate) fn connections() -> Option<u32> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        let files = getrlimit(Resource::Nofile).current?;
        // With a very small limit half of it is for connections.
        Some(u32::try_from(files.saturating_sub(RESERVED).max(files / 2)).unwrap_or(u32::MAX))
    }
    #[cfg(not(unix))]
    None
}
