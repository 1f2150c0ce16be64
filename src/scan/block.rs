//! Bytes that are looked at together: sixteen where the engine has vectors,
//! and else eight.

#[cfg(target_feature = "simd128")]
use core::arch::wasm32::{
    i8x16_lt, i8x16_splat, u8x16_bitmask, u8x16_eq, u8x16_gt, u8x16_splat, u8x16_sub, u64x2, v128, v128_and,
    v128_any_true, v128_bitselect, v128_or, v128_xor,
};

/// How many bytes a block has.
pub(super) const BYTES: usize = size_of::<Bytes>();

#[cfg(target_feature = "simd128")]
type Bytes = v128;
#[cfg(not(target_feature = "simd128"))]
type Bytes = u64;

#[derive(Debug, Clone, Copy)]
pub(super) struct Block(Bytes);

#[cfg(target_feature = "simd128")]
impl Block {
    pub(super) const ZERO: Block = Block(u64x2(0, 0));

    #[inline(always)]
    pub(super) fn new(bytes: &[u8; BYTES]) -> Block {
        let word = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        Block(u64x2(word(0), word(8)))
    }

    #[inline(always)]
    pub(super) fn xor(self, other: Block) -> Block {
        Block(v128_xor(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn and(self, other: Block) -> Block {
        Block(v128_and(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn or(self, other: Block) -> Block {
        Block(v128_or(self.0, other.0))
    }

    /// Its bits where the mask has ones, and those of the other where not.
    #[inline(always)]
    pub(super) fn or_where_not(self, mask: Block, other: Block) -> Block {
        Block(v128_bitselect(self.0, other.0, mask.0))
    }

    #[inline(always)]
    pub(super) fn is_zero(self) -> bool {
        !v128_any_true(self.0)
    }

    /// Marks the bytes that are a quote, a backslash, a control character or
    /// not ASCII.
    #[inline(always)]
    pub(super) fn specials(self) -> Block {
        // As signed numbers, what is not ASCII is below the first character
        // too. With this bit changed, the quote is the first character and the
        // space is above it.
        let changed = v128_xor(self.0, u8x16_splat(b'"' ^ b' '));
        Block(v128_or(
            i8x16_lt(changed, i8x16_splat(b'!'.cast_signed())),
            u8x16_eq(self.0, u8x16_splat(b'\\')),
        ))
    }

    /// Marks the bytes that are no figure.
    #[inline(always)]
    pub(super) fn others(self) -> Block {
        Block(u8x16_gt(u8x16_sub(self.0, u8x16_splat(b'0')), u8x16_splat(9)))
    }

    /// What one bit of [`bits`](Self::bits) is.
    const BITS_A_BYTE: usize = 1;

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(u8x16_bitmask(self.0))
    }
}

#[cfg(not(target_feature = "simd128"))]
impl Block {
    pub(super) const ZERO: Block = Block(0);

    #[inline(always)]
    pub(super) fn new(bytes: &[u8; BYTES]) -> Block {
        Block(u64::from_le_bytes(*bytes))
    }

    #[inline(always)]
    pub(super) fn xor(self, other: Block) -> Block {
        Block(self.0 ^ other.0)
    }

    #[inline(always)]
    pub(super) fn and(self, other: Block) -> Block {
        Block(self.0 & other.0)
    }

    #[inline(always)]
    pub(super) fn or(self, other: Block) -> Block {
        Block(self.0 | other.0)
    }

    /// Its bits where the mask has ones, and those of the other where not.
    #[inline(always)]
    pub(super) fn or_where_not(self, mask: Block, other: Block) -> Block {
        Block(self.0 & mask.0 | other.0 & !mask.0)
    }

    #[inline(always)]
    pub(super) fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Marks the bytes that are a quote, a backslash, a control character or
    /// not ASCII; above the first of them also some that are not.
    #[inline(always)]
    pub(super) fn specials(self) -> Block {
        const ONES: u64 = u64::MAX / 0xff;
        // A byte's high bit is set if the byte is 0, or if a lower one is.
        let is_zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
        let quotes = is_zero(self.0 ^ (ONES * 0x22)) | is_zero(self.0 ^ (ONES * 0x5c));
        Block((quotes | self.0.wrapping_sub(ONES * 0x20) | self.0) & (ONES * 0x80))
    }

    /// Marks the bytes that are no figure; above the first of them also some that are.
    #[inline(always)]
    pub(super) fn others(self) -> Block {
        const ONES: u64 = u64::MAX / 0xff;
        // Of a figure this leaves at most 9.
        let left = self.0 ^ (ONES * 0x30);
        Block((left | left.wrapping_add(ONES * 0x76)) & (ONES * 0x80))
    }

    const BITS_A_BYTE: usize = 8;

    #[inline(always)]
    fn bits(self) -> u64 {
        self.0
    }
}

impl Block {
    /// The first byte that is marked and does not lie before this one.
    #[inline(always)]
    pub(super) fn first_from(self, at: usize) -> Option<usize> {
        let bits = self.bits() & (u64::MAX << ((at * Self::BITS_A_BYTE) as u32 % 64));
        (bits != 0 && at < BYTES).then(|| bits.trailing_zeros() as usize / Self::BITS_A_BYTE)
    }

    /// The first byte that is marked.
    #[inline(always)]
    pub(super) fn first(self) -> Option<usize> {
        let bits = self.bits();
        (bits != 0).then(|| bits.trailing_zeros() as usize / Self::BITS_A_BYTE)
    }
}
