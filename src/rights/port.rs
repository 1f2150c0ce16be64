//! Where a command meets its host: effects go out, inputs come in.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::{Effect, Input, Stop};
use crate::calendar::{ClockKind, Transition};
use crate::effect;

/// The two homes of a merge; every other command has one.
pub(super) const HOMES: [&str; 2] = ["home", "former"];

/// A handle on the effects and inputs of one operation; clones share them.
#[derive(Debug, Clone)]
pub(super) struct Port {
    cozies: [effect::Port; 2],
    files: Rc<Files>,
}

#[derive(Debug, Default)]
struct Files {
    effects: RefCell<Vec<Effect>>,
    input: RefCell<Option<Input>>,
    /// Which Cozy the last request went to.
    asked: Cell<usize>,
}

impl Port {
    pub(super) fn new(seed: u64) -> Port {
        Port { cozies: [effect::Port::new(seed), effect::Port::new(!seed)], files: Rc::default() }
    }

    /// The port to the Cozy that is this home.
    pub(super) fn cozy(&self, home: &str) -> effect::Port {
        self.cozies[usize::from(home == HOMES[1])].clone()
    }

    pub(super) fn take(&self, now: u64, input: Input) {
        let asked = self.files.asked.get();
        let given = match input {
            Input::Answer(answer) => effect::Input::Answer(answer),
            Input::NoAnswer => effect::Input::NoAnswer { written: true },
            Input::Unusable(why) => effect::Input::Unusable { written: true, why },
            Input::Waited => effect::Input::Waited,
            Input::Start => effect::Input::Start,
            input => {
                *self.files.input.borrow_mut() = Some(input);
                effect::Input::Start
            }
        };
        for (at, cozy) in self.cozies.iter().enumerate() {
            cozy.take(now, if at == asked { given.clone() } else { effect::Input::Start });
        }
    }

    pub(super) fn take_effects(&self) -> Vec<Effect> {
        let mut effects = std::mem::take(&mut *self.files.effects.borrow_mut());
        for (at, cozy) in self.cozies.iter().enumerate() {
            for effect in cozy.take_effects() {
                effects.push(match effect {
                    effect::Effect::Request(request) => {
                        self.files.asked.set(at);
                        Effect::Request(HOMES[at], request)
                    }
                    effect::Effect::Wait { millis } => {
                        self.files.asked.set(at);
                        Effect::Wait { millis }
                    }
                    effect::Effect::Log { .. } | effect::Effect::Offsets { .. } | effect::Effect::Done(_) => {
                        continue;
                    }
                });
            }
        }
        effects
    }

    /// The host's clock, in milliseconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.cozies[0].now()
    }

    pub(super) async fn read(&self, file: &str, at: u64, length: usize) -> Result<Vec<u8>, Stop> {
        match self.ask(Effect::Read { file: file.to_owned(), at, length }).await {
            Input::Bytes(bytes) => Ok(bytes),
            Input::Failed(why) => Err(Stop::because(why)),
            _ => Err(Stop::because(format_args!("{file}: it was not read"))),
        }
    }

    pub(super) async fn append(&self, file: &str, bytes: Vec<u8>) -> Result<(), Stop> {
        self.done(Effect::Append { file: file.to_owned(), bytes }).await
    }

    pub(super) async fn commit(&self, file: &str) -> Result<(), Stop> {
        self.done(Effect::Commit { file: file.to_owned() }).await
    }

    pub(super) async fn discard(&self, file: &str) -> Result<(), Stop> {
        self.done(Effect::Discard { file: file.to_owned() }).await
    }

    /// The offsets of a zone, as the host knows them.
    pub(super) async fn offsets(&self, zone: &str, clock: ClockKind) -> Vec<Transition> {
        match self.ask(Effect::Offsets { zone: zone.to_owned(), clock }).await {
            Input::Offsets(offsets) => offsets,
            _ => Vec::new(),
        }
    }

    async fn done(&self, effect: Effect) -> Result<(), Stop> {
        match self.ask(effect).await {
            Input::Failed(why) => Err(Stop::because(why)),
            _ => Ok(()),
        }
    }

    async fn ask(&self, effect: Effect) -> Input {
        self.files.effects.borrow_mut().push(effect);
        poll_fn(|_| match self.files.input.borrow_mut().take() {
            Some(input) => Poll::Ready(input),
            None => Poll::Pending,
        })
        .await
    }
}
