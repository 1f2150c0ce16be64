//! Strings, skipped block by block.

use super::block::{self, Block};
use super::reader::Stop;

/// Where a string ends, and whether its text is other than its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quoted {
    /// The place of the closing quote.
    pub(super) end: usize,
    pub(super) is_escaped: bool,
}

/// The end of the string at `at`, after its closing quote, if it is ASCII
/// without escapes, and far enough from the end of the text.
#[inline(always)]
pub(super) fn plain_end(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let end = first_special(text, at + 1).ok()?;
    (text.get(end) == Some(&b'"')).then_some(end + 1)
}

/// The place of the first special byte; or of the last bytes, too few to be
/// looked at together.
#[inline(always)]
fn first_special(text: &[u8], mut at: usize) -> Result<usize, usize> {
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        match Block::new(block).specials().first() {
            Some(first) => return Ok(at + first),
            None => at += block::BYTES,
        }
    }
    Err(at)
}

/// Skips the string whose opening quote is just before `at`.
#[inline(never)]
pub(super) fn skip(text: &[u8], mut at: usize) -> Result<Quoted, Stop> {
    let mut is_escaped = false;
    loop {
        at = match first_special(text, at) {
            Ok(at) | Err(at) => at,
        };
        match *text.get(at).ok_or(Stop::Cut)? {
            b'"' => return Ok(Quoted { end: at, is_escaped }),
            b'\\' => {
                is_escaped = true;
                at = skip_escape(text, at + 1)?;
            }
            0..=0x1f => return Err(Stop::Wrong(at)),
            0x80.. => at = skip_character(text, at)?,
            _ => at += 1,
        }
    }
}

/// Skips a character that is not ASCII: the well-formed sequences of the
/// Unicode standard, table 3-7.
fn skip_character(text: &[u8], at: usize) -> Result<usize, Stop> {
    let (second, length) = match text[at] {
        0xc2..=0xdf => (0x80..=0xbf, 2),
        0xe0 => (0xa0..=0xbf, 3),
        0xed => (0x80..=0x9f, 3),
        0xe1..=0xef => (0x80..=0xbf, 3),
        0xf0 => (0x90..=0xbf, 4),
        0xf1..=0xf3 => (0x80..=0xbf, 4),
        0xf4 => (0x80..=0x8f, 4),
        _ => return Err(Stop::Wrong(at)),
    };
    for place in at + 1..at + length {
        let byte = text.get(place).ok_or(Stop::Cut)?;
        let is_next = if place == at + 1 { second.contains(byte) } else { (0x80..=0xbf).contains(byte) };
        if !is_next {
            return Err(Stop::Wrong(at));
        }
    }
    Ok(at + length)
}

/// Skips what follows a backslash. Which characters `\u` makes is not asked
/// here: half of a surrogate pair is a character of JSON.
fn skip_escape(text: &[u8], at: usize) -> Result<usize, Stop> {
    match *text.get(at).ok_or(Stop::Cut)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 1),
        b'u' => {
            for digit in at + 1..at + 5 {
                if !text.get(digit).ok_or(Stop::Cut)?.is_ascii_hexdigit() {
                    return Err(Stop::Wrong(digit));
                }
            }
            Ok(at + 5)
        }
        _ => Err(Stop::Wrong(at)),
    }
}
