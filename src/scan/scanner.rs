use super::{Document, Field, fields, framing};
use crate::Error;

/// What stands where a document should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a, const N: usize> {
    /// An object, and its fields of the scanner's names, each as last written.
    Object(Document<'a>, [Option<Field<'a>>; N]),
    /// Well-formed, but not an object.
    Other(Document<'a>),
    /// A line of NDJSON that is not JSON.
    Broken,
}

/// Finds the documents of a JSON array, a `_find` answer or NDJSON in bytes
/// that come in pieces; where one ends and the next begins does not matter.
///
/// Documents are given as they are found, so before an error that a later
/// piece holds.
#[derive(Debug)]
pub(crate) struct Scanner<const N: usize> {
    names: &'static [&'static str; N],
    text: Vec<u8>,
}

impl<const N: usize> Scanner<N> {
    /// A scanner that keeps the fields of these names.
    pub(crate) fn new(names: &'static [&'static str; N]) -> Self {
        Scanner { names, text: Vec::new() }
    }

    /// Reads the next piece; each document found goes to `each`.
    ///
    /// # Errors
    /// If the bytes so far can be none of the three; names the place.
    pub(crate) fn feed(&mut self, chunk: &[u8], _each: &mut impl FnMut(Found<'_, N>)) -> Result<(), Error> {
        self.text.extend_from_slice(chunk);
        Ok(())
    }

    /// Reads what is left, after which nothing comes.
    ///
    /// # Errors
    /// If the bytes end too early, or are none of the three.
    pub(crate) fn finish(self, each: &mut impl FnMut(Found<'_, N>)) -> Result<(), Error> {
        for document in framing::events(&self.text)? {
            each(match document {
                None => Found::Broken,
                Some(document) => match fields(document, *self.names) {
                    Some(fields) => Found::Object(document, fields),
                    None => Found::Other(document),
                },
            });
        }
        Ok(())
    }
}

/// Gives each document of bytes that are all there.
///
/// # Errors
/// If they are neither a JSON array, a `_find` answer nor NDJSON.
pub(crate) fn documents<const N: usize>(
    bytes: &[u8],
    names: &'static [&'static str; N],
    each: &mut impl FnMut(Found<'_, N>),
) -> Result<(), Error> {
    let mut scanner = Scanner::new(names);
    scanner.feed(bytes, each)?;
    scanner.finish(each)
}
