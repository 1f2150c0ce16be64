//! What stands between two values of a document, learned from those before it.
//!
//! Documents of one kind repeat their keys, and mostly in one order. So what
//! was read once from the end of one string, number or word to the beginning
//! of the next (commas, brackets, keys, spaces) is kept as a *step*, with the
//! step that came after it. Where the same bytes stand in the same place of
//! the nesting again, they mean the same, and are not read a second time.

/// The most steps that are learned; a kind of document has some thirty.
const MAX_STEPS: usize = 64;

/// The longest text of a step, in words of eight bytes.
const WORDS: usize = 8;

/// How deep a step may lie: its nesting is the bits of one word.
const MAX_DEPTH: usize = 63;

/// Where a step's text is looked up by how it begins.
const SLOTS: usize = 128;

/// The step before a document's first.
pub(super) const START: usize = 0;

/// A step that was not learned: nothing is known to follow it.
pub(super) const UNKNOWN: usize = 1;

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

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    words: [u64; WORDS],
    masks: [u64; WORDS],
    pub(super) length: usize,
    /// The step that followed it last.
    next: usize,
    pub(super) meaning: Meaning,
}

/// The steps learned so far, after the two that have no text.
#[derive(Debug)]
pub(super) struct Steps {
    steps: Vec<Step>,
    slots: [u8; SLOTS],
}

impl Steps {
    pub(super) fn new() -> Steps {
        let nowhere = Nesting { depth: usize::MAX, objects: 0 };
        let mut steps = Vec::with_capacity(MAX_STEPS);
        steps.push(Step::default());
        steps.push(Step { meaning: Meaning { after: nowhere, ..Meaning::default() }, ..Step::default() });
        Steps { steps, slots: [0; SLOTS] }
    }

    /// Where nothing is learned.
    pub(super) fn none() -> Steps {
        Steps { steps: Vec::new(), slots: [0; SLOTS] }
    }

    #[inline(always)]
    pub(super) fn at(&self, step: usize) -> &Step {
        &self.steps[step]
    }

    /// The step that the text takes at `at`, after the step `here`, if it is known.
    #[inline(always)]
    pub(super) fn follow(&mut self, here: usize, text: &[u8], at: usize) -> Option<usize> {
        let window: &[u8; WORDS * 8] = text.get(at..)?.first_chunk()?;
        let expected = self.steps.get(here)?.next;
        if self.steps.get(expected)?.is_taken(window) {
            return Some(expected);
        }
        self.look_up(here, window)
    }

    #[inline(never)]
    fn look_up(&mut self, here: usize, window: &[u8; WORDS * 8]) -> Option<usize> {
        let other = usize::from(self.slots[slot(word(window, 0))]);
        let step = self.steps.get(other)?;
        if step.meaning.before != self.steps.get(here)?.meaning.after || !step.is_taken(window) {
            return None;
        }
        self.steps[here].next = other;
        Some(other)
    }

    /// Learns a step with this text after the step `here`. It is not known
    /// where it is too long, too deep, or one too many.
    pub(super) fn learn(&mut self, here: usize, text: &[u8], meaning: Meaning) -> usize {
        let depth = meaning.before.depth.max(meaning.after.depth);
        if self.steps.is_empty() || text.is_empty() || text.len() > WORDS * 8 || depth > MAX_DEPTH {
            return UNKNOWN;
        }
        let step = Step::new(text, meaning);
        let is_same = |known: &Step| {
            known.words == step.words && known.length == step.length && known.meaning.before == meaning.before
        };
        let known = self.steps.iter().position(is_same);
        let learned = known.unwrap_or(self.steps.len());
        if learned == MAX_STEPS {
            return UNKNOWN;
        }
        if known.is_none() {
            self.steps.push(step);
        }
        self.slots[slot(step.words[0])] = learned as u8;
        if here != UNKNOWN {
            self.steps[here].next = learned;
        }
        learned
    }
}

impl Step {
    fn new(text: &[u8], meaning: Meaning) -> Step {
        let mut step = Step { length: text.len(), meaning, ..Step::default() };
        for (at, &byte) in text.iter().enumerate() {
            step.words[at / 8] |= u64::from(byte) << (at % 8 * 8);
            step.masks[at / 8] |= 0xff << (at % 8 * 8);
        }
        step
    }

    #[inline(always)]
    fn is_taken(&self, window: &[u8; WORDS * 8]) -> bool {
        let differs = |at: usize| (word(window, at) ^ self.words[at]) & self.masks[at] != 0;
        if differs(0) || differs(1) {
            return false;
        }
        // The steps without a text are never taken.
        self.length.wrapping_sub(1) < 16 || (self.length > 16 && !(2..WORDS).any(differs))
    }
}

#[inline(always)]
fn word(window: &[u8; WORDS * 8], at: usize) -> u64 {
    window[at * 8..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}

/// Six bytes tell most keys apart, and mostly all lie before the value.
#[inline(always)]
fn slot(word: u64) -> usize {
    ((word << 16).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as usize
}
