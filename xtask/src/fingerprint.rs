//! Detects changes of the inputs of a build.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A digest of names and contents. It may differ between Rust releases, which causes one unnecessary build.
///
/// `inputs` are files or folders below `root`. A missing one is ignored.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn of(root: &Path, inputs: &[&str], also: &str) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    also.hash(&mut hasher);
    for file in files(root, inputs)? {
        file.strip_prefix(root).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The number of files below `inputs` and the time of the newest change. Cheap enough for two calls a second.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn newest(root: &Path, inputs: &[&str]) -> io::Result<(usize, Option<SystemTime>)> {
    let files = files(root, inputs)?;
    let newest = files.iter().filter_map(|file| fs::metadata(file).and_then(|data| data.modified()).ok()).max();
    Ok((files.len(), newest))
}

/// All files below `inputs`, sorted, without hidden files and backups of editors.
fn files(root: &Path, inputs: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = inputs.iter().map(|input| root.join(input)).filter(|path| path.exists()).collect();
    while let Some(path) = open.pop() {
        if !path.is_dir() {
            found.push(path);
            continue;
        }
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !name.starts_with('.') && !name.ends_with('~') {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-fingerprint-{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("app/src")).unwrap();
            fs::write(path.join("app/src/lib.rs"), "one").unwrap();
            Self(path)
        }

        fn digest(&self) -> String {
            of(&self.0, &["app", "index.html"], "release").unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn unchanged_inputs_give_the_same_digest_whatever_their_age() {
        let folder = Folder::new("same");
        let before = folder.digest();
        fs::write(folder.0.join("app/src/lib.rs"), "one").unwrap();
        fs::write(folder.0.join("app/src/.lib.rs.swp"), "an editor was here").unwrap();
        assert_eq!(folder.digest(), before);
    }

    #[test]
    fn a_changed_added_or_renamed_input_changes_the_digest() {
        let folder = Folder::new("changed");
        let first = folder.digest();
        fs::write(folder.0.join("app/src/lib.rs"), "two").unwrap();
        let second = folder.digest();
        fs::write(folder.0.join("index.html"), "").unwrap();
        let third = folder.digest();
        fs::rename(folder.0.join("app/src/lib.rs"), folder.0.join("app/src/main.rs")).unwrap();
        let all = [first, second, third, folder.digest(), of(&folder.0, &["app", "index.html"], "debug").unwrap()];
        let different: std::collections::HashSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
