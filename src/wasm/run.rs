//! The nightly run for a host in JavaScript: its steps, one call each.

use wasm_bindgen::prelude::*;

use super::zone::offsets;
use super::{from_js, read_options, to_js, unusable};
use crate::effect::{Effect, Input, Response};

/// A nightly run in progress. Each call takes what happened, and the clock in
/// milliseconds since 1970, and gives the effects to perform; the last of them
/// is the one whose outcome the next call takes, or `done`.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Run {
    run: crate::run::Run,
    /// The time of the run, as it was given.
    now: Option<String>,
}

#[wasm_bindgen]
impl Run {
    /// A run with these options, of which `now` is the time of the run. Where
    /// payloads are given, it sends these and computes nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Circumstances")] circumstances: JsValue,
        measures: Option<Vec<String>>,
    ) -> Result<Run, JsError> {
        let options = read_options(options)?;
        let (now, circumstances) = (options.now.clone(), from_js(&circumstances)?);
        let run = match measures {
            Some(measures) => crate::run::Run::of_measures(options, circumstances, &measures)?,
            None => crate::run::Run::new(options, circumstances)?,
        };
        Ok(Run { run, now })
    }

    /// Begins the run.
    #[wasm_bindgen(unchecked_return_type = "Effect[]")]
    pub fn start(&mut self, now: f64) -> Result<JsValue, JsError> {
        self.step(now, Input::Start)
    }

    /// The next bytes of the good answer (status 200) to a request with
    /// `inPieces`; what follows the last of them is the answer's body.
    pub fn piece(&mut self, now: f64, bytes: Vec<u8>) {
        // It asks for nothing before the outcome is known.
        _ = self.run.step(super::millis(now), Input::Piece(bytes));
    }

    /// The request was answered.
    #[wasm_bindgen(unchecked_return_type = "Effect[]")]
    pub fn answer(
        &mut self,
        now: f64,
        status: u16,
        #[wasm_bindgen(js_name = contentType)] content_type: String,
        #[wasm_bindgen(js_name = retryAfter)] retry_after: Option<u32>,
        body: Vec<u8>,
    ) -> Result<JsValue, JsError> {
        let retry_after = retry_after.map(u64::from);
        self.step(now, Input::Answer(Response { status, content_type, retry_after, body }))
    }

    /// The request had no answer; `written` is false only where the connection
    /// was surely never made.
    #[wasm_bindgen(js_name = noAnswer, unchecked_return_type = "Effect[]")]
    pub fn no_answer(&mut self, now: f64, written: bool) -> Result<JsValue, JsError> {
        self.step(now, Input::NoAnswer { written })
    }

    /// The answer cannot be used.
    #[wasm_bindgen(unchecked_return_type = "Effect[]")]
    pub fn unusable(
        &mut self,
        now: f64,
        written: bool,
        #[wasm_bindgen(unchecked_param_type = "Unusable")] why: &str,
    ) -> Result<JsValue, JsError> {
        self.step(
            now,
            unusable(why).map_or(Input::NoAnswer { written }, |why| Input::Unusable { written, why }),
        )
    }

    /// The time has passed.
    #[wasm_bindgen(unchecked_return_type = "Effect[]")]
    pub fn waited(&mut self, now: f64) -> Result<JsValue, JsError> {
        self.step(now, Input::Waited)
    }

    fn step(&mut self, now: f64, input: Input) -> Result<JsValue, JsError> {
        let now = super::millis(now);
        let mut effects: Vec<Effect> = self.run.step(now, input);
        // The host's time-zone data are at hand here.
        while let Some(Effect::Offsets { zone, clock }) = effects.last() {
            let input = Input::Offsets(offsets(self.now.as_deref(), zone, *clock));
            effects.pop();
            effects.extend(self.run.step(now, input));
        }
        to_js(&effects)
    }
}
