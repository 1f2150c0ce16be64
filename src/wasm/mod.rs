//! The face that JavaScript sees; the only place that knows it.
//!
//! Documents cross as bytes, never as objects; options and results are small
//! and typed (`types.d.ts` becomes part of the generated declarations). The
//! functions are made of four steps: read the options, fill in what only
//! JavaScript knows (the zone), call the pure crate, give the result back.

mod browser;
mod run;
mod zone;

pub use browser::run;
pub use run::Run;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::options::{Options, without_position};
use crate::{Catalog, Code, Error};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// The indicators of events alone: a JSON array, a `_find` answer or NDJSON.
/// Without `consent` nothing is computed.
#[wasm_bindgen(unchecked_return_type = "Outcome")]
pub fn aggregate(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    to_js(&crate::aggregate(bytes, &read_options(options)?)?)
}

/// The indicators of a whole home file; consent is read from its terms,
/// unless the options give it.
#[wasm_bindgen(js_name = aggregateHome, unchecked_return_type = "Outcome")]
pub fn aggregate_home(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    to_js(&crate::aggregate_home(bytes, &read_options(options)?)?)
}

/// Which events made each measure of `aggregate`, and why others made none.
#[wasm_bindgen(unchecked_return_type = "Explanation")]
pub fn explain(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    parsed(&crate::explain(bytes, &read_options(options)?)?)
}

/// Which events made each measure of `aggregateHome`, and why others made none.
#[wasm_bindgen(js_name = explainHome, unchecked_return_type = "Explanation")]
pub fn explain_home(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    parsed(&crate::explain_home(bytes, &read_options(options)?)?)
}

/// The `home` field of a home file: its name in a file of many.
#[wasm_bindgen(js_name = homeName)]
pub fn home_name(bytes: &[u8]) -> Result<Option<String>, JsError> {
    Ok(crate::home_name(bytes)?)
}

/// The definitions file that the DACC server imports, for the built-in
/// catalog or for the one given.
#[wasm_bindgen(unchecked_return_type = "Definitions")]
pub fn definitions(
    #[wasm_bindgen(unchecked_param_type = "{ org?: string; createdBy?: string; catalog?: Catalog }")]
    options: JsValue,
) -> Result<JsValue, JsError> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
    struct For {
        org: Option<String>,
        created_by: Option<String>,
        catalog: Option<crate::CatalogFile>,
    }
    let For { org, created_by, catalog } = from_js(options)?;
    let catalog = catalog.map_or_else(|| Ok(Catalog::built_in()), Catalog::new)?;
    let (org, created_by) = (org.as_deref(), created_by.as_deref());
    to_js(&catalog.registrations(org.unwrap_or("grandlyon"), created_by.unwrap_or("ecolyo")))
}

/// The built-in catalog.
#[wasm_bindgen(js_name = catalog, unchecked_return_type = "Catalog")]
pub fn catalog() -> Result<JsValue, JsError> {
    let indicators = Catalog::built_in().definitions().cloned().collect();
    to_js(&crate::CatalogFile { indicators, ..Default::default() })
}

/// One sentence for each diagnostic code.
#[wasm_bindgen(js_name = diagnosticCodes, unchecked_return_type = "Record<DiagnosticCode, string>")]
pub fn diagnostic_codes() -> Result<JsValue, JsError> {
    let sentences = Code::ALL.iter().map(|code| (code.as_str(), code.sentence()));
    to_js(&sentences.collect::<std::collections::BTreeMap<_, _>>())
}

/// Options as JavaScript gives them, with the offsets of their zone.
fn read_options(options: JsValue) -> Result<Options, Error> {
    zone::with_transitions(Options::from_json(&json(&options)?)?)
}

fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    serde_json::from_str(&json(&value)?)
        .map_err(|error| Error::option(format_args!("options: {}", without_position(&error))))
}

/// Options cross as JSON: they are small, and so a name that is not known is
/// refused (serde-wasm-bindgen asks an object only for the names it knows).
fn json(value: &JsValue) -> Result<String, Error> {
    if value.is_undefined() || value.is_null() {
        return Ok("{}".to_owned());
    }
    let json = js_sys::JSON::stringify(value).ok().and_then(|json| json.as_string());
    json.ok_or_else(|| Error::option("options: an object is needed"))
}

/// A JavaScript clock's milliseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock is below 2^53")]
fn millis(now: f64) -> u64 {
    now.max(0.0) as u64
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}

/// What is large crosses as one text: a call for each of its fields is many
/// times slower.
fn parsed(value: &impl Serialize) -> Result<JsValue, JsError> {
    let unreadable = || JsError::new("the result is too large for this machine");
    let json = serde_json::to_string(value).map_err(|_| unreadable())?;
    js_sys::JSON::parse(&json).map_err(|_| unreadable())
}
