//! Where the story meets the host: effects go out, inputs come in.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::{Answer, Effect, Input, Level, Request};

/// A handle on the effects and inputs of one run; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Port(Rc<RefCell<Queues>>);

#[derive(Debug, Default)]
struct Queues {
    effects: Vec<Effect>,
    inputs: VecDeque<Input>,
}

impl Port {
    pub(super) fn answer(&self, input: Input) {
        if input != Input::Start {
            self.0.borrow_mut().inputs.push_back(input);
        }
    }

    pub(super) fn emit(&self, effect: Effect) {
        self.0.borrow_mut().effects.push(effect);
    }

    pub(super) fn take_effects(&self) -> Vec<Effect> {
        std::mem::take(&mut self.0.borrow_mut().effects)
    }

    pub(super) fn log(&self, level: Level, message: impl Into<String>) {
        self.emit(Effect::Log { level, message: message.into() });
    }

    /// Asks for a request and waits for its outcome; `None` is no answer.
    pub(super) async fn request(&self, request: Request) -> Option<Answer> {
        self.emit(Effect::Request(request));
        let input = poll_fn(|_| match self.0.borrow_mut().inputs.pop_front() {
            Some(input) => Poll::Ready(input),
            None => Poll::Pending,
        });
        match input.await {
            Input::Answer(answer) => Some(answer),
            Input::NoAnswer | Input::Start => None,
        }
    }
}
