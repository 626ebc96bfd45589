//! `doppio restore`.

use std::path::{self, PathBuf};

use engine::{
    backup::{RestoreError, stage},
    clock::Clock,
    store::Lock,
};

use super::error::{OperateError, out_of_reach, unexpected};
use crate::{
    config::RestoreConfig,
    control::{self, Reply, Request},
    data_folder,
};

/// Restores a backup; returns what to print.
///
/// # Errors
/// Nothing was restored, and the data is unchanged.
pub fn restore(config: &RestoreConfig, clock: &dyn Clock) -> Result<String, OperateError> {
    if !config.file.is_file() {
        return Err(RestoreError::Missing(config.file.clone()).into());
    }
    let request = Request::Restore { file: path::absolute(&config.file)? };
    match control::send(&config.data_dir, &request)? {
        Some(Reply::Restored { kept }) => Ok(summary("The server has restarted with", config, kept)),
        Some(other) => Err(unexpected(&other)),
        None => {
            let store = data_folder::database(&config.data_dir);
            let lock = Lock::take(&store).map_err(out_of_reach)?;
            let restored = stage(&store, &config.file)?.install(&lock, clock.now())?;
            Ok(summary("The next start uses", config, restored.kept))
        }
    }
}

fn summary(who: &str, config: &RestoreConfig, kept: Option<PathBuf>) -> String {
    let before = match kept {
        Some(kept) => format!("The previous data is kept as {}.", kept.display()),
        None => "There was no previous data.".to_owned(),
    };
    format!("{who} the data of {}.\n{before}", config.file.display())
}
