//! Compressed neighbours of the files of a bundle, so that the server need not compress them again for every reader.

use std::fs;
use std::path::{Path, PathBuf};

use crate::paths::Paths;
use crate::process::{program, quiet};
use crate::step::step;

/// Node has both methods built in. Brotli for browsers that come by HTTPS or from this machine; gzip because browsers
/// ask for nothing better over plain HTTP, which is how a bar without a certificate is reached.
const COMPRESS: &str = "const { readFileSync, writeFileSync } = require('node:fs');\
    const { brotliCompressSync, gzipSync, constants } = require('node:zlib');\
    for (const file of process.argv.slice(1)) {\
      const bytes = readFileSync(file);\
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };\
      writeFileSync(file + '.br', brotliCompressSync(bytes, { params }));\
      writeFileSync(file + '.gz', gzipSync(bytes, { level: 9 }));\
    }";

/// Writes `<file>.br` and `<file>.gz` beside each file that is worth it.
///
/// # Errors
/// Node fails. Where it is missing the bundle is complete without, only larger to send; that is said.
pub(crate) fn compress(paths: &Paths, folder: &Path) -> anyhow::Result<()> {
    let Some(node) = paths.program(&["node"]) else {
        println!("Node is missing, so the pages are sent uncompressed. On Debian: `sudo apt-get install nodejs`");
        return Ok(());
    };
    let files = worthwhile(folder)?;
    step("Compressing them", || {
        let mut command = program(paths, node);
        quiet(paths, command.args(["--eval", COMPRESS]).args(files), "compress")
    })
}

/// The files of a bundle that shrink; pictures in a folder and fonts do not, or not by much.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn worthwhile(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if matches!(file.extension().and_then(|name| name.to_str()), Some("wasm" | "js" | "css" | "svg")) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
