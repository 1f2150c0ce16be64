//! The pages of a query as they arrive: whole, or events piece by piece.

use std::collections::HashSet;

use super::cozy::count;
use crate::limits;
use crate::scan::{AnswerEnd, Document, Field, Found, Scanner};
use crate::timeline::EventReader;

/// What pages go to.
pub(crate) trait Pages {
    /// Whether a page is wanted as it comes.
    fn are_in_pieces(&self) -> bool;

    /// A page begins; the same as before, unless that came to its end.
    fn begin(&mut self);

    /// The next bytes of the page.
    fn piece(&mut self, bytes: &[u8]);

    /// The page is over; tells whether it was one, of no more documents than
    /// the stack gives at once.
    fn end(&mut self) -> bool;

    /// Whether the page that is over had no document.
    fn is_empty(&self) -> bool;

    /// The bookmark of the next page, if there is one and it is wanted.
    fn next(&mut self) -> Option<String>;
}

/// The bookmark with which to go on.
fn bookmark(end: AnswerEnd) -> Option<String> {
    (end.next && !end.bookmark.is_empty()).then_some(end.bookmark)
}

/// Pages that are looked at whole; `take` tells whether to go on.
pub(super) struct WholePages<T> {
    body: Vec<u8>,
    end: AnswerEnd,
    is_empty: bool,
    take: T,
}

impl<T> WholePages<T> {
    pub(super) fn new(take: T) -> WholePages<T> {
        WholePages { body: Vec::new(), end: AnswerEnd::default(), is_empty: false, take }
    }
}

impl<T: FnMut(&[u8]) -> bool> Pages for WholePages<T> {
    fn are_in_pieces(&self) -> bool {
        false
    }

    fn begin(&mut self) {
        self.body.clear();
    }

    fn piece(&mut self, bytes: &[u8]) {
        self.body.extend_from_slice(bytes);
    }

    fn end(&mut self) -> bool {
        let Some(page) = Document::parse(&self.body) else { return false };
        let Some(count) = count(&self.body) else { return false };
        self.is_empty = count == 0;
        let [next, bookmark] = crate::scan::fields(page, ["next", "bookmark"]).unwrap_or_default();
        self.end = AnswerEnd {
            next: next.and_then(Field::boolean) == Some(true),
            bookmark: bookmark.and_then(Field::text).unwrap_or_default().into_owned(),
        };
        true
    }

    fn is_empty(&self) -> bool {
        self.is_empty
    }

    fn next(&mut self) -> Option<String> {
        let goes_on = (self.take)(&self.body);
        bookmark(std::mem::take(&mut self.end)).filter(|_| goes_on)
    }
}

/// Pages of events, read as they come: none is ever held whole.
///
/// Where a page is cut, its first events were read already, and it is asked
/// for again. What was read of it then is known by its `_id`, which CouchDB
/// gives every document, and is not read a second time. Where it was too
/// large, it is asked for in several.
pub(crate) struct EventPages<'a> {
    reader: &'a mut EventReader,
    page: Scanner,
    /// Nothing more is read of a page that is none.
    is_broken: bool,
    is_empty: bool,
    end: AnswerEnd,
    read: Read,
    /// What an earlier try read of this page.
    before: Read,
}

/// What was read of a page.
#[derive(Default)]
struct Read {
    ids: HashSet<Box<str>>,
    /// How many that have no `_id`.
    others: usize,
    /// How many in all.
    count: usize,
}

impl<'a> EventPages<'a> {
    pub(crate) fn new(reader: &'a mut EventReader) -> EventPages<'a> {
        EventPages {
            page: Scanner::of_answer(reader.names()),
            reader,
            is_broken: false,
            is_empty: false,
            end: AnswerEnd::default(),
            read: Read::default(),
            before: Read::default(),
        }
    }
}

impl Read {
    /// Notes a document; tells whether `before` has it not. What a page has
    /// beyond all that the stack gives at once is not read.
    fn is_new(&mut self, found: &Found<'_, '_>, before: &Read) -> bool {
        self.count += 1;
        if self.count > limits::PAGE {
            return false;
        }
        let id = match found {
            Found::Object(_, fields) => fields.first().copied().flatten().and_then(Field::text),
            Found::Other(_) | Found::Broken => None,
        };
        match id {
            Some(id) => {
                let is_new = !before.ids.contains(&*id);
                self.ids.insert(id.into());
                is_new
            }
            None => {
                self.others += 1;
                self.others > before.others
            }
        }
    }
}

impl Pages for EventPages<'_> {
    fn are_in_pieces(&self) -> bool {
        true
    }

    fn begin(&mut self) {
        self.page = Scanner::of_answer(self.reader.names());
        self.is_broken = false;
        let read = std::mem::take(&mut self.read);
        self.before.ids.extend(read.ids);
        self.before.others = self.before.others.max(read.others);
    }

    fn piece(&mut self, bytes: &[u8]) {
        let EventPages { reader, page, read, before, .. } = self;
        let each = &mut |found: Found<'_, '_>| {
            if read.is_new(&found, before) {
                reader.found(&found);
            }
        };
        self.is_broken = self.is_broken || page.feed(bytes, each).is_err() || read.count > limits::PAGE;
    }

    fn end(&mut self) -> bool {
        let EventPages { reader, page, read, before, .. } = self;
        let page = std::mem::replace(page, Scanner::of_answer(reader.names()));
        let each = &mut |found: Found<'_, '_>| {
            if read.is_new(&found, before) {
                reader.found(&found);
            }
        };
        match page.finish_answer(each) {
            Ok(end) if !self.is_broken && read.count <= limits::PAGE => {
                self.end = end;
                self.is_empty = read.count == 0;
                // Of a page that was too large, the next one may have the rest.
                let read = std::mem::take(read);
                before.ids.retain(|id| !read.ids.contains(id));
                before.others = before.others.saturating_sub(read.others);
                true
            }
            _ => false,
        }
    }

    fn is_empty(&self) -> bool {
        self.is_empty
    }

    fn next(&mut self) -> Option<String> {
        bookmark(std::mem::take(&mut self.end))
    }
}
