use crate::base::hash::SPREAD;
use crate::base::text::{equal, short_word};

/// The number of a type of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TypeId(u8);

impl TypeId {
    /// Its place among all types.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The types of an app's events, found by their names.
#[derive(Debug)]
pub(super) struct Types {
    names: Vec<Box<str>>,
    /// The types, each at the slot that the hash of its name chooses or after
    /// it; at least four times as many, and as many as a power of two.
    slots: Vec<Option<TypeId>>,
}

impl Types {
    /// Types with these names, of which each is given once and there are at
    /// most 64.
    pub(super) fn new(names: &[String]) -> Types {
        let mut slots = vec![None; (4 * names.len()).next_power_of_two()];
        let last = slots.len() - 1;
        for (place, name) in (0..).zip(names) {
            let mut slot = hash(name.as_bytes());
            while slots[slot & last].is_some() {
                slot += 1;
            }
            slots[slot & last] = Some(TypeId(place));
        }
        Types { names: names.iter().map(|name| name.as_str().into()).collect(), slots }
    }

    /// The type of this name.
    #[inline(never)]
    pub(super) fn find(&self, name: &[u8]) -> Option<TypeId> {
        let last = self.slots.len() - 1;
        let mut slot = hash(name);
        loop {
            let kind = self.slots[slot & last]?;
            if equal(self.name(kind).as_bytes(), name) {
                return Some(kind);
            }
            slot += 1;
        }
    }

    pub(super) fn name(&self, kind: TypeId) -> &str {
        &self.names[kind.index()]
    }

    /// Every type, in the order in which they were given.
    pub(super) fn all(&self) -> impl ExactSizeIterator<Item = TypeId> + use<> {
        // invariant: there are at most 64.
        (0..self.names.len()).map(|place| TypeId(place as u8))
    }
}

/// Many names begin alike, and many end alike; most are told apart by both.
#[inline(always)]
fn hash(name: &[u8]) -> usize {
    let word = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29),
        _ => short_word(name),
    };
    (word.wrapping_mul(SPREAD) >> 48) as usize
}

#[cfg(test)]
mod tests {
    use super::Types;

    #[test]
    fn each_of_many_types_is_found_and_nothing_else() {
        for count in [1, 2, 17, 64] {
            let names: Vec<String> = (0..count).map(|number| format!("Type{number}Event")).collect();
            let types = Types::new(&names);
            for (kind, name) in types.all().zip(&names) {
                assert_eq!((types.find(name.as_bytes()), types.name(kind)), (Some(kind), name.as_str()));
            }
            for other in ["", "Type", "Type0", "Type64Event", "typ0Event"] {
                assert_eq!(types.find(other.as_bytes()), None);
            }
        }
    }
}
