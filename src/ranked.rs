//! Things that are numbered as they come, each once, and found again by their
//! order.
//!
//! A tree of the standard library is made anew for each type, with five
//! kilobytes of code each. Here only the comparison is.

use std::cmp::Ordering;

/// Numbers in the order of what they stand for. They are kept in pieces, so
/// that of many only a few are moved to make room for one more.
#[derive(Debug, Default)]
pub(crate) struct Ranks(Vec<Vec<u32>>);

const LONGEST_PIECE: usize = 512;

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
                if piece.len() > LONGEST_PIECE {
                    let half = piece.split_off(LONGEST_PIECE / 2);
                    self.0.insert(at + 1, half);
                }
                new
            }
        }
    }

    /// The numbers in their order.
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

/// Things by their numbers.
#[derive(Debug)]
pub(crate) struct Ranked<T> {
    things: Vec<T>,
    ranks: Ranks,
}

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Ranked { things: Vec::new(), ranks: Ranks::default() }
    }
}

impl<T: Ord> Ranked<T> {
    /// The number of a thing, which is the next one if it is new.
    pub(crate) fn number(&mut self, thing: T) -> u32 {
        let next = u32::try_from(self.things.len()).unwrap_or(u32::MAX);
        let number = self.ranks.find_or_insert(next, &|known| self.things[known as usize].cmp(&thing));
        if number == next {
            self.things.push(thing);
        }
        number
    }

    pub(crate) fn get(&self, number: u32) -> &T {
        &self.things[number as usize]
    }

    /// The things by their numbers, and the numbers in the order of things.
    pub(crate) fn into_parts(self) -> (Vec<T>, Vec<u32>) {
        (self.things, self.ranks.into_numbers())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Ranked;

    #[test]
    fn each_thing_has_one_number_and_its_place_in_the_order() {
        let mut ranked = Ranked::default();
        let mut tree = BTreeMap::new();
        // Steps through all numbers below a prime, each twice.
        for step in 0..40_014_u32 {
            let thing = u64::from(step) * 7_919 % 20_007;
            let next = u32::try_from(tree.len()).unwrap();
            assert_eq!(ranked.number(thing), *tree.entry(thing).or_insert(next));
        }
        let number = tree[&5];
        assert_eq!(*ranked.get(number), 5);
        let find = |wanted: u64| ranked.ranks.find(&|known| ranked.get(known).cmp(&wanted));
        assert_eq!((find(5), find(20_007)), (Some(number), None));
        let (things, order) = ranked.into_parts();
        assert_eq!(things.len(), tree.len());
        assert!(order.iter().map(|&number| things[number as usize]).eq(tree.into_keys()));
    }
}
