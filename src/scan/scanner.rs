use super::framing::{AnswerEnd, Framing, Item};
use super::{Document, Field, Names};
use crate::error::Error;
use crate::limits::MAX_DOCUMENT_BYTES;

/// What stands where a document should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a, 'f> {
    /// An object, and its fields of the scanner's names, each as last written.
    Object(Document<'a>, &'f [Option<Field<'a>>]),
    /// Well-formed, but not an object.
    Other(Document<'a>),
    /// A line of NDJSON that is not JSON.
    Broken,
}

/// How much of the next piece is looked at with what is left of the last: some
/// documents, so that the rest is read where it lies.
const AHEAD: usize = 1_024;

/// Finds the documents of a JSON array, a `_find` answer or NDJSON in bytes
/// that come in pieces; where one ends and the next begins does not matter.
///
/// Documents are given as they are found, so before an error that a later
/// piece holds. A document is read where it lies; one that is cut by the end
/// of a piece is kept, and read again when there is twice as much of it.
#[derive(Debug)]
pub(crate) struct Scanner {
    framing: Framing,
    /// What was not read yet: the beginning of a document.
    left: Vec<u8>,
    /// How much there has to be before it is read again.
    wanted: usize,
}

impl Scanner {
    /// A scanner that keeps the fields of these names.
    pub(crate) fn new(names: Names<'static>) -> Self {
        Scanner { framing: Framing::new(names), left: Vec::new(), wanted: 0 }
    }

    /// A scanner of one `_find` answer and nothing else.
    pub(crate) fn of_answer(names: Names<'static>) -> Self {
        Scanner { framing: Framing::of_answer(names), left: Vec::new(), wanted: 0 }
    }

    /// Reads the next piece; each document found goes to `each`.
    ///
    /// # Errors
    /// If the bytes so far can be none of the three; names the place.
    pub(crate) fn feed(
        &mut self,
        mut chunk: &[u8],
        each: &mut impl FnMut(Found<'_, '_>),
    ) -> Result<(), Error> {
        while !self.left.is_empty() {
            let before = self.left.len();
            let (more, rest) = chunk.split_at(chunk.len().min(self.wanted.saturating_sub(before)));
            self.left.extend_from_slice(more);
            if self.left.len() < self.wanted {
                return Ok(());
            }
            let text = std::mem::take(&mut self.left);
            let read = run(&mut self.framing, &text, each)?;
            if read >= before {
                chunk = &chunk[read - before..];
                break;
            }
            // Mostly it is one large document that is still cut.
            self.left = text;
            self.left.drain(..read);
            self.keep()?;
            chunk = rest;
        }
        let read = run(&mut self.framing, chunk, each)?;
        self.left.extend_from_slice(&chunk[read..]);
        self.keep()
    }

    /// Reads what is left, after which nothing comes.
    ///
    /// # Errors
    /// If the bytes end too early, or are none of the three.
    pub(crate) fn finish(self, each: &mut impl FnMut(Found<'_, '_>)) -> Result<(), Error> {
        self.finish_answer(each).map(drop)
    }

    /// Reads what is left of a `_find` answer; gives what else it says.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub(crate) fn finish_answer(mut self, each: &mut impl FnMut(Found<'_, '_>)) -> Result<AnswerEnd, Error> {
        finish(&mut self.framing, &self.left, each)
    }

    /// Keeps what was not read, until there is twice as much.
    fn keep(&mut self) -> Result<(), Error> {
        if self.left.len() > MAX_DOCUMENT_BYTES {
            return Err(self.framing.too_large());
        }
        self.wanted = self.left.len() + self.left.len().max(AHEAD);
        Ok(())
    }
}

/// Reads documents as far as they are there; gives how far that is.
fn run<'a>(
    framing: &mut Framing,
    text: &'a [u8],
    each: &mut impl FnMut(Found<'a, '_>),
) -> Result<usize, Error> {
    let mut at = 0;
    let mut fields = vec![None; framing.fields()];
    loop {
        match framing.next(text, &mut at, &mut fields)? {
            None => break,
            Some(Item::Broken) => each(Found::Broken),
            Some(Item::Document(document)) if document.starts_with(b"{") => {
                each(Found::Object(Document(document), &fields));
            }
            Some(Item::Document(document)) => each(Found::Other(Document(document))),
        }
        fields.fill(None);
    }
    framing.pass(text, at);
    Ok(at)
}

/// Reads the last piece.
fn finish<'a>(
    framing: &mut Framing,
    text: &'a [u8],
    each: &mut impl FnMut(Found<'a, '_>),
) -> Result<AnswerEnd, Error> {
    framing.is_last();
    let read = run(framing, text, each)?;
    framing.finish(&text[read..])
}

/// Gives each document of bytes that are all there.
///
/// # Errors
/// If they are neither a JSON array, a `_find` answer nor NDJSON.
pub(crate) fn documents<'a>(
    bytes: &'a [u8],
    names: Names<'static>,
    each: &mut impl FnMut(Found<'a, '_>),
) -> Result<(), Error> {
    finish(&mut Framing::new(names), bytes, each).map(drop)
}

/// The documents of bytes that are all there. `None` stands for a line of
/// NDJSON that is not JSON: it alone is lost.
pub(crate) fn events(bytes: &[u8]) -> Result<Vec<Option<Document<'_>>>, Error> {
    let mut found = Vec::new();
    documents(bytes, Names::Of(&[]), &mut |item| {
        found.push(match item {
            Found::Object(document, _) | Found::Other(document) => Some(document),
            Found::Broken => None,
        });
    })?;
    Ok(found)
}
