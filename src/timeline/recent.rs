use super::class::Found;
use crate::catalog::FieldName;
use crate::event::{Answer, Event, EventType};
use crate::scan::Field;
use crate::words::{equal, mix, mix_text};

/// What an indicator can use of a field.
fn usable<'a>(name: FieldName, found: &Found<'a>) -> Option<Field<'a>> {
    let is_usable = |field: &Field<'_>| field.is_text() || name == FieldName::Result && field.is_number();
    found[name as usize].filter(is_usable)
}

/// An event that has these fields and no others.
pub(super) fn event(kind: EventType, found: &Found<'_>, names: &[FieldName]) -> Event {
    let field = |name: FieldName| usable(name, found).filter(|_| names.contains(&name));
    let text = |name: FieldName| Some(Box::from(field(name)?.text()?));
    let digits = field(FieldName::Result).and_then(Field::number);
    Event {
        kind,
        target: text(FieldName::Target),
        context: text(FieldName::Context),
        result: match digits {
            Some(digits) => Some(Answer::Number(digits.into())),
            None => text(FieldName::Result).map(Answer::Text),
        },
        start_date: text(FieldName::StartDate),
    }
}

/// The shapes of four fields are 64 bits.
const LONG: usize = 1 << 12;

/// So many combinations of fields are remembered; one more, and it begins anew.
const MOST: usize = 2_048;

/// Twice the most, so that one is found near its own slot.
const SLOTS: usize = 2 * MOST;

/// How far from its own slot one may be: made-up texts are no more work.
const REACH: usize = 32;

/// The classes of the combinations of fields that were met lately.
#[derive(Debug)]
pub(super) struct Recent {
    met: Vec<Met>,
    /// The place of one in the list and one, or 0.
    slots: Vec<u16>,
}

#[derive(Debug)]
struct Met {
    kind: EventType,
    class: u32,
    shape: u64,
    hash: u64,
    texts: Box<[u8]>,
}

/// Where to look for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    kind: EventType,
    shape: u64,
    hash: u64,
}

impl Recent {
    pub(super) fn new() -> Recent {
        Recent { met: Vec::new(), slots: vec![0; SLOTS] }
    }

    /// What the fields that decide are, of an event of this type. For each two
    /// bits of how it is written, and its length. `None` if one is so long that
    /// there hardly is another like it.
    #[inline(always)]
    pub(super) fn key(kind: EventType, found: &Found<'_>, names: &[FieldName]) -> Option<Key> {
        let (mut shape, mut hash) = (0, kind as u64);
        for &name in names {
            shape <<= 16;
            if let Some(field) = usable(name, found) {
                let text = field.as_written();
                let form = if field.is_number() { 3 } else { 1 + u64::from(field.plain().is_none()) };
                if text.len() >= LONG {
                    return None;
                }
                shape |= (text.len() as u64) << 2 | form;
                hash = mix_text(hash, text);
            }
        }
        Some(Key { kind, shape, hash: mix(hash, shape) })
    }

    #[inline(always)]
    pub(super) fn class(&self, key: Key, found: &Found<'_>, names: &[FieldName]) -> Option<u32> {
        for slot in near(key.hash) {
            let met = &self.met[usize::from(self.slots[slot]).checked_sub(1)?];
            let is_same = met.hash == key.hash && met.shape == key.shape && met.kind == key.kind;
            if is_same && met.has(found, names) {
                return Some(met.class);
            }
        }
        None
    }

    pub(super) fn keep(&mut self, key: Key, found: &Found<'_>, names: &[FieldName], class: u32) {
        if self.met.len() == MOST {
            *self = Recent::new();
        }
        let Key { kind, shape, hash } = key;
        if let Some(slot) = near(hash).find(|&slot| self.slots[slot] == 0) {
            let texts = names.iter().filter_map(|&name| usable(name, found));
            let texts = texts.flat_map(Field::as_written).copied().collect();
            self.met.push(Met { kind, class, shape, hash, texts });
            self.slots[slot] = u16::try_from(self.met.len()).unwrap_or(0);
        }
    }
}

impl Met {
    /// Whether the texts are the same, of which the lengths are.
    #[inline(always)]
    fn has(&self, found: &Found<'_>, names: &[FieldName]) -> bool {
        let mut rest = &*self.texts;
        names.iter().filter_map(|&name| usable(name, found)).all(|field| {
            let text = field.as_written();
            let (own, after) = rest.split_at_checked(text.len()).unwrap_or((rest, &[]));
            rest = after;
            equal(own, text)
        })
    }
}

/// The slots in which one with this hash can be.
fn near(hash: u64) -> impl Iterator<Item = usize> {
    let own = usize::try_from(hash >> 32).unwrap_or(0) >> (32 - SLOTS.ilog2());
    (own..own + REACH).map(|slot| slot % SLOTS)
}
