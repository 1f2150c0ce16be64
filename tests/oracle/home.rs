//! A Cozy of a test's own, and nights in it: the real run, and what it sends.

use dacc_aggregator::Options;
use dacc_aggregator::effect::{Effect, Input, Report};
use dacc_aggregator::run::{Circumstances, Run};
use serde_json::{Value, json};

use crate::arbitrary::Document;
use crate::cozy::{self, Revisions, json_answer};
use crate::reading;
use crate::store::Store;
use crate::transitions;

/// What a night sent, as payloads in order of their texts, and how it ended.
pub struct Night {
    pub sent: Vec<String>,
    pub report: Report,
}

/// The text of the measure in a request to a remote doctype.
fn payload(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["data"].as_str().unwrap().to_owned()
}

/// Lives through a night in which nothing goes wrong.
pub fn night(store: &mut Store, options: Options) -> Night {
    let mut run = Run::new(options, Circumstances { seed: 1, ..Circumstances::default() }).unwrap();
    let (mut input, mut clock, mut sent) = (Input::Start, 1_000_000_000_000, Vec::new());
    loop {
        clock += 10;
        let effects = run.step(clock, input);
        input = match effects.last().unwrap() {
            Effect::Request(request) if request.url.starts_with("/remote/") => {
                sent.push(payload(request.body.as_deref().unwrap()));
                Input::Answer(json_answer(201, &json!({"ok": true})))
            }
            Effect::Request(request) if request.url == "/jobs/triggers" => {
                Input::Answer(cozy::triggers(store))
            }
            Effect::Request(request) => Input::Answer(cozy::serve(store, request, Revisions::Checked)),
            Effect::Offsets { zone, .. } => Input::Offsets(transitions(zone)),
            Effect::Wait { millis } => {
                clock += millis;
                Input::Waited
            }
            Effect::Done(report) => {
                sent.sort();
                return Night { sent, report: report.clone() };
            }
            other => panic!("{other:?}"),
        };
    }
}

/// A document as a Cozy keeps it: an object with an `_id` of its own.
pub fn storable(document: &Document, id: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_str(&document.text()).ok()?;
    let fields = value.as_object_mut()?;
    fields.remove("_deleted");
    fields.insert("_id".into(), id.into());
    Some(value)
}

/// The home of a Cozy, as the oracle reads it.
pub fn read(store: &Store, doctypes: &[&str]) -> reading::Home {
    let documents = |doctype: &str| store.documents(doctype).map(Value::to_string).collect();
    doctypes.iter().map(|doctype| ((*doctype).to_owned(), documents(doctype))).collect()
}

/// The same as one text, as the library reads it.
pub fn text(store: &Store, doctypes: &[&str]) -> String {
    let home = read(store, doctypes);
    let doctypes = home.iter().map(|(doctype, texts)| format!("\"{doctype}\":[{}]", texts.join(",")));
    format!("{{{}}}", doctypes.collect::<Vec<_>>().join(","))
}
