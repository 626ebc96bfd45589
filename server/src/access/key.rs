//! The key of the cookies: configured, or created once and kept in the data folder.

use std::{
    collections::HashSet,
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use axum_extra::extract::cookie::Key;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use engine::clock::Rng;

use crate::data_folder;

/// Half for signing, half for encrypting.
const KEY_BYTES: usize = 64;

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key is too short, not random or not base64.
    #[error(
        "{from} is not a key: it must be at least {KEY_BYTES} random bytes in base64, as `openssl rand -base64 96` prints them"
    )]
    Malformed {
        /// Where the key comes from: an environment variable or a path.
        from: String,
    },
    /// The key file cannot be read or written.
    #[error("the key file {} cannot be used: {source}", path.display())]
    File {
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
}

/// The configured key, or the one in `folder`, which is created if it does not exist.
///
/// # Errors
/// [`KeyError`].
pub(crate) fn load_or_create(configured: Option<&str>, folder: &Path, rng: &dyn Rng) -> Result<Key, KeyError> {
    if let Some(configured) = configured {
        return decode(configured, "DOPPIO_COOKIE_KEY");
    }
    let path = data_folder::cookie_key(folder);
    let failed = |source| KeyError::File { path: path.clone(), source };
    match fs::read_to_string(&path) {
        Ok(text) => decode(&text, &path.display().to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut bytes = [0; KEY_BYTES];
            rng.fill(&mut bytes);
            create_private(folder).map_err(failed)?;
            write_private(&path, &BASE64_STANDARD.encode(bytes)).map_err(failed)?;
            Ok(Key::from(&bytes))
        }
        Err(error) => Err(failed(error)),
    }
}

fn decode(text: &str, from: &str) -> Result<Key, KeyError> {
    let bytes = BASE64_STANDARD.decode(text.trim()).unwrap_or_default();
    let malformed = || KeyError::Malformed { from: from.to_owned() };
    if !looks_random(&bytes) {
        return Err(malformed());
    }
    Key::try_from(bytes.as_slice()).map_err(|_| malformed())
}

/// False for bytes that are not random, such as 64 zeros: 64 random bytes have about 57 different values.
fn looks_random(bytes: &[u8]) -> bool {
    bytes.iter().collect::<HashSet<_>>().len() >= KEY_BYTES / 2
}

/// Creates a folder that only its owner may enter, because it contains task tokens and orders.
fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Writes a file that only its owner may read, atomically: the next start would refuse a partly written key.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("key.new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use engine::clock::SystemRng;

    use super::*;

    #[test]
    fn the_key_is_created_once_and_only_its_owner_may_read_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        let first = load_or_create(None, &folder, &SystemRng).unwrap();
        let second = load_or_create(None, &folder, &SystemRng).unwrap();
        assert_eq!(first, second);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(&folder.join("cookie.key"))), (0o700, 0o600));
        }
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(load_or_create(Some("c2hvcnQ="), Path::new("/nowhere"), &SystemRng).is_err());
        let mut bytes = [0; KEY_BYTES];
        SystemRng.fill(&mut bytes);
        let random = BASE64_STANDARD.encode(bytes);
        assert!(load_or_create(Some(&random), Path::new("/nowhere"), &SystemRng).is_ok());
    }

    #[test]
    fn a_key_that_is_not_random_is_refused() {
        for bytes in [vec![0; 64], vec![7; 96], b"password".repeat(8)] {
            let key = BASE64_STANDARD.encode(bytes);
            assert!(load_or_create(Some(&key), Path::new("/nowhere"), &SystemRng).is_err());
        }
    }

    #[test]
    fn a_partly_written_key_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cookie.key.new"), "half of a k").unwrap();
        let first = load_or_create(None, folder.path(), &SystemRng).unwrap();
        assert_eq!(load_or_create(None, folder.path(), &SystemRng).unwrap(), first);
        assert!(!folder.path().join("cookie.key.new").exists());
    }
}
