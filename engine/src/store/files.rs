//! Files that only their owner may read, and renames that outlive a power cut.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Makes a new file that only its owner may read, because task tokens lie in it. One that exists is an error.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    step()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the folder in which `path` is to lie, when there is none, for its owner alone.
pub(super) fn make_folder_of(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder_of(path))
}

/// The folder in which `path` lies.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether an error says that the disk is full, or that its owner may take no more of it.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Bytes that [`has_room`] writes: what SQLite needs to open a store.
const ROOM_BYTES: usize = 64 << 10;

/// Whether there is room for a small file beside `path`. SQLite says no more than "disk I/O error" when it finds none for
/// the files that it keeps beside a database.
pub(super) fn has_room(path: &Path) -> bool {
    let attempt = || -> io::Result<()> {
        let (scratch, mut file) = Scratch::make(beside(path, ".room"))?;
        io::Write::write_all(&mut file, &[0; ROOM_BYTES])?;
        file.sync_all()?;
        drop(scratch);
        Ok(())
    };
    !attempt().is_err_and(|error| is_full(&error))
}

/// Whether both names lead to the same file, through symbolic links, hard links and any spelling. A file that is not
/// there is the same as none. Nothing is opened: to close a second handle of a database would free SQLite's locks on it.
///
/// # Errors
/// The system cannot say.
pub fn is_same_file(one: &Path, other: &Path) -> io::Result<bool> {
    let existing = |path: &Path| match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    };
    let (Some(first), Some(second)) = (existing(one)?, existing(other)?) else { return Ok(false) };
    same(one, &first, other, &second)
}

#[cfg(unix)]
fn same(_: &Path, one: &fs::Metadata, _: &Path, other: &fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

#[cfg(not(unix))]
fn same(one: &Path, _: &fs::Metadata, other: &Path, _: &fs::Metadata) -> io::Result<bool> {
    Ok(fs::canonicalize(one)? == fs::canonicalize(other)?)
}

/// The files of the folder of the store at `store` that belong to it: the database, its log, the log's index, the lock,
/// and what restores keep. Their names all begin with that of the database.
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

/// `path` with `suffix` behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a file; one that is not there is no error.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    step()?;
    absent_is_fine(fs::remove_file(path))
}

/// Renames a file; one of the new name is replaced.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    fs::rename(from, to)
}

/// Renames a file; one that is not there is no error.
pub(super) fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    absent_is_fine(rename(from, to))
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Waits until the bytes of a file are on the disk.
pub(super) fn sync_file(path: &Path) -> io::Result<()> {
    step()?;
    File::open(path)?.sync_all()
}

/// Waits until the names in the folder of `path` are on the disk. Where folders cannot be opened, as on Windows, the
/// system does that by itself.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    step()?;
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

/// Gives the file `from` the name `to`, unless that is taken.
pub(super) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A memory stick has no second names for a file; then the look before has to do.
        Err(_) if fs::exists(to)? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Where a test lets the process "die": nothing is changed in the folder from then on.
#[cfg(not(test))]
fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use tests::{die_after, fill_disk, step};

/// A file that goes when this is dropped, with what SQLite may have put beside it.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes the file anew; one that an earlier attempt left is removed.
    pub(super) fn make(path: PathBuf) -> io::Result<(Self, File)> {
        Self::clear(&path)?;
        let file = create_private(&path)?;
        Ok((Self(path), file))
    }

    /// Removes what an earlier attempt left.
    pub(super) fn clear(path: &Path) -> io::Result<()> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            remove(&beside(path, suffix))?;
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = Self::clear(&self.0) {
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

    /// Has this thread find the disk full, or not any more.
    pub(in crate::store) fn fill_disk(is_full: bool) {
        IS_FULL.set(is_full);
    }

    /// Lets the next `steps` changes of this thread happen and no further one; `None` lets all.
    pub(in crate::store) fn die_after(steps: Option<usize>) {
        STEPS_LEFT.set(steps);
    }

    pub(in crate::store) fn step() -> io::Result<()> {
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
    fn a_name_that_is_taken_is_not_given_again() {
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
