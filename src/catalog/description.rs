//! An app as it is written: `app.json` as types.

use std::sync::Arc;

use serde::Serialize;

use super::Definition;
use crate::app::Source;
use crate::decode::{deserialized, object};

/// An app as data: where its events are, and what is measured of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Where an editor finds the schema; not read.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The app's slug.
    pub app: String,
    /// Where events are found.
    pub sources: Vec<Source>,
    /// The indicators, in the order their measures come out.
    pub indicators: Vec<Arc<Definition>>,
}

deserialized!(Description);

object!(Description {
    optional "$schema" => schema,
    required "app" => app,
    required "sources" => sources,
    required "indicators" => indicators,
});
