use super::field::{Field, Kind};
use super::names::Names;
use super::place::Place;
use super::reader::{Reader, Stop};
use super::string;
use crate::base::Map;
use crate::error::Error;

/// One JSON value, whole and well-formed, as the bytes it was written in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a>(pub(super) &'a [u8]);

impl<'a> Document<'a> {
    /// The value that these bytes are, and nothing else.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Document<'a>> {
        whole(bytes, Names::Of(&[]), &mut []).ok()
    }

    /// A text that is known to be JSON, without spaces around it.
    pub(crate) fn known(json: &'a str) -> Document<'a> {
        Document(json.as_bytes())
    }

    /// The value as written.
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The documents of an array; `None` if it is not one.
    pub(crate) fn elements(self) -> Option<Vec<Document<'a>>> {
        let mut elements = Vec::new();
        parts(self.0, b'[', &mut |_, element| elements.push(element)).ok()?;
        Some(elements)
    }
}

/// The entries of an object, each as last written.
///
/// # Errors
/// If the bytes are no object; names the place in `what`.
pub(crate) fn object<'a>(bytes: &'a [u8], what: &str) -> Result<Map<String, Document<'a>>, Error> {
    let mut entries = Map::new();
    let insert = &mut |key: Option<Field<'a>>, value| {
        if let Some(key) = key.and_then(Field::text) {
            entries.insert(key.into_owned(), value);
        }
    };
    parts(bytes, b'{', insert).map_err(|stop| Place::default().error(bytes, stop, what))?;
    Ok(entries)
}

/// The entries of an object whose values are all strings.
pub(crate) fn entries(object: Document<'_>) -> Option<Vec<(String, String)>> {
    let mut entries = Some(Vec::new());
    parts(object.0, b'{', &mut |key, value| {
        let entry = key.and_then(Field::text).zip(Field::new(value).text());
        match (&mut entries, entry) {
            (Some(entries), Some((key, value))) => entries.push((key.into_owned(), value.into_owned())),
            _ => entries = None,
        }
    })
    .ok()?;
    entries
}

/// The fields of these names in an object, each as last written; `None` if the
/// document is not an object.
pub(crate) fn fields<'a, const N: usize>(
    document: Document<'a>,
    names: [&str; N],
) -> Option<[Option<Field<'a>>; N]> {
    let mut fields = [None; N];
    whole(document.0, Names::Of(&names), &mut fields).ok()?;
    document.0.starts_with(b"{").then_some(fields)
}

/// The same of names that a description brings.
pub(crate) fn fields_named<'a>(document: Document<'a>, names: Names<'_>) -> Option<Vec<Option<Field<'a>>>> {
    let mut fields = vec![None; names.len()];
    whole(document.0, names, &mut fields).ok()?;
    document.0.starts_with(b"{").then_some(fields)
}

/// Reads a text that is one value.
fn whole<'a>(
    text: &'a [u8],
    names: Names<'_>,
    fields: &mut [Option<Field<'a>>],
) -> Result<Document<'a>, Stop> {
    let mut reader = Reader::of_all(names);
    let start = reader.space(text, 0);
    let end = reader.value(text, start, fields)?;
    nothing_after(&mut reader, text, end)?;
    Ok(Document(&text[start..end]))
}

/// Reads a text that is one array or object, as the bracket says, and gives
/// its parts.
fn parts<'a>(
    text: &'a [u8],
    bracket: u8,
    each: &mut dyn FnMut(Option<Field<'a>>, Document<'a>),
) -> Result<(), Stop> {
    let mut reader = Reader::of_all(Names::Of(&[]));
    let start = reader.space(text, 0);
    if text.get(start) != Some(&bracket) {
        reader.value(text, start, &mut [])?;
        return Err(Stop::Other(start));
    }
    let close = bracket + 2;
    let mut at = reader.space(text, start + 1);
    if text.get(at) != Some(&close) {
        loop {
            let mut key = None;
            if bracket == b'{' {
                expect(text, at, b'"')?;
                let quoted = string::skip(text, at + 1)?;
                let kind = if quoted.is_escaped { Kind::Escaped } else { Kind::Plain };
                key = Some(Field::written(kind, &text[at..=quoted.end]));
                let colon = reader.space(text, quoted.end + 1);
                expect(text, colon, b':')?;
                at = reader.space(text, colon + 1);
            }
            let end = reader.value(text, at, &mut [])?;
            each(key, Document(&text[at..end]));
            at = reader.space(text, end);
            if text.get(at) == Some(&close) {
                break;
            }
            expect(text, at, b',')?;
            at = reader.space(text, at + 1);
        }
    }
    nothing_after(&mut reader, text, at + 1)
}

fn expect(text: &[u8], at: usize, expected: u8) -> Result<(), Stop> {
    match text.get(at) {
        Some(&byte) if byte == expected => Ok(()),
        Some(_) => Err(Stop::Wrong(at)),
        None => Err(Stop::Cut),
    }
}

fn nothing_after(reader: &mut Reader<'_>, text: &[u8], end: usize) -> Result<(), Stop> {
    let after = reader.space(text, end);
    if after == text.len() { Ok(()) } else { Err(Stop::Wrong(after)) }
}
