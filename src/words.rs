//! Short texts, eight bytes at a time.

/// An odd number without a pattern in its bits, which spreads those it multiplies.
pub(crate) const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;

/// Takes one more word into a hash; its high bits are the well mixed ones.
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(29) ^ word).wrapping_mul(SPREAD)
}

/// Takes one more text into a hash.
pub(crate) fn mix_text(hash: u64, text: &[u8]) -> u64 {
    let mut hash = mix(hash, text.len() as u64);
    let mut rest = text;
    while let Some((word, after)) = rest.split_first_chunk() {
        hash = mix(hash, u64::from_le_bytes(*word));
        rest = after;
    }
    if rest.is_empty() { hash } else { mix(hash, last_word(rest)) }
}

/// Whether two texts are the same. Most are a word or two, and shorter than
/// what calling a function for any length is worth.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (mut a, mut b) = (a, b);
    while let (Some((x, after_x)), Some((y, after_y))) =
        (a.split_first_chunk::<8>(), b.split_first_chunk::<8>())
    {
        if x != y {
            return false;
        }
        (a, b) = (after_x, after_y);
    }
    last_word(a) == last_word(b)
}

/// Up to seven bytes as a word of their own; texts of the same length have the
/// same word only if they are the same.
fn last_word(rest: &[u8]) -> u64 {
    match (rest.first_chunk(), rest.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
        }
        _ => match *rest {
            [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
            [a, b] => u64::from(a) | u64::from(b) << 8,
            [a] => u64::from(a),
            _ => 0,
        },
    }
}

/// The number that 32 digits of lower-case hexadecimal write, in two halves.
pub(crate) fn hexadecimal(text: &[u8]) -> Option<[u64; 2]> {
    let text: &[u8; 32] = text.try_into().ok()?;
    let (words, _) = text.as_chunks::<8>();
    let mut halves = [0; 2];
    let mut is_valid = HIGH;
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_be_bytes(*word);
        // Sets the high bit of each byte that is not below `least`.
        let from = |least: u64| (word & !HIGH) + (0x80 - least) * ONES;
        let is_digit = from(0x30) & !from(0x3a);
        let is_letter = from(0x61) & !from(0x67);
        is_valid &= (is_digit | is_letter) & !word;
        let nibbles = (word & (0x0f * ONES)) + 9 * (word >> 6 & ONES);
        let bytes = (nibbles | nibbles >> 4) & 0x00ff_00ff_00ff_00ff;
        let pairs = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
        halves[at / 2] = halves[at / 2] << 32 | (pairs | pairs >> 16) & 0xffff_ffff;
    }
    (is_valid == HIGH).then_some(halves)
}

#[cfg(test)]
mod tests {
    use super::{equal, hexadecimal, mix_text};

    #[test]
    fn hexadecimal_is_32_small_digits_and_nothing_else() {
        let text = "00112233445566778899aabbccddeeff";
        assert_eq!(hexadecimal(text.as_bytes()), Some([0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff]));
        assert_eq!(hexadecimal(&[b'f'; 32]), Some([u64::MAX; 2]));
        assert_eq!(hexadecimal(&text.as_bytes()[1..]), None);
        for at in 0..32 {
            for byte in 0..=u8::MAX {
                let mut changed: [u8; 32] = text.as_bytes().try_into().unwrap();
                changed[at] = byte;
                let is_digit = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                assert_eq!(hexadecimal(&changed).is_some(), is_digit, "{byte} at {at}");
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
