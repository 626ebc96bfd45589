//! `cargo xtask size`: the bytes that a browser loads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::bundle::{self, Build};
use crate::paths::Paths;
use crate::process::{first_line, program};

/// Compresses a file as a web server does once and keeps it: brotli at its best.
const COMPRESS: &str = "const { readFileSync } = require('node:fs');\
    const { brotliCompressSync, constants } = require('node:zlib');\
    const bytes = readFileSync(process.argv[1]);\
    console.log(brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length);";

/// Prints each file of the bundle with its size, raw and compressed.
///
/// # Errors
/// The bundle cannot be built, or Node is missing.
pub(crate) fn size(paths: &Paths) -> anyhow::Result<ExitCode> {
    bundle::ensure(paths, Build::Release)?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(paths.dist())?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| matches!(file.extension().and_then(|name| name.to_str()), Some("wasm" | "js" | "css")));
    files.sort();
    println!("{:>10} {:>10}", "bytes", "brotli");
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{:>10} {:>10}  {name}", fs::metadata(file)?.len(), compressed(paths, file)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn compressed(paths: &Paths, file: &Path) -> anyhow::Result<u64> {
    let mut node = program(paths, "node");
    node.arg("--eval").arg(COMPRESS).arg(file);
    let line = first_line(&mut node).context("Compressing needs Node. On Debian: `sudo apt-get install nodejs`")?;
    Ok(line.parse()?)
}
