//! Interning: each distinct value gets a number, in the order of arrival, and is
//! found again by a hash or by its order.
//!
//! A tree of the standard library is made anew for each type, with five
//! kilobytes of code each. Here only the comparison is.

use std::cmp::Ordering;

use crate::base::hash::mix_text;
use crate::base::text::compare;

/// Numbers in the order of what they stand for. They are kept in pieces, so
/// that of many only a few are moved to make room for one more.
#[derive(Debug, Default)]
pub(crate) struct Ranks(Vec<Vec<u32>>);

const MAX_PIECE: usize = 512;

impl Ranks {
    /// The number that stands for what is looked for, or this new one, which
    /// from now on does. `compare` orders what a number stands for and what is
    /// looked for.
    pub(crate) fn find_or_insert(&mut self, new: u32, compare: &dyn Fn(u32) -> Ordering) -> u32 {
        match self.place(compare) {
            None => {
                self.0.push(vec![new]);
                new
            }
            Some((at, Ok(place))) => self.0[at][place],
            Some((at, Err(place))) => {
                let piece = &mut self.0[at];
                piece.insert(place, new);
                if piece.len() > MAX_PIECE {
                    let half = piece.split_off(MAX_PIECE / 2);
                    self.0.insert(at + 1, half);
                }
                new
            }
        }
    }

    /// The numbers in their order.
    #[cfg(test)]
    pub(crate) fn into_numbers(self) -> Vec<u32> {
        let mut all = Vec::new();
        for piece in self.0 {
            all.extend(piece);
        }
        all
    }

    /// The number that stands for what is looked for.
    pub(crate) fn find(&self, compare: &dyn Fn(u32) -> Ordering) -> Option<u32> {
        let (at, place) = self.place(compare)?;
        Some(self.0[at][place.ok()?])
    }

    /// The piece where what is looked for is, or would be, and its place there.
    fn place(&self, compare: &dyn Fn(u32) -> Ordering) -> Option<(usize, Result<usize, usize>)> {
        let after =
            self.0.partition_point(|piece| piece.first().is_some_and(|&first| compare(first).is_le()));
        let at = after.saturating_sub(1);
        Some((at, self.0.get(at)?.binary_search_by(|&known| compare(known))))
    }
}

/// Values by their numbers, each found again by a hash of it.
#[derive(Debug)]
pub(crate) struct Interner<T> {
    values: Vec<T>,
    hashes: Vec<u64>,
    /// A number and one, or 0, near the slot that the hash chooses; as many as
    /// a power of two.
    slots: Vec<u32>,
    /// Those that found no free slot there, as it happens to a few by chance
    /// and to many that somebody made up.
    crowded: Ranks,
}

/// How far from its own slot a number may stand.
const REACH: usize = 32;

const MIN_SLOTS: usize = 64;

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner { values: Vec::new(), hashes: Vec::new(), slots: Vec::new(), crowded: Ranks::default() }
    }
}

impl<T: Ord> Interner<T> {
    /// The number of the value looked for, whose hash this is; `compare` orders
    /// a value and it. Of a new one `None`: it has to be added then.
    pub(crate) fn find(&mut self, hash: u64, compare: &dyn Fn(&T) -> Ordering) -> Option<u32> {
        if self.slots.len() < 2 * (self.values.len() + 1) {
            self.grow();
        }
        let next = self.next();
        Some(self.place(next, hash, compare)).filter(|&number| number != next)
    }

    /// Adds the new value that was looked for; gives its number.
    pub(crate) fn add(&mut self, hash: u64, value: T) -> u32 {
        let number = self.next();
        self.values.push(value);
        self.hashes.push(hash);
        number
    }

    fn next(&self) -> u32 {
        u32::try_from(self.values.len()).unwrap_or(u32::MAX)
    }

    /// The number of what is looked for, or the next one, which from now on
    /// stands for it.
    fn place(&mut self, next: u32, hash: u64, compare: &dyn Fn(&T) -> Ordering) -> u32 {
        let Interner { values, hashes, slots, crowded } = self;
        let own = (hash >> 32) as usize;
        let last = slots.len() - 1;
        for slot in own..own + REACH {
            match slots[slot & last].checked_sub(1) {
                None => {
                    slots[slot & last] = next + 1;
                    return next;
                }
                Some(known) => {
                    let at = known as usize;
                    if hashes[at] == hash && compare(&values[at]).is_eq() {
                        return known;
                    }
                }
            }
        }
        crowded.find_or_insert(next, &|known| compare(&values[known as usize]))
    }

    #[inline(never)]
    fn grow(&mut self) {
        self.slots = vec![0; MIN_SLOTS.max(4 * self.slots.len())];
        self.crowded = Ranks::default();
        for number in 0..self.values.len() {
            let Interner { values, hashes, slots, crowded } = self;
            let own = (hashes[number] >> 32) as usize;
            let last = slots.len() - 1;
            match (own..own + REACH).map(|slot| slot & last).find(|&slot| slots[slot] == 0) {
                Some(slot) => slots[slot] = number as u32 + 1,
                None => {
                    crowded
                        .find_or_insert(number as u32, &|known| values[known as usize].cmp(&values[number]));
                }
            }
        }
    }

    pub(crate) fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }

    /// The values by their numbers.
    pub(crate) fn into_values(self) -> Vec<T> {
        self.values
    }
}

impl Interner<Box<str>> {
    /// The number of a text.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let hash = mix_text(0, text.as_bytes());
        let known = self.find(hash, &|known| compare(known.as_bytes(), text.as_bytes()));
        known.unwrap_or_else(|| self.add(hash, text.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Interner, Ranks};
    use crate::base::hash::mix;

    #[test]
    fn each_number_has_its_place_in_the_order() {
        let mut values = Vec::new();
        let mut ranks = Ranks::default();
        let mut tree = BTreeMap::new();
        // Steps through all numbers below a prime, each twice.
        for step in 0..40_014_u32 {
            let value = u64::from(step) * 7_919 % 20_007;
            let next = u32::try_from(values.len()).unwrap();
            let number =
                ranks.find_or_insert(next, &|known| u64::cmp(values.get(known as usize).unwrap(), &value));
            assert_eq!(number, *tree.entry(value).or_insert(next));
            if number == next {
                values.push(value);
            }
        }
        let find = |wanted: u64| ranks.find(&|known| values[known as usize].cmp(&wanted));
        assert_eq!((find(5), find(20_007)), (Some(tree[&5]), None));
        assert!(ranks.into_numbers().into_iter().eq(tree.into_values()));
    }

    /// Numbers each value as a tree does, whatever its hash is.
    fn numbered_by(hash: impl Fn(u64) -> u64) -> usize {
        let mut interner = Interner::default();
        let mut tree = BTreeMap::new();
        for step in 0..12_014_u64 {
            let value = step * 7_919 % 6_007;
            let next = u32::try_from(tree.len()).unwrap();
            let known = interner.find(hash(value), &|known: &u64| known.cmp(&value));
            let number = known.unwrap_or_else(|| interner.add(hash(value), value));
            assert_eq!(number, *tree.entry(value).or_insert(next));
        }
        assert_eq!(*interner.get(tree[&5]), 5);
        let crowd = std::mem::take(&mut interner.crowded).into_numbers().len();
        let values = interner.into_values();
        assert_eq!(values.len(), tree.len());
        assert!(tree.iter().all(|(value, &number)| values[number as usize] == *value));
        crowd
    }

    #[test]
    fn each_thing_has_one_number_whatever_its_hash_is() {
        assert!(numbered_by(|value| mix(0, value)) < 10);
        // Somebody made them meet in one slot, in a few, or nearly.
        assert!(numbered_by(|_| 7) > 5_000);
        assert!(numbered_by(|value| (value % 3) << 40) > 5_000);
        numbered_by(|value| value << 32);
    }
}
