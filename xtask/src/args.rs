//! The command line of xtask.

use anyhow::bail;

/// What `cargo xtask help` prints.
pub(crate) const HELP: &str = "\
cargo xtask <command>

  serve [arguments]        build what changed, then run `doppio serve [arguments]`
                           (`cargo xtask serve --help` lists them)
  dev [arguments]          the same with debug builds; builds and restarts on every change
  test [part] [arguments]  all checks, or one part of them: lint, unit, seeds, browser;
                           the arguments are passed to the test runner of that part
  bench orders             complete orders per second with 1 and 32 clients, compared with a baseline: durable
                           commits of the disk
  bench engine             the engine compared with MiniStack, moto and two baselines (about 3 minutes)
  bench engine growth [n]  its speed before and after n orders (1,000,000), and their size on disk
  bench engine open [n]    its memory with n open executions (100,000), and its recovery time after kill -9
  bench live [sockets]     10,000 live connections, compared with a minimal websocket server
  simulate [seeds [first]] the live connections under a simulated network: 10,000 seeds with 200 devices each
  seeds [groups]           runs the systems of workflow/seeds step by step with the AWS CLI: all groups, or `A` to `F`
  oracle [arguments]       compare the engine's tables with dynoxide-rs
  fuzz [target] [minutes]  send invalid input to the engine, 15 min per target (`fuzz keep`: keep the found inputs)
  cycles                   files of a crate that import each other, with the import paths of each cycle
  size [name=folder …]     bytes that a browser loads, raw and compressed, with the limits; also for other systems,
                           whose build output is in these folders
  lighthouse [runs]        Lighthouse on every kind of page: the median of 5 runs, with the goals (about 10 minutes)
  help                     this text

Rust, a C compiler and Node must be installed. A command installs everything else that it needs into .tools/.";

/// A command with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Serve(Vec<String>),
    Dev(Vec<String>),
    Test(Part, Vec<String>),
    Bench(Vec<String>),
    Simulate(Vec<String>),
    Seeds(Vec<String>),
    Oracle(Vec<String>),
    Fuzz(Vec<String>),
    Cycles,
    Size(Vec<String>),
    Lighthouse(Vec<String>),
    Help,
}

/// The part of the tests to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    Lint,
    Unit,
    Seeds,
    Browser,
}

impl Command {
    /// Reads the arguments after `cargo xtask`.
    ///
    /// # Errors
    /// The command or the part is unknown. The message names it.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> anyhow::Result<Self> {
        let mut arguments = arguments.into_iter();
        let Some(name) = arguments.next() else { return Ok(Self::Help) };
        let rest: Vec<String> = arguments.collect();
        Ok(match name.as_str() {
            "serve" => Self::Serve(rest),
            "dev" => Self::Dev(rest),
            "test" => {
                let (part, rest) = part(rest)?;
                Self::Test(part, rest)
            }
            "bench" => Self::Bench(rest),
            "simulate" => Self::Simulate(rest),
            "seeds" => Self::Seeds(rest),
            "oracle" => Self::Oracle(rest),
            "fuzz" => Self::Fuzz(rest),
            "cycles" => Self::Cycles,
            "size" => Self::Size(rest),
            "lighthouse" => Self::Lighthouse(rest),
            "help" | "--help" | "-h" => Self::Help,
            other => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
        })
    }
}

/// Splits the arguments of `test` into the part and the arguments of its runner. A `--` between them is removed.
fn part(rest: Vec<String>) -> anyhow::Result<(Part, Vec<String>)> {
    let mut rest = rest.into_iter().peekable();
    let part = match rest.peek().map(String::as_str) {
        None => Part::All,
        Some("lint") => Part::Lint,
        Some("unit") => Part::Unit,
        Some("seeds") => Part::Seeds,
        Some("browser") => Part::Browser,
        Some(other) => bail!("the tests have no part `{other}`; the parts are lint, unit, seeds and browser"),
    };
    rest.next();
    Ok((part, rest.skip_while(|argument| argument == "--").collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> anyhow::Result<Command> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn serve_passes_all_arguments_to_the_server() {
        let expected = vec!["--listen".to_owned(), "0.0.0.0:80".to_owned(), "--help".to_owned()];
        assert_eq!(parse("serve --listen 0.0.0.0:80 --help").unwrap(), Command::Serve(expected));
    }

    #[test]
    fn test_takes_a_part_and_the_arguments_of_its_runner() {
        assert_eq!(parse("test").unwrap(), Command::Test(Part::All, vec![]));
        assert_eq!(parse("test lint").unwrap(), Command::Test(Part::Lint, vec![]));
        assert_eq!(parse("test seeds A").unwrap(), Command::Test(Part::Seeds, vec!["A".to_owned()]));
        let expected = Command::Test(Part::Browser, vec!["order.spec.ts".to_owned()]);
        assert_eq!(parse("test browser order.spec.ts").unwrap(), expected);
        assert_eq!(parse("test browser -- order.spec.ts").unwrap(), expected);
    }

    #[test]
    fn an_unknown_command_is_named_and_help_is_offered() {
        let message = parse("sevre").unwrap_err().to_string();
        assert!(message.contains("`sevre`") && message.contains("cargo xtask help"), "{message}");
        assert!(parse("test everything").unwrap_err().to_string().contains("`everything`"));
    }

    #[test]
    fn without_a_command_the_help_is_printed() {
        assert_eq!(parse("").unwrap(), Command::Help);
    }
}
