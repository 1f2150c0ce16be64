//! A run as the list of its inputs, to be played again to the same effects.
//!
//! A recording is for finding out what went wrong in somebody's run, so by
//! default it holds nothing of their events: documents of events become stubs
//! with a number for an id (and, of one that is kept too long, that it is),
//! remembered facts are left out, and what was computed of them is kept instead
//! (that leaves the home anyway). Effects are
//! looked at in the same way, so those of a replay are the recorded ones.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::retention::EventFilter;
use super::{Circumstances, Run};
use crate::calendar::{Clock, Day, Transition};
use crate::diagnostics::Diagnostics;
use crate::effect::{Effect, Input, Request, Response, Unusable};
use crate::error::Error;
use crate::ledger::{Contribution, RecordedContribution};
use crate::memory::Memory;
use crate::options::Options;

/// Whether a recording holds what events hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Nothing of events; only what was computed of them.
    #[default]
    LeftOut,
    /// Everything, byte for byte; only where the person asks for it.
    Kept,
}

/// The inputs of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recording {
    content: Content,
    options: Options,
    circumstances: Circumstances,
    inputs: Vec<Recorded>,
    /// What was computed, where the events themselves are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    computed: Option<RecordedComputation>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Recorded {
    /// The host's clock, in milliseconds since 1970.
    now: u64,
    #[serde(flatten)]
    input: RecordedInput,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "input")]
enum RecordedInput {
    Start,
    #[serde(rename_all = "camelCase")]
    Answer {
        status: u16,
        content_type: String,
        retry_after: Option<u64>,
        body: String,
    },
    NoAnswer {
        written: bool,
    },
    Unusable {
        written: bool,
        why: Unusable,
    },
    Waited,
    Offsets {
        offsets: Vec<Transition>,
    },
}

/// What a run computed, without what it was made of.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct RecordedComputation {
    contributions: Vec<RecordedContribution>,
    diagnostics: Diagnostics,
    /// How many events were to be marked as aggregated; their ids are numbers.
    pub(super) unflagged: Vec<String>,
}

impl RecordedComputation {
    pub(super) fn new(
        contributions: &[Contribution],
        diagnostics: &Diagnostics,
        unflagged: &[String],
    ) -> Self {
        RecordedComputation {
            contributions: contributions.iter().filter_map(RecordedContribution::new).collect(),
            diagnostics: diagnostics.clone(),
            unflagged: unflagged.to_vec(),
        }
    }

    pub(super) fn contributions(&self) -> Vec<Contribution> {
        self.contributions.iter().filter_map(RecordedContribution::read).collect()
    }

    pub(super) fn diagnostics(&self) -> Diagnostics {
        self.diagnostics.clone()
    }
}

/// A handle on what a run computes: what a recording puts in its place, and what
/// is taken off for a recording. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Tape(Rc<Reels>);

#[derive(Default)]
struct Reels {
    /// What a recording gives in place of what is computed here.
    inserted: Cell<Option<RecordedComputation>>,
    /// What was computed here, for a recording.
    recorded: Cell<Option<RecordedComputation>>,
}

impl Tape {
    pub(super) fn insert(&self, computation: Option<RecordedComputation>) {
        self.0.inserted.set(computation);
    }

    pub(super) fn take_inserted(&self) -> Option<RecordedComputation> {
        self.0.inserted.take()
    }

    pub(super) fn record(&self, computation: RecordedComputation) {
        self.0.recorded.set(Some(computation));
    }

    pub(super) fn take_recorded(&self) -> Option<RecordedComputation> {
        self.0.recorded.take()
    }
}

/// A run that keeps its inputs.
#[derive(Debug)]
pub struct Recorder {
    run: Run,
    recording: Recording,
    redaction: Redaction,
    /// What the next answer is to.
    asked: Option<Request>,
}

impl Recorder {
    /// Begins to record a run.
    ///
    /// # Errors
    /// If an option cannot be used.
    pub fn new(options: Options, circumstances: Circumstances, content: Content) -> Result<Recorder, Error> {
        let redaction = Redaction::new(&options, content)?;
        let run = Run::new(options.clone(), circumstances.clone())?;
        let recording = Recording { content, options, circumstances, inputs: Vec::new(), computed: None };
        Ok(Recorder { run, recording, redaction, asked: None })
    }

    /// [`Run::step`], recorded.
    pub fn step(&mut self, now: u64, input: Input) -> Vec<Effect> {
        let recorded = self.redaction.input(self.asked.as_ref(), &input);
        self.recording.inputs.extend(recorded.map(|input| Recorded { now, input }));
        let effects = self.run.step(now, input);
        if let Some(Effect::Request(request)) = effects.last() {
            self.asked = Some(request.clone());
        }
        if self.recording.content == Content::LeftOut
            && let Some(mut computed) = self.run.computation()
        {
            computed.unflagged = computed.unflagged.iter().map(|id| self.redaction.number(id)).collect();
            self.recording.computed = Some(computed);
        }
        effects
    }

    /// Effects as a replay gives them: with what events hold left out, if this
    /// recording leaves it out.
    pub fn shown(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        effects.into_iter().map(|effect| self.redaction.effect(effect)).collect()
    }

    /// What was recorded so far.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }
}

impl Recording {
    /// Plays the run again; gives the effects of each step, as
    /// [`Recorder::shown`] gives those of the run.
    ///
    /// # Errors
    /// If its options cannot be used.
    pub fn replay(&self) -> Result<Vec<Vec<Effect>>, Error> {
        let mut run = Run::new(self.options.clone(), self.circumstances.clone())?;
        run.replay(self.computed.clone());
        let mut redaction = Redaction { is_numbered: true, ..Redaction::new(&self.options, self.content)? };
        let step = |recorded: &Recorded| {
            let effects = run.step(recorded.now, recorded.input.clone().into());
            effects.into_iter().map(|effect| redaction.effect(effect)).collect()
        };
        Ok(self.inputs.iter().map(step).collect())
    }
}

impl From<RecordedInput> for Input {
    fn from(recorded: RecordedInput) -> Self {
        match recorded {
            RecordedInput::Start => Input::Start,
            RecordedInput::Answer { status, content_type, retry_after, body } => {
                Input::Answer(Response { status, content_type, retry_after, body: body.into_bytes() })
            }
            RecordedInput::NoAnswer { written } => Input::NoAnswer { written },
            RecordedInput::Unusable { written, why } => Input::Unusable { written, why },
            RecordedInput::Waited => Input::Waited,
            RecordedInput::Offsets { offsets } => Input::Offsets(offsets),
        }
    }
}

/// Leaves what events hold out of inputs and effects alike.
#[derive(Debug)]
struct Redaction {
    content: Content,
    clock: Clock,
    today: Day,
    events: String,
    memory: String,
    numbers: BTreeMap<String, usize>,
    /// Ids are numbers already: those of a recording.
    is_numbered: bool,
    /// What came of an answer so far.
    pieces: Vec<u8>,
}

impl Redaction {
    fn new(options: &Options, content: Content) -> Result<Redaction, Error> {
        let events = format!("/data/{}/", options.doctypes.events);
        let memory = format!("/data/{}/", options.doctypes.memory);
        let settings = options.settings_of_home()?;
        Ok(Redaction {
            content,
            clock: settings.clock,
            today: settings.today,
            events,
            memory,
            numbers: BTreeMap::new(),
            is_numbered: false,
            pieces: Vec::new(),
        })
    }

    /// An answer in pieces is recorded as if it had come whole.
    fn input(&mut self, asked: Option<&Request>, input: &Input) -> Option<RecordedInput> {
        Some(match input {
            Input::Start => RecordedInput::Start,
            Input::Waited => RecordedInput::Waited,
            Input::Offsets(offsets) => RecordedInput::Offsets { offsets: offsets.clone() },
            Input::Piece(piece) => {
                self.pieces.extend_from_slice(piece);
                return None;
            }
            Input::NoAnswer { written } => {
                self.pieces.clear();
                RecordedInput::NoAnswer { written: *written }
            }
            &Input::Unusable { written, why } => {
                self.pieces.clear();
                RecordedInput::Unusable { written, why }
            }
            Input::Answer(answer) => {
                let mut body = std::mem::take(&mut self.pieces);
                body.extend_from_slice(&answer.body);
                RecordedInput::Answer {
                    status: answer.status,
                    content_type: answer.content_type.clone(),
                    retry_after: answer.retry_after,
                    body: self.answer(asked, &String::from_utf8_lossy(&body)),
                }
            }
        })
    }

    fn effect(&mut self, effect: Effect) -> Effect {
        match effect {
            Effect::Request(mut request) => {
                request.body = request.body.map(|body| self.body(&request.url, &body, None));
                Effect::Request(request)
            }
            other => other,
        }
    }

    fn answer(&mut self, asked: Option<&Request>, body: &str) -> String {
        let Some(Request { url, body: asked, .. }) = asked else { return body.to_owned() };
        let asked: Option<Value> = asked.as_deref().and_then(|asked| serde_json::from_str(asked).ok());
        let kept_too_long = asked.and_then(|asked| EventFilter::of(&asked["selector"], &self.clock));
        self.body(url, body, kept_too_long)
    }

    /// `asked`: which events retention asked for.
    fn body(&mut self, url: &str, body: &str, asked: Option<EventFilter>) -> String {
        let is_event = url.starts_with(&self.events);
        let is_memory = url.starts_with(&self.memory);
        let is_left_out = is_event && self.content == Content::LeftOut;
        if !is_memory && !is_left_out {
            return body.to_owned();
        }
        // What is no JSON (a page, a text cut off) is nothing to the run either.
        let Ok(mut value) = serde_json::from_str::<Value>(body) else { return String::new() };
        if is_event {
            self.events(&mut value, asked);
        } else if let Some(document) = value.as_object_mut() {
            // Whose home it is never leaves in a recording.
            document.remove("home");
            if self.content == Content::LeftOut
                && let Some(memory) = document.get_mut("memory")
            {
                let facts = serde_json::from_value::<Memory>(memory.take()).unwrap_or_default();
                *memory = json!(facts.without_facts());
            }
        }
        value.to_string()
    }

    /// Documents become stubs; ids become numbers, also those in a bookmark.
    fn events(&mut self, value: &mut Value, asked: Option<EventFilter>) {
        if let Some(documents) = value.get_mut("docs").and_then(Value::as_array_mut) {
            for document in documents {
                let id = document.get("_id").and_then(Value::as_str).unwrap_or_default();
                let mut stub = json!({"_id": self.number(id), "aggregated": document.get("aggregated")});
                if let Some(asked) = asked.filter(|asked| asked.takes(document, &self.clock, self.today)) {
                    let taken = asked.stub(&self.clock, self.today);
                    stub.as_object_mut().into_iter().for_each(|stub| {
                        stub.extend(taken.as_object().cloned().unwrap_or_default());
                    });
                }
                *document = stub;
            }
        }
        for result in value.as_array_mut().into_iter().flatten() {
            if let Some(id) = result.get_mut("id") {
                *id = json!(self.number(id.as_str().unwrap_or_default()));
            }
        }
        if let Some(bookmark) = value.get_mut("bookmark") {
            *bookmark = json!(self.number(bookmark.as_str().unwrap_or_default()));
        }
    }

    fn number(&mut self, id: &str) -> String {
        if self.is_numbered {
            return id.to_owned();
        }
        let next = self.numbers.len();
        format!("event-{}", self.numbers.entry(id.to_owned()).or_insert(next))
    }
}
