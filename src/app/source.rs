//! The sources of an app as they are written.

use serde::Serialize;

use super::Kind;
use crate::base::json::is_default;
use crate::decode::object;

/// A doctype in which events are found, and how a document becomes one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The source's name in the description.
    pub name: String,
    /// The doctype of the documents.
    pub doctype: String,
    /// Whether the documents are the app's own: only such are ever marked,
    /// deleted or written.
    #[serde(skip_serializing_if = "is_default")]
    pub owned: bool,
    /// The path of the field that says of which type an event is; where it is
    /// absent, all are of the one that there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_field: Option<String>,
    /// The types that events can be of.
    pub types: Vec<String>,
    /// The path of the event's date-time.
    pub date: String,
    /// The key of the mark that a run sets on what it counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDefinition>,
}

object!(Source {
    required "name" => name,
    required "doctype" => doctype,
    optional "owned" => owned,
    optional "typeField" => type_field,
    required "types" => types,
    required "date" => date,
    optional "flag" => flag,
    optional "fields" => fields,
});

/// A field of events: where it stands, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDefinition {
    /// The field's name in the description.
    pub name: String,
    /// Where it stands in a document; its name where this is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What it holds.
    pub kind: Kind,
}

object!(FieldDefinition {
    required "name" => name,
    optional "path" => path,
    required "kind" => kind,
});
