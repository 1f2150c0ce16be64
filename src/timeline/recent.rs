use crate::catalog::FieldName;
use crate::event::{Answer, Event, EventType};
use crate::scan::Field;
use crate::words::{equal, mix, mix_text};

const COUNT: usize = FieldName::ALL.len();

/// The fields of an event that decide what indicators make of it, in the order
/// of [`FieldName::ALL`].
#[derive(Debug)]
pub(super) struct Fields<'a>([Option<Field<'a>>; COUNT]);

impl<'a> Fields<'a> {
    /// Those of the fields found that decide something and can be used.
    pub(super) fn new(found: &[Option<Field<'a>>; COUNT], decides: &[bool; COUNT]) -> Fields<'a> {
        let mut fields = *found;
        for (name, field) in FieldName::ALL.into_iter().zip(&mut fields) {
            let is_usable = |field: &Field<'_>| {
                decides[name as usize] && (field.is_text() || name == FieldName::Result && field.is_number())
            };
            *field = field.filter(is_usable);
        }
        Fields(fields)
    }

    /// An event that has these fields and no others.
    pub(super) fn event(&self, kind: EventType) -> Event {
        let text = |name: FieldName| Some(Box::from(self.0[name as usize]?.text()?));
        let digits = self.0[FieldName::Result as usize].and_then(Field::number);
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

    /// For each field two bits of how it is written, and its length. `None` if
    /// one is so long that there hardly is another like it.
    fn shape(&self) -> Option<u64> {
        let mut shape = 0;
        for field in &self.0 {
            let part = match field {
                None => 0,
                Some(field) => {
                    let length = u64::try_from(field.as_written().len()).ok()?;
                    let form = if field.is_number() { 3 } else { 1 + u64::from(field.plain().is_none()) };
                    (length < LONG).then_some(length << 2 | form)?
                }
            };
            shape = shape << 16 | part;
        }
        Some(shape)
    }

    fn texts(&self) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().flatten().map(|field| field.as_written())
    }
}

const LONG: u64 = 1 << 12;

/// So many combinations of fields are remembered; one more, and it begins anew.
const MOST: usize = 8_192;

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

    /// `None` for fields that are not worth remembering.
    pub(super) fn key(kind: EventType, fields: &Fields<'_>) -> Option<Key> {
        let shape = fields.shape()?;
        let hash = fields.texts().fold(mix(kind as u64, shape), mix_text);
        Some(Key { kind, shape, hash })
    }

    pub(super) fn class(&self, key: Key, fields: &Fields<'_>) -> Option<u32> {
        for slot in near(key.hash) {
            let met = &self.met[usize::from(self.slots[slot]).checked_sub(1)?];
            let is_same = met.hash == key.hash && met.shape == key.shape && met.kind == key.kind;
            if is_same && met.has(fields) {
                return Some(met.class);
            }
        }
        None
    }

    pub(super) fn keep(&mut self, Key { kind, shape, hash }: Key, fields: &Fields<'_>, class: u32) {
        if self.met.len() == MOST {
            *self = Recent::new();
        }
        if let Some(slot) = near(hash).find(|&slot| self.slots[slot] == 0) {
            let texts = fields.texts().flatten().copied().collect();
            self.met.push(Met { kind, class, shape, hash, texts });
            self.slots[slot] = u16::try_from(self.met.len()).unwrap_or(0);
        }
    }
}

impl Met {
    /// Whether the texts are the same, of which the lengths are.
    fn has(&self, fields: &Fields<'_>) -> bool {
        let mut rest = &*self.texts;
        fields.texts().all(|text| {
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
