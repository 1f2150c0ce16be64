//! Files and Cozys in memory, and a host over them that can be killed.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::Options;
use dacc_aggregator::ecolyo::Doctypes;
use dacc_aggregator::effect::{Request, Response};
use dacc_aggregator::rights::{Collection, Effect, Input, Operation, Task};
use dacc_aggregator::run::{Circumstances, Run};
use serde_json::Value;

use crate::cozy::{self, Revisions};
use crate::zone::transitions;

use super::{MEASURES, MEMORY};
use crate::store::Store;

/// 10 April 2024, 12:00 in UTC.
pub const NOW: u64 = 1_712_750_400_000;

#[derive(Debug, Default, Clone)]
pub struct World {
    pub files: BTreeMap<String, Vec<u8>>,
    pub cozies: BTreeMap<&'static str, Store>,
    /// Reads of a file that fail from this byte on.
    pub unreadable: Option<(String, u64)>,
    /// The status of the server's answers, if it does not take measures.
    pub refuses: Option<u16>,
    /// The status and body of the server's answers, where they are its own.
    pub answers: Option<(u16, Value)>,
    /// A doctype and a verb that the app has no permission for.
    pub forbids: Option<(String, &'static str)>,
    /// Every request that was made to the home's Cozy, or through it.
    pub asked: Vec<Request>,
    /// What each of them needed a permission for.
    pub needed: BTreeSet<(String, &'static str)>,
    /// How many operations there were: each has randomness of its own.
    pub operations: u64,
    /// Whether the former home's address is another of the home's Cozy.
    pub one_cozy: bool,
}

/// The options of a command where none are given.
const NOON: &str = r#"{"now": "2024-04-10T12:00:00"}"#;

/// What becomes of an operation at one of its effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    Before(usize),
    After(usize),
}

/// How an operation ended.
#[derive(Debug)]
pub enum Ended {
    Done(Value),
    Failed(String),
    Killed,
}

/// The documents of a Cozy by doctype, without their revisions.
pub fn cozy_json(store: &Store) -> Value {
    let doctypes = Collection::ALL.into_iter().filter_map(|collection| {
        let doctypes = Doctypes::default();
        let doctype = collection.doctype(&doctypes)?.to_owned();
        let documents: Vec<Value> = store.documents(&doctype).map(without_revision).collect();
        (!documents.is_empty()).then_some((doctype, Value::from(documents)))
    });
    plain(doctypes.collect::<serde_json::Map<_, _>>().into())
}

/// A home without its random id, the count of its changes and what its memory leaves empty; a memory that
/// holds nothing else is none.
pub fn plain(mut home: Value) -> Value {
    let is_empty = |value: &Value| {
        value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
    };
    // How often commands changed it, too: one that was killed is begun again.
    for entry in home.get_mut(MEASURES).and_then(Value::as_array_mut).into_iter().flatten() {
        entry.as_object_mut().unwrap().remove("changes");
    }
    let Some(documents) = home.get_mut(MEMORY).and_then(Value::as_array_mut) else { return home };
    for document in documents.iter_mut() {
        let document = document.as_object_mut().unwrap();
        document.remove("home");
        document.remove("changes");
        if let Some(memory) = document.get_mut("memory").and_then(Value::as_object_mut) {
            memory.retain(|_, value| !is_empty(value));
        }
        document.retain(|name, value| name != "memory" || !is_empty(value));
    }
    documents.retain(|document| document.as_object().unwrap().len() > 1);
    if documents.is_empty() {
        home.as_object_mut().unwrap().remove(MEMORY);
    }
    home
}

fn without_revision(document: &Value) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().remove("_rev");
    document
}

/// What a request needs a permission for: a doctype and a verb.
pub fn needed(store: &Store, request: &Request) -> (String, &'static str) {
    let mut parts = request.url.trim_start_matches('/').split(['/', '?']);
    let (face, doctype, name) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or(""));
    let verb = match (face, request.method, name) {
        ("jobs", "GET", _) => return ("io.cozy.triggers".into(), "GET"),
        ("jobs", ..) => return ("io.cozy.jobs".into(), "POST"),
        ("remote", ..) | (_, "POST", "_bulk_docs") => "POST",
        (_, "GET", _) | (_, "POST", "_find" | "_index" | "_all_docs") => "GET",
        // One that is not there yet is created.
        (_, "PUT", id) if store.get(doctype, id).is_none() => "POST",
        (_, "PUT", _) => "PUT",
        _ => panic!("{request:?}"),
    };
    (doctype.to_owned(), verb)
}

/// The answer of a Cozy to whatever is asked of it.
pub fn serve(store: &mut Store, request: &Request, forbids: Option<&(String, &'static str)>) -> Response {
    if forbids == Some(&needed(store, request)) {
        return cozy::json_answer(403, &Value::Null);
    }
    match request.url.as_str() {
        "/jobs/triggers" => cozy::triggers(store),
        "/jobs/queue/service" => cozy::json_answer(201, &Value::Null),
        _ => cozy::serve(store, request, Revisions::Checked),
    }
}

impl World {
    /// A world with the home in a file.
    pub fn with_home(home: &str) -> World {
        let mut world = World::default();
        world.files.insert("home".into(), home.as_bytes().to_vec());
        world
    }

    /// The same home in a Cozy.
    pub fn put_in_cozy(&mut self, name: &'static str, home: &Value) {
        let store = self.cozies.entry(name).or_default();
        for (doctype, documents) in home.as_object().unwrap() {
            store.made(doctype);
            for document in documents.as_array().unwrap() {
                store.put(doctype, document["_id"].as_str().unwrap(), document.clone());
            }
        }
    }

    /// Carries a command out.
    pub fn run(&mut self, task: &str) -> Result<Value, String> {
        self.run_with(NOON, task)
    }

    /// The same with these options.
    pub fn run_with(&mut self, options: &str, task: &str) -> Result<Value, String> {
        match self.operate(options, task, None).0 {
            Ended::Done(outcome) => Ok(outcome),
            Ended::Failed(why) => Err(why),
            Ended::Killed => unreachable!(),
        }
    }

    /// The same, up to a kill; tells how many effects were asked for.
    pub fn run_until(&mut self, task: &str, kill: Option<Kill>) -> (Ended, usize) {
        self.operate(NOON, task, kill)
    }

    fn operate(&mut self, options: &str, task: &str, kill: Option<Kill>) -> (Ended, usize) {
        let options = Options::from_json(options).unwrap();
        let task: Task = serde_json::from_str(task).unwrap();
        self.operations += 1;
        let mut operation = Operation::new(task, options, self.operations).unwrap();
        let mut making: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut input = Input::Start;
        for at in 0.. {
            let mut effects = operation.step(NOW, input);
            let effect = effects.pop().unwrap();
            assert!(effects.is_empty(), "only the last effect is to be answered");
            match effect {
                Effect::Done(outcome) => return (Ended::Done(serde_json::from_str(&outcome).unwrap()), at),
                Effect::Failed(why) => return (Ended::Failed(why), at),
                _ if kill == Some(Kill::Before(at)) => return (Ended::Killed, at),
                effect => input = self.perform(effect, &mut making),
            }
            if kill == Some(Kill::After(at)) {
                return (Ended::Killed, at);
            }
        }
        unreachable!()
    }

    pub fn perform(&mut self, effect: Effect, making: &mut BTreeMap<String, Vec<u8>>) -> Input {
        match effect {
            Effect::Request(home, request) => {
                let home = if self.one_cozy { "home" } else { home };
                self.asked.push(request.clone());
                let store = self.cozies.entry(home).or_default();
                self.needed.insert(needed(store, &request));
                Input::Answer(serve(store, &request, self.forbids.as_ref()))
            }
            Effect::Wait { .. } => Input::Waited,
            Effect::Offsets { zone, .. } => Input::Offsets(transitions(&zone)),
            Effect::Read { file, at, length } => {
                if self.unreadable.as_ref().is_some_and(|(name, from)| *name == file && at >= *from) {
                    return Input::Failed(format!("{file}: it cannot be read"));
                }
                let is_scratch = file.starts_with("scratch:");
                let content = if is_scratch { making.get(&file) } else { self.files.get(&file) };
                let Some(content) = content else { return Input::Failed(format!("{file}: there is none")) };
                let from = usize::try_from(at).unwrap().min(content.len());
                // Less than asked for, as a pipe gives it.
                let to = (from + length.min(1_000)).min(content.len());
                let to = if is_scratch { (from + length).min(content.len()) } else { to };
                Input::Bytes(content[from..to].to_vec())
            }
            Effect::Append { file, bytes } => {
                making.entry(file).or_default().extend(bytes);
                Input::Done
            }
            Effect::Commit { file } => {
                let made = making.remove(&file).unwrap();
                self.files.insert(file, made);
                Input::Done
            }
            Effect::Discard { file } => {
                making.remove(&file);
                Input::Done
            }
            _ => panic!("an effect of a later version"),
        }
    }

    pub fn text(&self, file: &str) -> &str {
        std::str::from_utf8(&self.files[file]).unwrap()
    }

    /// The home, wherever it is.
    pub fn home(&self, place: &str) -> Value {
        match place {
            "file" => plain(serde_json::from_slice(&self.files["home"]).unwrap()),
            _ => cozy_json(&self.cozies["home"]),
        }
    }

    /// What the nightly run of the Cozy would send on the night after: each
    /// request to the remote doctype, as its measure.
    pub fn sent_by_a_run(&mut self, now: &str) -> Vec<Value> {
        self.sent_by_a_run_at(now, 0)
    }

    /// The same, so many milliseconds later.
    pub fn sent_by_a_run_at(&mut self, now: &str, later: u64) -> Vec<Value> {
        self.sent_by(&format!(r#"{{"now": "{now}"}}"#), later, None)
    }

    /// The same with these options.
    pub fn sent_by_a_run_with(&mut self, options: &str) -> Vec<Value> {
        self.sent_by(options, 0, None)
    }

    /// The same within so many seconds.
    pub fn sent_in_time(&mut self, options: &str, limit: Option<u64>) -> Vec<Value> {
        self.sent_by(options, 0, limit)
    }

    /// The payloads that a run of these measures sends.
    pub fn sent_of_measures(&mut self, options: &str, payloads: &[String]) -> Vec<Value> {
        let options = Options::from_json(options).unwrap();
        self.sent_of(Run::of_measures(options, Circumstances::default(), payloads).unwrap(), 0)
    }

    fn sent_by(&mut self, options: &str, later: u64, time_limit: Option<u64>) -> Vec<Value> {
        let options = Options::from_json(options).unwrap();
        let circumstances = Circumstances { time_limit, ..Circumstances::default() };
        self.sent_of(Run::new(options, circumstances).unwrap(), later)
    }

    fn sent_of(&mut self, mut run: Run, later: u64) -> Vec<Value> {
        let mut sent = Vec::new();
        let mut input = dacc_aggregator::effect::Input::Start;
        loop {
            let effect = run.step(NOW + later, input).pop().unwrap();
            if let dacc_aggregator::effect::Effect::Request(request) = &effect
                && request.url.starts_with('/')
            {
                self.asked.push(request.clone());
                self.needed.insert(needed(self.cozies.entry("home").or_default(), request));
            }
            match effect {
                dacc_aggregator::effect::Effect::Request(request) if !request.url.starts_with('/') => {
                    input = dacc_aggregator::effect::Input::Answer(cozy::json_answer(201, &Value::Null));
                }
                dacc_aggregator::effect::Effect::Request(request) if request.url.starts_with("/remote/") => {
                    let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
                    sent.push(serde_json::from_str(body["data"].as_str().unwrap()).unwrap());
                    let taken = (self.refuses.unwrap_or(201), Value::Null);
                    let (status, body) = self.answers.clone().unwrap_or(taken);
                    input = dacc_aggregator::effect::Input::Answer(cozy::json_answer(status, &body));
                }
                dacc_aggregator::effect::Effect::Request(request) => {
                    let store = self.cozies.entry("home").or_default();
                    input =
                        dacc_aggregator::effect::Input::Answer(serve(store, &request, self.forbids.as_ref()));
                }
                dacc_aggregator::effect::Effect::Offsets { zone, .. } => {
                    input = dacc_aggregator::effect::Input::Offsets(transitions(&zone));
                }
                dacc_aggregator::effect::Effect::Done(_) => return sent,
                _ => input = dacc_aggregator::effect::Input::Waited,
            }
        }
    }
}
