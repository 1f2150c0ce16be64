//! Sorting: one merge for all that is sorted.
//!
//! The standard library's sorts are made anew for each type, with two to eight
//! kilobytes of code each; what is sorted here is short, or nearly in order.

use std::cmp::Ordering;

/// Sorts by this order; equal items stay as they stand.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    sort(&mut Items { items, compare });
}

/// Sorts by a number below 2²⁴: however many items there are and however they
/// stand, each is moved twice. Equal items stay as they stand.
pub(crate) fn sort_by_number<T: Clone>(items: &mut Vec<T>, number: impl Fn(&T) -> u32) {
    if items.is_sorted_by_key(&number) {
        return;
    }
    for shift in [0, DIGIT_BITS] {
        let digit = |item: &T| (number(item) >> shift) as usize % DIGITS;
        let mut places = vec![0; DIGITS + 1];
        for item in &*items {
            places[digit(item) + 1] += 1;
        }
        for at in 1..places.len() {
            places[at] += places[at - 1];
        }
        let mut sorted = items.clone();
        for item in &*items {
            let place: &mut usize = &mut places[digit(item)];
            sorted[*place] = item.clone();
            *place += 1;
        }
        *items = sorted;
    }
}

const DIGIT_BITS: u32 = 12;
const DIGITS: usize = 1 << DIGIT_BITS;

/// Sorts numbers, which are few and sorted often: a few need no memory.
pub(crate) fn sort_numbers(numbers: &mut [u32]) {
    if numbers.len() > FEW {
        return sort_by(numbers, Ord::cmp);
    }
    for end in 1..numbers.len() {
        let number = numbers[end];
        let mut at = end;
        while at > 0 && numbers[at - 1] > number {
            numbers[at] = numbers[at - 1];
            at -= 1;
        }
        numbers[at] = number;
    }
}

const FEW: usize = 24;

/// What is sorted. A trait of our own: the table of a closure's calls has one
/// that takes the closure itself, with all its code again.
trait Sorted {
    fn length(&self) -> usize;

    /// Whether the item at `a` comes after the one at `b`.
    fn is_after(&self, a: usize, b: usize) -> bool;

    fn swap(&mut self, a: usize, b: usize);
}

struct Items<'a, T, F> {
    items: &'a mut [T],
    compare: F,
}

impl<T, F: Fn(&T, &T) -> Ordering> Sorted for Items<'_, T, F> {
    fn length(&self) -> usize {
        self.items.len()
    }

    fn is_after(&self, a: usize, b: usize) -> bool {
        (self.compare)(&self.items[a], &self.items[b]).is_gt()
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.items.swap(a, b);
    }
}

fn sort(items: &mut dyn Sorted) {
    let mut places: Vec<usize> = (0..items.length()).collect();
    merge(items, &mut places, &mut Vec::new());
    // Along each cycle of places, every item is swapped to its own.
    for start in 0..places.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut places[at], at);
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Brings places into the order of the items there: each half of them, and
/// then both, of which the first waits in `room`.
fn merge(items: &dyn Sorted, places: &mut [usize], room: &mut Vec<usize>) {
    let middle = places.len() / 2;
    if middle == 0 {
        return;
    }
    merge(items, &mut places[..middle], room);
    merge(items, &mut places[middle..], room);
    if !items.is_after(places[middle - 1], places[middle]) {
        return;
    }
    room.clear();
    room.extend_from_slice(&places[..middle]);
    let (mut to, mut right) = (0, middle);
    for &left in &*room {
        while right < places.len() && items.is_after(left, places[right]) {
            places[to] = places[right];
            (to, right) = (to + 1, right + 1);
        }
        places[to] = left;
        to += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{sort_by, sort_by_number, sort_numbers};

    proptest! {
        #[test]
        fn items_are_sorted_as_the_standard_library_sorts_them(keys in prop::collection::vec(0_u8..20, 0..200)) {
            let mut items: Vec<(u8, String)> = keys.into_iter().zip((0..).map(|n: u32| n.to_string())).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_by(&mut items, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn items_are_sorted_by_numbers_of_24_bits(numbers in prop::collection::vec(0_u32..1 << 24, 0..60), repeat in 1_usize..4) {
            let numbers = numbers.repeat(repeat);
            let mut items: Vec<(u32, usize)> = numbers.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_by_number(&mut items, |item| item.0);
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn numbers_are_sorted_be_they_few_or_many(mut numbers in prop::collection::vec(0_u32..50, 0..80)) {
            let mut expected = numbers.clone();
            expected.sort_unstable();
            sort_numbers(&mut numbers);
            prop_assert_eq!(numbers, expected);
        }
    }
}
