//! A home as one file.

use crate::base::Map;
use crate::error::Error;
use crate::scan::{self, Document, Field};

/// The documents of a home file by doctype, unread.
#[derive(Debug)]
pub(crate) struct HomeFile<'a>(Map<String, Document<'a>>);

impl<'a> HomeFile<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<HomeFile<'a>, Error> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let entries = scan::object(text, "the home")?;
        Ok(HomeFile(entries))
    }

    /// The documents of a doctype; none if the home has no such entry.
    pub(crate) fn documents(&self, doctype: &str) -> Result<Vec<Document<'a>>, Error> {
        match self.0.get(doctype) {
            Some(array) => array.elements().ok_or_else(|| {
                Error::input(format!("the home: the documents of {doctype} are not an array"))
            }),
            None => Ok(Vec::new()),
        }
    }

    /// The home's name in a file of many.
    pub(crate) fn name(&self) -> Option<String> {
        self.0.get("home").and_then(|&name| Field::new(name).text()).map(Into::into)
    }
}
