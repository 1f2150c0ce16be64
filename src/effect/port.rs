//! Where an execution meets its host: effects go out, inputs come in.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::{Effect, Input, Level, Request, Response, Unusable};
use crate::calendar::{ClockKind, Transition};
use crate::limits;

/// A handle on the effects and inputs of one execution; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Port(Rc<RefCell<Queues>>);

#[derive(Debug)]
struct Queues {
    effects: Vec<Effect>,
    inputs: VecDeque<Input>,
    /// The host's clock at the last input, in milliseconds since 1970.
    now: u64,
    random: u64,
}

/// The outcome of a request.
#[derive(Debug)]
pub(crate) enum RequestOutcome {
    Answer(Response),
    /// None came that can be used; `written` tells whether the request may have
    /// left, `why` what only the host saw.
    None {
        written: bool,
        why: Option<Unusable>,
    },
}

impl Port {
    pub(crate) fn new(seed: u64) -> Port {
        let (effects, inputs) = (Vec::new(), VecDeque::new());
        let queues = Queues { effects, inputs, now: 0, random: seed };
        Port(Rc::new(RefCell::new(queues)))
    }

    pub(crate) fn take(&self, now: u64, input: Input) {
        let mut queues = self.0.borrow_mut();
        queues.now = now;
        if input != Input::Start {
            queues.inputs.push_back(input);
        }
    }

    pub(crate) fn emit(&self, effect: Effect) {
        self.0.borrow_mut().effects.push(effect);
    }

    pub(crate) fn take_effects(&self) -> Vec<Effect> {
        std::mem::take(&mut self.0.borrow_mut().effects)
    }

    pub(crate) fn log(&self, level: Level, message: impl Into<String>) {
        self.emit(Effect::Log { level, message: message.into() });
    }

    /// The host's clock, in milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.0.borrow().now
    }

    /// A number below `bound`, from the seed (splitmix64, Steele et al. 2014).
    pub(crate) fn random_below(&self, bound: u64) -> u64 {
        let mut queues = self.0.borrow_mut();
        queues.random = queues.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = queues.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    /// Asks for a request and waits for its outcome.
    pub(crate) async fn request(&self, request: Request) -> RequestOutcome {
        let mut body = Vec::new();
        let mut outcome = self.request_in_pieces(request, |piece| body.extend_from_slice(piece)).await;
        if let RequestOutcome::Answer(answer) = &mut outcome
            && !body.is_empty()
        {
            body.append(&mut answer.body);
            answer.body = body;
        }
        outcome
    }

    /// The same; pieces of a good answer go to `take` as they arrive.
    pub(crate) async fn request_in_pieces(
        &self,
        request: Request,
        mut take: impl FnMut(&[u8]),
    ) -> RequestOutcome {
        self.emit(Effect::Request(request));
        loop {
            match self.input().await {
                Input::Piece(piece) => take(&piece),
                Input::Answer(answer) => return RequestOutcome::Answer(answer),
                Input::NoAnswer { written } => return RequestOutcome::None { written, why: None },
                Input::Unusable { written, why } => return RequestOutcome::None { written, why: Some(why) },
                // A host that answers a request so has lost its outcome.
                Input::Start | Input::Waited | Input::Offsets(_) => {
                    return RequestOutcome::None { written: true, why: None };
                }
            }
        }
    }

    /// Waits before the next of several tries: a random part of a time that
    /// doubles, or as long as the server asks for.
    pub(crate) async fn back_off(&self, tried: u32, asked: Option<u64>) {
        let doubled = limits::BACKOFF_MILLIS << tried.min(16);
        let millis = match asked {
            Some(seconds) => seconds.saturating_mul(1_000),
            None => self.random_below(doubled.min(limits::MAX_BACKOFF_MILLIS)),
        };
        self.emit(Effect::Wait { millis: millis.min(limits::MAX_BACKOFF_MILLIS) });
        self.input().await;
    }

    /// The offsets of a zone, as the host knows them.
    pub(crate) async fn offsets(&self, zone: &str, clock: ClockKind) -> Vec<Transition> {
        self.emit(Effect::Offsets { zone: zone.to_owned(), clock });
        match self.input().await {
            Input::Offsets(offsets) => offsets,
            _ => Vec::new(),
        }
    }

    /// An id that nobody can guess or meet, as far as the seed is such.
    pub(crate) fn random_id(&self) -> String {
        format!("{:016x}{:016x}", self.random_below(u64::MAX), self.random_below(u64::MAX))
    }

    async fn input(&self) -> Input {
        poll_fn(|_| match self.0.borrow_mut().inputs.pop_front() {
            Some(input) => Poll::Ready(input),
            None => Poll::Pending,
        })
        .await
    }
}
