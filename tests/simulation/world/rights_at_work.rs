//! Commands of the person's rights, between runs and beside them.

use super::*;
use crate::command::{self, Kind};

impl World<'_> {
    pub(super) fn orders(&mut self, ordered: Ordered) {
        let kind = ordered.kind;
        self.trace(|| format!("the person orders {ordered:?}"));
        let clock = self.now.saturating_add_signed(ordered.off);
        let input = match kind {
            Kind::RecoverOwn => self.backup.clone(),
            kind => command::foreign(&mut self.random, kind, &self.schedule.config, self.now),
        };
        if kind == Kind::RecoverOwn && input.is_none() {
            return;
        }
        self.oracle.is_commanded(kind);
        let seed = self.random.next();
        let index = self.commands.len();
        self.commands.push(Command::new(ordered, clock, seed, input));
        self.meets_runs(index);
        self.command_goes_on(index, rights::Input::Start);
    }

    /// Whatever a run finds while a command works is the command's doing.
    fn meets_runs(&mut self, of: usize) {
        let is_met = self.processes.iter().any(|process| process.is_alive);
        if is_met && self.commands[of].ordered.off != 0 {
            // To a clock that is wrong by days a lease of now is one of a wrong
            // clock, and holds nobody up.
            self.oracle.passes_leases();
        }
        for process in self.processes.iter_mut().filter(|process| process.is_alive) {
            process.is_alone = false;
            process.is_overtaken = true;
            self.statistics.reach("a command meets a run");
        }
    }

    pub(super) fn command_goes_on(&mut self, of: usize, input: rights::Input) {
        let command = &mut self.commands[of];
        if !command.is_alive {
            return;
        }
        let clock = self.now.saturating_add_signed(command.ordered.off);
        command.effects += 1;
        let effect = command.step(clock, input);
        let is_killed = command.ordered.killed.is_some_and(|after| command.effects >= after);
        let (kind, pace) = (command.ordered.kind, command.ordered.pace);
        if is_killed {
            command.is_alive = false;
            self.statistics.reach("a command is killed");
        }
        self.trace(|| {
            let told: String = format!("{effect:?}").chars().take(300).collect();
            format!("command {of}{} {told}", if is_killed { " is killed at" } else { "" })
        });
        match effect {
            rights::Effect::Request(_, request) => {
                // What a killed one asked for last may still get there.
                if !is_killed || self.random.chance(500) {
                    let at = self.now + self.random.between(1, pace);
                    self.at(at, Happening::CommandAsks { of, request });
                }
            }
            rights::Effect::Wait { millis } => {
                let input = rights::Input::Waited;
                self.at(self.now + millis, Happening::CommandGoesOn { of, input });
            }
            rights::Effect::Done(_) => {
                self.statistics.reach("a command is carried out");
                let command = &mut self.commands[of];
                command.is_alive = false;
                if kind == Kind::Backup {
                    self.backup = command.output();
                }
                let is_whole = matches!(kind, Kind::Purge { state: true, before: None });
                if is_whole && self.oracle.consents(clock::date(self.now)) {
                    self.accepts_anew();
                }
                if kind == Kind::RecoverForeign {
                    self.oracle.violated("a stranger's backup is recovered".into());
                }
            }
            rights::Effect::Failed(_) => {
                self.statistics.reach("a command is refused");
                if kind == Kind::RecoverForeign {
                    self.statistics.reach("a stranger's backup is refused");
                }
                self.commands[of].is_alive = false;
            }
            other => panic!("a command asks for {other:?}"),
        }
    }

    /// The app asks for consent where it finds none, and gets it.
    fn accepts_anew(&mut self) {
        let date = clock::written(self.schedule.life.clock, self.now);
        let document = json!({"accepted": true, "version": "1.0.0", "date": date});
        self.store.put(TERMS, "terms-anew", document);
        self.oracle.is_accepted_anew(self.now);
    }

    pub(super) fn command_asks(&mut self, of: usize, request: &Request) {
        let answer = match request.url.as_str() {
            "/jobs/triggers" => cozy::triggers(&self.store),
            _ => cozy::serve(&mut self.store, request, Revisions::Checked),
        };
        self.meets_runs(of);
        self.trace(|| {
            let body: String = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
            format!("  command {of} {} {} gets {} {body}", request.method, request.url, answer.status)
        });
        let at = self.now + self.random.between(1, self.commands[of].ordered.pace);
        self.at(at, Happening::CommandGoesOn { of, input: rights::Input::Answer(answer) });
    }
}
