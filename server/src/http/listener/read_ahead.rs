//! Finds out whether a part of the next request was read together with a request. If so, its header has to be complete
//! in time although no further byte arrives. Requests are not parsed a second time for this. In doubt the answer is
//! yes, which only matters to clients that send requests without waiting for responses.

/// The longest end of a header: the end of its last line and an empty line.
const LONGEST_END: usize = 4;

/// What has been read from a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadAhead {
    /// No byte of the current line has been read.
    line_is_empty: bool,
    /// The last byte so far ends an empty line.
    ends_with_empty_line: bool,
    /// A header has begun. Empty lines before it do not count.
    header_begun: bool,
    /// How many bytes were read after the header of the request; `None` before its end.
    after_header: Option<u64>,
    /// The length of the body; `None` when it is chunked. Chunked bodies end with an empty line, as headers do.
    body_length: Option<u64>,
}

impl ReadAhead {
    pub(super) const fn new() -> Self {
        Self {
            line_is_empty: true,
            ends_with_empty_line: true,
            header_begun: false,
            after_header: None,
            body_length: Some(0),
        }
    }

    /// Bytes were read.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let end = bytes.len().saturating_sub(LONGEST_END);
        match (self.after_header, bytes.get(end..)) {
            // Only the end of a large body is inspected.
            (Some(after), Some(last)) if end > 0 => {
                self.after_header = Some(after.saturating_add(u64::try_from(end).unwrap_or(u64::MAX)));
                self.line_is_empty = false;
                last.iter().for_each(|byte| self.read_byte(*byte));
            }
            _ => bytes.iter().for_each(|byte| self.read_byte(*byte)),
        }
    }

    fn read_byte(&mut self, byte: u8) {
        self.after_header = self.after_header.map(|after| after.saturating_add(1));
        self.ends_with_empty_line = byte == b'\n' && self.line_is_empty;
        match byte {
            b'\n' => self.line_is_empty = true,
            b'\r' => {}
            _ => (self.line_is_empty, self.header_begun) = (false, true),
        }
        if self.ends_with_empty_line && self.header_begun {
            self.after_header.get_or_insert(0);
        }
    }

    /// The header of a request is complete. `body_length` is `None` when its body is chunked.
    pub(super) fn header_complete(&mut self, body_length: Option<u64>) {
        self.body_length = body_length;
        // If it was read together with the previous request, its end was not noticed.
        self.after_header.get_or_insert(u64::MAX);
    }

    /// The request is answered. Returns whether a part of the next one may have been read.
    pub(super) fn answered(&mut self) -> bool {
        let ahead = match self.body_length {
            Some(length) if length > 0 => self.after_header.is_some_and(|after| after > length),
            // Unless a part of another header follows, a request ends with an empty line.
            _ => !self.ends_with_empty_line,
        };
        self.after_header = None;
        self.header_begun = ahead;
        self.line_is_empty |= !ahead;
        ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const POST: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
    const CHUNKED: &[u8] = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    const PART: &[u8] = b"GET /x HT";

    /// Whether something was read ahead, after a request whose bytes are read in these parts.
    fn ahead(connection: &mut ReadAhead, body_length: Option<u64>, header: &[&[u8]], rest: &[&[u8]]) -> bool {
        header.iter().for_each(|bytes| connection.read(bytes));
        connection.header_complete(body_length);
        rest.iter().for_each(|bytes| connection.read(bytes));
        connection.answered()
    }

    #[test]
    fn without_pipelining_nothing_is_read_ahead() {
        let connection = &mut ReadAhead::new();
        for _ in 0..2 {
            assert!(!ahead(connection, Some(0), &[GET], &[]));
            assert!(!ahead(connection, Some(0), &[b"\r\n", &GET[..26], &GET[26..]], &[]));
            assert!(!ahead(connection, Some(0), &[b"GET / HTTP/1.1\nHost: a\n\n"], &[]));
            assert!(!ahead(connection, Some(4), &[POST], &[b"bo", b"dy"]));
            assert!(!ahead(connection, Some(4), &[POST, b"\n\n\n\n"], &[]));
            assert!(!ahead(connection, Some(4), &[&[POST, b"body"].concat()], &[]));
            assert!(!ahead(connection, Some(1 << 20), &[POST, &[0; 1 << 19]], &[&[0; 1 << 19]]));
            assert!(!ahead(connection, None, &[CHUNKED], &[b"4\r\nbody\r\n", b"0\r\n\r\n"]));
            assert!(!ahead(connection, None, &[&[CHUNKED, b"4\r\nbody\r\n0\r\n\r\n"].concat()], &[]));
        }
    }

    #[test]
    fn a_part_of_the_next_request_is_noticed() {
        for (body_length, header, rest) in [
            (Some(0), [GET, PART].concat(), b"".as_slice()),
            (Some(0), GET.to_vec(), PART),
            (Some(0), [GET, b"GET /x HTTP/1.1\r\n"].concat(), b""),
            (Some(4), [POST, b"body", PART].concat(), b""),
            (Some(4), POST.to_vec(), b"bodyG"),
            (None, CHUNKED.to_vec(), b"0\r\n\r\nGET"),
        ] {
            assert!(ahead(&mut ReadAhead::new(), body_length, &[&header], &[rest]), "{header:?} {rest:?}");
        }
    }

    #[test]
    fn the_end_of_a_request_that_was_read_ahead_is_noticed() {
        let connection = &mut ReadAhead::new();
        assert!(ahead(connection, Some(0), &[GET, &POST[..20]], &[]));
        assert!(!ahead(connection, Some(4), &[&POST[20..], b"body"], &[]));
        // The end of this header was not noticed, and its body does not show it.
        assert!(ahead(connection, Some(0), &[GET, POST], &[b"\n\nxx"]));
        assert!(ahead(connection, Some(4), &[], &[b"G"]));
        // Whole requests.
        assert!(!ahead(connection, Some(0), &[b"\n\n", GET, GET], &[]));
        assert!(!ahead(connection, Some(0), &[], &[]));
    }
}
