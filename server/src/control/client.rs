//! The client side.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
};

use super::{AskError, Reply, Request};
use crate::data_folder;

/// Sends a request to the server that has `folder` open; `None` when no server listens there. Waits as long as the
/// server needs: before a restore it finishes its requests.
pub(crate) fn send(folder: &Path, request: &Request) -> Result<Option<Reply>, AskError> {
    let failed = |source| AskError { folder: folder.to_owned(), source };
    let stream = match UnixStream::connect(data_folder::control_socket(folder)) {
        Ok(stream) => stream,
        // There is no socket, or one that a killed process has left.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => return Ok(None),
        // The path is too long for a socket, so the server has none either.
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
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "it closed the connection"));
    }
    Ok(serde_json::from_slice(&reply)?)
}
