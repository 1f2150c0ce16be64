//! What is whole: a home, or all events at once.

use wasm_bindgen::prelude::*;

use super::read_options;
use super::table::Table;
use super::zone::with_transitions;
use crate::compute::Outcome;

/// The indicators of events alone: a JSON array, a `_find` answer or NDJSON.
/// Without `consent` nothing is computed.
#[wasm_bindgen(unchecked_return_type = "Table")]
pub fn aggregate(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    Ok(given(crate::compute::aggregate(bytes, &read_options(options)?)?))
}

/// The indicators of a whole home file; consent is read from its terms,
/// unless the options give it.
#[wasm_bindgen(js_name = aggregateHome, unchecked_return_type = "Table")]
pub fn aggregate_home(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    Ok(given(crate::preview::aggregate_home_with(bytes, &read_options(options)?, &with_transitions)?))
}

/// The `home` field of a home file: its name in a file of many.
#[wasm_bindgen(js_name = homeName)]
pub fn home_name(bytes: &[u8]) -> Result<Option<String>, JsError> {
    Ok(crate::preview::home_name(bytes)?)
}

fn given(outcome: Outcome) -> JsValue {
    let mut table = Table::default();
    outcome.measures.into_iter().for_each(|measure| table.push(measure));
    table.into_js(&outcome.diagnostics)
}
