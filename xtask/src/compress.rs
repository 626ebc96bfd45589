//! Compresses the files of the bundle once, so that the server does not compress them for each request.

use std::fs;
use std::path::{Path, PathBuf};

use crate::paths::Paths;
use crate::process::{program, quiet};
use crate::step::step;

/// Node supports both formats. Browsers accept brotli only over HTTPS and on the same machine, and gzip over plain HTTP.
const COMPRESS: &str = "const { readFileSync, writeFileSync } = require('node:fs');\
    const { brotliCompressSync, gzipSync, constants } = require('node:zlib');\
    for (const file of process.argv.slice(1)) {\
      const bytes = readFileSync(file);\
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };\
      writeFileSync(file + '.br', brotliCompressSync(bytes, { params }));\
      writeFileSync(file + '.gz', gzipSync(bytes, { level: 9 }));\
    }";

/// Writes `<file>.br` and `<file>.gz` for each compressible file.
///
/// # Errors
/// Node fails. If Node is missing, a message says that files are sent uncompressed, and this is no error.
pub(crate) fn compress(paths: &Paths, folder: &Path) -> anyhow::Result<()> {
    let Some(node) = paths.program(&["node"]) else {
        println!("Node is missing, so the pages are sent uncompressed. On Debian: `sudo apt-get install nodejs`");
        return Ok(());
    };
    let files = compressible(folder)?;
    step("Compressing the files", || {
        let mut command = program(paths, node);
        quiet(paths, command.args(["--eval", COMPRESS]).args(files), "compress")
    })
}

/// The compressible files of a bundle. Fonts and the pictures in folders are already compressed.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn compressible(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
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
