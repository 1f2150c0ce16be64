use std::borrow::Cow;
use std::cmp::Ordering;
use std::hint::black_box;

use super::chunked_vec::ChunkedVec;
use crate::base::hash::{mix, mix_text};
use crate::base::hex::hexadecimal;
use crate::base::interner::Ranks;

/// The ids of events in the order they were read, each exactly once.
///
/// CouchDB's own ids, 32 digits of small hexadecimal, are kept as the 16 bytes
/// they write. A table of numbers finds an id again: a hash tells where it may
/// stand, and only an id with the same rest of the hash is compared.
#[derive(Debug, Default)]
pub(super) struct Ids {
    ids: ChunkedVec<Id>,
    /// The ids that are not hexadecimal, or that begin as `ELSEWHERE` does.
    texts: Vec<Box<[u8]>>,
    /// Such ids whose keys are not yet added.
    waiting: Vec<Box<[u8]>>,
    table: Table,
    /// The ids that found no free slot near their own, as it happens to a few
    /// by chance and to many that somebody made up, in the order of their texts.
    crowded: Ranks,
}

/// The two halves of a hexadecimal number; or `ELSEWHERE`, and which text it is.
type Id = [u64; 2];

const ELSEWHERE: u64 = u64::MAX;
const NONE: Id = [ELSEWHERE, u64::MAX];

/// What an id is looked for by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    hash: u64,
    /// Of a text, its place among those that wait.
    id: Id,
}

impl Key {
    /// That of an event without an id.
    pub(super) const NONE: Key = Key { hash: 0, id: NONE };

    pub(super) fn is_none(&self) -> bool {
        let [first, second] = self.id;
        first == ELSEWHERE && second == NONE[1]
    }
}

impl Ids {
    /// A key, with which `add` has to follow.
    #[inline(always)]
    pub(super) fn key(&mut self, id: &[u8]) -> Key {
        match hexadecimal(id).filter(|[high, _]| *high != ELSEWHERE) {
            Some(id) => Key { hash: hash(id), id },
            None => Key { hash: hash_of_text(id), id: [ELSEWHERE, self.wait(id)] },
        }
    }

    /// Keeps a text until its key is added; gives its place.
    #[inline(never)]
    fn wait(&mut self, id: &[u8]) -> u64 {
        self.waiting.push(id.into());
        self.waiting.len() as u64 - 1
    }

    /// Looks at where these ids may stand. Each is somewhere else in a large
    /// table; one after the other would wait for memory as often as all at once.
    pub(super) fn approach(&self, keys: impl Iterator<Item = Key>) {
        black_box(keys.fold(0, |seen, key| seen ^ self.table.own_slot(key.hash)));
    }

    /// The number of an id, how many came before it; `None` if it came before itself.
    #[inline(always)]
    pub(super) fn add(&mut self, key: &Key) -> Option<u32> {
        if key.id[0] == ELSEWHERE {
            return self.add_text(key);
        }
        let is_same = |ids: &Ids, number| ids.ids.get(number) == Some(&key.id);
        let number = self.claim(key.hash, is_same, || digits(key.id))?;
        self.ids.push(key.id);
        Some(number)
    }

    #[inline(never)]
    fn add_text(&mut self, key: &Key) -> Option<u32> {
        let text = usize::try_from(key.id[1]).ok().and_then(|at| self.waiting.get_mut(at));
        let text = text.map(std::mem::take).unwrap_or_default();
        let is_same = |ids: &Ids, number| match ids.ids.get(number) {
            Some(&[ELSEWHERE, known]) => text_of(&ids.texts, known) == Some(&text),
            _ => false,
        };
        let number = self.claim(key.hash, is_same, || text.to_vec())?;
        self.ids.push([ELSEWHERE, self.texts.len() as u64]);
        self.texts.push(text);
        Some(number)
    }

    /// Makes the next number known by a hash, unless one of the same id is.
    #[inline(always)]
    fn claim(
        &mut self,
        hash: u64,
        is_same: impl Fn(&Ids, u32) -> bool,
        id: impl FnOnce() -> Vec<u8>,
    ) -> Option<u32> {
        let number = self.len();
        if number >= self.table.capacity() {
            self.grow(number);
        }
        match self.table.find(hash, |number| is_same(self, number)) {
            Place::Known => return None,
            Place::Free(slot) => self.table.fill(slot, hash, number),
            Place::Crowded => return self.is_new_in_crowd(number, &id()).then_some(number),
        }
        Some(number)
    }

    /// Puts a number among the crowded, unless its id is there.
    #[cold]
    fn is_new_in_crowd(&mut self, number: u32, id: &[u8]) -> bool {
        let Ids { ids, texts, crowded, .. } = self;
        let compare = |known| text_at(ids, texts, known).unwrap_or_default().as_ref().cmp(id);
        crowded.find_or_insert(number, &compare) == number
    }

    /// All keys that were given are added.
    pub(super) fn settle(&mut self) {
        self.waiting.clear();
    }

    /// Gives the next number to an event without an id.
    pub(super) fn add_none(&mut self) -> u32 {
        self.ids.push(NONE);
        self.len() - 1
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.ids.len()).unwrap_or(u32::MAX)
    }

    /// Makes room for so many more, where that is known before.
    pub(super) fn expect(&mut self, more: u32) {
        let numbers = self.len().saturating_add(more);
        if numbers > self.table.capacity() {
            self.grow(numbers);
        }
    }

    /// A larger table, with room for more than so many numbers, made of the
    /// ids; the smaller one is given up before.
    fn grow(&mut self, numbers: u32) {
        self.close();
        self.table = Table::for_numbers(numbers);
        let mut crowd = Vec::new();
        for (number, &id) in (0..).zip(self.ids.iter()) {
            let hash = match id {
                NONE => continue,
                [ELSEWHERE, text] => hash_of_text(text_of(&self.texts, text).unwrap_or_default()),
                id => hash(id),
            };
            match self.table.find(hash, |_| false) {
                Place::Free(slot) => self.table.fill(slot, hash, number),
                _ => crowd.push(number),
            }
        }
        for number in crowd {
            let id = self.get(number).unwrap_or_default().into_owned();
            self.is_new_in_crowd(number, &id);
        }
    }

    /// No more ids come, so none has to be found again.
    pub(super) fn close(&mut self) {
        self.table = Table::default();
        self.crowded = Ranks::default();
    }

    /// The order of two events' ids as texts; none is as an empty one.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        match (self.ids.get(a), self.ids.get(b)) {
            (Some(a), Some(b)) if a[0] != ELSEWHERE && b[0] != ELSEWHERE => a.cmp(b),
            _ => self.get(a).unwrap_or_default().cmp(&self.get(b).unwrap_or_default()),
        }
    }

    pub(super) fn get(&self, number: u32) -> Option<Cow<'_, [u8]>> {
        text_at(&self.ids, &self.texts, number)
    }
}

fn text_at<'a>(ids: &ChunkedVec<Id>, texts: &'a [Box<[u8]>], number: u32) -> Option<Cow<'a, [u8]>> {
    match *ids.get(number)? {
        [ELSEWHERE, text] => text_of(texts, text).map(Cow::Borrowed),
        id => Some(digits(id).into()),
    }
}

fn digits([high, low]: Id) -> Vec<u8> {
    format!("{high:016x}{low:016x}").into_bytes()
}

fn text_of(texts: &[Box<[u8]>], text: u64) -> Option<&[u8]> {
    usize::try_from(text).ok().and_then(|text| texts.get(text)).map(AsRef::as_ref)
}

#[inline(never)]
fn hash_of_text(text: &[u8]) -> u64 {
    mix_text(0, text)
}

fn hash([high, low]: Id) -> u64 {
    mix(mix(high ^ high >> 32, low ^ low >> 32), low)
}

/// Numbers by the hash of what they stand for. A slot holds a number and one,
/// in as many low bits as the table has slots for, and above them what the
/// hash has beyond the bits that chose the slot.
#[derive(Debug, Default)]
struct Table {
    slots: Vec<u32>,
    bits: u32,
}

enum Place {
    Known,
    Free(usize),
    Crowded,
}

/// How far from its own slot a number may stand.
const REACH: usize = 64;

const MIN_BITS: u32 = 8;

/// With fewer slots than so many bits count, a table is small.
const SMALL_BITS: u32 = 18;

/// From so many bits on, half a table more is tried first: that is megabytes.
const LARGE_BITS: u32 = 20;

impl Table {
    /// A table with room for more than so many numbers.
    fn for_numbers(numbers: u32) -> Table {
        let mut bits = MIN_BITS;
        while room(1 << bits) <= numbers as usize {
            // Every number is put into the new table, and a small one is cheap.
            bits += if bits < SMALL_BITS { 2 } else { 1 };
        }
        let (whole, three_quarters) = (1 << bits, 3 << (bits - 2));
        let is_less_enough = bits > LARGE_BITS && room(three_quarters) > numbers as usize;
        Table { slots: vec![0; if is_less_enough { three_quarters } else { whole }], bits }
    }

    /// The numbers below this have room.
    fn capacity(&self) -> u32 {
        u32::try_from(room(self.slots.len())).unwrap_or(u32::MAX)
    }

    fn find(&self, hash: u64, is_same: impl Fn(u32) -> bool) -> Place {
        let (own, slots) = (self.own(hash), self.slots.len());
        for slot in own..own + REACH {
            let slot = if slot < slots { slot } else { slot - slots };
            let entry = self.slots[slot];
            if entry == 0 {
                return Place::Free(slot);
            }
            let number = entry & self.number_bits();
            if entry ^ number == self.rest(hash) && is_same(number - 1) {
                return Place::Known;
            }
        }
        Place::Crowded
    }

    fn own(&self, hash: u64) -> usize {
        usize::try_from(((hash >> 32) * self.slots.len() as u64) >> 32).unwrap_or(0)
    }

    /// What stands where a number with this hash should.
    fn own_slot(&self, hash: u64) -> u32 {
        if self.slots.is_empty() { 0 } else { self.slots[self.own(hash)] }
    }

    fn fill(&mut self, slot: usize, hash: u64, number: u32) {
        self.slots[slot] = self.rest(hash) | (number + 1);
    }

    fn number_bits(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// The bits of the hash that a slot has room for.
    fn rest(&self, hash: u64) -> u32 {
        u32::try_from(hash << self.bits >> 32).unwrap_or(0) & !self.number_bits()
    }
}

/// So many of the slots are used at most: with more, free ones are far.
fn room(slots: usize) -> usize {
    slots / 3 * 2
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{ELSEWHERE, Ids, Key, Place, hash};

    fn add(ids: &mut Ids, id: &str) -> bool {
        let key = ids.key(id.as_bytes());
        let number = ids.add(&key);
        ids.settle();
        number.is_some()
    }

    #[test]
    fn an_id_is_known_again_however_it_is_written() {
        let texts = [
            "",
            "a",
            "00000000000000000000000000000000",
            "0000000000000000000000000000000",
            "0000000000000000000000000000000A",
            "ffffffffffffffff0000000000000000",
            "ffffffffffffffffffffffffffffffff",
            "00000000-0000-0000-0000-00000000",
            "éééééééééééééééé",
            "fffffffffffffffe0000000000000000",
        ];
        let mut ids = Ids::default();
        assert!(texts.iter().all(|text| add(&mut ids, text)));
        assert!(!texts.iter().any(|text| add(&mut ids, text)));
        ids.expect(100_000);
        assert!(!texts.iter().any(|text| add(&mut ids, text)));
        ids.add_none();
        for (number, text) in (0..).zip(texts) {
            assert_eq!(ids.get(number).as_deref(), Some(text.as_bytes()));
            for (other, with) in (0..).zip(texts) {
                assert_eq!(ids.compare(number, other), text.cmp(with), "{text} {with}");
            }
        }
        let none = ids.len() - 1;
        assert_eq!(ids.get(none), None);
        assert_eq!((ids.compare(none, 0), ids.compare(none, 1)), (Ordering::Equal, Ordering::Less));
    }

    #[test]
    fn of_many_ids_each_is_new_once() {
        let mut ids = Ids::default();
        let id = |n: u32| match n % 3 {
            0 => n.to_string(),
            1 => format!("{n:032x}"),
            _ => format!("{:032x}", u128::from(n) << 90),
        };
        for n in 0..20_000 {
            if n % 10 == 0 {
                ids.add_none();
            }
            assert!(add(&mut ids, &id(n)), "{n}");
        }
        assert!(!(0..20_000).any(|n| add(&mut ids, &id(n))));
    }

    #[test]
    fn a_table_of_every_size_finds_each_id_again() {
        let mut ids = Ids::default();
        let mut sizes = Vec::new();
        for n in 0..1_100_000_u64 {
            let id = [n.wrapping_mul(crate::base::hash::SPREAD) >> 1, n];
            assert!(ids.add(&Key { hash: hash(id), id }).is_some());
            assert!(ids.add(&Key { hash: hash(id), id }).is_none());
            if sizes.last() != Some(&ids.table.slots.len()) {
                sizes.push(ids.table.slots.len());
            }
        }
        let (thousand, million) = (1 << 10, 1 << 20);
        assert_eq!(sizes[..3], [thousand / 4, thousand, 4 * thousand]);
        assert_eq!(sizes[sizes.len() - 3..], [million, million / 2 * 3, 2 * million]);
        let seen = (0..1_100_000_u64).map(|n| [n.wrapping_mul(crate::base::hash::SPREAD) >> 1, n]);
        assert!(!seen.map(|id| Key { hash: hash(id), id }).any(|key| ids.add(&key).is_some()));
        assert!(ids.crowded.into_numbers().len() < 100);
    }

    /// A number by which `by` multiplied is 1.
    fn inverse(by: u64) -> u64 {
        (0..6).fold(by, |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(by.wrapping_mul(inverse))))
    }

    #[test]
    fn ids_made_to_meet_in_one_slot_are_found_all_the_same() {
        let back = inverse(crate::base::hash::SPREAD);
        let made_up = |low: u64| {
            // What the hash does, undone from a hash whose high bits are 0.
            let mixed = ((low & 0xff).wrapping_mul(back) ^ low).rotate_right(29);
            let folded = (mixed.wrapping_mul(back) ^ low ^ low >> 32).rotate_right(29);
            [folded ^ folded >> 32, low]
        };
        let mut ids = Ids::default();
        let made_up: Vec<_> = (0..50_000).map(made_up).filter(|[high, _]| *high != ELSEWHERE).collect();
        for &[high, low] in &made_up {
            assert!(hash([high, low]) < 0x100);
            assert!(add(&mut ids, &format!("{high:016x}{low:016x}")));
        }
        assert!(matches!(ids.table.find(0, |_| false), Place::Crowded));
        assert!(!made_up.iter().any(|[high, low]| add(&mut ids, &format!("{high:016x}{low:016x}"))));
    }
}
