//! Numbers, whose digits are checked and kept.

use super::block::{self, Block};
use super::reader::Stop;

/// Skips the number at `start`, which goes on as long as it can: where the text
/// ends, more of it may come, unless that `is_all`.
#[inline(never)]
pub(super) fn skip(text: &[u8], start: usize, is_all: bool) -> Result<usize, Stop> {
    let mut at = start;
    if text.get(at) == Some(&b'-') {
        at += 1;
    }
    match text.get(at) {
        Some(b'0') => at += 1,
        _ => at = digits(text, at)?,
    }
    if text.get(at) == Some(&b'.') {
        at = digits(text, at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = text.get(at) {
            at += 1;
        }
        at = digits(text, at)?;
    }
    if at == text.len() && !is_all { Err(Stop::Cut) } else { Ok(at) }
}

/// The end of a number without an exponent, if that is near, and what stands
/// there is no part of a number.
#[inline(always)]
pub(super) fn short_end(text: &[u8], start: usize) -> Option<usize> {
    let window: &[u8; block::BYTES] = text.get(start..)?.first_chunk()?;
    let others = Block::new(window).others();
    let sign = usize::from(window[0] == b'-');
    let mut end = others.first_from(sign)?;
    if end == sign || end > sign + 1 && window[sign] == b'0' {
        return None;
    }
    if window[end] == b'.' {
        let digits = end + 1;
        end = others.first_from(digits)?;
        if end == digits {
            return None;
        }
    }
    (!matches!(window[end], b'e' | b'E' | b'.')).then_some(start + end)
}

/// The end of the last of such numbers behind one, each after a comma.
#[inline(always)]
pub(super) fn short_ends(text: &[u8], mut end: usize) -> usize {
    while text.get(end) == Some(&b',')
        && let Some(next) = short_end(text, end + 1)
    {
        end = next;
    }
    end
}

/// Skips one digit or more.
#[inline(never)]
fn digits(text: &[u8], start: usize) -> Result<usize, Stop> {
    let mut at = start;
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        match Block::new(block).others().first() {
            Some(length) => {
                at += length;
                break;
            }
            None => at += block::BYTES,
        }
    }
    while text.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    match text.get(at) {
        _ if at > start => Ok(at),
        Some(_) => Err(Stop::Wrong(at)),
        None => Err(Stop::Cut),
    }
}
