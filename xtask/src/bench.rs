//! `cargo xtask bench`: benchmarks.

mod peers;

use std::process::ExitCode;

use anyhow::bail;

use crate::bundle::{self, Build};
use crate::paths::Paths;
use crate::prepare;
use crate::process::{cargo, exit_code, loud};
use crate::serve;

/// Runs one benchmark: `orders` and `live` against the server that `serve` runs, `engine` against the engine alone.
///
/// # Errors
/// The benchmark is unknown, or something does not compile.
pub(crate) fn bench(paths: &Paths, arguments: &[String]) -> anyhow::Result<ExitCode> {
    match arguments.split_first() {
        Some((name, rest)) if name == "orders" => orders(paths, rest),
        Some((name, rest)) if name == "engine" => engine(paths, rest),
        Some((name, rest)) if name == "live" => live(paths, rest),
        Some((name, _)) => bail!("there is no benchmark `{name}`; there are `orders`, `engine` and `live`"),
        None => bail!("say which benchmark to run: `cargo xtask bench orders`, `… engine` or `… live`"),
    }
}

fn orders(paths: &Paths, rest: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    bundle::ensure(paths, Build::Release)?;
    let server = serve::build(paths, "serve")?;
    let mut run = cargo(
        paths,
        &["run", "--quiet", "--profile", "serve", "--package", "doppio-bench", "--bin", "doppio-bench", "--", "orders"],
    );
    run.arg(server).args(rest);
    Ok(exit_code(loud(&mut run)?))
}

fn engine(paths: &Paths, rest: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    let built = loud(&mut cargo(paths, &["build", "--profile", "serve", "--package", "doppio-bench"]))?;
    if !built.success() {
        return Ok(exit_code(built));
    }
    if rest.is_empty() {
        peers::ensure(paths)?;
    }
    let programs = paths.target().join("serve");
    let mut run = crate::process::program(paths, programs.join("doppio-bench"));
    // Not in the temporary folder, which may be in memory.
    run.arg("engine").arg(programs.join("engine-host")).arg(peers::folder(paths)).arg(programs.join("bench-data"));
    Ok(exit_code(loud(run.args(rest))?))
}

fn live(paths: &Paths, rest: &[String]) -> anyhow::Result<ExitCode> {
    prepare::workspace(paths)?;
    bundle::ensure(paths, Build::Release)?;
    let server = serve::build(paths, "serve")?;
    let built = loud(&mut cargo(paths, &["build", "--profile", "serve", "--package", "doppio-bench"]))?;
    if !built.success() {
        return Ok(exit_code(built));
    }
    let programs = paths.target().join("serve");
    let mut run = crate::process::program(paths, programs.join("doppio-bench"));
    run.arg("live").arg(server).arg(programs.join("bare-websocket")).arg(programs.join("bench-data"));
    Ok(exit_code(loud(run.args(rest))?))
}
