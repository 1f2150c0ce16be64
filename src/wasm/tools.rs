//! What developers ask of a module, beside measures.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use super::zone::with_transitions;
use super::{from_js, parsed, read_options, to_js};
use crate::catalog::{Catalog, CatalogFile};
use crate::decode::object;
use crate::diagnostics::Code;
use crate::ecolyo::DEFAULT_SLUG;

/// Which events made each measure of `aggregate`, and why others made none.
#[wasm_bindgen(unchecked_return_type = "Explanation")]
pub fn explain(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    parsed(&crate::explain::explain(bytes, &read_options(options)?)?)
}

/// Which events made each measure of `aggregateHome`, and why others made none.
#[wasm_bindgen(js_name = explainHome, unchecked_return_type = "Explanation")]
pub fn explain_home(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    parsed(&crate::explain::explain_home_with(bytes, &read_options(options)?, &with_transitions)?)
}

/// The definitions file that the DACC server imports, for the built-in
/// catalog or for the one given.
#[wasm_bindgen(unchecked_return_type = "Definitions")]
pub fn definitions(
    #[wasm_bindgen(unchecked_param_type = "{ org?: string; createdBy?: string; catalog?: Catalog }")]
    options: JsValue,
) -> Result<JsValue, JsError> {
    let DefinitionsRequest { org, created_by, catalog } = from_js(&options)?;
    let catalog = Catalog::shared(super::app().as_ref(), catalog.as_ref())?;
    let app = super::app();
    let own = app.as_ref().map_or(DEFAULT_SLUG, |app| &app.app);
    to_js(&catalog.registrations(org.as_deref().unwrap_or("grandlyon"), created_by.as_deref().unwrap_or(own)))
}

/// What a catalog is, and for whom definitions are made.
struct DefinitionsRequest {
    org: Option<String>,
    created_by: Option<String>,
    catalog: Option<CatalogFile>,
}

object!(DefinitionsRequest {
    optional "org" => org,
    optional "createdBy" => created_by,
    optional "catalog" => catalog,
});

/// The built-in catalog; or all the indicators that a catalog comes to, those
/// it extends and changes among them.
#[wasm_bindgen(unchecked_return_type = "WholeCatalog")]
pub fn catalog(
    #[wasm_bindgen(unchecked_param_type = "{ catalog?: Catalog }")] options: JsValue,
) -> Result<JsValue, JsError> {
    let DefinitionsRequest { catalog, .. } = from_js(&options)?;
    let catalog = Catalog::shared(super::app().as_ref(), catalog.as_ref())?;
    let indicators = catalog.definitions().cloned().map(Arc::new).collect();
    to_js(&CatalogFile { indicators, ..Default::default() })
}

/// One sentence for each diagnostic code.
#[wasm_bindgen(js_name = diagnosticCodes, unchecked_return_type = "Record<DiagnosticCode, string>")]
pub fn diagnostic_codes() -> Result<JsValue, JsError> {
    let sentences = Code::ALL.iter().map(|code| (code.as_str(), code.sentence()));
    to_js(&sentences.collect::<std::collections::BTreeMap<_, _>>())
}
