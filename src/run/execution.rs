//! What a run does, from the first question to the last answer.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::json;

use super::Circumstances;
use super::document_reader::{DocumentReader, RunComputation};
use super::lease::MemoryLease;
use super::ledger::{Draft, Ledger, timestamp};
use super::recording::{RecordedComputation, Tape};
use super::sending::{Sending, cancel, cancel_outdated};
use super::stop::Stop;
use super::{flag, retention};
use crate::base::Map;
use crate::calendar::{Moment, Period};
use crate::compute::Periods;
use crate::consent::{Consent, Standing};
use crate::diagnostics::{Code, Diagnostics};
use crate::ecolyo::{DEFAULT_SERVICE, DEFAULT_SLUG};
use crate::effect::{End, Level, Port, Report, Request, RequestOutcome};
use crate::error::Error;
use crate::facts::Facts;
use crate::ledger::{Computation, Contribution, Entry, State, plan};
use crate::limits;
use crate::measure::Measure;
use crate::memory::Memory;
use crate::options::{HomeSettings, Options, Retention, Settings};
use crate::remote::Remote;
use crate::store::{Cozy, Failure, missing_permission};

/// A run and all it was given.
pub(super) struct Execution {
    pub(super) port: Port,
    pub(super) tape: Tape,
    pub(super) options: Options,
    pub(super) settings: Settings,
    pub(super) remote: Remote,
    pub(super) circumstances: Circumstances,
    /// What is sent in place of what would be computed.
    pub(super) measures: Option<Vec<Measure>>,
}

impl Execution {
    pub(super) async fn execute(mut self) -> Report {
        let port = self.port.clone();
        let mut report = Report::default();
        if let Err(stop) = self.run_phases(&mut report).await {
            report.end = End::Stopped;
            port.log(Level::Critical, stop.to_string());
        }
        report.retry = report.end == End::Stopped && report.sent + report.refused + report.unknown == 0;
        port.log(Level::Info, summary(&report));
        report
    }

    async fn run_phases(&mut self, report: &mut Report) -> Result<(), Stop> {
        let port = self.port.clone();
        let limit = self.circumstances.time_limit.map(|seconds| seconds.saturating_mul(1_000));
        let deadline = limit.map(|limit| port.now() + limit.saturating_sub(limits::TIME_MARGIN_MILLIS));
        let cozy = Cozy::new(&port, deadline);
        // Two tries of one job hold one lease, and write under names of their own.
        let stamp = format!("run-{:016x}", port.random_below(u64::MAX));
        let run = self.circumstances.job.clone().unwrap_or_else(|| stamp.clone());
        let lease_millis = limit.unwrap_or(limits::LEASE_MILLIS) + limits::SEND_MILLIS;
        let memory = self.options.doctypes.memory.clone();
        let lease = MemoryLease::read(cozy, &port, &memory, &run, lease_millis).await;
        let mut lease = lease.map_err(Stop::at("the memory"))?;
        let settings = self.adopt_settings(lease.settings()).await?;
        let measures = self.options.doctypes.measures.clone();
        let ledger = Ledger { cozy, doctype: &measures, stamp: &stamp, writes: Cell::new(0) };

        let consent = self.reader(cozy).consent(&mut report.diagnostics).await?;
        let standing = consent.standing();
        if standing != Standing::Given {
            report.end = End::NoConsent;
            report.diagnostics.add(Code::ConsentMissing);
            if lease.settings().is_some_and(|known| *known != settings) {
                lease.keep_settings(settings).await.map_err(Stop::at("the memory"))?;
            }
            if standing == Standing::Withdrawn {
                let waiting = ledger.waiting().await.map_err(Stop::at("the ledger"))?;
                cancel(&port, &ledger, waiting.unwrap_or_default(), report).await?;
            }
            self.retain_without_consent(cozy, &consent, &lease).await;
            return Ok(());
        }
        let first_day = self.options.first_computed_day(self.settings.today);
        let home = self.new_home();
        if !lease.take(first_day, &home, settings).await.map_err(Stop::at("the memory"))? {
            report.end = End::Busy;
            return Ok(());
        }
        let through = self.plan_and_send(&mut lease, &ledger, &consent, report).await;
        let goes_on = report.end == End::OutOfTime && lease.count_continuation(self.settings.today);
        let end = if through.is_err() { End::Stopped } else { report.end };
        // What is not written here is written by the next run; the lease ends by itself.
        let released = lease.release(timestamp(&port), end).await;
        if released.is_ok() && through.is_ok() && goes_on {
            report.continues = self.ask_for_another_job().await;
        }
        through
    }

    /// Takes the settings that the home lives under in place of those that are
    /// configured, and logs which it overrules; returns them as they are to be
    /// kept.
    async fn adopt_settings(&mut self, known: Option<&HomeSettings>) -> Result<HomeSettings, Stop> {
        let Some(known) = known else { return Ok(HomeSettings::configured(&self.options)) };
        let mut settings = known.clone();
        let overruled = settings.apply(&mut self.options);
        if !overruled.is_empty() {
            let message = "the home lives under other settings than are configured, and keeps them";
            self.port.log(Level::Warn, format!("{message}: {}", overruled.join(", ")));
        }
        if self.options.lacks_offsets() {
            let zone = settings.zone.clone();
            self.options.transitions = Some(self.port.offsets(&zone, settings.clock).await);
        }
        let under = settings.settings(&self.options);
        self.settings = under.map_err(|error| Stop::because("the home's settings", error))?;
        Ok(settings)
    }

    /// The id for a home that has none yet. It takes nothing of the run's own
    /// randomness, so that a replay goes the same way without it.
    fn new_home(&self) -> String {
        let Circumstances { home, seed, .. } = &self.circumstances;
        home.clone().unwrap_or_else(|| Port::new(!seed ^ self.port.now()).random_id())
    }

    fn reader<'a>(&'a self, cozy: Cozy<'a>) -> DocumentReader<'a> {
        DocumentReader { cozy, options: &self.options, settings: &self.settings }
    }

    /// Plans what was never planned, then sends what waits.
    async fn plan_and_send(
        &mut self,
        lease: &mut MemoryLease<'_>,
        ledger: &Ledger<'_>,
        consent: &Consent,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let port = self.port.clone();
        let cozy = ledger.cozy;
        let at_ledger = Stop::at("the ledger");
        let changes = lease.changes();
        let (outdated, waiting): (Vec<Entry>, Vec<Entry>) =
            self.left_over(ledger, report).await?.into_iter().partition(|entry| entry.is_outdated(changes));
        let catalog = self.settings.catalog.clone();
        self.options.memory = Some(lease.memory().clone().under(&catalog.remembered()));
        let counted = &consent.clone().after(lease.memory().closed_until);

        let noticed = std::mem::take(&mut report.diagnostics);
        let computation = match &self.measures {
            Some(measures) => self.of_measures(measures, noticed)?,
            None => self.reader(cozy).compute(counted, noticed).await?,
        };
        let RunComputation { mut computed, mut periods, mut unflagged } = computation;
        if let Some(given) = self.tape.take_inserted() {
            (computed.contributions, computed.diagnostics) = (given.contributions(), given.diagnostics());
            unflagged = given.unflagged;
        }
        self.tape.record(RecordedComputation::new(
            &computed.contributions,
            &computed.diagnostics,
            &unflagged,
        ));
        report.diagnostics = computed.diagnostics;
        let (count, days, months) = (computed.contributions.len(), periods.days.len(), periods.months.len());
        port.log(Level::Info, format!("measures computed: {count}, of days: {days}, of months: {months}"));

        let mut drafts: Vec<Draft> = waiting.into_iter().map(|entry| Draft::left(entry, &catalog)).collect();
        let own = computed.contributions.iter().flat_map(|new| [new.id.clone(), new.claim().id]);
        let ids: Vec<String> = own.chain(drafts.iter().filter_map(Draft::claim_id)).collect();
        let mut known = ledger.known(ids).await.map_err(&at_ledger)?;
        // They count for nothing, unless this run plans them as well.
        let mut outdated: Map<String, Entry> =
            outdated.into_iter().map(|entry| (entry.id.clone(), entry)).collect();
        outdated.keys().for_each(|id| _ = known.entries.remove(id));
        let waiting = drafts.iter().filter_map(|draft| draft.entry.claim());
        let plan = plan(&computed.contributions, &known, waiting, &mut report.diagnostics);
        if plan.months_wait {
            periods.months.clear();
            port.log(Level::Info, "the month waits for the next night: this one's date is that of another");
        }
        let new: BTreeSet<&str> = plan.new.iter().map(|new| &*new.id).collect();
        for &contribution in &plan.new {
            let entry = Entry::planned(contribution, &catalog, counted, timestamp(&port), changes);
            let entry = match outdated.remove(&entry.id) {
                Some(outdated) => entry.in_place_of(outdated),
                None => entry,
            };
            drafts.push(Draft { entry, is_stored: false });
        }
        let months_wait = plan.months_wait;
        outdated.retain(|_, entry| !(months_wait && matches!(entry.period(), Some(Period::Month(_)))));
        let entered = ledger.enter(drafts, &known, &timestamp(&port)).await.map_err(&at_ledger)?;
        report.diagnostics.add_times(Code::CellTaken, entered.not_planned as u64);
        report.diagnostics.add_times(Code::CellLost, entered.ended as u64);
        report.refused += entered.ended;
        report.planned = entered.owned.iter().filter(|entry| new.contains(&*entry.id)).count();
        if self.measures.is_none() {
            let memory = self.remembered(&computed.facts, counted, &periods);
            lease.remember(memory).await.map_err(Stop::at("the memory"))?;
        } else {
            // Who lost the lease knows it before anything leaves.
            lease.renew().await.map_err(Stop::at("the lease"))?;
        }
        if self.looks_at_all_that_is_open() {
            cancel_outdated(&port, ledger, outdated, report).await?;
        }
        notice(&port, &report.diagnostics);

        let reader = self.reader(cozy);
        let sending = Sending {
            port: &port,
            cozy,
            ledger,
            reader: &reader,
            settings: &self.settings,
            remote: &self.remote,
        };
        sending.all(entered.owned, lease, report).await?;
        if report.end == End::Complete && self.measures.is_none() {
            self.flag(cozy, unflagged, &periods).await;
            self.retain(cozy, lease.memory(), counted).await;
            self.retain_entries(ledger).await;
        }
        Ok(())
    }

    /// Whether what it does not plan is planned by no later run either.
    fn looks_at_all_that_is_open(&self) -> bool {
        let Options { from, to, months, .. } = &self.options;
        self.measures.is_none() && from.is_none() && to.is_none() && months.is_none()
    }

    /// Takes these measures as if they had been computed.
    fn of_measures(&self, measures: &[Measure], diagnostics: Diagnostics) -> Result<RunComputation, Stop> {
        let mut contributions = Vec::with_capacity(measures.len());
        for measure in measures {
            if measure.created_by != self.settings.created_by {
                let why = Error::input("a measure is of another `createdBy` than the home's".to_owned());
                return Err(Stop::because("what is to be sent", why));
            }
            contributions.extend(Contribution::of(measure, &self.settings));
        }
        let computed = Computation { contributions, facts: Facts::default(), diagnostics };
        Ok(RunComputation { computed, periods: Periods::default(), unflagged: Vec::new() })
    }

    /// What this run takes up of what earlier ones left, by id. What one left in
    /// the middle of its send has an unknown fate.
    async fn left_over(&self, ledger: &Ledger<'_>, report: &mut Report) -> Result<Vec<Entry>, Stop> {
        let at_ledger = Stop::at("the ledger");
        let Some(waiting) = ledger.waiting().await.map_err(&at_ledger)? else {
            ledger.create().await.map_err(&at_ledger)?;
            return Ok(Vec::new());
        };
        let (interrupted, mut left): (Vec<Entry>, Vec<Entry>) =
            waiting.into_iter().partition(|entry| entry.state == State::Sending);
        let (at, reason) = (timestamp(&self.port), "the run ended before the answer");
        let doubtful = interrupted.into_iter();
        let doubtful = doubtful.map(|entry| entry.into_state(State::Unknown, at.clone(), Some(reason)));
        let written = ledger.write(doubtful.collect()).await.map_err(&at_ledger)?;
        let resends = self.options.resend_unknown;
        if resends {
            // With those just written.
            left.extend(ledger.unknown().await.map_err(&at_ledger)?);
        } else {
            report.unknown += written.len();
        }
        left.retain(|entry| entry.is_taken_up(resends));
        left.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(left)
    }

    /// What the next run needs to know of this one and those before.
    fn remembered(&self, facts: &Facts, consent: &Consent, periods: &Periods) -> Memory {
        let (today, clock) = (self.settings.today, &self.settings.clock);
        let since = today.plus(-limits::START_DAYS).start_seconds();
        // Whether a day is consented is known when it is over.
        let facts = facts.remembered(Moment::new(since, 0));
        let facts = facts.restricted(clock, &|day| day < today);
        let earlier = self.options.memory.clone().unwrap_or_default();
        let mut days = earlier.days;
        for &day in &periods.days {
            days.or_insert(day, || today);
        }
        days.retain(|&day, _| day >= today.plus(-limits::OPEN_DAYS));
        let mut months = earlier.months;
        months.extend(periods.months.iter().copied());
        months.retain(|&month| month >= today.month().plus(-limits::DUE_MONTHS));
        let first_day = Some(self.options.first_computed_day(today));
        let basis = Some(self.options.basis(&self.settings, consent));
        Memory { first_day, closed_until: earlier.closed_until, days, months, basis, ..facts }
    }

    async fn flag(&self, cozy: Cozy<'_>, ids: Vec<String>, periods: &Periods) {
        let wanted = self.options.flag_aggregated.unwrap_or(true) && !ids.is_empty();
        let first_day = periods.days.first().filter(|_| wanted && cozy.has_time(limits::SEND_MILLIS));
        if let Some(&first_day) = first_day {
            let first_written = self.settings.clock.first_written(first_day);
            let flagged = flag::flag(cozy, &self.options.doctypes.events, ids, first_written).await;
            if let Err(why) = flagged {
                let message = format!("events could not be marked as aggregated, and will be tonight: {why}");
                self.port.log(Level::Warn, message);
            }
        }
    }

    /// What was kept long enough goes also where nothing is computed, unless
    /// another changes the home just now.
    async fn retain_without_consent(&self, cozy: Cozy<'_>, consent: &Consent, lease: &MemoryLease<'_>) {
        if !lease.is_held_by_another() {
            let memory = lease.memory();
            self.retain(cozy, memory, &consent.clone().after(memory.closed_until)).await;
        }
    }

    async fn retain(&self, cozy: Cozy<'_>, memory: &Memory, consent: &Consent) {
        if (Retention { ledger: None, ..self.options.retention }) == Retention::default() {
            return;
        }
        let (options, settings) = (&self.options, &self.settings);
        let deleted = retention::delete_events(cozy, options, settings, memory, consent).await;
        self.log_deleted("events", deleted);
    }

    /// Lets entries go under consent alone: without it only those that wait are
    /// read.
    async fn retain_entries(&self, ledger: &Ledger<'_>) {
        let Some(days) = self.options.retention.ledger else { return };
        let (today, resends) = (self.settings.today, self.options.resend_unknown);
        self.log_deleted("entries", retention::delete_entries(ledger, days, today, resends).await);
    }

    fn log_deleted(&self, what: &str, deleted: Result<usize, Failure>) {
        let (level, message) = match deleted {
            Ok(0) => return,
            Ok(count) => (Level::Info, format!("{what} kept long enough, and deleted: {count}")),
            Err(why) => (Level::Warn, format!("old {what} could not be deleted, and will be tonight: {why}")),
        };
        self.port.log(level, message);
    }

    /// Asks the stack once, and tells whether it took the job; where it did not,
    /// the next night goes on.
    async fn ask_for_another_job(&self) -> bool {
        let slug = self.options.slug.as_deref().unwrap_or(DEFAULT_SLUG);
        let name = self.options.service.as_deref().unwrap_or(DEFAULT_SERVICE);
        let attributes = json!({"arguments": {"name": name, "slug": slug}, "options": {}});
        let body = json!({"data": {"type": "io.cozy.jobs", "attributes": attributes}});
        let url = "/jobs/queue/service".to_owned();
        let request = Request { method: "POST", url, body: Some(body.to_string()), in_pieces: false };
        let why = match self.port.request(request).await {
            RequestOutcome::Answer(answer) if (200..300).contains(&answer.status) => {
                self.port.log(Level::Info, "the time ended first: another job goes on");
                return true;
            }
            RequestOutcome::Answer(answer) if answer.status == 403 => {
                missing_permission("POST", "io.cozy.jobs")
            }
            RequestOutcome::Answer(answer) => format!("the stack answered with status {}", answer.status),
            RequestOutcome::None { .. } => "the stack did not answer".to_owned(),
        };
        let message =
            format!("the time ended first, and the next night goes on, as no job could be had: {why}");
        self.port.log(Level::Warn, message);
        false
    }
}

fn notice(port: &Port, diagnostics: &Diagnostics) {
    let counts: Vec<_> =
        diagnostics.iter().map(|(code, count)| format!("{} {count}", code.as_str())).collect();
    if !counts.is_empty() {
        port.log(Level::Info, format!("noticed in the documents: {}", counts.join(", ")));
    }
}

fn summary(report: &Report) -> String {
    let end = match report.end {
        End::Complete => "the run is complete",
        End::NoConsent => "no consent today, so no more is read",
        End::Busy => "another run is under way",
        End::OutOfTime => "the time ended first",
        End::Stopped => "the run stopped",
    };
    let counts = [
        (report.planned, "planned"),
        (report.sent, "sent"),
        (report.refused, "refused"),
        (report.unknown, "of unknown fate"),
        (report.cancelled, "cancelled"),
        (report.left, "left"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    format!("{end}: {}", if counts.is_empty() { "nothing sent".to_owned() } else { counts.join(", ") })
}
