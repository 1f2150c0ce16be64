//! Short texts compared eight bytes at a time.

use std::cmp::Ordering;

/// Whether two texts are the same. Most are a word or two, and shorter than
/// what calling a function for any length is worth.
#[inline]
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(x), Some(y)) => x == y && words(a).zip(words(b)).all(|(x, y)| x == y),
        _ => short_word(a) == short_word(b),
    }
}

/// The order of two texts, byte by byte. A module has no other than a loop over
/// single ones.
#[inline]
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let big = |text: &[u8], at: usize| text[at..].first_chunk().map(|word| u64::from_be_bytes(*word));
    let mut at = 0;
    while let (Some(x), Some(y)) = (big(a, at), big(b, at)) {
        if x != y {
            return x.cmp(&y);
        }
        at += 8;
    }
    a[at..].iter().cmp(&b[at..])
}

/// The first eight bytes of a text as a number that orders as they do; a
/// shorter text counts as if zeros followed it.
pub(crate) fn first_word(text: &[u8]) -> u64 {
    let mut word = [0; size_of::<u64>()];
    word.iter_mut().zip(text).for_each(|(to, &byte)| *to = byte);
    u64::from_be_bytes(word)
}

/// The whole words that a text begins with. What is left of it lies in its
/// last eight bytes, which are a word as well.
#[inline(always)]
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = u64> {
    text.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word))
}

/// Up to seven bytes as a word of their own; texts of the same length have the
/// same word only if they are the same.
#[inline(always)]
pub(crate) fn short_word(text: &[u8]) -> u64 {
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
        }
        _ => match *text {
            [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
            [a, b] => u64::from(a) | u64::from(b) << 8,
            [a] => u64::from(a),
            _ => 0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{compare, equal};
    use crate::base::hash::mix_text;

    #[test]
    fn the_order_of_texts_is_that_of_their_bytes() {
        let text = b"0123456789abcdef\xffghij";
        for length in 0..=text.len() {
            for other in 0..=text.len() {
                assert_eq!(compare(&text[..length], &text[..other]), text[..length].cmp(&text[..other]));
            }
            for at in 0..length {
                for byte in [0, b'5', 0x7f, 0x80, 0xff] {
                    let mut changed = text.to_vec();
                    changed[at] = byte;
                    assert_eq!(compare(&changed, &text[..length]), (*changed).cmp(&text[..length]));
                }
            }
        }
    }

    #[test]
    fn texts_are_the_same_only_if_every_byte_is() {
        let text = b"0123456789abcdefghijklmnop";
        for length in 0..text.len() {
            let a = &text[..length];
            assert!(equal(a, &[a, b"!"].concat()[..length]));
            assert!(!equal(a, &text[..=length]));
            for at in 0..length {
                let mut b = a.to_vec();
                b[at] ^= 1;
                assert!(!equal(a, &b), "{length} {at}");
                assert_ne!(mix_text(0, a), mix_text(0, &b), "{length} {at}");
            }
        }
    }
}
