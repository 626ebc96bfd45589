//! `cargo xtask size`: prints the size of the pages.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::bundle::{self, Build};
use crate::compress;
use crate::paths::Paths;
use crate::test;

/// Prints each file of the bundle with its size, raw and compressed, then the bytes that each page loads in a browser, with the
/// limits. A page above its limit is a failure. `peers` are other systems for comparison, as `name=folder`.
///
/// # Errors
/// The bundle or the server cannot be built, Node is missing, or a folder does not exist.
pub(crate) fn size(paths: &Paths, peers: &[String]) -> anyhow::Result<ExitCode> {
    let peers = peers.iter().map(|peer| with_page(peer)).collect::<anyhow::Result<Vec<_>>>()?;
    bundle::ensure(paths, Build::Release)?;
    println!("{:>10} {:>10} {:>10}", "bytes", "gzip", "brotli");
    for file in compress::compressible(&paths.dist())? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (raw, gzip, brotli) = (bytes(&file, "")?, bytes(&file, ".gz")?, bytes(&file, ".br")?);
        println!("{raw:>10} {gzip:>10} {brotli:>10}  {name}");
    }
    test::page_sizes(paths, &peers.join("\n"))
}

/// Makes the folder of `name=folder` absolute and checks that it contains a page.
fn with_page(peer: &str) -> anyhow::Result<String> {
    let (name, folder) = peer.split_once('=').with_context(|| format!("write `{peer}` as name=folder"))?;
    let page = Path::new(folder).join("index.html");
    let page = page.canonicalize().with_context(|| format!("{} is missing: build {name} first", page.display()))?;
    Ok(format!("{name}={}", page.parent().unwrap_or(&page).display()))
}

fn bytes(file: &Path, ending: &str) -> anyhow::Result<u64> {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    let data = fs::metadata(&name).with_context(|| {
        format!("{} is missing: install Node, delete dist/ and try again", Path::new(&name).display())
    })?;
    Ok(data.len())
}
