//! The commands of the project. `cargo xtask help` lists them.
//!
//! Only Rust, a C compiler and Node must be installed. A command installs what else it needs into `.tools/`, and prints each
//! step with its duration.

mod args;
mod bench;
mod bundle;
mod ci;
mod compress;
mod dev;
mod fingerprint;
mod fuzz;
mod imports;
mod lighthouse;
mod oracle;
mod paths;
mod prepare;
mod process;
mod seeds;
mod serve;
mod simulate;
mod size;
mod step;
mod test;

use std::process::ExitCode;

use crate::args::Command;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let paths = paths::Paths::find()?;
    match Command::parse(std::env::args().skip(1))? {
        Command::Serve(rest) => serve::serve(&paths, &rest),
        Command::Dev(rest) => dev::dev(&paths, &rest),
        Command::Test(part, rest) => test::test(&paths, part, &rest),
        Command::Bench(rest) => bench::bench(&paths, &rest),
        Command::Simulate(rest) => simulate::simulate(&paths, &rest),
        Command::Seeds(rest) => seeds::seeds(&paths, &rest),
        Command::Oracle(rest) => oracle::oracle(&paths, &rest),
        Command::Fuzz(rest) => fuzz::fuzz(&paths, &rest),
        Command::Cycles => imports::report(&paths),
        Command::Size(peers) => size::size(&paths, &peers),
        Command::Lighthouse(rest) => lighthouse::lighthouse(&paths, &rest),
        Command::Help => {
            println!("{}", args::HELP);
            Ok(ExitCode::SUCCESS)
        }
    }
}
