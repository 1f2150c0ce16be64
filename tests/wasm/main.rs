//! The module as JavaScript uses it, in Node and in a browser: the same tests
//! run in both, on the same fixtures as the native ones.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fixtures;
mod run;
mod zone;

use js_sys::{JSON, Reflect};
use wasm_bindgen::JsValue;

/// JSON as the object that a program in JavaScript would pass.
fn object(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

fn stringify(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

fn get(value: &JsValue, key: &str) -> JsValue {
    Reflect::get(value, &key.into()).unwrap()
}
