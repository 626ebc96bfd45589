//! `cargo xtask bench`: how quick it is, measured against the server that `serve` runs.

use std::process::ExitCode;

use anyhow::bail;

use crate::bundle::{self, Build};
use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, exit_code, loud};
use crate::serve;

/// Runs one benchmark; `orders` is the only one so far.
///
/// # Errors
/// No such benchmark, or something does not compile.
pub(crate) fn bench(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let Some((name, rest)) = arguments.split_first() else {
        bail!("say which benchmark to run: `cargo xtask bench orders`");
    };
    if name != "orders" {
        bail!("there is no benchmark `{name}`; there is `cargo xtask bench orders`");
    }
    prepare::c_compiler(paths)?;
    bundle::ensure(paths, Build::Release)?;
    let server = serve::build(paths, "serve")?;
    let mut run = cargo(paths, &["run", "--quiet", "--profile", "serve", "--package", "doppio-bench", "--"]);
    run.arg(server).args(rest);
    Ok(exit_code(loud(&mut run)?))
}
