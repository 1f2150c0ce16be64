//! Nights of the service, one after the other, over a Cozy in memory and a
//! server that takes everything.

use dacc_aggregator::effect::{Effect, Input, Report};
use dacc_aggregator::run::{Circumstances, Run};
use serde_json::Value;

use crate::cozy::{self, Revisions};
use crate::store::Store;
use crate::zone::with_zone;

/// A home, and what left it.
#[derive(Debug, Default)]
pub struct Nights {
    pub store: Store,
    pub sent: Vec<String>,
}

impl Nights {
    /// The documents of a home, `{"<doctype>": [document, …], …}`, each with an `_id`.
    pub fn of(home: &Value) -> Nights {
        let mut nights = Nights::default();
        for (doctype, documents) in home.as_object().unwrap() {
            for document in documents.as_array().unwrap() {
                nights.store.put(doctype, document["_id"].as_str().unwrap(), document.clone());
            }
        }
        nights
    }

    /// Runs the service under these options, of which `now` is one.
    pub fn night(&mut self, options: &Value) -> Report {
        let mut run = Run::new(with_zone(&options.to_string()), Circumstances::default()).unwrap();
        let mut input = Input::Start;
        // The clock of the process; the day of the run is that of its options.
        let mut clock = 1_710_032_400_000;
        loop {
            clock += 50;
            input = match run.step(clock, input).pop().unwrap() {
                Effect::Request(request) if request.url.starts_with("/remote/") => {
                    let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
                    self.sent.push(body["data"].as_str().unwrap().to_owned());
                    Input::Answer(cozy::answer(201, "application/json", r#"{"ok":true}"#))
                }
                Effect::Request(request) => {
                    Input::Answer(cozy::serve(&mut self.store, &request, Revisions::Checked))
                }
                Effect::Wait { .. } => Input::Waited,
                Effect::Done(report) => return report,
                effect => panic!("nothing answers {effect:?}"),
            };
        }
    }

    /// What was sent of an indicator: the date and the value of each.
    pub fn values(&self, name: &str) -> Vec<(String, String)> {
        let sent = self.sent.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
        sent.filter(|measure| measure["measureName"] == name)
            .map(|measure| (measure["startDate"].as_str().unwrap().to_owned(), measure["value"].to_string()))
            .collect()
    }
}
