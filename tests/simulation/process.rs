//! One process of the service: a run, and what its host knows of it.

use dacc_aggregator::Options;
use dacc_aggregator::effect::{Effect, Input, Report, Response};
use dacc_aggregator::run::{Circumstances, Run};
use jiff::civil::Date;

use crate::arbitrary::Planned;
use crate::config::Config;

pub struct Process {
    pub plan: Planned,
    pub job: Option<String>,
    /// Whether this is the stack's second try.
    pub is_second: bool,
    pub is_alive: bool,
    pub started: u64,
    /// The day in Paris by the machine's clock.
    pub today: Date,
    pub now: String,
    /// What it is configured with.
    pub config: Config,
    pub effects: usize,
    pub requests: u32,
    /// The entry that is marked, until its outcome is stored.
    pub sending: Option<String>,
    /// Whether documents of the home changed since it began.
    pub is_overtaken: bool,
    /// Whether another run was under way meanwhile.
    pub is_alone: bool,
    pub report: Option<Report>,
    /// How many states the terms had when it read them last.
    pub terms_read: usize,
    /// Whether they give no consent, by its own clock.
    pub knows_withdrawal: bool,
    /// For the mutation that reads consent once.
    pub terms: Option<Response>,
    run: Run,
    record: Option<Record>,
}

/// Enough to run it again.
struct Record {
    options: Options,
    circumstances: Circumstances,
    inputs: Vec<(u64, Input)>,
    effects: Vec<Vec<Effect>>,
}

/// What a process is made with.
pub struct Beginning {
    pub plan: Planned,
    pub is_second: bool,
    pub started: u64,
    pub today: Date,
    pub config: Config,
    pub options: Options,
    pub circumstances: Circumstances,
    pub is_recorded: bool,
}

impl Process {
    pub fn new(beginning: Beginning) -> Process {
        let Beginning { plan, is_second, started, today, config, options, circumstances, is_recorded } =
            beginning;
        Process {
            plan,
            job: circumstances.job.clone(),
            is_second,
            is_alive: true,
            started,
            today,
            now: options.now.clone().unwrap(),
            config,
            effects: 0,
            requests: 0,
            sending: None,
            is_overtaken: false,
            is_alone: true,
            report: None,
            terms_read: 0,
            knows_withdrawal: false,
            terms: None,
            run: Run::new(options.clone(), circumstances.clone()).unwrap(),
            record: is_recorded.then(|| Record {
                options,
                circumstances,
                inputs: Vec::new(),
                effects: Vec::new(),
            }),
        }
    }

    pub fn step(&mut self, clock: u64, input: Input) -> Vec<Effect> {
        let Some(record) = &mut self.record else { return self.run.step(clock, input) };
        record.inputs.push((clock, input.clone()));
        let effects = self.run.step(clock, input);
        record.effects.push(effects.clone());
        effects
    }

    /// Whether its recorded inputs give the same effects again; `None` if it
    /// was not recorded.
    pub fn replays(&self) -> Option<bool> {
        let record = self.record.as_ref()?;
        let mut run = Run::new(record.options.clone(), record.circumstances.clone()).unwrap();
        let inputs = record.inputs.iter();
        let effects: Vec<_> = inputs.map(|(clock, input)| run.step(*clock, input.clone())).collect();
        Some(effects == record.effects)
    }
}
