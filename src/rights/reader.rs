//! A JSON text read piece by piece: the values of an array or of an object,
//! one after the other, however long the whole is.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::port::Port;
use super::{Stop, kind};
use crate::limits;

/// Reads a file from its beginning, or from where a value began.
#[derive(Debug)]
pub(super) struct Reader {
    port: Port,
    file: String,
    /// What was read of the file and is still wanted.
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    from: u64,
    /// How far the buffer is used.
    used: usize,
    /// How far what was used is hashed.
    hashed: usize,
    hash: Sha256,
    is_over: bool,
    /// The most bytes that a value has.
    most: usize,
}

impl Reader {
    pub(super) fn new(port: &Port, file: &str, from: u64) -> Reader {
        Reader {
            port: port.clone(),
            file: file.to_owned(),
            buffer: Vec::new(),
            from,
            used: 0,
            hashed: 0,
            hash: Sha256::new(),
            is_over: false,
            most: limits::MAX_DOCUMENT_BYTES,
        }
    }

    /// Values may be longer by what an export has around a document.
    pub(super) fn of_export(self) -> Reader {
        Reader { most: limits::MAX_DOCUMENT_BYTES + limits::MAX_AROUND_BYTES, ..self }
    }

    /// Where in the file the next unused byte is.
    pub(super) fn at(&self) -> u64 {
        self.from + self.used as u64
    }

    /// Hashes what was used so far.
    pub(super) fn mark(&mut self) {
        self.hash.update(&self.buffer[self.hashed..self.used]);
        self.hashed = self.used;
    }

    /// The hash of what was used before the last mark.
    pub(super) fn hash(&self) -> String {
        let bytes = self.hash.clone().finalize();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads on; tells whether there was more.
    async fn fill(&mut self) -> Result<bool, Stop> {
        if self.is_over {
            return Ok(false);
        }
        self.hash.update(&self.buffer[self.hashed..self.used]);
        self.buffer.drain(..self.used);
        // What a large document needed is given back before the next.
        if self.buffer.len() <= limits::CHUNK && self.buffer.capacity() > 4 * limits::CHUNK {
            self.buffer.shrink_to(2 * limits::CHUNK);
        }
        self.from += self.used as u64;
        (self.used, self.hashed) = (0, 0);
        let at = self.from + self.buffer.len() as u64;
        let bytes = self.port.read(&self.file, at, limits::CHUNK).await?;
        self.is_over = bytes.is_empty();
        self.buffer.extend_from_slice(&bytes);
        Ok(!self.is_over)
    }

    /// The next byte that is not white space, which stays unused.
    pub(super) async fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let rest = &self.buffer[self.used..];
            match rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
                Some(spaces) => {
                    self.used += spaces;
                    return Ok(self.buffer.get(self.used).copied());
                }
                None => self.used = self.buffer.len(),
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    /// Uses this byte, if it is the next.
    pub(super) async fn eat(&mut self, byte: u8) -> Result<bool, Stop> {
        let is_next = self.peek().await? == Some(byte);
        self.used += usize::from(is_next);
        Ok(is_next)
    }

    /// Begins a file: shows that it is text of the kind that is read here, and
    /// passes over a byte order mark, which belongs to no text and to no hash.
    pub(super) async fn begin(&mut self) -> Result<(), Stop> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        while self.buffer.len() < kind::ENOUGH && self.fill().await? {}
        if let Some(why) = kind::unreadable(&self.buffer[..self.buffer.len().min(kind::ENOUGH)]) {
            return Err(self.is_other(why));
        }
        if self.buffer.starts_with(MARK) {
            self.used = MARK.len();
            self.hashed = self.used;
        }
        Ok(())
    }

    /// The next value, whole and well-formed.
    pub(super) async fn value(&mut self) -> Result<Box<RawValue>, Stop> {
        let first = self.peek().await?;
        let (mut seen, mut depth) = (0_usize, 0_usize);
        let (mut in_string, mut is_escaped) = (false, false);
        let is_scalar = !matches!(first, Some(b'{' | b'[' | b'"'));
        let length = 'value: loop {
            for (at, &byte) in self.buffer[self.used + seen..].iter().enumerate() {
                if in_string {
                    match byte {
                        _ if is_escaped => is_escaped = false,
                        b'\\' => is_escaped = true,
                        b'"' => in_string = false,
                        _ => {}
                    }
                } else {
                    match byte {
                        b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' if is_scalar => {
                            break 'value seen + at;
                        }
                        b'"' => in_string = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                }
                if !is_scalar && depth == 0 && !in_string {
                    break 'value seen + at + 1;
                }
            }
            seen = self.buffer.len() - self.used;
            if seen > self.most {
                return Err(self.too_long());
            }
            if !self.fill().await? {
                break 'value if is_scalar {
                    seen
                } else {
                    return Err(self.broken("the text ends too early"));
                };
            }
        };
        if length > self.most {
            return Err(self.too_long());
        }
        let text = std::str::from_utf8(&self.buffer[self.used..self.used + length]).ok();
        let value = text.and_then(|text| RawValue::from_string(text.to_owned()).ok());
        let value = value.ok_or_else(|| self.broken("this is not JSON"))?;
        self.used += length;
        Ok(value)
    }

    fn too_long(&self) -> Stop {
        self.broken("a document of more than 64 MiB begins")
    }

    /// Says that the file as a whole is something else.
    pub(super) fn is_other(&self, why: &str) -> Stop {
        Stop::because(format_args!("{}: {why}", self.file))
    }

    /// Says where the file stops being what it should be.
    pub(super) fn broken(&self, why: &str) -> Stop {
        // Places count from 1.
        Stop::because(format_args!("{}: {why} at byte {}", self.file, self.at() + 1))
    }
}
