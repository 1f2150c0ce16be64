//! Where in a text something is wrong.

use crate::error::Error;
use crate::scan::reader::Stop;

/// How far a text that comes in pieces was read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    bytes: u64,
    breaks: u64,
    /// The first byte of the line.
    line: u64,
}

impl Place {
    /// Goes on by bytes among which there is no line break.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// Goes on by this text.
    pub(super) fn pass_text(&mut self, text: &[u8]) {
        if let Some(last) = text.iter().rposition(|&byte| byte == b'\n') {
            self.breaks += breaks(text);
            self.line = self.bytes + last as u64 + 1;
        }
        self.pass(text.len());
    }

    /// Says why and where the text that goes on here is not what it should be,
    /// without its content.
    #[cold]
    pub(super) fn error(mut self, text: &[u8], stop: Stop, what: &str) -> Error {
        let (at, why) = match stop {
            Stop::Cut => (text.len().saturating_sub(1), "the text ends too early"),
            Stop::Wrong(at) => (at, "this is not JSON"),
            Stop::Deep(at) => (at, "arrays and objects lie in each other too deep"),
            Stop::Other(at) => (at, "a value of another kind was expected"),
            Stop::TooLarge => (0, "a document is too large that begins"),
        };
        self.pass_text(&text[..at.min(text.len())]);
        let shown = u64::from(!text.is_empty());
        // After a line break nothing stands yet, and places count from 1.
        let shown = shown.max(u64::from(self.bytes == self.line));
        let (line, column, byte) = (self.breaks + 1, self.bytes - self.line + shown, self.bytes + shown);
        Error::input(format!("{what}: {why} at line {line}, column {column} (byte {byte})"))
    }
}

/// Counts line breaks, eight bytes at a time.
fn breaks(text: &[u8]) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    let (words, rest) = text.as_chunks::<8>();
    let in_words = words.iter().map(|word| {
        let bytes = u64::from_le_bytes(*word) ^ (ONES * u64::from(b'\n'));
        // The high bit of each byte that is not 0; sums stay within the byte.
        let others = ((bytes & (ONES * 0x7f)) + ONES * 0x7f) | bytes;
        u64::from((!others & (ONES * 0x80)).count_ones())
    });
    in_words.sum::<u64>() + rest.iter().filter(|&&byte| byte == b'\n').count() as u64
}
