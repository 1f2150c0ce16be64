//! The file that leaves and comes back: one JSON array, an element a line.
//!
//! ```text
//! [{"_col":"dacc.export","format":1,…},
//! {"_col":"<doctype>", …the document as it is…},
//! {"_col":"dacc.document","of":"<doctype>","document":…},
//! {"_col":"dacc.export.end","counts":{"<doctype>":n},"sha256":"…"}]
//! ```
//!
//! The hash is of every byte before the last element, which stands alone on
//! the last line: `head -n -1 FILE | sha256sum`. A file without it is not
//! whole, and never taken for whole. The third form holds what has no place in
//! the second: a document that is no object, or has a field `_col` of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::Stop;
use super::document::Keys;
use super::port::Port;
use super::reader::Reader;
use crate::limits;
use crate::scan::{Document, fields};

const FORMAT: u32 = 1;
const BEGIN: &str = "dacc.export";
const WRAPPED: &str = "dacc.document";
const END: &str = "dacc.export.end";
const PREFIX: &str = "{\"_col\":";

/// The first element.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    #[serde(rename = "_col")]
    pub(super) col: String,
    pub(super) format: u32,
    pub(super) created_at: String,
    /// The id of the home it was made of, so that it is known as this home's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) home: Option<String>,
    /// What was asked for: names of collections and their doctypes.
    pub(super) collections: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
}

/// The last element.
#[derive(Debug, Serialize, Deserialize)]
struct Trailer {
    #[serde(rename = "_col")]
    col: String,
    counts: BTreeMap<String, usize>,
    sha256: String,
}

/// Makes such a file.
#[derive(Debug)]
pub(super) struct Writer {
    port: Port,
    file: &'static str,
    buffer: Vec<u8>,
    hash: Sha256,
    counts: BTreeMap<String, usize>,
}

impl Writer {
    pub(super) fn new(port: &Port, file: &'static str, header: Header) -> Result<Writer, Stop> {
        let header = Header { col: BEGIN.into(), format: FORMAT, ..header };
        let header = serde_json::to_string(&header).map_err(Stop::because)?;
        let counts = header_counts(&header);
        let buffer = format!("[{header},\n").into_bytes();
        Ok(Writer { port: port.clone(), file, buffer, hash: Sha256::new(), counts })
    }

    pub(super) async fn add(&mut self, doctype: &str, document: &RawValue) -> Result<(), Stop> {
        let col = serde_json::to_string(doctype).map_err(Stop::because)?;
        let text = document.get();
        let is_plain = fields(Document::known(document.get()), ["_col"]).is_some_and(|[col]| col.is_none());
        self.buffer.extend_from_slice(PREFIX.as_bytes());
        if is_plain {
            let rest = &text[1..];
            let is_empty = rest.trim_start().starts_with('}');
            self.buffer.extend_from_slice(col.as_bytes());
            self.buffer.extend_from_slice(if is_empty { b"" } else { b"," });
            self.buffer.extend_from_slice(rest.as_bytes());
        } else {
            let wrapped = format!("\"{WRAPPED}\",\"of\":{col},\"document\":{text}}}");
            self.buffer.extend_from_slice(wrapped.as_bytes());
        }
        self.buffer.extend_from_slice(b",\n");
        *self.counts.entry(doctype.to_owned()).or_default() += 1;
        if self.buffer.len() >= limits::CHUNK { self.flush().await } else { Ok(()) }
    }

    /// Writes the last element: only now the file is whole.
    pub(super) async fn finish(mut self) -> Result<BTreeMap<String, usize>, Stop> {
        self.hash.update(&self.buffer);
        let sha256 = self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let trailer = Trailer { col: END.into(), counts: self.counts.clone(), sha256 };
        let trailer = serde_json::to_string(&trailer).map_err(Stop::because)?;
        self.buffer.extend_from_slice(trailer.as_bytes());
        self.buffer.extend_from_slice(b"]\n");
        self.port.append(self.file, self.buffer).await?;
        self.port.commit(self.file).await?;
        Ok(self.counts)
    }

    async fn flush(&mut self) -> Result<(), Stop> {
        self.hash.update(&self.buffer);
        self.port.append(self.file, std::mem::take(&mut self.buffer)).await
    }
}

/// No document of any doctype asked for, until one is added.
fn header_counts(header: &str) -> BTreeMap<String, usize> {
    let header: Header = serde_json::from_str(header).unwrap_or_default();
    header.collections.into_values().map(|doctype| (doctype, 0)).collect()
}

/// A document of an export.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) doctype: String,
    pub(super) document: Box<RawValue>,
}

/// Reads such a file, element by element.
#[derive(Debug)]
pub(super) struct Elements {
    reader: Reader,
    counts: BTreeMap<String, usize>,
    is_begun: bool,
    /// The id of the home that the file names.
    home: Option<String>,
}

impl Elements {
    pub(super) fn new(port: &Port, file: &str) -> Elements {
        Elements {
            reader: Reader::new(port, file, 0).of_export(),
            counts: BTreeMap::new(),
            is_begun: false,
            home: None,
        }
    }

    /// The next document; `None` after the last, once the file is shown to be
    /// whole: nothing missing, nothing changed, nothing after it.
    pub(super) async fn next(&mut self) -> Result<Option<Element>, Stop> {
        if !self.is_begun {
            self.begin().await?;
        }
        self.reader.peek().await?;
        self.reader.mark();
        let value = self.reader.value().await?;
        let Some(doctype) = col(&value) else {
            return Err(self.reader.broken("an element without `_col` at its beginning"));
        };
        if doctype == END {
            self.end(&value).await?;
            return Ok(None);
        }
        self.comma().await?;
        let element =
            unwrapped(doctype, &value).ok_or_else(|| self.reader.broken("an element of another format"))?;
        *self.counts.entry(element.doctype.clone()).or_default() += 1;
        Ok(Some(element))
    }

    async fn begin(&mut self) -> Result<(), Stop> {
        self.is_begun = true;
        self.reader.begin().await?;
        if self.reader.peek().await? == Some(b'{') {
            return Err(self.reader.is_other(
                "this is no export, which is an array and begins with dacc.export; dacc export makes one of a home file",
            ));
        }
        let is_array = self.reader.eat(b'[').await?;
        let first = if is_array { Some(self.reader.value().await?) } else { None };
        let header: Option<Header> = first.and_then(|first| serde_json::from_str(first.get()).ok());
        let Some(header) = header.filter(|header| header.col == BEGIN) else {
            return Err(self.reader.broken("this is no export: the element dacc.export is not its first"));
        };
        if header.format != FORMAT {
            return Err(self.reader.broken("this is an export of a later format"));
        }
        self.home = header.home;
        self.counts = header.collections.into_values().map(|doctype| (doctype, 0)).collect();
        self.comma().await
    }

    async fn comma(&mut self) -> Result<(), Stop> {
        if self.reader.eat(b',').await? {
            return Ok(());
        }
        Err(self.reader.broken("the export is not whole: it has no element dacc.export.end"))
    }

    async fn end(&mut self, trailer: &RawValue) -> Result<(), Stop> {
        let trailer: Option<Trailer> = serde_json::from_str(trailer.get()).ok();
        let trailer =
            trailer.ok_or_else(|| self.reader.broken("the element dacc.export.end is not understood"))?;
        if trailer.sha256 != self.reader.hash() || trailer.counts != self.counts {
            return Err(self
                .reader
                .broken("the export was changed: its hash or its counts are not as it says"));
        }
        if self.reader.eat(b']').await? && self.reader.peek().await?.is_none() {
            return Ok(());
        }
        Err(self.reader.broken("the export goes on after its end"))
    }
}

/// Reads a file to its end, and gives each document and its key within its
/// doctype to `take`; fails where the file is not whole.
pub(super) async fn verify(
    port: &Port,
    file: &str,
    mut take: impl FnMut(&Element, super::document::Key) -> Result<(), Stop>,
) -> Result<VerifiedFile, Stop> {
    let mut elements = Elements::new(port, file);
    let mut keys: BTreeMap<String, Keys> = BTreeMap::new();
    while let Some(element) = elements.next().await? {
        let key = keys.entry(element.doctype.clone()).or_default().of(&element.document);
        take(&element, key)?;
    }
    Ok(VerifiedFile { counts: elements.counts, home: elements.home })
}

/// A file that is whole.
pub(super) struct VerifiedFile {
    pub(super) counts: BTreeMap<String, usize>,
    /// The id of the home that it names.
    pub(super) home: Option<String>,
}

fn col(element: &RawValue) -> Option<String> {
    let rest = element.get().strip_prefix(PREFIX)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    values.next()?.ok()
}

fn unwrapped(doctype: String, element: &RawValue) -> Option<Element> {
    if doctype == WRAPPED {
        #[derive(Deserialize)]
        struct Wrapper {
            of: String,
            document: Box<RawValue>,
        }
        let Wrapper { of, document } = serde_json::from_str(element.get()).ok()?;
        return Some(Element { doctype: of, document });
    }
    let after_prefix = element.get().strip_prefix(PREFIX)?;
    let mut values = serde_json::Deserializer::from_str(after_prefix).into_iter::<String>();
    values.next()?.ok()?;
    let rest = &after_prefix[values.byte_offset()..];
    let text = format!("{{{}", rest.strip_prefix(',').unwrap_or(rest));
    Some(Element { doctype, document: RawValue::from_string(text).ok()? })
}
