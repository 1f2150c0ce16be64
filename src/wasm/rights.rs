//! The person's rights for a host in JavaScript: one call a step.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::zone::offsets;
use super::{json, read_options, unusable};
use crate::effect::Response;
use crate::error::Error;
use crate::rights::{Effect, Input, Operation, Task};

/// A command in progress. Each call takes what happened, and the clock in
/// milliseconds since 1970, and gives the effect to perform, whose outcome the
/// next call takes; after `done` or `failed` there is none.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Rights {
    operation: Operation,
    now: Option<String>,
}

#[wasm_bindgen]
impl Rights {
    /// A command with these options, of which `now` is the time; `seed` is a
    /// whole number that its randomness comes from.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "RightsTask")] task: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
        seed: f64,
    ) -> Result<Rights, JsError> {
        let task: Task = serde_json::from_str(&json(&task)?)
            .map_err(|_| Error::option("task: a command of the rights and a home are needed"))?;
        let options = read_options(options)?;
        let now = options.now.clone();
        Ok(Rights { operation: Operation::new(task, options, super::millis(seed))?, now })
    }

    /// Begins.
    #[wasm_bindgen(unchecked_return_type = "RightsEffect")]
    pub fn start(&mut self, now: f64) -> Result<JsValue, JsError> {
        self.step(now, Input::Start)
    }

    /// What was appended is, the file is in its place or forgotten.
    #[wasm_bindgen(unchecked_return_type = "RightsEffect")]
    pub fn done(&mut self, now: f64) -> Result<JsValue, JsError> {
        self.step(now, Input::Done)
    }

    /// The time has passed.
    #[wasm_bindgen(unchecked_return_type = "RightsEffect")]
    pub fn waited(&mut self, now: f64) -> Result<JsValue, JsError> {
        self.step(now, Input::Waited)
    }

    /// The bytes that were asked for.
    #[wasm_bindgen(unchecked_return_type = "RightsEffect")]
    pub fn bytes(&mut self, now: f64, bytes: Vec<u8>) -> Result<JsValue, JsError> {
        self.step(now, Input::Bytes(bytes))
    }

    /// The file could not be read or written; one sentence says why.
    #[wasm_bindgen(unchecked_return_type = "RightsEffect")]
    pub fn failed(&mut self, now: f64, why: String) -> Result<JsValue, JsError> {
        self.step(now, Input::Failed(why))
    }

    /// The request was answered.
    #[wasm_bindgen(unchecked_return_type = "RightsEffect")]
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

    /// The request had no answer.
    #[wasm_bindgen(js_name = noAnswer, unchecked_return_type = "RightsEffect")]
    pub fn no_answer(&mut self, now: f64) -> Result<JsValue, JsError> {
        self.step(now, Input::NoAnswer)
    }

    /// The answer cannot be used.
    #[wasm_bindgen(unchecked_return_type = "RightsEffect")]
    pub fn unusable(
        &mut self,
        now: f64,
        #[wasm_bindgen(unchecked_param_type = "Unusable")] why: &str,
    ) -> Result<JsValue, JsError> {
        self.step(now, unusable(why).map_or(Input::NoAnswer, Input::Unusable))
    }

    fn step(&mut self, now: f64, input: Input) -> Result<JsValue, JsError> {
        let now = super::millis(now);
        let mut effect = self.operation.step(now, input).pop();
        // The host's time-zone data are at hand here.
        while let Some(Effect::Offsets { zone, clock }) = &effect {
            let offsets = offsets(self.now.as_deref(), zone, *clock);
            effect = self.operation.step(now, Input::Offsets(offsets)).pop();
        }
        let effect = effect.ok_or_else(|| JsError::new("the command is over"))?;
        object(effect).map_err(|_| JsError::new("the effect cannot be given"))
    }
}

/// The record of processing activities.
#[wasm_bindgen(js_name = processingRecord, unchecked_return_type = "ProcessingRecord")]
pub fn processing_record(
    #[wasm_bindgen(unchecked_param_type = "Options")] options: JsValue,
) -> Result<JsValue, JsError> {
    let record = serde_json::to_string(&crate::rights::record(&read_options(options)?)?)?;
    js_sys::JSON::parse(&record).map_err(|_| JsError::new("the record is no JSON"))
}

/// By hand, as bytes have to cross in one piece.
#[expect(clippy::cast_precision_loss, reason = "a place in a file is below 2^53")]
fn object(effect: Effect) -> Result<JsValue, JsValue> {
    let object = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&object, &name.into(), value).map(drop);
    let named = |name: &str, file: &str| set("effect", &name.into()).and_then(|()| set("file", &file.into()));
    match effect {
        Effect::Request(home, request) => {
            set("effect", &"request".into())?;
            set("home", &home.into())?;
            set("method", &request.method.into())?;
            set("url", &request.url.into())?;
            if let Some(body) = request.body {
                set("body", &body.into())?;
            }
        }
        Effect::Offsets { .. } => {}
        Effect::Wait { millis } => {
            set("effect", &"wait".into())?;
            set("millis", &(millis as f64).into())?;
        }
        Effect::Read { file, at, length } => {
            named("read", &file)?;
            set("at", &(at as f64).into())?;
            set("length", &(length as f64).into())?;
        }
        Effect::Append { file, bytes } => {
            named("append", &file)?;
            set("bytes", &Uint8Array::from(&bytes[..]).into())?;
        }
        Effect::Commit { file } => named("commit", &file)?,
        Effect::Discard { file } => named("discard", &file)?,
        Effect::Done(outcome) => {
            set("effect", &"done".into())?;
            set("outcome", &js_sys::JSON::parse(&outcome)?)?;
        }
        Effect::Failed(why) => {
            set("effect", &"failed".into())?;
            set("why", &why.into())?;
        }
    }
    Ok(object.into())
}
