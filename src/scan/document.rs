use serde_json::value::RawValue;

/// One JSON value, whole and well-formed, as the bytes it was written in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a>(pub(super) &'a [u8]);

impl<'a> Document<'a> {
    /// The value that these bytes are, and nothing else.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Document<'a>> {
        serde_json::from_slice::<&RawValue>(bytes).ok().map(Document::from)
    }

    /// The value as written.
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The documents of an array; `None` if it is not one.
    pub(crate) fn elements(self) -> Option<Vec<Document<'a>>> {
        let elements: Vec<&RawValue> = serde_json::from_slice(self.0).ok()?;
        Some(elements.into_iter().map(Document::from).collect())
    }
}

impl<'a> From<&'a RawValue> for Document<'a> {
    fn from(raw: &'a RawValue) -> Self {
        Document(raw.get().as_bytes())
    }
}
