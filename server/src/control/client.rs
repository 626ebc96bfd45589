//! The asking side.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
};

use super::{AskError, Reply, Request};
use crate::data_folder;

/// Asks the bar that has `folder` open; `None` when none is listening there. Waits as long as the bar takes: a restore
/// lets it finish what it is doing first.
pub(crate) fn send(folder: &Path, request: &Request) -> Result<Option<Reply>, AskError> {
    let failed = |source| AskError { folder: folder.to_owned(), source };
    let stream = match UnixStream::connect(data_folder::control_socket(folder)) {
        Ok(stream) => stream,
        // No socket, or one that a killed process left.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => return Ok(None),
        // A path that is too long for a socket: then the bar has none either.
        Err(error) if error.kind() == ErrorKind::InvalidInput => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    converse(stream, request).map(Some).map_err(failed)
}

fn converse(mut stream: UnixStream, request: &Request) -> io::Result<Reply> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    stream.shutdown(Shutdown::Write)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    if reply.is_empty() {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "it hung up"));
    }
    Ok(serde_json::from_slice(&reply)?)
}
