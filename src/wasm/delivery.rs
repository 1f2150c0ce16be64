//! What an answer of a DACC says of a measure, for hosts that send by hand.

use wasm_bindgen::prelude::*;

use super::{to_js, unusable};
use crate::effect::Response;
use crate::remote::Delivery;

/// What the answer of a DACC says of a measure that was sent to it.
#[wasm_bindgen(js_name = classifyAnswer, unchecked_return_type = "Delivery")]
pub fn classify_answer(
    status: u16,
    #[wasm_bindgen(js_name = contentType)] content_type: String,
    body: Vec<u8>,
) -> Result<JsValue, JsError> {
    to_js(&Delivery::of_answer(&Response { status, content_type, body, ..Response::default() }))
}

/// What it says that no answer came; `written` is false only where the
/// connection was surely never made.
#[wasm_bindgen(js_name = classifyNoAnswer, unchecked_return_type = "Delivery")]
pub fn classify_no_answer(
    written: bool,
    #[wasm_bindgen(unchecked_optional_param_type = "Unusable")] why: Option<String>,
) -> Result<JsValue, JsError> {
    to_js(&Delivery::without_answer(written, why.as_deref().and_then(unusable)))
}
