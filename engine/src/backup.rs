//! Backing up and restoring a store.

use std::path::Path;

pub use crate::store::{Backup, BackupError, RestoreError, Restored, Staged};
use crate::{migrations::SCHEMA, store};

/// Copies the store at `store` into the new file `to`, which only its owner may read. The store may be open, in this
/// process or another, and be written to meanwhile: the copy is a consistent snapshot. The file gets its name only
/// after all of it was read back and is on the disk. With `replace`, an existing file of that name is replaced.
///
/// # Errors
/// [`BackupError`] says why there is no backup; nothing of it is left then.
pub fn back_up(store: &Path, to: &Path, replace: bool) -> Result<Backup, BackupError> {
    store::back_up(store, to, replace, SCHEMA)
}

/// Copies the backup `from` next to the store at `store` and checks the copy; the store may be in use meanwhile. The
/// backup is only read. [`Staged::install`] then replaces the store with the copy.
///
/// # Errors
/// [`RestoreError`] says why it cannot be restored; nothing of the copy is left then.
pub fn stage(store: &Path, from: &Path) -> Result<Staged, RestoreError> {
    store::stage(store, from, SCHEMA)
}
