//! Numbers, whose digits are checked and kept.

use super::reader::Stop;

/// Skips the number at `start`, which goes on as long as it can: where the text
/// ends, more of it may come, unless that `is_all`.
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

/// Skips one digit or more.
fn digits(text: &[u8], start: usize) -> Result<usize, Stop> {
    let mut at = start;
    while text.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    match text.get(at) {
        _ if at > start => Ok(at),
        Some(_) => Err(Stop::Wrong(at)),
        None => Err(Stop::Cut),
    }
}
