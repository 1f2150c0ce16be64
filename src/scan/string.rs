//! Strings, skipped block by block.

use super::reader::Stop;

/// How many bytes are looked at in one go.
#[cfg(target_feature = "simd128")]
const BLOCK: usize = 16;
#[cfg(not(target_feature = "simd128"))]
const BLOCK: usize = 8;

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
    let mut at = start;
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        let Some(first) = first_special(block) else {
            at += BLOCK;
            continue;
        };
        at += first;
        return match text.get(at) {
            Some(b'"') => Ok(Quoted { end: at, is_escaped: false }),
            _ => skip_slowly(text, start, at),
        };
    }
    skip_slowly(text, start, at)
}

/// The first byte of a block that is a quote, a backslash, a control character
/// or not ASCII.
#[cfg(target_feature = "simd128")]
#[inline(always)]
fn first_special(block: &[u8; BLOCK]) -> Option<usize> {
    use core::arch::wasm32::{i8x16_lt, i8x16_splat, u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2, v128_or};
    let (low, high) = (word(block, 0), word(block, 8));
    let bytes = u64x2(low, high);
    let quotes = v128_or(u8x16_eq(bytes, u8x16_splat(b'"')), u8x16_eq(bytes, u8x16_splat(b'\\')));
    // As signed numbers, what is not ASCII is below the first character too.
    let special = u8x16_bitmask(v128_or(quotes, i8x16_lt(bytes, i8x16_splat(0x20))));
    (special != 0).then(|| special.trailing_zeros() as usize)
}

#[cfg(not(target_feature = "simd128"))]
#[inline(always)]
fn first_special(block: &[u8; BLOCK]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    let bytes = u64::from_le_bytes(*block);
    // A byte's high bit is set if the byte is 0, or if a lower one is marked:
    // the first mark is right.
    let is_zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let quotes = is_zero(bytes ^ (ONES * 0x22)) | is_zero(bytes ^ (ONES * 0x5c));
    let special = (quotes | bytes.wrapping_sub(ONES * 0x20) | bytes) & (ONES * 0x80);
    (special != 0).then(|| special.trailing_zeros() as usize / 8)
}

#[cfg(target_feature = "simd128")]
#[inline(always)]
fn word(block: &[u8; BLOCK], at: usize) -> u64 {
    block[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}

/// Goes on at `at`, through escapes and what is not ASCII, to the end of the
/// string that begins at `start`.
#[inline(never)]
fn skip_slowly(text: &[u8], start: usize, mut at: usize) -> Result<Quoted, Stop> {
    let mut is_escaped = false;
    let mut is_ascii = true;
    loop {
        if let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk()) {
            let Some(first) = first_special(block) else {
                at += BLOCK;
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
