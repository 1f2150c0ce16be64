//! Several steps in one go, and the values between them.
//!
//! Most documents of one kind differ only in some strings, and many of those
//! have always the same length: ids, dates. So from steps that follow each
//! other a *leap* is made: their text, with holes where strings stand. Where a
//! text is the same as the leap's around the holes, and plain in them, it
//! means what the steps mean.

use super::block::{self, Block};
use super::field::{Field, Kind, keep};
use crate::base::text::equal;

/// The longest text of a leap.
const MAX_LEAP_BYTES: usize = 512;

/// The longest text beyond ASCII that a leap goes over, where it never changes.
const MAX_CONSTANT_BYTES: usize = 96;

/// So many documents may be other than a leap says until it is given up.
const MAX_FAILURES: u8 = 16;

#[derive(Debug)]
pub(super) struct Leap {
    parts: Vec<Part>,
    /// Ends with the leap, and so may begin in the part before.
    last_part: Part,
    pub(super) length: usize,
    fields: Vec<Place>,
    /// The last of its steps.
    pub(super) last: usize,
    failures: u8,
}

/// A block of a leap.
#[derive(Debug)]
struct Part {
    text: Block,
    /// Where it is within a string; elsewhere the text is always the same.
    inside: Block,
}

impl Part {
    /// What cannot stand in it.
    #[inline(always)]
    fn wrong(&self, bytes: &[u8; block::BYTES]) -> Block {
        let bytes = Block::new(bytes);
        bytes.specials().or_where_not(self.inside, bytes.xor(self.text))
    }
}

/// Where the value of a name stands.
#[derive(Debug)]
struct Place {
    name: u8,
    kind: Kind,
    /// Of a string without its quotes.
    begin: usize,
    end: usize,
}

/// What a leap says of a value: of a string in ASCII how long it is, of another
/// its text.
#[derive(Debug)]
pub(super) struct Value {
    kind: Kind,
    length: usize,
    /// As written; none of a string in ASCII.
    text: Vec<u8>,
}

impl Value {
    /// `None` for a value that a leap cannot go over.
    pub(super) fn new(kind: Kind, written: &[u8]) -> Option<Value> {
        let most = match kind {
            Kind::Plain if written.is_ascii() => 0,
            Kind::Plain => MAX_CONSTANT_BYTES,
            Kind::Escaped | Kind::Nested => return None,
            _ => size_of::<u64>(),
        };
        let is_constant = most > 0;
        if is_constant && written.len() > most {
            return None;
        }
        let text = if is_constant { written.to_vec() } else { Vec::new() };
        Some(Value { kind, length: written.len(), text })
    }

    /// Whether a leap that goes over this value goes over that one.
    pub(super) fn is_like(&self, kind: Kind, written: &[u8]) -> bool {
        let is_same = if self.text.is_empty() { written.is_ascii() } else { equal(&self.text, written) };
        self.kind == kind && self.length == written.len() && is_same
    }
}

/// A leap that is being made: its text, and which of it is within strings.
#[derive(Debug)]
pub(super) struct Draft {
    text: Vec<u8>,
    inside: Vec<u8>,
    fields: Vec<Place>,
}

impl Draft {
    pub(super) fn new(step: &[u8]) -> Draft {
        Draft { text: step.to_vec(), inside: vec![0; step.len()], fields: Vec::new() }
    }

    /// Goes over a value, and over the step behind it; not if that is too far.
    pub(super) fn go_over(&mut self, name: Option<u8>, value: &Value, step: &[u8]) -> bool {
        let begin = self.text.len();
        if begin + value.length + step.len() > MAX_LEAP_BYTES {
            return false;
        }
        if value.text.is_empty() {
            self.fixed(b"\"");
            self.text.resize(self.text.len() + value.length - 2, 0);
            self.inside.resize(self.text.len(), 0xff);
            self.fixed(b"\"");
        } else {
            self.fixed(&value.text);
        }
        let (end, quote) = (self.text.len(), usize::from(value.kind == Kind::Plain));
        let place = |name| Place { name, kind: value.kind, begin: begin + quote, end: end - quote };
        self.fields.extend(name.map(place));
        self.fixed(step);
        true
    }

    fn fixed(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.inside.resize(self.text.len(), 0);
    }

    /// The leap that ends with this step; none if it is shorter than a block.
    pub(super) fn finish(self, last: usize) -> Option<Leap> {
        let part = |text: &[u8; block::BYTES], inside: &[u8; block::BYTES]| Part {
            text: Block::new(text),
            inside: Block::new(inside),
        };
        let whole = self.text.as_chunks().0.iter().zip(self.inside.as_chunks().0);
        Some(Leap {
            parts: whole.map(|(text, inside)| part(text, inside)).collect(),
            last_part: part(self.text.last_chunk()?, self.inside.last_chunk()?),
            length: self.text.len(),
            fields: self.fields,
            last,
            failures: 0,
        })
    }
}

impl Leap {
    /// Where it leads to, if the text takes it at `at`; keeps the fields it goes over.
    #[inline(always)]
    pub(super) fn end<'a>(
        &self,
        text: &'a [u8],
        at: usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Option<usize> {
        let rest = text.get(at..)?.get(..self.length)?;
        let wrong = self.last_part.wrong(rest.last_chunk()?);
        let parts = self.parts.iter().zip(rest.as_chunks().0);
        let wrong = parts.fold(wrong, |wrong, (part, bytes)| wrong.or(part.wrong(bytes)));
        if !wrong.is_zero() {
            return None;
        }
        for &Place { name, kind, begin, end } in &self.fields {
            keep(fields, name, Field::inner(kind, &rest[begin..end]));
        }
        Some(at + self.length)
    }

    /// Notes that a text did not take it; gives whether that was often enough.
    pub(super) fn is_given_up(&mut self) -> bool {
        self.failures += 1;
        self.failures == MAX_FAILURES
    }
}
