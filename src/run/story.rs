//! What a run does, from the first question to the last answer.

use std::cell::Cell;

use serde_json::json;

use super::cozy::Cozy;
use super::flagging;
use super::port::Port;
use super::reading::{Night, Reading, Stop};
use super::recording::Computed as Kept;
use super::remote::Remote;
use super::retention;
use super::sending::{Sending, cancel};
use super::store::{self, Keeper, Ledger, timestamp};
use super::{Circumstances, End, Level, Report, Request};
use crate::calendar::Moment;
use crate::consent::{Consent, Standing};
use crate::diagnostics::{Code, Diagnostics};
use crate::ledger::{Contribution, Entry, State, is_date_taken, never_planned};
use crate::limits;
use crate::memory::Memory;
use crate::options::{Options, Periods, Retention, Settings};

pub(super) struct Story {
    pub(super) port: Port,
    pub(super) options: Options,
    pub(super) settings: Settings,
    pub(super) remote: Remote,
    pub(super) circumstances: Circumstances,
}

impl Story {
    pub(super) async fn tell(mut self) -> Report {
        let port = self.port.clone();
        let mut report = Report::default();
        if let Err(stop) = self.chapters(&mut report).await {
            report.end = End::Stopped;
            port.log(Level::Critical, stop.to_string());
        }
        report.retry = report.end == End::Stopped && report.sent + report.refused + report.unknown == 0;
        port.log(Level::Info, summary(&report));
        report
    }

    async fn chapters(&mut self, report: &mut Report) -> Result<(), Stop> {
        let port = self.port.clone();
        let limit = self.circumstances.time_limit.map(|seconds| seconds.saturating_mul(1_000));
        let deadline = limit.map(|limit| port.now() + limit.saturating_sub(limits::TIME_MARGIN_MILLIS));
        let cozy = Cozy::new(&port, deadline);
        // Two tries of one job hold one lease, and write under names of their own.
        let stamp = format!("run-{:016x}", port.random_below(u64::MAX));
        let run = self.circumstances.job.clone().unwrap_or_else(|| stamp.clone());
        let doctypes = self.options.doctypes.clone();
        let ledger = Ledger { cozy, doctype: &doctypes.measures, stamp: &stamp, writes: Cell::new(0) };

        let consent = self.reading(cozy).consent(&mut report.diagnostics).await?;
        let standing = consent.standing();
        if standing != Standing::Given {
            report.end = End::NoConsent;
            report.diagnostics.add(Code::ConsentMissing);
        }
        if standing == Standing::Withdrawn {
            let waiting = ledger.waiting().await.map_err(Stop::at("the ledger"))?;
            cancel(&port, &ledger, waiting.unwrap_or_default(), report).await?;
        }
        if standing != Standing::Given {
            self.retain_without_consent(cozy, consent).await;
            return Ok(());
        }
        let lease = limit.unwrap_or(limits::LEASE_MILLIS) + limits::SEND_MILLIS;
        let first_day = self.options.first_computed_day(self.settings.today);
        let keeper = Keeper::acquire(cozy, &port, &doctypes.memory, &run, lease, first_day).await;
        let Some(mut keeper) = keeper.map_err(Stop::at("the memory"))? else {
            report.end = End::Busy;
            return Ok(());
        };
        let through = self.night(&mut keeper, &ledger, &consent, report).await;
        let goes_on = report.end == End::OutOfTime && keeper.count_continuation(self.settings.today);
        let end = if through.is_err() { End::Stopped } else { report.end };
        // What is not written here is written by the next run; the lease ends by itself.
        let released = keeper.release(json!({"at": timestamp(&port), "end": end})).await;
        if released.is_ok() && through.is_ok() && goes_on {
            self.ask_for_another_job().await;
        }
        through
    }

    fn reading<'a>(&'a self, cozy: Cozy<'a>) -> Reading<'a> {
        Reading { cozy, options: &self.options, settings: &self.settings }
    }

    /// Plans what was never planned, then sends what waits.
    async fn night(
        &mut self,
        keeper: &mut Keeper<'_>,
        ledger: &Ledger<'_>,
        consent: &Consent,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let port = self.port.clone();
        let cozy = ledger.cozy;
        let at_ledger = Stop::at("the ledger");
        let waiting = self.left_over(ledger, report).await?;
        self.options.memory = Some(keeper.memory().clone());
        let consent = &consent.clone().after(keeper.memory().closed_until);

        let night = self.reading(cozy).night(consent, std::mem::take(&mut report.diagnostics)).await?;
        let Night { mut computed, mut periods, mut unflagged } = night;
        if let Some(given) = port.given() {
            (computed.contributions, computed.diagnostics) = (given.contributions(), given.diagnostics());
            unflagged = given.unflagged;
        }
        port.keep(Kept::new(&computed.contributions, &computed.diagnostics, &unflagged));
        report.diagnostics = computed.diagnostics;
        let (count, days, months) = (computed.contributions.len(), periods.days.len(), periods.months.len());
        port.log(Level::Info, format!("measures computed: {count}, of days: {days}, of months: {months}"));
        let ids: Vec<String> = computed.contributions.iter().flat_map(Contribution::ids).collect();
        let known = ledger.existing(&ids).await.map_err(&at_ledger)?;
        if is_date_taken(&computed.contributions, &known) {
            computed.contributions.retain(Contribution::is_of_day);
            periods.months.clear();
            port.log(Level::Info, "the month waits for the next night: this one's date is that of another");
        }
        let new = never_planned(&computed.contributions, &known, &mut report.diagnostics);
        let plan = new.into_iter().map(|c| Entry::planned(c, consent.basis(), timestamp(&port)));
        let planned = ledger.write(plan.collect()).await.map_err(&at_ledger)?;
        report.planned = planned.len();
        let since = self.settings.today.plus(-limits::START_DAYS).start_seconds();
        // Whether a day is consented is known when it is over.
        let facts = computed.facts.remembered(Moment::new(since, 0));
        let facts = facts.restricted(&self.settings.clock, &|day| day < self.settings.today);
        let memory = self.remembered(facts, &periods);
        keeper.remember(memory).await.map_err(Stop::at("the memory"))?;
        notice(&port, &report.diagnostics);

        let reading = self.reading(cozy);
        let sending = Sending {
            port: &port,
            cozy,
            ledger,
            reading: &reading,
            settings: &self.settings,
            remote: &self.remote,
        };
        let waiting = waiting.into_iter().chain(planned).collect();
        sending.all(waiting, keeper, report).await?;
        if report.end == End::Complete {
            self.flag(cozy, unflagged, &periods).await;
            self.retain(cozy, keeper.memory(), consent).await;
        }
        Ok(())
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
    fn remembered(&self, facts: Memory, periods: &Periods) -> Memory {
        let today = self.settings.today;
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
        Memory { first_day, closed_until: earlier.closed_until, days, months, ..facts }
    }

    async fn flag(&self, cozy: Cozy<'_>, ids: Vec<String>, periods: &Periods) {
        let wanted = self.options.flag_aggregated.unwrap_or(true) && !ids.is_empty();
        let first_day = periods.days.first().filter(|_| wanted && cozy.has_time(limits::SEND_MILLIS));
        if let Some(&first_day) = first_day {
            let first_written = self.settings.clock.first_written(first_day);
            let flagged = flagging::flag(cozy, &self.options.doctypes.events, ids, first_written).await;
            if let Err(why) = flagged {
                let message = format!("events could not be marked as aggregated, and will be tonight: {why}");
                self.port.log(Level::Warn, message);
            }
        }
    }

    /// What was kept long enough goes also where nothing is computed, unless
    /// another changes the home just now.
    async fn retain_without_consent(&self, cozy: Cozy<'_>, consent: Consent) {
        if self.options.retention == Retention::default() {
            return;
        }
        match store::unheld_memory(cozy, &self.port, &self.options.doctypes.memory).await {
            Ok(Some(memory)) => self.retain(cozy, &memory, &consent.after(memory.closed_until)).await,
            Ok(None) => {}
            Err(why) => self.port.log(
                Level::Warn,
                format!("old events could not be deleted, and will be tonight: the memory: {why}"),
            ),
        }
    }

    async fn retain(&self, cozy: Cozy<'_>, memory: &Memory, consent: &Consent) {
        if self.options.retention == Retention::default() {
            return;
        }
        let (options, settings) = (&self.options, &self.settings);
        let (level, message) = match retention::apply(cozy, options, settings, memory, consent).await {
            Ok(0) => return,
            Ok(count) => (Level::Info, format!("events kept long enough, and deleted: {count}")),
            Err(why) => (Level::Warn, format!("old events could not be deleted, and will be tonight: {why}")),
        };
        self.port.log(level, message);
    }

    /// Asks the stack once; without an answer the next night goes on.
    async fn ask_for_another_job(&self) {
        let slug = self.options.slug.as_deref().unwrap_or("ecolyo");
        let name = self.options.service.as_deref().unwrap_or("aggregatorUsageEvents");
        let attributes = json!({"arguments": {"name": name, "slug": slug}, "options": {}});
        let body = json!({"data": {"type": "io.cozy.jobs", "attributes": attributes}});
        let url = "/jobs/queue/service".to_owned();
        self.port
            .request(Request { method: "POST", url, body: Some(body.to_string()), in_pieces: false })
            .await;
        self.port.log(Level::Info, "the time ended first: another job was asked for");
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
