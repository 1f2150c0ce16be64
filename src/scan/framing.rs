//! What stands around documents: an array, a `_find` answer, or lines.

use super::Field;
use super::names::Names;
use super::place::Place;
use super::reader::{Reader, Stop};
use crate::error::Error;
use crate::limits::MAX_DOCUMENT_BYTES;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One document, or a line that is none.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    Document(&'a [u8]),
    Broken,
}

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A byte order mark, or none.
    Mark,
    /// The first byte that is not a space.
    Beginning,
    /// An object that may be a `_find` answer.
    Answer,
    /// A line of NDJSON.
    Line,
    /// The rest of a line that is lost.
    LostLine,
    /// The array's first document, or its end.
    First,
    /// A document of the array.
    Document,
    /// A comma, or the array's end.
    Comma,
    /// What follows the array: nothing, or the rest of the `_find` answer.
    Rest,
}

/// Takes a text apart into documents, in pieces that overlap: each begins with
/// what was not read of the last.
#[derive(Debug)]
pub(super) struct Framing {
    reader: Reader<'static>,
    state: State,
    /// Where the piece begins.
    place: Place,
    /// The `_find` answer without its documents, and how much of it was before them.
    answer: Vec<u8>,
    head: usize,
    rest: Place,
    has_lines: bool,
    has_objects: bool,
    /// The text can be a `_find` answer and nothing else.
    is_answer: bool,
}

/// What a `_find` answer says beside its documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AnswerEnd {
    /// Whether there is another page.
    pub(crate) next: bool,
    pub(crate) bookmark: String,
}

impl Framing {
    pub(super) fn new(names: Names<'static>) -> Framing {
        Framing {
            reader: Reader::of_many(names),
            state: State::Mark,
            place: Place::default(),
            answer: Vec::new(),
            head: 0,
            rest: Place::default(),
            has_lines: false,
            has_objects: false,
            is_answer: false,
        }
    }

    pub(super) fn of_answer(names: Names<'static>) -> Framing {
        Framing { is_answer: true, ..Framing::new(names) }
    }

    /// How many fields it gives of a document.
    pub(super) fn fields(&self) -> usize {
        self.reader.names.len()
    }

    /// The next document at `at` or after it. Where `None`, it takes more text
    /// to know it, from the `at` that is left; of all text, there is none.
    #[inline(always)]
    pub(super) fn next<'a>(
        &mut self,
        text: &'a [u8],
        at: &mut usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<Option<Item<'a>>, Error> {
        let found = match self.state {
            State::Document => self.document(text, at, fields),
            State::Line => self.line(text, at, fields),
            _ => self.step(text, at, fields),
        };
        found.map_err(|stop| self.place.error(text, stop, self.what()))
    }

    /// The next document of an array.
    #[inline(always)]
    fn document<'a>(
        &mut self,
        text: &'a [u8],
        at: &mut usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<Option<Item<'a>>, Stop> {
        if self.after_space(text, at).is_none() {
            return Ok(None);
        }
        let start = *at;
        match self.reader.value(text, start, fields) {
            Ok(end) => {
                // Mostly a comma is there, and nothing more to know.
                let is_comma = text.get(end) == Some(&b',');
                self.state = if is_comma { State::Document } else { State::Comma };
                *at = end + usize::from(is_comma);
                Ok(Some(Item::Document(&text[start..end])))
            }
            Err(Stop::Cut) if !self.reader.is_all => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// The next line.
    #[inline(always)]
    fn line<'a>(
        &mut self,
        text: &'a [u8],
        at: &mut usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<Option<Item<'a>>, Stop> {
        self.reader.is_line = false;
        let Some(first) = self.after_space(text, at) else { return Ok(None) };
        self.reader.is_line = true;
        let end = self.reader.value(text, *at, fields).and_then(|end| self.line_end(text, end));
        if end == Err(Stop::Cut) && !self.reader.is_all {
            return Ok(None);
        }
        self.has_lines = true;
        self.has_objects |= first == b'{';
        let start = *at;
        Ok(Some(match end {
            Ok((end, after)) => {
                *at = after;
                Item::Document(&text[start..end])
            }
            Err(stop) => {
                if let Stop::Wrong(place) | Stop::Deep(place) = stop {
                    *at = place;
                }
                self.state = State::LostLine;
                Item::Broken
            }
        }))
    }

    /// Goes on to the next document, from any state.
    #[inline(never)]
    fn step<'a>(
        &mut self,
        text: &'a [u8],
        at: &mut usize,
        fields: &mut [Option<Field<'a>>],
    ) -> Result<Option<Item<'a>>, Stop> {
        loop {
            match self.state {
                State::Mark => {
                    if text.starts_with(BYTE_ORDER_MARK) {
                        *at = BYTE_ORDER_MARK.len();
                    } else if BYTE_ORDER_MARK.starts_with(text) && !self.reader.is_all {
                        return Ok(None);
                    }
                    self.state = State::Beginning;
                }
                State::Beginning => {
                    let Some(first) = self.after_space(text, at) else { return Ok(None) };
                    if self.is_answer && first != b'{' {
                        return Err(Stop::Wrong(*at));
                    }
                    self.state = match first {
                        b'[' => State::First,
                        b'{' => State::Answer,
                        _ => State::Line,
                    };
                    *at += usize::from(first == b'[');
                }
                State::Answer => {
                    let mut reader = Reader::new(Names::Of(&["docs"]));
                    let end = reader.value(text, *at, &mut [None]);
                    if !self.reader.has_breaks {
                        (self.reader.has_breaks, self.reader.first_break) =
                            (reader.has_breaks, reader.first_break);
                    }
                    if let Some(array) = reader.array {
                        self.answer = text[*at..=array].to_vec();
                        self.head = self.answer.len();
                        *at = array + 1;
                        self.state = State::First;
                    } else if end == Err(Stop::Cut) && !self.reader.is_all {
                        return Ok(None);
                    } else if self.is_answer {
                        return Err(end.err().unwrap_or(Stop::Other(*at)));
                    } else {
                        self.state = State::Line;
                    }
                }
                State::Line => return self.line(text, at, fields),
                State::LostLine => {
                    let Some(end) = text[*at..].iter().position(|&byte| byte == b'\n') else {
                        *at = text.len();
                        return Ok(None);
                    };
                    *at += end;
                    self.state = State::Line;
                }
                State::First => {
                    let Some(first) = self.after_space(text, at) else { return Ok(None) };
                    self.state = if first == b']' { State::Rest } else { State::Document };
                    *at += usize::from(first == b']');
                }
                State::Document => return self.document(text, at, fields),
                State::Comma => {
                    let Some(byte) = self.after_space(text, at) else { return Ok(None) };
                    self.state = match byte {
                        b',' => State::Document,
                        b']' => State::Rest,
                        _ => return Err(Stop::Wrong(*at)),
                    };
                    *at += 1;
                }
                State::Rest => {
                    if self.head == 0 {
                        return self.after_space(text, at).map_or(Ok(None), |_| Err(Stop::Wrong(*at)));
                    }
                    if self.answer.len() > MAX_DOCUMENT_BYTES {
                        return Err(Stop::TooLarge);
                    }
                    if self.head == self.answer.len() {
                        self.rest = self.place;
                        self.rest.pass_text(&text[..*at]);
                        self.answer.push(b']');
                    }
                    self.answer.extend_from_slice(&text[*at..]);
                    *at = text.len();
                    return Ok(None);
                }
            }
        }
    }

    /// Notes that what lies before `read` will not be given again.
    pub(super) fn pass(&mut self, text: &[u8], read: usize) {
        // Breaks stand only where spaces may, so mostly there are none; and
        // what is wrong in a line is not told by its place.
        match self.state {
            State::Line | State::LostLine => self.place.pass(read),
            _ if self.reader.has_breaks => {
                let first = self.reader.first_break.take().map_or(0, |first| first.min(read));
                self.place.pass(first);
                self.place.pass_text(&text[first..read]);
            }
            _ => self.place.pass(read),
        }
    }

    /// The next piece is the last one.
    pub(super) fn is_last(&mut self) {
        self.reader.is_all = true;
    }

    /// Whether the text may end here, of which `left` is the last piece.
    pub(super) fn finish(&mut self, left: &[u8]) -> Result<AnswerEnd, Error> {
        match self.state {
            State::Mark | State::Beginning | State::Answer if self.is_answer => {
                Err(self.place.error(left, Stop::Cut, self.what()))
            }
            State::Mark | State::Beginning | State::Answer => Ok(AnswerEnd::default()),
            State::Line | State::LostLine => {
                if self.has_lines && !self.has_objects {
                    return Err(Error::input(
                        "the events are neither a JSON array, a _find answer nor one JSON object a line",
                    ));
                }
                Ok(AnswerEnd::default())
            }
            State::First | State::Document | State::Comma => {
                Err(self.place.error(left, Stop::Cut, self.what()))
            }
            State::Rest if self.head == 0 => Ok(AnswerEnd::default()),
            State::Rest => self.finish_answer(),
        }
    }

    fn finish_answer(&self) -> Result<AnswerEnd, Error> {
        let mut reader = Reader::of_all(Names::Of(&["docs", "next", "bookmark"]));
        let mut found = [None; 3];
        let end =
            reader.value(&self.answer, 0, &mut found).and_then(|end| match reader.space(&self.answer, end) {
                end if end == self.answer.len() => Ok(()),
                end => Err(Stop::Wrong(end)),
            });
        // The array's end is in the text before the rest.
        let before = self.head + 1;
        end.map_err(|stop| self.rest.error(&self.answer[before..], stop.back(before), self.what()))?;
        let [docs, next, bookmark] = found;
        let is_last = docs.and_then(Field::document).is_some_and(|docs| docs.bytes() == b"[]");
        if reader.arrays > 1 || !is_last {
            return Err(Error::input("the _find answer: it has more than one `docs`"));
        }
        Ok(AnswerEnd {
            next: next.and_then(Field::boolean) == Some(true),
            bookmark: bookmark.and_then(Field::text).unwrap_or_default().into_owned(),
        })
    }

    /// What is left is too much to be kept.
    pub(super) fn too_large(&self) -> Error {
        self.place.error(b" ", Stop::TooLarge, self.what())
    }

    fn what(&self) -> &'static str {
        if self.head == 0 && !self.is_answer { "the events" } else { "the _find answer" }
    }

    /// The byte after spaces and line breaks; none if the text ends first.
    fn after_space(&mut self, text: &[u8], at: &mut usize) -> Option<u8> {
        *at = self.reader.space(text, *at);
        text.get(*at).copied()
    }

    /// The end of a line's document, and of the line.
    fn line_end(&mut self, text: &[u8], end: usize) -> Result<(usize, usize), Stop> {
        let after = self.reader.space(text, end);
        match text.get(after) {
            Some(b'\n') => Ok((end, after + 1)),
            Some(_) => Err(Stop::Wrong(after)),
            None if self.reader.is_all => Ok((end, after)),
            None => Err(Stop::Cut),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::events;

    fn read(text: &str) -> Vec<Option<String>> {
        let found = events(text.as_bytes()).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        found.into_iter().map(|document| document.map(|document| text(document.bytes()))).collect()
    }

    #[test]
    fn the_three_framings_give_the_same_documents() {
        let expected = [Some(r#"{"a":1}"#.to_owned()), Some("[2]".to_owned())];
        assert_eq!(read("\u{feff} [ {\"a\":1} ,\n[2] ] \n"), expected);
        assert_eq!(read(r#"{"limit":100,"docs":[{"a":1},[2]],"next":false}"#), expected);
        assert_eq!(read("{\"a\":1}\r\n\n[2]"), expected);
    }

    #[test]
    fn a_broken_line_is_lost_alone() {
        assert_eq!(read("{\"a\":1}\n{\"a\":\n{}").len(), 3);
        assert_eq!(read("{\"a\":1}\n{\"a\":\n{}")[1], None);
        assert_eq!(read("not json\n{}")[0], None);
        assert_eq!(read(""), []);
    }

    #[test]
    fn only_four_characters_are_blank() {
        let blank = " \t\r\n";
        let with = |filler: &str| {
            let (one, two) = ("{\"a\":1}", "[2]");
            [
                format!("{filler}[{filler}{one}{filler},{filler}{two}{filler}]{filler}"),
                format!("{{\"docs\":{filler}[{one}{filler},{two}{filler}]{filler}}}{filler}"),
            ]
        };
        for text in with(blank) {
            assert_eq!(read(&text).len(), 2, "{text:?}");
        }
        assert_eq!(read(&format!("{{}}\n{blank}\n{{}}")).len(), 2);
        for other in (0..0x20).chain([0x7f, 0x85, 0xa0, 0x2028, 0xfeff]).filter_map(char::from_u32) {
            if blank.contains(other) {
                continue;
            }
            for text in with(&other.to_string()) {
                let is_mark = other == '\u{feff}' && text.starts_with(other);
                let text = if is_mark { text.replacen(other, "", 1) } else { text };
                // What does not begin as an array or answer is lines, all of them broken.
                let found = events(text.as_bytes());
                assert!(found.is_err() || found.unwrap().iter().all(Option::is_none), "{text:?}");
            }
            // A line that has only such characters is one, and none that is read.
            assert_eq!(
                read(&format!("{{}}\n{other}{other}\n{{}}")),
                [Some("{}".into()), None, Some("{}".into())]
            );
            assert_eq!(read(&format!("{{}}{other}\n{{}}")), [None, Some("{}".into())]);
        }
        assert!(events(&[0; 4_096]).is_err());
    }

    #[test]
    fn a_broken_array_is_an_error_that_names_the_place() {
        let error = |text: &str| events(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error("[{},\n {]"), "the events: this is not JSON at line 2, column 3 (byte 8)");
        assert_eq!(error("[{}"), "the events: the text ends too early at line 1, column 3 (byte 3)");
        assert_eq!(error("[{}\n"), "the events: the text ends too early at line 2, column 1 (byte 5)");
        assert_eq!(
            error("[{\"a\":1},\n"),
            "the events: the text ends too early at line 2, column 1 (byte 11)"
        );
        assert_eq!(
            error("{\"docs\":[\n"),
            "the _find answer: the text ends too early at line 2, column 1 (byte 11)"
        );
        assert!(error(r#"{"docs":[{}"#).contains("the _find answer: the text ends too early"));
        assert!(error("hello").contains("neither"));
        assert!(events(b"[\"\xff\"]").is_err());
    }

    #[test]
    fn a_document_as_deep_as_the_limit_is_one_and_a_deeper_is_none() {
        let deep = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let array = |levels| events(format!("[{}]", deep(levels)).as_bytes()).map(|found| found.len());
        assert_eq!(array(1_024).unwrap(), 1);
        let message = array(1_025).unwrap_err().to_string();
        assert!(message.ends_with("too deep at line 1, column 1026 (byte 1026)"), "{message}");
        let lines = format!("{{}}\n{}\n{}", deep(1_025), "{\"a\":".repeat(100_000));
        assert_eq!(read(&lines), [Some("{}".to_owned()), None, None]);
    }
}
