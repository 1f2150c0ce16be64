//! What stands between two values of a document, learned from those before it.
//!
//! Documents of one kind repeat their keys, and mostly in one order. So what
//! was read once from the end of one string, number or word to the beginning
//! of the next (commas, brackets, keys, spaces) is kept as a *step*, with the
//! step that came after it. Where the same bytes stand in the same place of
//! the nesting again, they mean the same, and are not read a second time.
//!
//! Now and then the values behind the steps are noted for some documents, and
//! steps whose values did not change are put together to [leaps](super::leap).

use super::block::{self, Block};
use super::field::{Field, Kind};
use super::leap::{Draft, Leap, Value};
use crate::base::hash::SPREAD;

/// The most steps that are learned; a kind of document has some thirty.
const MAX_STEPS: usize = 64;

/// The longest text of a step.
const MAX_STEP_BYTES: usize = 64;

/// After so many documents leaps are made anew: homes change their habits.
const PERIOD: u32 = if ARE_FEW { 16 } else { 16_384 };

/// The values of so many documents are noted before.
const NOTED: u32 = if ARE_FEW { 4 } else { 32 };

/// Tests have few documents.
const ARE_FEW: bool = cfg!(any(test, fuzzing));

/// How deep a step may lie: its nesting is the bits of one word.
const MAX_DEPTH: usize = 63;

/// Where a step's text is looked up by how it begins.
const SLOTS: usize = 128;

/// The step before a document's first.
pub(super) const START: usize = 0;

/// A step that was not learned: nothing is known to follow it.
pub(super) const UNKNOWN: usize = 1;

/// Stands for whatever led to the end of an array or object that was skipped,
/// in the object that is the document.
pub(super) const SKIPPED: usize = 2;

/// A place in the nesting: how deep, and which of the levels are objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    pub(super) depth: usize,
    pub(super) objects: u64,
}

/// What a step's text means where it was learned.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meaning {
    pub(super) before: Nesting,
    pub(super) after: Nesting,
    /// The name whose value follows, as its position among the names.
    pub(super) name: Option<u8>,
    /// Nothing follows: the document is over.
    pub(super) is_last: bool,
}

#[derive(Debug)]
pub(super) struct Step {
    text: [u8; MAX_STEP_BYTES],
    mask: [u8; MAX_STEP_BYTES],
    pub(super) length: usize,
    /// The step that mostly followed it; none is `START`.
    pub(super) next: usize,
    /// Another that followed it last, as where a field is sometimes absent.
    other: usize,
    pub(super) meaning: Meaning,
    /// The value that stood behind it last, and how often that changed.
    value: Option<Value>,
    changes: u8,
    /// What begins with this step.
    leap: Option<Leap>,
}

/// The steps learned so far, after the three that have no text.
#[derive(Debug)]
pub(super) struct Steps {
    steps: Vec<Step>,
    slots: [u8; SLOTS],
    /// How many documents of this period were begun.
    documents: u32,
    /// Values are noted.
    pub(super) is_noting: bool,
}

impl Steps {
    pub(super) fn new() -> Steps {
        let nowhere = Nesting { depth: usize::MAX, objects: 0 };
        let mut steps = Vec::with_capacity(MAX_STEPS);
        steps.push(Step::new(&[], Meaning::default()));
        steps.push(Step::new(&[], Meaning { after: nowhere, ..Meaning::default() }));
        let document = Nesting { depth: 1, objects: 1 };
        steps.push(Step::new(&[], Meaning { after: document, ..Meaning::default() }));
        Steps { steps, ..Steps::none() }
    }

    /// Where nothing is learned.
    pub(super) fn none() -> Steps {
        Steps { steps: Vec::new(), slots: [0; SLOTS], documents: 0, is_noting: false }
    }

    /// Whether steps are learned.
    pub(super) fn is_learning(&self) -> bool {
        !self.steps.is_empty()
    }

    #[inline(always)]
    pub(super) fn at(&self, step: usize) -> &Step {
        &self.steps[step]
    }

    /// A document begins.
    #[inline(always)]
    pub(super) fn begin(&mut self) {
        match self.documents {
            0 => self.begin_noting(),
            NOTED => self.make_leaps(),
            _ => {}
        }
        self.documents = (self.documents + 1) % PERIOD;
    }

    /// The step that is expected after another one; none is `START`.
    #[inline(always)]
    pub(super) fn next(&self, step: usize) -> usize {
        self.steps.get(step).map_or(START, |step| step.next)
    }

    /// Another step that may follow; none is `START`.
    #[inline(always)]
    pub(super) fn other(&mut self, step: usize) -> usize {
        let Some(step) = self.steps.get_mut(step) else { return START };
        if self.is_noting && step.other != START {
            // What leaps are made of is what mostly follows, not what did first.
            std::mem::swap(&mut step.next, &mut step.other);
            return step.next;
        }
        step.other
    }

    /// Goes over the expected step and those that mostly follow it, if the
    /// text takes them: gives the last of them and where it leads to.
    #[inline(always)]
    pub(super) fn follow<'a>(
        &mut self,
        expected: usize,
        text: &'a [u8],
        at: usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Option<(usize, usize)> {
        if expected <= SKIPPED {
            return None;
        }
        let step = self.steps.get_mut(expected)?;
        if let Some(leap) = &step.leap
            && let Some(end) = leap.end(text, at, fields)
        {
            return Some((leap.last, end));
        }
        let window = text.get(at..)?.first_chunk()?;
        if !step.is_taken(window) {
            return None;
        }
        if step.leap.is_some() {
            step.doubt_leap(text.len() - at);
        }
        Some((expected, at + step.length))
    }

    /// Another step that the text takes after the step `here`, if it is known.
    pub(super) fn look_up(&mut self, here: usize, text: &[u8], at: usize) -> Option<usize> {
        let window = text.get(at..)?.first_chunk()?;
        let other = usize::from(self.slots[slot(window)]);
        if other <= SKIPPED {
            return None;
        }
        let step = self.steps.get(other)?;
        if step.meaning.before != self.steps.get(here)?.meaning.after || !step.is_taken(window) {
            return None;
        }
        self.steps[here].follows(other);
        Some(other)
    }

    /// Learns a step with this text after the step `here`. It is not known
    /// where it is too long, too deep, or one too many.
    pub(super) fn learn(&mut self, here: usize, text: &[u8], meaning: Meaning) -> usize {
        let depth = meaning.before.depth.max(meaning.after.depth);
        if self.steps.is_empty() || text.is_empty() || text.len() > MAX_STEP_BYTES || depth > MAX_DEPTH {
            return UNKNOWN;
        }
        let is_same = |known: &Step| known.meaning.before == meaning.before && known.text() == text;
        let known = self.steps.iter().position(is_same);
        let learned = known.unwrap_or(self.steps.len());
        if learned == MAX_STEPS {
            return UNKNOWN;
        }
        if known.is_none() {
            self.steps.push(Step::new(text, meaning));
        }
        let mut window = [0; MAX_STEP_BYTES];
        window[..text.len()].copy_from_slice(text);
        self.slots[slot(&window)] = learned as u8;
        if here != UNKNOWN {
            self.steps[here].follows(learned);
        }
        learned
    }

    #[inline(never)]
    fn begin_noting(&mut self) {
        self.is_noting = true;
        for step in &mut self.steps {
            // A leap would go over what is to be noted.
            (step.value, step.changes, step.leap) = (None, 0, None);
        }
    }

    /// Notes what value stands behind a step.
    #[inline(never)]
    pub(super) fn note(&mut self, step: usize, kind: Kind, written: &[u8]) {
        if let Some(step) = self.steps.get_mut(step)
            && !step.value.as_ref().is_some_and(|value| value.is_like(kind, written))
        {
            step.changes = step.changes.saturating_add(1);
            step.value = Value::new(kind, written);
        }
    }

    #[inline(never)]
    fn make_leaps(&mut self) {
        self.is_noting = false;
        for step in 0..self.steps.len() {
            self.steps[step].leap = self.leap_from(step);
        }
    }

    /// The steps from this one on, as long as the values behind them never changed.
    fn leap_from(&self, first: usize) -> Option<Leap> {
        let mut step = &self.steps[first];
        let mut draft = Draft::new(step.text());
        let mut last = first;
        while let Some(value) = step.value.as_ref().filter(|_| step.changes == 1) {
            let next = &self.steps[step.next];
            if step.next == START || !draft.go_over(step.meaning.name, value, next.text()) {
                break;
            }
            (last, step) = (step.next, next);
        }
        if last == first { None } else { draft.finish(last) }
    }
}

impl Step {
    fn new(text: &[u8], meaning: Meaning) -> Step {
        let mut step = Step {
            text: [0; MAX_STEP_BYTES],
            mask: [0; MAX_STEP_BYTES],
            length: text.len(),
            next: START,
            other: START,
            meaning,
            value: None,
            changes: 0,
            leap: None,
        };
        step.text[..text.len()].copy_from_slice(text);
        step.mask[..text.len()].fill(0xff);
        step
    }

    /// Notes that another step than the known ones followed. The expected one
    /// stays known: where two are in turn, neither has to be looked up.
    fn follows(&mut self, step: usize) {
        if self.next != step {
            self.other = self.next;
            self.next = step;
        }
    }

    /// Notes that a text of this length took the step and not the leap.
    #[inline(never)]
    fn doubt_leap(&mut self, length: usize) {
        self.leap.take_if(|leap| leap.length <= length && leap.is_given_up());
    }

    fn text(&self) -> &[u8] {
        &self.text[..self.length]
    }

    /// Whether the window begins with its text.
    #[inline(always)]
    fn is_taken(&self, window: &[u8; MAX_STEP_BYTES]) -> bool {
        let block = |bytes: &[u8; MAX_STEP_BYTES], at: usize| {
            bytes[at * block::BYTES..].first_chunk().map_or(Block::ZERO, Block::new)
        };
        let is_same =
            |at: usize| block(window, at).xor(block(&self.text, at)).and(block(&self.mask, at)).is_zero();
        is_same(0) && (self.length <= block::BYTES || (1..MAX_STEP_BYTES / block::BYTES).all(is_same))
    }
}

/// Six bytes tell most keys apart, and mostly all lie before the value.
#[inline(always)]
fn slot(window: &[u8; MAX_STEP_BYTES]) -> usize {
    let word = window.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    ((word << 16).wrapping_mul(SPREAD) >> 57) as usize
}
