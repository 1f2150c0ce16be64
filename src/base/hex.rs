//! Hexadecimal texts read as numbers.

/// The number that 32 digits of lower-case hexadecimal write, in two halves.
#[cfg(target_feature = "simd128")]
#[inline(always)]
pub(crate) fn hexadecimal(text: &[u8]) -> Option<[u64; 2]> {
    use core::arch::wasm32::{
        u8x16_all_true, u8x16_narrow_i16x8, u8x16_shuffle, u64x2_extract_lane, v128_and,
    };
    let text: &[u8; 32] = text.try_into().ok()?;
    let (words, _) = text.as_chunks::<8>();
    let (high_is_valid, high) = digits([words[0], words[1]]);
    let (low_is_valid, low) = digits([words[2], words[3]]);
    let bytes = u8x16_narrow_i16x8(high, low);
    // No engine has an instruction that turns a word's bytes around.
    let bytes = u8x16_shuffle::<7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8>(bytes, bytes);
    let halves = [u64x2_extract_lane::<0>(bytes), u64x2_extract_lane::<1>(bytes)];
    u8x16_all_true(v128_and(high_is_valid, low_is_valid)).then_some(halves)
}

/// Which of 16 digits are some, and the eight bytes they write, each in 16 bits.
#[cfg(target_feature = "simd128")]
#[inline(always)]
fn digits(words: [[u8; 8]; 2]) -> (core::arch::wasm32::v128, core::arch::wasm32::v128) {
    use core::arch::wasm32::{
        u8x16_add, u8x16_lt, u8x16_splat, u8x16_sub, u16x8_shl, u16x8_shr, u16x8_splat, u64x2, v128_and,
        v128_or,
    };
    let [first, second] = words.map(u64::from_le_bytes);
    let digits = u64x2(first, second);
    let is_figure = u8x16_lt(u8x16_sub(digits, u8x16_splat(b'0')), u8x16_splat(10));
    let is_letter = u8x16_lt(u8x16_sub(digits, u8x16_splat(b'a')), u8x16_splat(6));
    let nine = v128_and(is_letter, u8x16_splat(9));
    let nibbles = u8x16_add(v128_and(digits, u8x16_splat(0x0f)), nine);
    // Of two nibbles the one that stands first is the greater, and the low one here.
    let bytes = v128_and(v128_or(u16x8_shl(nibbles, 4), u16x8_shr(nibbles, 8)), u16x8_splat(0xff));
    (v128_or(is_figure, is_letter), bytes)
}

#[cfg(not(target_feature = "simd128"))]
/// The number that 32 digits of lower-case hexadecimal write, in two halves.
#[inline(always)]
pub(crate) fn hexadecimal(text: &[u8]) -> Option<[u64; 2]> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
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
    use super::hexadecimal;

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
}
