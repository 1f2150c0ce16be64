//! The module as JavaScript uses it, in Node and in a browser: the same tests
//! run in both, on the same fixtures as the native ones.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fixtures;
mod run;
mod zone;

use js_sys::{Array, Int32Array, JSON, Reflect};
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

/// A table's diagnostics, and its measures as the payloads they are.
fn read(table: &JsValue) -> (serde_json::Value, Vec<String>) {
    let table = Array::from(table);
    let text: serde_json::Value = serde_json::from_str(&table.get(0).as_string().unwrap()).unwrap();
    let rows = Int32Array::from(table.get(1)).to_vec();
    let measures = rows.chunks(3).map(|row| {
        let series = text["series"][row[0] as usize].as_object().unwrap();
        let value = JSON::stringify(&(f64::from(row[2]) / 100.0).into()).unwrap();
        let mut payload = format!(
            r#"{{"createdBy":{},"measureName":{},"startDate":{},"value":{value}"#,
            series["createdBy"], series["measureName"], text["dates"][row[1] as usize]
        );
        for group in ["group1", "group2", "group3"] {
            if let Some(value) = series.get(group) {
                payload += &format!(r#","{group}":{value}"#);
            }
        }
        payload + "}"
    });
    (text["diagnostics"].clone(), measures.collect())
}
