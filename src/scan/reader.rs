//! The grammar of JSON: where a value ends, and what its fields are.

use std::borrow::Cow;

use super::field::{Field, Kind, keep, unescaped};
use super::names::Names;
use super::step::{Meaning, Nesting, SKIPPED, START, Steps, UNKNOWN};
use super::{number, string};
use crate::limits::MAX_DEPTH;

/// Why a text is not a whole value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It ends inside the value.
    Cut,
    /// The byte at this place cannot stand there.
    Wrong(usize),
    /// Here begins an array or object deeper than any document has.
    Deep(usize),
    /// Here stands a value of another kind than the one needed.
    Other(usize),
    /// There is more of it than is kept.
    TooLarge,
}

impl Stop {
    /// The same in a text that begins so many bytes later.
    pub(super) fn back(self, bytes: usize) -> Stop {
        match self {
            Stop::Wrong(at) => Stop::Wrong(at.saturating_sub(bytes)),
            Stop::Deep(at) => Stop::Deep(at.saturating_sub(bytes)),
            Stop::Other(at) => Stop::Other(at.saturating_sub(bytes)),
            Stop::Cut | Stop::TooLarge => self,
        }
    }
}

/// Reads values, each in one piece of text, and keeps the fields of some names.
#[derive(Debug)]
pub(super) struct Reader<'n> {
    pub(super) names: Names<'n>,
    steps: Steps,
    /// A line break is no space: it ends a line of NDJSON.
    pub(super) is_line: bool,
    /// No more text follows.
    pub(super) is_all: bool,
    /// A line break stood where a space may; where the first one did, until
    /// that is taken.
    pub(super) has_breaks: bool,
    pub(super) first_break: Option<usize>,
    /// The place of the first array that is the value of the first name, and
    /// how many such arrays there are.
    pub(super) array: Option<usize>,
    pub(super) arrays: usize,
    depth: usize,
    /// Which of the levels are objects, a bit for each.
    objects: [u64; MAX_DEPTH.div_ceil(64)],
    /// The name whose value is next, as its position among the names.
    name: Option<u8>,
    /// The name whose value is the array or object being read, and its place.
    nested: Option<(u8, usize)>,
    /// A name's value that is an array or object began since the last scalar.
    has_nested: bool,
    /// A value is expected, rather than what follows one.
    is_value_next: bool,
    /// Where the document begins.
    document: usize,
    /// How far a document was skipped that the end of the text cuts.
    skipped: Option<Skipped>,
}

/// From so many bytes of a document on, what lies in an array or object of it
/// is skipped: there is more of it than is worth learning.
const FAR: usize = if cfg!(any(test, fuzzing)) { 32 } else { 640 };

/// How far something in a document was skipped, from the document's beginning.
/// When there is more of the text, this is not read again.
#[derive(Debug)]
struct Skipped {
    from: usize,
    to: usize,
    /// The place in the nesting that this is.
    depth: usize,
    objects: [u64; MAX_DEPTH.div_ceil(64)],
    /// What stands there.
    part: Part,
}

/// What follows commas, brackets, keys and spaces.
enum Next {
    /// A string, a number or a word begins here.
    Scalar(usize),
    /// Nothing: the value ended here.
    End(usize),
}

/// What stands at a place of what is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A key, maybe behind spaces; not the end of its object.
    Key,
    /// A value, maybe behind spaces; not the end of its array.
    Value,
    /// What follows a value.
    After,
}

impl<'n> Reader<'n> {
    /// A reader of a single value, or of few.
    pub(super) fn new(names: Names<'n>) -> Self {
        Self::with(names, Steps::none())
    }

    /// A reader of single values whose text is all there.
    pub(super) fn of_all(names: Names<'n>) -> Self {
        Reader { is_all: true, ..Reader::new(names) }
    }

    /// A reader of many values that are alike.
    pub(super) fn of_many(names: Names<'n>) -> Self {
        Self::with(names, Steps::new())
    }

    fn with(names: Names<'n>, steps: Steps) -> Self {
        Reader {
            names,
            steps,
            is_line: false,
            is_all: false,
            has_breaks: false,
            first_break: None,
            array: None,
            arrays: 0,
            depth: 0,
            objects: [0; MAX_DEPTH.div_ceil(64)],
            name: None,
            nested: None,
            has_nested: false,
            is_value_next: true,
            document: 0,
            skipped: None,
        }
    }

    /// Reads the value at `start`; gives its end. If it is an object, its
    /// fields of the reader's names are put into `fields`. Where the text cuts
    /// it, the same value is read next, with more text behind it.
    #[inline(always)]
    pub(super) fn value<'a>(
        &mut self,
        text: &'a [u8],
        start: usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<usize, Stop> {
        let end = self.value_at(text, start, fields);
        if self.skipped.is_some() && end != Err(Stop::Cut) {
            self.skipped = None;
        }
        end
    }

    #[inline(never)]
    fn value_at<'a>(
        &mut self,
        text: &'a [u8],
        start: usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<usize, Stop> {
        let mut at = start;
        let mut here = START;
        self.begin(start);
        self.steps.begin();
        let mut expected = self.steps.next(START);
        loop {
            let name;
            // The expected step, or the other that may follow.
            let mut is_other = false;
            let followed = loop {
                let followed = self.steps.follow(expected, text, at, fields);
                if followed.is_some() || is_other {
                    break followed;
                }
                (expected, is_other) = (self.steps.other(here), true);
            };
            if let Some((last, end)) = followed {
                (here, at) = (last, end);
                let step = self.steps.at(here);
                if step.meaning.is_last {
                    return Ok(at);
                }
                (name, expected) = (step.meaning.name, step.next);
            } else {
                match self.unexpected(here, text, at, fields)? {
                    (Next::End(end), _) => return Ok(end),
                    (Next::Scalar(scalar), step) => (at, here) = (scalar, step),
                }
                (name, expected) = (self.name, self.steps.next(here));
            }
            if at - start > FAR
                && let Some(end) = self.far(here, text, at)?
            {
                at = end;
                (here, expected) = (SKIPPED, self.steps.next(SKIPPED));
                if !self.steps.is_learning() {
                    here = UNKNOWN;
                }
                continue;
            }
            let (end, kind) = if let Some(end) = string::plain_end(text, at) {
                (end, Kind::Plain)
            } else if is_null(text, at) {
                (at + 4, Kind::Null)
            } else {
                match self.scalar(text, at)? {
                    Some(scalar) => scalar,
                    None => {
                        // A step led here; where it was learned stood a scalar.
                        self.enter(here, name);
                        (here, expected) = (UNKNOWN, START);
                        continue;
                    }
                }
            };
            if self.steps.is_noting {
                self.steps.note(here, kind, &text[at..end]);
            }
            if let Some(name) = name {
                keep(fields, name, Field::written(kind, &text[at..end]));
            }
            at = end;
        }
    }

    /// The end of a scalar, and what it is; `None` if something else is there.
    #[inline(never)]
    fn scalar(&self, text: &[u8], at: usize) -> Result<Option<(usize, Kind)>, Stop> {
        Ok(Some(match text.get(at) {
            Some(b'"') => {
                let quoted = string::skip(text, at + 1)?;
                (quoted.end + 1, if quoted.is_escaped { Kind::Escaped } else { Kind::Plain })
            }
            Some(b'n') => (word(text, at, b"null")?, Kind::Null),
            Some(b't') => (word(text, at, b"true")?, Kind::True),
            Some(b'f') => (word(text, at, b"false")?, Kind::False),
            Some(b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n') => return Ok(None),
            Some(_) => (number::skip(text, at, self.is_all)?, Kind::Number),
            None => return Err(Stop::Cut),
        }))
    }

    fn begin(&mut self, start: usize) {
        self.document = start;
        self.depth = 0;
        self.name = None;
        self.nested = None;
        self.array = None;
        self.arrays = 0;
        self.is_value_next = true;
    }

    /// Takes over the place in the nesting that a step led to.
    fn enter(&mut self, here: usize, name: Option<u8>) {
        let Nesting { depth, objects } = self.steps.at(here).meaning.after;
        self.depth = depth;
        self.objects[0] = objects;
        self.name = name;
        self.is_value_next = true;
    }

    /// Goes where another step leads than the expected one: one that is known,
    /// or one that is now read and learned.
    #[inline(never)]
    fn unexpected<'a>(
        &mut self,
        here: usize,
        text: &'a [u8],
        at: usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<(Next, usize), Stop> {
        if let Some(known) = self.steps.look_up(here, text, at) {
            let step = self.steps.at(known);
            self.name = step.meaning.name;
            let end = at + step.length;
            return Ok((if step.meaning.is_last { Next::End(end) } else { Next::Scalar(end) }, known));
        }
        if here != START && here != UNKNOWN {
            self.enter(here, None);
            self.is_value_next = false;
        }
        let before = self.nesting();
        let can_learn = self.nested.is_none() && (here == START || !self.is_value_next);
        self.has_nested = false;
        let next = self.walk(text, at, fields)?;
        let (Next::Scalar(end) | Next::End(end)) = next;
        // A bracket that opens an array can be followed by the one that closes it.
        if !can_learn || self.has_nested || text[at..end].trim_ascii_end().ends_with(b"[") {
            return Ok((next, UNKNOWN));
        }
        let meaning =
            Meaning { before, after: self.nesting(), name: self.name, is_last: matches!(next, Next::End(_)) };
        Ok((next, self.steps.learn(here, &text[at..end], meaning)))
    }

    fn nesting(&self) -> Nesting {
        let levels = u32::try_from(self.depth).ok().and_then(|depth| 1_u64.checked_shl(depth));
        Nesting { depth: self.depth, objects: levels.map_or(0, |levels| self.objects[0] & (levels - 1)) }
    }

    /// Reads commas, brackets, keys and spaces.
    fn walk<'a>(
        &mut self,
        text: &'a [u8],
        start: usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<Next, Stop> {
        let mut at = start;
        loop {
            if !self.is_value_next && self.depth == 0 {
                return Ok(Next::End(at));
            }
            at = self.space(text, at);
            let byte = *text.get(at).ok_or(Stop::Cut)?;
            match byte {
                b'{' | b'[' if self.is_value_next => {
                    let is_object = byte == b'{';
                    self.open(at, is_object)?;
                    at = self.space(text, at + 1);
                    match text.get(at) {
                        Some(b'}') if is_object => at = self.close(text, at, fields),
                        Some(b']') if !is_object => at = self.close(text, at, fields),
                        // Nothing in it is asked for.
                        _ if self.nested.is_some() => {
                            let end = self.skip(text, at, if is_object { Part::Key } else { Part::Value })?;
                            self.depth = 2;
                            at = self.close(text, end - 1, fields);
                        }
                        _ if is_object => at = self.key(text, at)?,
                        _ => {}
                    }
                }
                b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' if self.is_value_next => {
                    self.is_value_next = false;
                    return Ok(Next::Scalar(at));
                }
                b',' if !self.is_value_next => {
                    self.is_value_next = true;
                    self.name = None;
                    at = self.space(text, at + 1);
                    if self.is_in_object() {
                        at = self.key(text, at)?;
                    }
                }
                b'}' if !self.is_value_next && self.is_in_object() => at = self.close(text, at, fields),
                b']' if !self.is_value_next && !self.is_in_object() => at = self.close(text, at, fields),
                _ => return Err(Stop::Wrong(at)),
            }
        }
    }

    /// Skips what is left of the array or object in which a value begins at
    /// `at`, far into the document, and those around it; `None` if that is the
    /// document.
    #[inline(never)]
    fn far(&mut self, here: usize, text: &[u8], at: usize) -> Result<Option<usize>, Stop> {
        if here != UNKNOWN {
            self.enter(here, None);
        }
        // Whether the document is an array is not asked where steps lead.
        if self.depth < 2 || self.objects[0] & 1 == 0 {
            return Ok(None);
        }
        let end = self.skip(text, at, Part::Value)?;
        self.depth = 1;
        self.is_value_next = false;
        Ok(Some(end))
    }

    /// Skips to the end of the array or object that lies in the document.
    /// Checks all that `walk` and `value` do, and stops where they would.
    #[inline(never)]
    fn skip(&mut self, text: &[u8], start: usize, first: Part) -> Result<usize, Stop> {
        let (mut at, mut part) = (start, first);
        let from = start - self.document;
        // Between the two places nothing ended that is in the document.
        if let Some(skipped) = &self.skipped
            && (skipped.from..=skipped.to).contains(&from)
        {
            (at, part) = (self.document + skipped.to, skipped.part);
            (self.depth, self.objects) = (skipped.depth, skipped.objects);
        }
        self.skip_on(text, at, part).map_err(|(stop, at, part)| {
            if stop == Stop::Cut && !self.is_all {
                let (to, depth, objects) = (at - self.document, self.depth, self.objects);
                self.skipped = Some(Skipped { from, to, depth, objects, part });
            }
            stop
        })
    }

    /// Goes on from a part of the text that begins at `at`. Where it stops, it
    /// gives the last part that it began with.
    #[inline(always)]
    fn skip_on(&mut self, text: &[u8], mut at: usize, first: Part) -> Result<usize, (Stop, usize, Part)> {
        let mut is_object = self.is_in_object();
        let mut part = first;
        loop {
            if part == Part::Key {
                at = self.skip_key(text, at).map_err(|stop| (stop, at, part))?;
                part = Part::Value;
            }
            if part == Part::Value {
                let value = self.space(text, at);
                let stopped = |stop| (stop, value, Part::Value);
                at = match text.get(value) {
                    Some(b'-' | b'0'..=b'9') => match number::short_end(text, value) {
                        Some(end) if is_object => end,
                        // In an array mostly another follows.
                        Some(end) => number::short_ends(text, end),
                        None => number::skip(text, value, self.is_all).map_err(stopped)?,
                    },
                    Some(b'"') => match string::plain_end(text, value) {
                        Some(end) => end,
                        None => string::skip(text, value + 1).map_err(stopped)?.end + 1,
                    },
                    Some(&open @ (b'{' | b'[')) => {
                        self.check_depth(value).map_err(stopped)?;
                        let inside = self.space(text, value + 1);
                        match text.get(inside) {
                            // It may be empty: it is read from here again.
                            None => return Err(stopped(Stop::Cut)),
                            Some(&next) if next == open + 2 => inside + 1,
                            Some(_) => {
                                is_object = open == b'{';
                                self.deepen(is_object);
                                part = if is_object { Part::Key } else { Part::Value };
                                at = inside;
                                continue;
                            }
                        }
                    }
                    Some(b'n') => word(text, value, b"null").map_err(stopped)?,
                    Some(b't') => word(text, value, b"true").map_err(stopped)?,
                    Some(b'f') => word(text, value, b"false").map_err(stopped)?,
                    Some(_) => return Err(stopped(Stop::Wrong(value))),
                    None => return Err(stopped(Stop::Cut)),
                };
            }
            loop {
                at = self.space(text, at);
                match text.get(at) {
                    Some(b',') => {
                        part = if is_object { Part::Key } else { Part::Value };
                        at += 1;
                        break;
                    }
                    Some(b'}') if is_object => {}
                    Some(b']') if !is_object => {}
                    Some(_) => return Err((Stop::Wrong(at), at, Part::After)),
                    None => return Err((Stop::Cut, at, Part::After)),
                }
                at += 1;
                self.depth -= 1;
                if self.depth == 1 {
                    return Ok(at);
                }
                is_object = self.is_in_object();
            }
        }
    }

    /// Reads a key of which nobody asks, and its colon.
    #[inline(always)]
    fn skip_key(&mut self, text: &[u8], at: usize) -> Result<usize, Stop> {
        let at = self.space(text, at);
        let end = match string::plain_end(text, at) {
            Some(end) => end,
            None => match text.get(at) {
                Some(b'"') => string::skip(text, at + 1)?.end + 1,
                Some(_) => return Err(Stop::Wrong(at)),
                None => return Err(Stop::Cut),
            },
        };
        let colon = self.space(text, end);
        match text.get(colon) {
            Some(b':') => Ok(colon + 1),
            Some(_) => Err(Stop::Wrong(colon)),
            None => Err(Stop::Cut),
        }
    }

    fn open(&mut self, at: usize, is_object: bool) -> Result<(), Stop> {
        self.check_depth(at)?;
        if let Some(name) = self.name.take() {
            self.nested = Some((name, at));
            self.has_nested = true;
            if !is_object && name == 0 {
                self.array = self.array.or(Some(at));
                self.arrays += 1;
            }
        }
        self.deepen(is_object);
        Ok(())
    }

    #[inline(always)]
    fn check_depth(&self, at: usize) -> Result<(), Stop> {
        if self.depth == MAX_DEPTH { Err(Stop::Deep(at)) } else { Ok(()) }
    }

    #[inline(always)]
    fn deepen(&mut self, is_object: bool) {
        let bit = 1 << (self.depth % 64);
        let level = &mut self.objects[self.depth / 64];
        *level = if is_object { *level | bit } else { *level & !bit };
        self.depth += 1;
    }

    fn close<'a>(&mut self, text: &'a [u8], at: usize, fields: &mut [Option<Field<'a>>]) -> usize {
        self.depth -= 1;
        self.is_value_next = false;
        if self.depth == 1
            && let Some((name, start)) = self.nested.take()
        {
            keep(fields, name, Field::inner(Kind::Nested, &text[start..=at]));
        }
        at + 1
    }

    fn is_in_object(&self) -> bool {
        let level = self.depth - 1;
        self.objects[level / 64] >> (level % 64) & 1 == 1
    }

    /// Reads a key and its colon.
    fn key(&mut self, text: &[u8], at: usize) -> Result<usize, Stop> {
        match text.get(at) {
            Some(b'"') => {}
            Some(_) => return Err(Stop::Wrong(at)),
            None => return Err(Stop::Cut),
        }
        let quoted = string::skip(text, at + 1)?;
        self.name = None;
        if self.depth == 1 {
            let key = &text[at + 1..quoted.end];
            let key = if quoted.is_escaped { Cow::Owned(unescaped(key)) } else { Cow::Borrowed(key) };
            self.name = self.names.position(&key);
        }
        let colon = self.space(text, quoted.end + 1);
        match text.get(colon) {
            Some(b':') => Ok(colon + 1),
            Some(_) => Err(Stop::Wrong(colon)),
            None => Err(Stop::Cut),
        }
    }

    /// Skips what may stand between values.
    #[inline(always)]
    pub(super) fn space(&mut self, text: &[u8], at: usize) -> usize {
        match text.get(at) {
            Some(byte) if *byte > b' ' => at,
            _ => self.spaces(text, at),
        }
    }

    #[inline(never)]
    fn spaces(&mut self, text: &[u8], start: usize) -> usize {
        let mut at = start;
        loop {
            match text.get(at) {
                Some(b' ' | b'\t' | b'\r') => {}
                Some(b'\n') if !self.is_line => {
                    if !self.has_breaks {
                        (self.has_breaks, self.first_break) = (true, Some(at));
                    }
                }
                _ => return at,
            }
            at += 1;
        }
    }
}

/// Whether this word, the most frequent of the three, stands at `at`.
#[inline(always)]
fn is_null(text: &[u8], at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.first_chunk()) == Some(b"null")
}

/// The end of a word that has only one spelling.
#[inline(always)]
fn word(text: &[u8], start: usize, word: &[u8]) -> Result<usize, Stop> {
    let rest = text.get(start..).unwrap_or_default();
    if rest.starts_with(word) {
        return Ok(start + word.len());
    }
    match rest.iter().zip(word).position(|(byte, letter)| byte != letter) {
        Some(wrong) => Err(Stop::Wrong(start + wrong)),
        None => Err(Stop::Cut),
    }
}
