//! `cargo xtask size`: the bytes that a browser loads.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::bundle::{self, Build};
use crate::compress;
use crate::paths::Paths;
use crate::test;

/// Prints each file of the bundle with its size, raw and compressed; then what each page loads in a browser, with the
/// limits. A page above its limit is a failure.
///
/// # Errors
/// The bundle or the server cannot be built, or Node, which compresses it, is missing.
pub(crate) fn size(paths: &Paths) -> anyhow::Result<ExitCode> {
    bundle::ensure(paths, Build::Release)?;
    println!("{:>10} {:>10} {:>10}", "bytes", "gzip", "brotli");
    for file in compress::worthwhile(&paths.dist())? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (raw, gzip, brotli) = (bytes(&file, "")?, bytes(&file, ".gz")?, bytes(&file, ".br")?);
        println!("{raw:>10} {gzip:>10} {brotli:>10}  {name}");
    }
    test::weight(paths)
}

fn bytes(file: &Path, ending: &str) -> anyhow::Result<u64> {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    let data = fs::metadata(&name).with_context(|| {
        format!("{} is missing: install Node, delete dist/ and try again", Path::new(&name).display())
    })?;
    Ok(data.len())
}
