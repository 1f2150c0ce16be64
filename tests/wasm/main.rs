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
    let [series, rows] = [1, 2].map(|place| Int32Array::from(table.get(place)).to_vec());
    let measures = rows.chunks(3).map(|row| {
        let [created_by, name, groups @ ..] = &series[row[0] as usize * 5..][..5] else { unreachable!() };
        let value = JSON::stringify(&(f64::from(row[2]) / 100.0).into()).unwrap();
        let mut payload = format!(
            r#"{{"createdBy":{},"measureName":{},"startDate":{},"value":{value}"#,
            text["names"][*created_by as usize],
            text["names"][*name as usize],
            text["dates"][row[1] as usize]
        );
        for (name, &group) in ["group1", "group2", "group3"].iter().zip(groups) {
            if group != -1 {
                payload += &format!(r#","{name}":{}"#, text["groups"][group as usize]);
            }
        }
        payload + "}"
    });
    (text["diagnostics"].clone(), measures.collect())
}
