//! `doppio backup`. It reads the data itself, open or closed: an open bar does not even notice.

use super::OperateError;
use crate::{config::BackupConfig, lifecycle::store_in};

/// Writes a backup; returns what to print.
///
/// # Errors
/// There is none then, and a file of that name is as it was.
pub fn back_up(config: &BackupConfig) -> Result<String, OperateError> {
    let backup = engine::store::back_up(&store_in(&config.data_dir), &config.file, config.replace)?;
    Ok(format!(
        "{} holds all that was acknowledged when it was begun: {} KiB, format {}, read again and found whole.",
        config.file.display(),
        backup.bytes / 1024,
        backup.format
    ))
}
