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

/// Skips the string whose opening quote is just before `start`.
#[inline(always)]
pub(super) fn skip(text: &[u8], start: usize) -> Result<Quoted, Stop> {
    match first_special(text, start) {
        Ok(end) if text.get(end) == Some(&b'"') => Ok(Quoted { end, is_escaped: false }),
        Ok(at) | Err(at) => skip_slowly(text, start, at),
    }
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

/// Goes on at `at`, through escapes and what is not ASCII, to the end of the
/// string that begins at `start`.
#[inline(never)]
fn skip_slowly(text: &[u8], start: usize, mut at: usize) -> Result<Quoted, Stop> {
    let mut is_escaped = false;
    let mut is_ascii = true;
    loop {
        if let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk()) {
            let Some(first) = Block::new(block).specials().first() else {
                at += block::BYTES;
                continue;
            };
            at += first;
        }
        match *text.get(at).ok_or(Stop::Cut)? {
            b'"' => break,
            b'\\' => {
                is_escaped = true;
                at = skip_escape(text, at + 1)?;
            }
            0..=0x1f => return Err(Stop::Wrong(at)),
            byte => {
                is_ascii &= byte.is_ascii();
                at += 1;
            }
        }
    }
    if !is_ascii && let Err(error) = std::str::from_utf8(&text[start..at]) {
        return Err(Stop::Wrong(start + error.valid_up_to()));
    }
    Ok(Quoted { end: at, is_escaped })
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
