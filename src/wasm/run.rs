//! The nightly run for a host in JavaScript: its steps, one call each.

use wasm_bindgen::prelude::*;

use super::{read_options, to_js};
use crate::{Answer, Effect, Input};

/// A nightly run in progress. Each call takes what happened and gives the
/// effects to perform; the last of them is the one whose outcome the next
/// call takes, or `done`.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Run(crate::Run);

#[wasm_bindgen]
impl Run {
    /// A run with these options, of which `now` is the time of the run.
    #[wasm_bindgen(constructor)]
    pub fn new(#[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue) -> Result<Run, JsError> {
        Ok(Run(crate::Run::new(read_options(options)?)?))
    }

    /// Begins the run.
    #[wasm_bindgen(unchecked_return_type = "Effect[]")]
    pub fn start(&mut self) -> Result<JsValue, JsError> {
        self.step(Input::Start)
    }

    /// The request was answered.
    #[wasm_bindgen(unchecked_return_type = "Effect[]")]
    pub fn answer(&mut self, status: u16, content_type: String, body: Vec<u8>) -> Result<JsValue, JsError> {
        self.step(Input::Answer(Answer { status, content_type, body }))
    }

    /// The request had no answer: the connection failed or timed out.
    #[wasm_bindgen(js_name = noAnswer, unchecked_return_type = "Effect[]")]
    pub fn no_answer(&mut self) -> Result<JsValue, JsError> {
        self.step(Input::NoAnswer)
    }

    fn step(&mut self, input: Input) -> Result<JsValue, JsError> {
        let effects: Vec<Effect> = self.0.step(input);
        to_js(&effects)
    }
}
