use std::borrow::Cow;

use super::class::{Deciding, Found};
use crate::app::{Event, FieldValue, TypeId};
use crate::base::hash::{mix, mix_text};
use crate::base::text::equal;
use crate::scan::Field;

/// An event that has these fields and no others.
pub(super) fn event<'a>(kind: TypeId, found: &Found<'a>, names: &[Deciding]) -> Event<'a> {
    let mut fields = Vec::with_capacity(names.len());
    for name in names {
        let Some(field) = name.usable(found) else { continue };
        let value = match (field.number(), field.boolean()) {
            (Some(digits), _) => FieldValue::Number(digits),
            (None, Some(true)) => FieldValue::Text(Cow::Borrowed("true")),
            (None, Some(false)) => FieldValue::Text(Cow::Borrowed("false")),
            (None, None) => FieldValue::Text(field.text().unwrap_or_default()),
        };
        fields.push((name.field, value));
    }
    Event::new(kind, fields)
}

/// How a field is written, in two bits, and its length are less than 16 bits.
const MIN_UNCACHED_BYTES: usize = 1 << 12;

/// So many fields have their forms in the word that is compared first; of more
/// each form is kept before its text.
const FEW_FIELDS: usize = 4;

/// So many combinations of fields are remembered at most; one more, and it
/// begins anew.
const MAX_ENTRIES: usize = 16_384;

/// No more bytes of texts are kept, however long they are.
const MAX_TEXT_BYTES_KEPT: usize = 1 << 20;

/// A small home has few.
const MIN_SLOTS: usize = 256;

/// How far from its own slot one may be: made-up texts are no more work.
const REACH: usize = 32;

/// The classes of the combinations of fields that were met lately.
#[derive(Debug)]
pub(super) struct ClassCache {
    met: Vec<CachedClass>,
    /// What the fields of those hold, one after the other.
    texts: Vec<u8>,
    /// The place of one in the list and one, or 0; twice as many as there are
    /// places, so that one is found near its own slot.
    slots: Vec<u16>,
}

#[derive(Debug)]
struct CachedClass {
    kind: TypeId,
    class: u32,
    shape: u64,
    hash: u64,
    /// Where its texts begin.
    texts: u32,
}

/// Where to look for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    kind: TypeId,
    shape: u64,
    hash: u64,
}

impl ClassCache {
    pub(super) fn new() -> ClassCache {
        ClassCache { met: Vec::new(), texts: Vec::new(), slots: vec![0; MIN_SLOTS] }
    }

    /// What the fields that decide are, of an event of this type. For each two
    /// bits of how it is written, and its length. `None` if one is so long that
    /// there hardly is another like it.
    #[inline(always)]
    pub(super) fn key(kind: TypeId, found: &Found<'_>, names: &[Deciding]) -> Option<Key> {
        let (mut shape, mut hash) = (0_u64, kind.index() as u64);
        for name in names {
            shape = shape.rotate_left(16);
            if let Some(field) = name.usable(found) {
                let text = field.as_written();
                if text.len() >= MIN_UNCACHED_BYTES {
                    return None;
                }
                shape ^= u64::from(form(field));
                hash = mix_text(hash, text);
            }
        }
        Some(Key { kind, shape, hash: mix(hash, shape) })
    }

    #[inline(always)]
    pub(super) fn class(&self, key: Key, found: &Found<'_>, names: &[Deciding]) -> Option<u32> {
        for slot in self.near(key.hash) {
            let met = &self.met[usize::from(self.slots[slot]).checked_sub(1)?];
            let is_same = met.hash == key.hash && met.shape == key.shape && met.kind == key.kind;
            if is_same && self.has(met, found, names) {
                return Some(met.class);
            }
        }
        None
    }

    pub(super) fn keep(&mut self, key: Key, found: &Found<'_>, names: &[Deciding], class: u32) {
        if self.met.len() == MAX_ENTRIES || self.texts.len() > MAX_TEXT_BYTES_KEPT {
            *self = ClassCache::new();
        }
        if self.slots.len() < 2 * (self.met.len() + 1) {
            self.grow();
        }
        let Key { kind, shape, hash } = key;
        if let Some(slot) = self.near(hash).find(|&slot| self.slots[slot] == 0) {
            let texts = self.texts.len() as u32;
            for name in names {
                let field = name.usable(found);
                if names.len() > FEW_FIELDS {
                    self.texts.extend_from_slice(&field.map_or(0, form).to_le_bytes());
                }
                self.texts.extend_from_slice(field.map_or(&[], |field| field.as_written()));
            }
            self.met.push(CachedClass { kind, class, shape, hash, texts });
            self.slots[slot] = self.met.len() as u16;
        }
    }

    #[inline(never)]
    fn grow(&mut self) {
        self.slots = vec![0; 4 * self.slots.len()];
        for place in 0..self.met.len() {
            // One that finds no slot is not known any more.
            let slot = self.near(self.met[place].hash).find(|&slot| self.slots[slot] == 0);
            if let Some(slot) = slot {
                self.slots[slot] = place as u16 + 1;
            }
        }
    }

    /// Whether the texts are the same, of which, if they are few, the lengths are.
    #[inline(always)]
    fn has(&self, met: &CachedClass, found: &Found<'_>, names: &[Deciding]) -> bool {
        let mut rest = self.texts.get(met.texts as usize..).unwrap_or_default();
        let mut take = |length: usize| {
            let (own, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = after;
            own
        };
        names.iter().all(|name| {
            let field = name.usable(found);
            if names.len() > FEW_FIELDS && take(size_of::<u16>()) != field.map_or(0, form).to_le_bytes() {
                return false;
            }
            field.is_none_or(|field| equal(take(field.as_written().len()), field.as_written()))
        })
    }

    /// The slots in which one with this hash can be.
    #[inline(always)]
    fn near(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        // As many as a power of two.
        let last = self.slots.len() - 1;
        let own = (hash >> 32) as usize;
        (own..own + REACH).map(move |slot| slot & last)
    }
}

/// The length of a field's text and how it is written; 0 is for one that is absent.
#[inline(always)]
fn form(field: Field<'_>) -> u16 {
    // invariant: it is shorter than MIN_UNCACHED_BYTES.
    (field.as_written().len() as u16) << 2 | field.form()
}
