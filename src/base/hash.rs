//! A hash of words and of short texts.

use super::text::{short_word, words};

/// An odd number without a pattern in its bits, which spreads those it multiplies.
pub(crate) const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Takes one more word into a hash; its high bits are the well mixed ones.
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(29) ^ word).wrapping_mul(SPREAD)
}

/// Takes one more text into a hash.
#[inline]
pub(crate) fn mix_text(hash: u64, text: &[u8]) -> u64 {
    let hash = mix(hash, text.len() as u64);
    match text.last_chunk() {
        Some(last) => mix(words(text).fold(hash, mix), u64::from_le_bytes(*last)),
        None => mix(hash, short_word(text)),
    }
}
