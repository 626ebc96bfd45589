//! Files that only their owner may read, and renames that survive a power failure.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Creates a file that only its owner may read, because it contains task tokens. An existing file is an error.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    check_failure()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates the parent folder of `path` if it is missing, for its owner only.
pub(super) fn create_folder_of(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder_of(path))
}

/// The parent folder of `path`.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether an error says that the disk is full or the quota is used up.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Bytes that [`has_room`] writes: what SQLite needs to open a store.
const PROBE_BYTES: usize = 64 << 10;

/// Whether there is room for a small file next to `path`. SQLite reports only "disk I/O error" when it cannot create
/// the files next to a database.
pub(super) fn has_room(path: &Path) -> bool {
    let attempt = || -> io::Result<()> {
        let (temp_file, mut file) = TempFile::create(with_suffix(path, ".room"))?;
        io::Write::write_all(&mut file, &[0; PROBE_BYTES])?;
        file.sync_all()?;
        drop(temp_file);
        Ok(())
    };
    !attempt().is_err_and(|error| is_full(&error))
}

/// Whether both paths lead to the same file, through symbolic links, hard links and any spelling. A missing file equals
/// nothing. No file is opened: closing a second handle of a database would release SQLite's locks on it.
///
/// # Errors
/// The file system cannot be read.
pub fn is_same_file(one: &Path, other: &Path) -> io::Result<bool> {
    let existing = |path: &Path| match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    };
    let (Some(first), Some(second)) = (existing(one)?, existing(other)?) else { return Ok(false) };
    is_same_inode(one, &first, other, &second)
}

#[cfg(unix)]
fn is_same_inode(_: &Path, one: &fs::Metadata, _: &Path, other: &fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

#[cfg(not(unix))]
fn is_same_inode(one: &Path, _: &fs::Metadata, other: &Path, _: &fs::Metadata) -> io::Result<bool> {
    Ok(fs::canonicalize(one)? == fs::canonicalize(other)?)
}

/// The files that belong to the store at `store`: the database, its log, the log's index, the lock, and what restores
/// keep. All their names begin with that of the database.
pub(super) fn files_of(store: &Path) -> io::Result<Vec<PathBuf>> {
    let name = store.file_name().unwrap_or_default().as_encoded_bytes();
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder_of(store)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(name) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// `path` with `suffix` appended to its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a file; a missing file is no error.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    check_failure()?;
    ignore_not_found(fs::remove_file(path))
}

/// Renames a file; an existing file of the new name is replaced.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    check_failure()?;
    fs::rename(from, to)
}

/// Renames a file; a missing file is no error.
pub(super) fn rename_if_exists(from: &Path, to: &Path) -> io::Result<()> {
    ignore_not_found(rename(from, to))
}

fn ignore_not_found(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Syncs the contents of a file to disk.
pub(super) fn sync_file(path: &Path) -> io::Result<()> {
    check_failure()?;
    File::open(path)?.sync_all()
}

/// Syncs the names in the parent folder of `path` to disk. Where folders cannot be opened, as on Windows, the system
/// does that itself.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    check_failure()?;
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

/// Renames `from` to `to`; an existing file is an error and stays.
pub(super) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    check_failure()?;
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Some file systems, such as those of USB sticks, have no hard links; then the check before the rename has to
        // do.
        Err(_) if fs::exists(to)? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// In tests, fails from a certain call on, as if the process had died there.
#[cfg(not(test))]
fn check_failure() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use tests::{check_failure, fail_after, fill_disk};

/// A file that is removed when this is dropped, with the files that SQLite may have put next to it.
#[derive(Debug)]
pub(super) struct TempFile(PathBuf);

impl TempFile {
    /// Creates the file; one that an earlier attempt left is removed first.
    pub(super) fn create(path: PathBuf) -> io::Result<(Self, File)> {
        Self::remove(&path)?;
        let file = create_private(&path)?;
        Ok((Self(path), file))
    }

    /// Removes what an earlier attempt left.
    pub(super) fn remove(path: &Path) -> io::Result<()> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            remove(&with_suffix(path, suffix))?;
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if let Err(error) = Self::remove(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "an unfinished file could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static STEPS_LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    thread_local! {
        static IS_FULL: Cell<bool> = const { Cell::new(false) };
    }

    /// Makes the disk look full to this thread, or no longer.
    pub(in crate::store) fn fill_disk(is_full: bool) {
        IS_FULL.set(is_full);
    }

    /// Lets the next `steps` changes of this thread succeed and fails those after them; with `None` all succeed.
    pub(in crate::store) fn fail_after(steps: Option<usize>) {
        STEPS_LEFT.set(steps);
    }

    pub(in crate::store) fn check_failure() -> io::Result<()> {
        if IS_FULL.get() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        match STEPS_LEFT.get() {
            Some(0) => Err(io::Error::other("the process has died")),
            left => {
                STEPS_LEFT.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }

    #[test]
    fn renaming_to_an_existing_name_fails() {
        let folder = std::env::temp_dir().join(format!("engine-files-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        assert_eq!(rename_to_new(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&from).unwrap(), fs::read(&to).unwrap()), (b"new".to_vec(), b"old".to_vec()));
        fs::remove_file(&to).unwrap();
        rename_to_new(&from, &to).unwrap();
        assert!(!from.exists() && fs::read(&to).unwrap() == b"new");
        fs::remove_dir_all(&folder).unwrap();
    }
}
