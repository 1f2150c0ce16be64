//! The world: a virtual clock, a Cozy, the DACC, and the processes between them.

use std::collections::BTreeMap;
use std::env;

use dacc_aggregator::diagnostics::Code;
use dacc_aggregator::effect::{Effect, End, Input, Report, Request, Response};
use dacc_aggregator::rights;
use dacc_aggregator::run::Circumstances;
use serde_json::{Value, json};

mod rights_at_work;
mod serving;

use crate::arbitrary::{self, Mode, Planned, Schedule};
use crate::clock::{self, HOUR, MINUTE, SECOND};
use crate::command::{Command, Ordered};
use crate::config::Config;
use crate::cozy::{self, Revisions};
use crate::dacc::{Dacc, measure_of};
use crate::fault::{Fault, Reply, TIMEOUT, replaced};
use crate::life::{Action, EVENTS, TERMS};
use crate::mutation::Mutation;
use crate::oracle::{LEDGER, Oracle, changes};
use crate::process::{Beginning, Process};
use crate::random::Random;
use crate::statistics::Statistics;
use crate::store::{Store, text};

/// A schedule that goes on for longer never ends.
const MAX_HAPPENINGS: u64 = 3_000_000;

enum Happening {
    Life(usize),
    Jump(i64),
    Configure(Config),
    Order(Ordered),
    /// A request of a command gets to the Cozy.
    CommandAsks {
        of: usize,
        request: Request,
    },
    CommandGoesOn {
        of: usize,
        input: rights::Input,
    },
    Begin {
        plan: Box<Planned>,
        job: Option<String>,
        is_second: bool,
    },
    /// A request gets to the server; the answer goes back after a while, if at all.
    Arrival {
        of: usize,
        request: Request,
        reply: Option<Reply>,
        back: Option<u64>,
    },
    Input {
        to: usize,
        input: Input,
    },
    Limit(usize),
}

pub struct World<'a> {
    schedule: &'a Schedule,
    mutation: Mutation,
    random: Random,
    now: u64,
    /// How far the machine's clock is off.
    off: i64,
    happenings: BTreeMap<(u64, u64), Happening>,
    count: u64,
    jobs: u64,
    store: Store,
    dacc: Dacc,
    processes: Vec<Process>,
    /// What runs are configured with now.
    config: Config,
    commands: Vec<Command>,
    /// The latest backup that the person made.
    backup: Option<Vec<u8>>,
    is_calm: bool,
    is_traced: bool,
    pub oracle: Oracle,
    pub statistics: Statistics,
}

/// Lives through a schedule; gives what must not have happened.
pub fn run(schedule: &Schedule, mutation: Mutation) -> (Vec<String>, Statistics) {
    let mut world = World {
        schedule,
        mutation,
        random: Random::new(schedule.seed),
        now: 0,
        off: 0,
        happenings: BTreeMap::new(),
        count: 0,
        jobs: 0,
        store: Store::default(),
        dacc: Dacc::default(),
        processes: Vec::new(),
        config: schedule.config.clone(),
        commands: Vec::new(),
        backup: None,
        is_calm: false,
        is_traced: env::var_os("TRACE").is_some(),
        oracle: Oracle::new(schedule),
        statistics: Statistics { schedules: 1, ..Statistics::default() },
    };
    world.live();
    (world.oracle.violations, world.statistics)
}

impl World<'_> {
    fn live(&mut self) {
        let schedule = self.schedule;
        let unregistered = schedule.unregistered.iter();
        self.dacc.unregistered = unregistered.map(|&(name, until)| (name.to_owned(), until)).collect();
        self.dacc.view_from = schedule.view_from;
        let end = clock::at(schedule.end, 0, 0);
        for (index, (at, _)) in schedule.life.actions.iter().enumerate().filter(|(_, (at, _))| *at < end) {
            self.at(*at, Happening::Life(index));
        }
        for plan in &schedule.runs {
            let job = match plan.is_again {
                true => Some(format!("job-{}", self.jobs)),
                false => plan.has_job.then(|| self.new_job()),
            };
            let begin = Happening::Begin { plan: Box::new(plan.clone()), job, is_second: plan.is_again };
            self.at(plan.at, begin);
        }
        for (at, off) in &schedule.jumps {
            self.at(*at, Happening::Jump(*off));
        }
        for (at, config) in &schedule.changes {
            self.at(*at, Happening::Configure(config.clone()));
        }
        for ordered in &schedule.commands {
            self.at(ordered.at, Happening::Order(ordered.clone()));
        }
        if schedule.runs.len() > 25 {
            self.statistics.reach("a run of many nights");
        }
        self.go_on();
        let is_without_fault = self.statistics.faults + self.statistics.crashes == 0
            && schedule.runs.iter().all(Planned::is_undisturbed)
            && self.processes.iter().all(|process| process.is_alone);
        self.clean_nights();
        self.oracle.ends(self.now, &self.store, &self.dacc, is_without_fault);
        for process in &self.processes {
            match process.replays() {
                Some(true) => self.statistics.reach("a run's inputs are replayed"),
                Some(false) => self.oracle.violated("a replayed run has other effects".into()),
                None => {}
            }
        }
    }

    /// After the last fault one clean night leaves nothing.
    fn clean_nights(&mut self) {
        self.is_calm = true;
        // A clock that is wrong is a fault too.
        self.off = 0;
        let mut day = self.schedule.end;
        for night in 0..2 {
            day = day.tomorrow().unwrap();
            let at = clock::at(day, 3, 0).max(self.now + HOUR);
            let job = Some(self.new_job());
            let plan = Box::new(Planned::clean(at));
            self.at(at, Happening::Begin { plan, job, is_second: false });
            self.go_on();
            let end = self.processes.last().and_then(|process| Some(process.report.as_ref()?.end));
            match end {
                Some(End::Complete | End::NoConsent) => return,
                // A clock that was set back may meet a lease that still seems to hold.
                Some(End::Busy) if night == 0 && self.has_wrong_clocks() => {}
                end => return self.oracle.violated(format!("the clean night ends {end:?}")),
            }
        }
    }

    fn at(&mut self, at: u64, happening: Happening) {
        self.count += 1;
        self.happenings.insert((at, self.count), happening);
    }

    fn new_job(&mut self) -> String {
        self.jobs += 1;
        format!("job-{}", self.jobs)
    }

    fn go_on(&mut self) {
        while let Some(((at, _), happening)) = self.happenings.pop_first() {
            self.now = self.now.max(at);
            if self.count > MAX_HAPPENINGS {
                self.oracle.violated("it never ends".into());
                return;
            }
            match happening {
                Happening::Life(index) => self.lives(index),
                Happening::Jump(off) => self.jumps(off),
                Happening::Configure(config) => {
                    self.trace(|| format!("the configuration becomes {config:?}"));
                    self.statistics.reach("the configuration changes");
                    self.config = self.lived_under(config);
                }
                Happening::Order(ordered) => self.orders(ordered),
                Happening::CommandAsks { of, request } => self.command_asks(of, &request),
                Happening::CommandGoesOn { of, input } => self.command_goes_on(of, input),
                Happening::Begin { plan, job, is_second } => self.begins(*plan, job, is_second),
                Happening::Arrival { of, request, reply, back } => self.arrives(of, &request, reply, back),
                Happening::Input { to, input } => self.advance(to, input),
                Happening::Limit(of) if self.processes[of].is_alive => {
                    let process = &self.processes[of];
                    if process.plan.is_undisturbed() && process.plan.limit >= Some(50) {
                        self.oracle.violated("a run with fast answers is killed at its limit".into());
                    }
                    self.statistics.reach("a run is killed");
                    self.dies(of, true);
                }
                Happening::Limit(_) => {}
            }
        }
    }

    fn trace(&self, what: impl FnOnce() -> String) {
        if self.is_traced {
            eprintln!("{} {}", clock::instant(self.now), what());
        }
    }

    fn lives(&mut self, index: usize) {
        let is_under_way = self.processes.iter().any(|process| process.is_alive);
        match &self.schedule.life.actions[index].1 {
            Action::Put { doctype, id, document } => {
                self.trace(|| format!("the app writes {doctype} {document}"));
                self.store.put(doctype, id, document.clone());
            }
            Action::Delete { id } => self.store.delete(EVENTS, id),
            Action::Terms { id, document, steps } => {
                self.trace(|| format!("the app writes terms {document}"));
                self.store.put(TERMS, id, document.clone());
                self.oracle.terms_change(self.now, steps.clone());
                let is_withdrawn = steps.iter().max().is_some_and(|step| step.is_withdrawal);
                if is_withdrawn && is_under_way {
                    self.statistics.reach("consent is withdrawn while a run is under way");
                }
                if !is_withdrawn && steps.iter().any(|step| step.is_withdrawal) {
                    self.statistics.reach("consent is given again");
                }
            }
        }
        for process in self.processes.iter_mut().filter(|process| process.is_alive) {
            process.is_overtaken = true;
        }
    }

    fn jumps(&mut self, off: i64) {
        if self.processes.iter().any(|process| process.is_alive) {
            return self.at(self.now + HOUR, Happening::Jump(off));
        }
        let branch = if off > self.off { "the clock jumps forward" } else { "the clock jumps back" };
        self.statistics.reach(branch);
        self.off = off;
    }

    /// The machine's clock.
    fn clock(&self) -> u64 {
        self.now.saturating_add_signed(self.off)
    }

    /// A home that lives under settings keeps them; one that does not yet would
    /// take others, which this world's oracle knows nothing of.
    fn lived_under(&self, config: Config) -> Config {
        let memory = self.store.get(self.config.memory, "memory");
        let forgets = self.mutation == Mutation::SettingsForgotten;
        if memory.is_some_and(|memory| forgets || memory["settings"].is_object()) {
            return config;
        }
        Config { catalog: config.catalog, ..self.schedule.config.clone() }
    }

    /// Whether a machine's clock is ever wrong.
    fn has_wrong_clocks(&self) -> bool {
        !self.schedule.jumps.is_empty() || self.schedule.commands.iter().any(|ordered| ordered.off != 0)
    }

    fn begins(&mut self, plan: Planned, job: Option<String>, is_second: bool) {
        self.statistics.runs += 1;
        let mut options = self.config.options();
        options.now = Some(clock::instant(self.clock()));
        options.first_day = self.schedule.life.first_day.map(|day| day.to_string().parse().unwrap());
        let circumstances = Circumstances {
            job,
            // The stack tells up to 5 s more than there are.
            time_limit: plan.limit.map(|limit| limit + self.random.below(6)),
            seed: self.random.next(),
            home: None,
        };
        let index = self.processes.len();
        if let Some(limit) = plan.limit {
            self.at(self.now + limit * SECOND, Happening::Limit(index));
        }
        let today = clock::date(self.clock());
        if clock::changes_clocks(today) {
            self.statistics.reach("clocks change in the night");
        }
        let mut process = Process::new(Beginning {
            plan,
            is_second,
            started: self.now,
            today,
            config: self.config.clone(),
            options,
            circumstances,
            is_recorded: self.random.chance(30),
        });
        for other in self.processes.iter_mut().filter(|other| other.is_alive) {
            other.is_alone = false;
            process.is_alone = false;
        }
        if !process.is_alone {
            self.statistics.reach("two runs at once");
        }
        process.is_alone &= self.commands.iter().all(|command| !command.is_alive);
        self.trace(|| format!("run {index} begins: {:?} {:?}", process.job, process.plan));
        self.processes.push(process);
        self.advance(index, Input::Start);
    }

    /// A process takes a step, and performs what it is told.
    fn advance(&mut self, index: usize, input: Input) {
        let clock = self.clock();
        if !self.processes[index].is_alive {
            return;
        }
        for effect in self.processes[index].step(clock, input) {
            let process = &mut self.processes[index];
            process.effects += 1;
            let crash = process.plan.crash.filter(|crash| crash.effect == process.effects);
            if let Some(crash) = crash {
                self.statistics.crashes += 1;
                self.statistics.reach("a run crashes");
                self.trace(|| format!("run {index} crashes {:?} {effect:?}", crash.mode));
                if let Effect::Request(request) = effect {
                    self.leaves_behind(index, request, crash.mode);
                }
                return self.dies(index, crash.again);
            }
            match effect {
                Effect::Request(request) => self.asks(index, request),
                Effect::Wait { millis } => {
                    if millis > 20 * SECOND {
                        self.oracle.violated(format!("a wait of {millis} ms"));
                    }
                    self.at(self.now + millis, Happening::Input { to: index, input: Input::Waited });
                }
                Effect::Offsets { zone, .. } => {
                    let input = Input::Offsets(clock::offsets(&zone));
                    self.at(self.now + 1, Happening::Input { to: index, input });
                }
                Effect::Done(report) => self.is_done(index, report),
                Effect::Log { level, message } => self.trace(|| format!("run {index} {level:?} {message}")),
                _ => {}
            }
        }
    }

    /// The request of a process that dies when it makes it.
    fn leaves_behind(&mut self, of: usize, request: Request, mode: Mode) {
        self.notes(of, &request);
        match mode {
            Mode::Before => {}
            Mode::After => self.arrives(of, &request, None, None),
            Mode::UnderWay => {
                let at = self.now + self.random.between(100, 25 * SECOND);
                self.statistics.reach("a dead run's request arrives");
                self.at(at, Happening::Arrival { of, request, reply: None, back: None });
            }
        }
    }

    fn asks(&mut self, of: usize, request: Request) {
        self.statistics.requests += 1;
        let is_send = self.notes(of, &request);
        let process = &mut self.processes[of];
        let nth = process.requests;
        process.requests += 1;
        let fault = process.plan.faults.of(nth, is_send, &mut self.random);
        let (there, back) = process.plan.pace.of(is_send, &mut self.random);
        if let (Some(_), Some(id)) = (fault, &process.sending) {
            self.oracle.excuse(id.clone());
        }
        self.trace(|| format!("run {of} #{nth} {} {} {fault:?}", request.method, request.url));
        self.statistics.faults += u64::from(fault.is_some());
        let answer = |reply: Reply| Input::Answer(replaced(reply, None));
        let none = |written| Input::NoAnswer { written };
        let (arrival, input) = match fault {
            None => (Some((there, None, Some(back))), None),
            Some(Fault::Refused) => (None, Some((there, none(false)))),
            Some(Fault::Lost) => (None, Some((there, none(true)))),
            Some(Fault::AnswerLost) => (Some((there, None, None)), Some((there + back, none(true)))),
            Some(Fault::Silence) => (None, Some((TIMEOUT, none(true)))),
            Some(Fault::Slow) => (Some((there, None, None)), Some((TIMEOUT, none(true)))),
            Some(Fault::Late) => {
                self.statistics.reach("a request arrives late");
                let late = TIMEOUT + self.random.between(1, 2 * MINUTE);
                (Some((late, None, None)), Some((TIMEOUT, none(true))))
            }
            Some(Fault::Before(reply)) => (None, Some((there + back, answer(reply)))),
            Some(Fault::After(reply)) => (Some((there, Some(reply), Some(back))), None),
        };
        if let Some((after, reply, back)) = arrival {
            self.at(self.now + after, Happening::Arrival { of, request, reply, back });
        }
        if let Some((after, input)) = input {
            self.at(self.now + after, Happening::Input { to: of, input });
        }
    }

    fn arrives(&mut self, of: usize, request: &Request, reply: Option<Reply>, back: Option<u64>) {
        let good = self.serve(of, request);
        self.trace(|| {
            let body: String = String::from_utf8_lossy(&good.body).chars().take(300).collect();
            format!("  run {of} gets {} {body}", good.status)
        });
        let answer = match reply {
            Some(reply) => replaced(reply, Some(&good)),
            None => good,
        };
        if let Some(back) = back {
            self.at(self.now + back, Happening::Input { to: of, input: Input::Answer(answer) });
        }
    }
}
