//! The server under measurement, in a process of its own.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;

use super::http::Connection;
use crate::clock::{now, sleep_blocking};

/// The capacity of the queue. Orders in their undo window count too. The workflow counts with one page of `ListExecutions`,
/// which has at most 1,000 entries.
const QUEUE_CAPACITY: u32 = 999;

/// Time-out of the shutdown.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// A running `doppio serve`.
#[derive(Debug)]
pub(crate) struct Server {
    /// `address:port` of the pages.
    pub(crate) host: String,
    process: Child,
    staff_link: String,
    aws: String,
    /// Kept open, because the server prints to it.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts it on free ports with an empty data folder.
    ///
    /// # Errors
    /// It does not start, or does not print its addresses.
    pub(crate) fn start(binary: &Path, data: &Path) -> anyhow::Result<Self> {
        Self::start_with(binary, data, &[])
    }

    /// The same with more arguments.
    ///
    /// # Errors
    /// As for [`Server::start`].
    pub(crate) fn start_with(binary: &Path, data: &Path, settings: &[&str]) -> anyhow::Result<Self> {
        let mut process = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--aws-api", "127.0.0.1:0", "--log", "warn"])
            // All orders come from one network, so the limit per network must be high.
            .args(["--starts-per-minute", "1000000", "--data-dir"])
            .arg(data)
            .args(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", binary.display()))?;
        let mut output = BufReader::new(process.stdout.take().context("the server has no output")?).lines();
        let (mut staff_link, mut aws) = (None, None);
        for line in output.by_ref() {
            let line = line?;
            let address = line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
            if line.starts_with("Staff link") {
                staff_link = address;
            } else if line.starts_with("AWS API") {
                aws = address;
                break;
            }
        }
        let staff_link = staff_link.context("the server did not print a staff link")?;
        let aws = aws.context("the server did not print the address of its AWS API")?;
        let host = host_of(&staff_link)?.to_owned();
        let aws = host_of(&aws)?.to_owned();
        let server = Self { host, process, staff_link, aws, _output: output };
        server.raise_capacity()?;
        Ok(server)
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Signs a barista in and returns the cookie.
    ///
    /// # Errors
    /// The staff link is refused.
    pub(crate) fn sign_in(&self) -> anyhow::Result<String> {
        let path = self.staff_link.split_once(&self.host).map_or("", |(_, path)| path);
        let answer = Connection::open(&self.host)?.post_form(path, "", &[("name", "Bench")])?;
        ensure!(answer.status < 400 && !answer.cookies.is_empty(), "signing in failed: {}", answer.status);
        Ok(answer.cookies.join("; "))
    }

    /// Raises the capacity of the queue, whose default is that of a small bar.
    fn raise_capacity(&self) -> anyhow::Result<()> {
        let update = json!({
            "TableName": "serverlesspresso-config-table",
            "Key": { "PK": { "S": "config" } },
            "UpdateExpression": "SET maxOrdersInQueue = :capacity",
            "ExpressionAttributeValues": { ":capacity": { "N": QUEUE_CAPACITY.to_string() } },
        });
        let answer = Connection::open(&self.aws)?.post_aws("DynamoDB_20120810.UpdateItem", &update)?;
        ensure!(answer.status == 200, "the settings cannot be changed: {}", String::from_utf8_lossy(&answer.body));
        Ok(())
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Errors
    /// It ends with an error.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let signalled = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status()?;
        ensure!(signalled.success(), "the server cannot be stopped");
        let began = now();
        let status = loop {
            if let Some(status) = self.process.try_wait()? {
                break status;
            }
            ensure!(began.elapsed() < STOP_LIMIT, "the server has not ended within {} s", STOP_LIMIT.as_secs());
            sleep_blocking(Duration::from_millis(10));
        };
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only after an error. Fails only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn host_of(url: &str) -> anyhow::Result<&str> {
    let rest = url.strip_prefix("http://").context("an address without http://")?;
    Ok(rest.split('/').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn the_host_is_between_the_slashes() {
        assert_eq!(host_of("http://127.0.0.1:3000/staff/x").unwrap(), "127.0.0.1:3000");
        assert_eq!(host_of("http://127.0.0.1:3000").unwrap(), "127.0.0.1:3000");
        assert!(host_of("127.0.0.1:3000").is_err());
    }
}
