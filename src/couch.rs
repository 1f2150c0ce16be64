//! Tells an app's documents from those that CouchDB keeps beside them.

use crate::scan::{self, Document, Field};

/// Whether a document with these fields, its `_id` and `_deleted`, is one of
/// the app's: CouchDB's own stand in the same database, and a file of a home
/// may hold what was deleted.
pub(crate) fn is_of_app(id: Option<Field<'_>>, deleted: Option<Field<'_>>) -> bool {
    let is_deleted = deleted.and_then(Field::boolean) == Some(true);
    !is_deleted && !id.and_then(Field::text).is_some_and(|id| is_own(id.as_bytes()))
}

/// The same of a document that is not looked at otherwise. What is no object
/// is none that CouchDB keeps.
pub(crate) fn is_document_of_app(document: Document<'_>) -> bool {
    scan::fields(document, ["_id", "_deleted"]).is_none_or(|[id, deleted]| is_of_app(id, deleted))
}

/// Whether an `_id` is one of CouchDB's own documents.
#[inline]
pub(crate) fn is_own(id: &[u8]) -> bool {
    id.first() == Some(&b'_') && (id.starts_with(b"_design/") || id.starts_with(b"_local/"))
}

#[cfg(test)]
mod tests {
    use super::is_document_of_app;
    use crate::scan::Document;

    #[test]
    fn couchdbs_own_documents_and_deleted_ones_are_not_the_apps() {
        for (document, expected) in [
            (r#"{"_id":"_design/events"}"#, false),
            (r#"{"_id":"_local/checkpoint"}"#, false),
            (r#"{"_id":"\u005fdesign\/events"}"#, false),
            (r#"{"_id":"a","_deleted":true}"#, false),
            (r#"{"_deleted":true}"#, false),
            (r#"{"_id":"a","_deleted":false}"#, true),
            (r#"{"_id":"a","_deleted":"true"}"#, true),
            (r#"{"_id":"a","_deleted":null}"#, true),
            (r#"{"_id":"_design"}"#, true),
            (r#"{"_id":"_Design/a"}"#, true),
            (r#"{"_id":"a_design/b"}"#, true),
            (r#"{"_id":5}"#, true),
            ("{}", true),
            ("7", true),
        ] {
            assert_eq!(is_document_of_app(Document::known(document)), expected, "{document}");
        }
    }
}
