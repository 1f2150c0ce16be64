use std::sync::Arc;

/// The names of the fields that are kept of documents, in the order in which
/// a scanner gives the fields.
#[derive(Debug, Clone)]
pub(crate) enum Names<'n> {
    /// Those that a caller writes down.
    Of(&'n [&'n str]),
    /// Those that a description brings.
    Shared(Arc<Vec<Box<str>>>),
}

impl Names<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Names::Of(names) => names.len(),
            Names::Shared(names) => names.len(),
        }
    }

    /// The position of a name.
    pub(super) fn position(&self, name: &[u8]) -> Option<u8> {
        let position = match self {
            Names::Of(names) => names.iter().position(|known| known.as_bytes() == name),
            Names::Shared(names) => names.iter().position(|known| known.as_bytes() == name),
        };
        u8::try_from(position?).ok()
    }
}
