//! `doppio backup`. It reads the data directly, also while a server runs.

use std::{fs, io, path::Path};

use engine::{backup::BackupError, store::is_same_file};

use super::OperateError;
use crate::{config::BackupConfig, data_folder};

/// Writes a backup; returns what to print.
///
/// # Errors
/// No backup was written, and an existing file is unchanged.
pub fn back_up(config: &BackupConfig) -> Result<String, OperateError> {
    if is_in_data_folder(&config.data_dir, &config.file)? {
        return Err(BackupError::OwnFile(config.file.clone()).into());
    }
    let backup = engine::backup::back_up(&data_folder::database(&config.data_dir), &config.file, config.replace)?;
    Ok(format!(
        "{} contains everything that was acknowledged before the backup started: {} KiB, format {}, read again and verified.",
        config.file.display(),
        backup.bytes / 1024,
        backup.format
    ))
}

/// Whether the file is in the data folder, or is a hard link to a file in it, such as the database or the key of the
/// cookies. No file is opened.
fn is_in_data_folder(data_dir: &Path, file: &Path) -> io::Result<bool> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if is_same_file(data_dir, folder)? {
        return Ok(true);
    }
    let entries = match fs::read_dir(data_dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    for entry in entries {
        if is_same_file(&entry?.path(), file)? {
            return Ok(true);
        }
    }
    Ok(false)
}
