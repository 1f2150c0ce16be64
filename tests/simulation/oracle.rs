//! What must hold, whatever went wrong.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::aggregate_home;
use dacc_aggregator::calendar::ClockKind;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value};

use crate::arbitrary::Schedule;
use crate::clock::{self, SECOND};
use crate::command::{FOREIGN, Kind};
use crate::config::{CHANGING, Config};
use crate::dacc::{Bucket, Cell, Dacc};
use crate::life::{EVENTS, HOME, Life, PROFILE, Step};
use crate::process::Process;
use crate::statistics::Statistics;
use crate::store::{Store, text};

pub const LEDGER: &str = "com.grandlyon.ecolyo.dacc.measures";
pub const MEMORY: &str = "com.grandlyon.ecolyo.dacc.memory";

/// How long after a withdrawal is stored a send may still begin.
const PROMISED: u64 = 10 * SECOND;

/// What was told about runs under one memory document.
#[derive(Debug, Default)]
struct Told {
    first_day: Option<Date>,
    /// The yesterday of the first run that got to work.
    begun: Option<Date>,
    /// On which day each day was first computed.
    days: BTreeMap<Date, Date>,
    /// The months computed, by their first days.
    months: BTreeSet<Date>,
}

/// An entry as it was planned.
#[derive(Debug)]
struct Entered {
    /// The days whose events made its value, as far as that can be told.
    days: Vec<Date>,
    /// Whether its observation is sent by itself.
    is_each: bool,
}

#[derive(Debug, Default)]
pub struct Oracle {
    pub violations: Vec<String>,
    /// The terms as they stood from a time on.
    terms: Vec<(u64, Vec<Step>)>,
    /// Acceptances after the terms were deleted.
    anew: Vec<Step>,
    /// Entries whose fate may be unknown: something went wrong around their send.
    excused: BTreeSet<String>,
    /// By the doctype of the memory.
    told: BTreeMap<&'static str, Told>,
    entered: BTreeMap<String, Entered>,
    /// What the home lives under.
    config: Option<Config>,
    clock: ClockKind,
    /// Whether definitions, or what the home is configured with, change.
    is_changing: bool,
    /// Whether the app itself deletes events.
    deletes: bool,
    /// The commands of the person so far.
    commands: Vec<Kind>,
    /// Whether a command whose clock is wrong worked beside a run.
    passes_leases: bool,
    /// The entries that runs deleted, as they were.
    deleted: Vec<Value>,
}

/// Whether consent stands at the end of a day.
fn is_consented(terms: &[Step], day: Date) -> bool {
    let latest = terms.iter().filter(|step| step.day <= day).max();
    latest.is_some_and(|step| !step.is_withdrawal)
}

/// Whether a day of the period is consented.
fn touches(terms: &[Step], from: Date, is_monthly: bool) -> bool {
    if !is_monthly {
        return is_consented(terms, from);
    }
    from.series(1.day()).take_while(|day| *day <= from.last_of_month()).any(|day| is_consented(terms, day))
}

/// How consent stands to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Given,
    /// It is given for the first time, from a moment that is still to come.
    NotYet,
    Withdrawn,
}

/// The terms as a run has them by its own clock, whatever that is: what is
/// still to come to it is no act yet, but for a withdrawal, which counts at
/// once, also where an acceptance follows it.
fn replayed(terms: &[Step], clock: ClockKind, process: &Process) -> (Standing, Vec<Step>) {
    let now: Timestamp = process.now.parse().unwrap();
    let now = clock::order(clock, now.as_millisecond().unsigned_abs());
    let (mut steps, to_come): (Vec<Step>, Vec<Step>) = terms.iter().partition(|step| step.order <= now);
    let is_withdrawal_to_come = to_come.iter().any(|step| step.is_withdrawal);
    if is_withdrawal_to_come {
        steps.push(Step { order: now, is_withdrawal: true, day: process.today });
    }
    let was_ever_given = steps.iter().any(|step| is_consented(&steps, step.day));
    let standing = match steps.iter().max() {
        Some(latest) if !latest.is_withdrawal => Standing::Given,
        _ if !was_ever_given && !to_come.is_empty() && !is_withdrawal_to_come => Standing::NotYet,
        _ => Standing::Withdrawn,
    };
    (standing, steps)
}

/// The first day of a period, and whether it is a month.
fn begins(period: &str) -> (Date, bool) {
    match period.len() {
        7 => (format!("{period}-01").parse().unwrap(), true),
        _ => (period.parse().unwrap(), false),
    }
}

/// The consented days that an entry says its value was made of.
fn made_of(entry: &Value) -> Vec<Date> {
    let intervals = entry["madeOf"].as_array().map_or(&[][..], Vec::as_slice);
    let day = |interval: &Value, end: &str| text(interval, end).parse::<Date>().unwrap();
    intervals
        .iter()
        .flat_map(|interval| {
            let to = day(interval, "to");
            day(interval, "from").series(1.day()).take_while(move |day| *day < to)
        })
        .collect()
}

/// The events that a measure of many days counts: their type, and their target.
fn counted(measure: &Value) -> Option<(&'static str, Option<String>)> {
    let slug = || crate::dacc::values(measure).into_iter().next();
    match text(measure, "measureName") {
        "connection-count-monthly" | "visits" => Some(("ConnectionEvent", None)),
        "profile-count-monthly" => Some(("ProfileSetEvent", None)),
        "konnector-attempts-monthly" => Some(("KonnectorAttemptEvent", slug())),
        "refreshes" => Some(("KonnectorRefreshEvent", None)),
        _ => None,
    }
}

impl Oracle {
    pub fn new(schedule: &Schedule) -> Oracle {
        Oracle {
            config: Some(schedule.config.clone()),
            clock: schedule.life.clock,
            is_changing: !schedule.changes.is_empty(),
            deletes: schedule.life.deletes,
            ..Oracle::default()
        }
    }

    /// The terms were deleted while consent stood, and are accepted once more.
    pub fn is_accepted_anew(&mut self, at: u64) {
        let step = Step { order: clock::order(self.clock, at), is_withdrawal: false, day: clock::date(at) };
        self.anew.push(step);
        self.terms_change(at, Vec::new());
    }

    /// A command and a run may know nothing of each other from now on.
    pub fn passes_leases(&mut self) {
        self.passes_leases = true;
    }

    /// The person begins a command.
    pub fn is_commanded(&mut self, kind: Kind) {
        self.commands.push(kind);
    }

    /// What a home lives under stays, whatever a run is configured with.
    pub fn memory_changes(&mut self, old: &Value, new: &Value) {
        for name in ["clock", "zone", "createdBy", "monthlyStartDate", "measures"] {
            let (old, new) = (&old["settings"][name], &new["settings"][name]);
            if !old.is_null() && old != new {
                self.violated(format!("a run changes what the home lives under: {old} to {new}"));
            }
        }
    }

    /// A run plans an entry: what its value is made of is there.
    pub fn is_entered(&mut self, process: &Process, store: &Store, entry: &Value) {
        let measure = &entry["measure"];
        let (first, is_month) = begins(text(entry, "period"));
        let name = text(measure, "measureName");
        let is_each = process.config.sends_each(name);
        let mut days = Vec::new();
        let is_known = !self.commands.is_empty() && !self.deletes && !self.passes_leases;
        if let Some((kind, target)) = counted(measure).filter(|_| is_month && !process.is_overtaken) {
            let last = first.last_of_month();
            let looks_back = matches!(name, "konnector-attempts-monthly" | "refreshes");
            let of = store.documents(EVENTS).filter(|event| {
                let is_its = target.as_deref().is_none_or(|target| text(event, "target") == target);
                text(event, "type") == kind && is_its
            });
            let of = of.filter_map(|event| clock::day_of(self.clock, text(event, "eventDate")));
            let of: Vec<Date> = of.filter(|day| *day <= last && (looks_back || *day >= first)).collect();
            if is_known && measure["value"].as_u64().unwrap() > of.len() as u64 {
                self.violated(format!("more is counted than there is: {measure}, {}", of.len()));
            }
            days = of.into_iter().filter(|day| self.consents(*day)).collect();
        }
        if name == "event-duration" && is_known {
            let groups = crate::dacc::values(measure);
            let start = match groups[0].as_str() {
                "duel-launch" => Some("DuelLaunchEvent"),
                "first-session" => Some("ConnectionEvent"),
                _ => None,
            };
            let is_there = |kind: &str| {
                let is_given = kind == "ConnectionEvent"
                    && store
                        .documents(PROFILE)
                        .any(|profile| !text(profile, "firstConnectionDate").is_empty());
                is_given || store.documents(EVENTS).any(|event| text(event, "type") == kind)
            };
            if start.is_some_and(|kind| !is_there(kind)) {
                self.violated(format!("its start is remembered, and its event was deleted: {measure}"));
            }
        }
        self.entered.insert(text(entry, "_id").to_owned(), Entered { days, is_each });
    }

    /// The server takes a measure.
    pub fn is_accepted(&mut self, measure: &Value) {
        let is_foreign = |value: &String| FOREIGN.contains(&value.as_str());
        if !self.commands.is_empty() && crate::dacc::values(measure).iter().any(is_foreign) {
            self.violated(format!("a stranger's event is counted: {measure}"));
        }
        let by = self.config.as_ref().map_or("", |config| config.created_by);
        if self.commands.is_empty() && text(measure, "createdBy") != by {
            self.violated(format!("a measure is created by another: {measure}"));
        }
    }

    pub fn violated(&mut self, what: String) {
        self.violations.push(what);
    }

    pub fn terms_change(&mut self, at: u64, mut steps: Vec<Step>) {
        steps.extend(&self.anew);
        self.terms.push((at, steps));
    }

    /// The terms now in force and those that were less than the promise ago.
    fn terms_of_late(&self, at: u64) -> impl Iterator<Item = &[Step]> {
        let from = self.terms.iter().rposition(|(since, _)| *since + PROMISED <= at).unwrap_or(0);
        self.terms[from..].iter().map(|(_, steps)| steps.as_slice())
    }

    /// How many states the terms had until now.
    pub fn count_terms(&self) -> usize {
        self.terms.len()
    }

    /// Whether consent, as the terms are now, stands to a run's clock.
    pub fn stands(&self, process: &Process) -> bool {
        let terms = self.terms.last().map_or(&[][..], |(_, terms)| terms);
        replayed(terms, self.clock, process).0 == Standing::Given
    }

    pub fn consents(&self, day: Date) -> bool {
        self.terms.last().is_some_and(|(_, steps)| is_consented(steps, day))
    }

    pub fn excuse(&mut self, id: String) {
        self.excused.insert(id);
    }

    /// A process begins to send.
    pub fn send_begins(
        &mut self,
        at: u64,
        process: &Process,
        measure: &Value,
        entry: Option<(String, String)>,
        is_clock_set: bool,
    ) {
        let (id, period) = entry.unwrap_or_else(|| (String::new(), text(measure, "startDate").to_owned()));
        let (from, is_month) = begins(&period);
        let made_of = self.entered.get(&id).map_or(&[][..], |entered| entered.days.as_slice());
        let may = |terms: &[Step]| {
            let (standing, terms) = replayed(terms, self.clock, process);
            let is_made_of_consented = made_of.iter().all(|day| is_consented(&terms, *day));
            standing == Standing::Given && touches(&terms, from, is_month) && is_made_of_consented
        };
        if !self.terms_of_late(at).any(may) {
            self.violated(format!("a send begins without consent: {measure}"));
        }
        // The margin of 15 s is for what follows the last send.
        let left =
            process.plan.limit.map(|limit| (process.started + (limit + 5) * SECOND).saturating_sub(at));
        if left.is_some_and(|left| left < 15 * SECOND) {
            self.violated(format!("a send begins {} ms before the limit", left.unwrap_or(0)));
        }
        // Planned by a clock that was ahead, it may be sent by one that is right.
        if from >= process.today && !is_clock_set {
            self.violated(format!("a period that is not over is sent: {measure}"));
        }
    }

    /// A claim to a cell was written: once, and never changed.
    pub fn claim_is_written(&mut self, old: Option<&Value>, new: &Value) {
        let id = text(new, "_id");
        if old.is_some() || !id.starts_with("cell=") || text(new, "by").is_empty() {
            self.violated(format!("{id} is written as a claim over {old:?}"));
        }
    }

    /// A run deleted a document of the ledger.
    pub fn ledger_loses(&mut self, old: &Value, store: &Store) {
        let (id, state) = (text(old, "_id"), text(old, "state"));
        let period =
            if state.is_empty() { text(old, "by").split(':').nth(1) } else { old["period"].as_str() };
        let settled = settled_until(store);
        let last = period.map(|period| match begins(period) {
            (first, true) => first.last_of_month(),
            (day, false) => day,
        });
        if id == "settled" || last.is_none() || settled < last {
            self.violated(format!("{id} is deleted, and settled is {settled:?}"));
        }
        if old["waits"] == true {
            self.violated(format!("{id} is deleted while it is {state}"));
        }
        if !state.is_empty() {
            self.deleted.push(old.clone());
        }
    }

    /// The date that stands for deleted entries was written: it only rises.
    pub fn is_settled(&mut self, old: Option<&Value>, new: &Value) {
        let until = |settled: &Value| text(settled, "until").parse::<Date>().ok();
        if until(new).is_none() || old.is_some_and(|old| until(old) >= until(new)) {
            self.violated(format!("settled goes from {old:?} to {new}"));
        }
    }

    /// An entry of the ledger was written.
    pub fn entry_changes(&mut self, old: Option<&Value>, new: &Value, dacc: &Dacc) {
        let from = old.map_or("nothing", |old| text(old, "state"));
        let to = text(new, "state");
        let is_legal = match from {
            "nothing" => to == "planned",
            // Under another name of its key it is planned or held again.
            "planned" => matches!(to, "sending" | "cancelled" | "refused" | "held" | "planned"),
            "held" => matches!(to, "sending" | "cancelled" | "refused" | "held"),
            "sending" => matches!(to, "sent" | "refused" | "unknown" | "planned" | "held"),
            _ => false,
        };
        let id = text(new, "_id");
        if !is_legal {
            self.violated(format!("{id} goes from {from} to {to}"));
        }
        if self.deleted.iter().any(|deleted| text(deleted, "_id") == id) {
            self.violated(format!("{id} was deleted, and is planned once more"));
        }
        let times = dacc.times(&Bucket::of(&new["measure"]));
        // Another may have the identity under another definition, or another cell.
        let is_known = self.commands.is_empty()
            && !(self.is_changing && CHANGING.contains(&text(&new["measure"], "measureName")));
        let wanted = !is_known
            || match to {
                "planned" | "sending" | "cancelled" | "refused" | "held" => times == 0,
                "sent" => times == 1,
                _ => times <= 1,
            };
        if !wanted {
            self.violated(format!("{id} becomes {to}, and was accepted {times} times"));
        }
        if matches!(to, "refused" | "unknown" | "cancelled" | "held") && text(new, "reason").is_empty() {
            self.violated(format!("{id} becomes {to} without a reason"));
        }
        let told =
            |entry: &Value| (entry["measure"]["value"].clone(), crate::dacc::values(&entry["measure"]));
        // What was planned beside a command is planned again, if at all.
        let is_renamed = |old: &Value| {
            matches!(from, "planned" | "held") && (told(old) == told(new) || changes(old) < changes(new))
        };
        if old.is_some_and(|old| old["measure"] != new["measure"] && !is_renamed(old)) {
            self.violated(format!("{id} holds another measure than before"));
        }
        if new["waits"] != Value::Bool(matches!(to, "planned" | "sending" | "held")) {
            self.violated(format!("{id} becomes {to}, and does not say rightly whether it waits"));
        }
    }

    /// An entry is cancelled by a run: consent has to be gone, of its period or today.
    pub fn is_cancelled(&mut self, process: &Process, entry: &Value, store: &Store) {
        let memory = store.get(process.config.memory, "memory");
        if memory.is_some_and(|memory| changes(entry) < changes(memory)) && !self.commands.is_empty() {
            return;
        }
        let (from, is_month) = begins(text(entry, "period"));
        // As the run read them last, which may be a while ago.
        let terms = process.terms_read.checked_sub(1).map_or(&[][..], |nth| &*self.terms[nth].1);
        let (standing, terms) = replayed(terms, self.clock, process);
        let is_gone = match standing {
            Standing::Withdrawn => true,
            Standing::NotYet => false,
            Standing::Given => {
                // A day that its value was made of may have gone.
                !touches(&terms, from, is_month)
                    || made_of(entry).iter().any(|day| !is_consented(&terms, *day))
            }
        };
        // With the state, the terms of then were deleted too.
        if self.commands.iter().any(|kind| matches!(kind, Kind::Purge { state: true, .. })) {
            return;
        }
        if is_gone && !self.terms.iter().any(|(_, terms)| terms.iter().any(|step| step.is_withdrawal)) {
            self.violated(format!("{} is cancelled though consent was never withdrawn", text(entry, "_id")));
        }
        if !is_gone && !self.terms.is_empty() {
            self.violated(format!("{} is cancelled though consent stands", text(entry, "_id")));
        }
    }

    /// A run has consent and takes the lease.
    pub fn is_begun(&mut self, process: &Process) {
        let told = self.told.entry(process.config.memory).or_default();
        told.begun.get_or_insert(process.today.yesterday().unwrap());
    }

    /// A run has planned and remembers what it computed: every cell due is in the ledger.
    pub fn is_planned(&mut self, process: &Process, life: &Life, store: &Store, statistics: &mut Statistics) {
        // What a command closed or took away is no longer known here.
        if !self.commands.is_empty() {
            return;
        }
        let memory = process.config.memory;
        let told = self.told.entry(memory).or_default();
        let today = process.today;
        let yesterday = today.yesterday().unwrap();
        // What lies more than a month ahead is of a clock that was wrong.
        let is_near = |day: &Date| *day <= today + 30.days();
        let (known, begun) = (told.first_day.filter(is_near), told.begun.filter(is_near));
        let first = known.or(life.first_day).or(begun).unwrap_or(yesterday);
        let remembered = &store.get(memory, "memory").unwrap()["memory"]["firstDay"];
        if remembered.as_str() != Some(&first.to_string()) {
            let what = format!("the first day is {first}, and {remembered} is remembered");
            self.violations.push(what);
        }
        // Told once is enough.
        let first = remembered.as_str().map_or(first, |day| day.parse().unwrap());
        let mut days = Vec::new();
        let mut day = first.max(today - 30.days());
        while day <= yesterday {
            if told.days.get(&day).is_none_or(|computed| today <= *computed + 7.days()) {
                days.push(day);
            }
            day = day.tomorrow().unwrap();
        }
        let due_day = store
            .documents(PROFILE)
            .next()
            .and_then(|profile| text(profile, "monthlyAnalysisDate").parse::<jiff::Timestamp>().ok());
        let due_day = due_day.map_or(3, |at| at.to_zoned(jiff::tz::TimeZone::UTC).day());
        let months: Vec<Date> = (1..=3)
            .map(|back| today.first_of_month() - back.months())
            .filter(|month| *month >= first.first_of_month() && !told.months.contains(month))
            .filter(|month| {
                let next = *month + 1.month();
                next + (due_day.min(next.days_in_month()) - 1).days() <= today
            })
            .collect();
        if !months.is_empty() {
            statistics.reach("a month is planned");
        }
        if days.iter().any(|day| *day < yesterday && !told.days.contains_key(day)) {
            statistics.reach("a day is caught up");
        }
        if !process.is_overtaken {
            self.all_cells_are_there((&days, &months), process, life, store);
        }
        let told = self.told.entry(memory).or_default();
        told.first_day = Some(first);
        for day in days {
            // Forgotten by a clock that was ahead, a day is computed first again.
            let computed = told.days.entry(day).or_insert(today);
            *computed = today.min(*computed);
        }
        told.months.extend(months);
    }

    fn all_cells_are_there(
        &mut self,
        (days, months): (&[Date], &[Date]),
        process: &Process,
        life: &Life,
        store: &Store,
    ) {
        // All but the catalog is the home's.
        let Some(config) = self.config.clone() else { return };
        let mut options = Config { catalog: process.config.catalog, ..config }.options();
        options.now = Some(process.now.clone());
        if let (Some(first), Some(last)) = (days.first(), days.last()) {
            options.from = Some(first.to_string().parse().unwrap());
            options.to = Some(last.to_string().parse().unwrap());
        }
        options.months =
            Some(months.iter().map(|month| month.strftime("%Y-%m").to_string().parse().unwrap()).collect());
        let home: Map<String, Value> = HOME
            .iter()
            .map(|doctype| ((*doctype).to_owned(), store.documents(doctype).cloned().collect::<Value>()))
            .collect();
        let home = serde_json::to_vec(&home).unwrap();
        let outcome = aggregate_home(&home, &options).unwrap();
        let ledger: BTreeMap<Bucket, &Value> =
            self.entries(store).map(|entry| (Bucket::of(&entry["measure"]), entry)).collect();
        let settled = settled_until(store);
        let mut missing = Vec::new();
        for measure in &outcome.measures {
            let json: Value = serde_json::from_str(&measure.to_json()).unwrap();
            let bucket = Bucket::of(&json);
            let date: Date = bucket.start_date.parse().unwrap();
            let is_due = bucket.is_monthly() || days.contains(&date);
            // What looks back further than a run reads is its memory's to know.
            if self.is_changing && CHANGING.contains(&bucket.name.as_str()) {
                continue;
            }
            let looks_back = matches!(bucket.name.as_str(), "event-duration" | "konnector-attempts-monthly");
            if !is_due || (looks_back && !life.is_plain) {
                continue;
            }
            match ledger.get(&bucket) {
                None if settled >= Some(date) => {}
                None => missing.push(json),
                // Without a clock set back, what is the same is computed the same.
                Some(entry) if life.is_plain && text(entry, "plannedAt") >= process.now.as_str() => {
                    if entry["measure"] != json {
                        missing.push(json);
                    }
                }
                Some(_) => {}
            }
        }
        for measure in missing {
            self.violated(format!("a cell due is not in the ledger as it is computed: {measure}"));
        }
    }

    /// The entries of the ledger, and those that were deleted.
    fn entries<'a>(&'a self, store: &'a Store) -> impl Iterator<Item = &'a Value> {
        self.deleted.iter().chain(entries(store))
    }

    /// After the last fault and one clean night.
    pub fn ends(&mut self, at: u64, store: &Store, dacc: &Dacc, is_without_fault: bool) {
        let all: Vec<Value> = self.entries(store).cloned().collect();
        for (cell, payloads) in dacc.cells.iter().filter(|(_, payloads)| payloads.len() > 1) {
            // Observations that are sent each share their cell, and nobody else does.
            let entries = all.iter().filter(|entry| Cell::of(&entry["measure"]) == *cell);
            let sent: Vec<&Value> = entries.filter(|entry| text(entry, "state") != "cancelled").collect();
            let is_each =
                |entry: &&Value| self.entered.get(text(entry, "_id")).is_some_and(|entered| entered.is_each);
            if sent.len() < payloads.len() || !sent.iter().all(is_each) {
                self.violations.push(format!("accepted {} times in one cell: {cell:?}", payloads.len()));
            }
        }
        let is_known = |bucket: &Bucket| !self.is_changing || !CHANGING.contains(&bucket.name.as_str());
        for (bucket, payloads) in &dacc.accepted {
            if payloads.len() > 1 && is_known(bucket) {
                self.violations.push(format!("accepted {} times: {bucket:?}", payloads.len()));
            }
        }
        if !self.commands.is_empty() {
            return;
        }
        let mut buckets = BTreeMap::new();
        for entry in &all {
            let (id, state) = (text(entry, "_id"), text(entry, "state"));
            let bucket = Bucket::of(&entry["measure"]);
            let is_changing = self.is_changing && CHANGING.contains(&bucket.name.as_str());
            let payloads = dacc.accepted.get(&bucket).map_or(&[][..], Vec::as_slice);
            match state {
                "sent" => {
                    let is_it = match is_changing {
                        true => payloads.contains(&entry["measure"]),
                        false => payloads == [entry["measure"].clone()],
                    };
                    if !is_it {
                        self.violated(format!("{id} is sent, and accepted was {payloads:?}"));
                    }
                }
                "unknown" => {
                    if !self.excused.contains(id) || is_without_fault {
                        self.violated(format!("{id} is unknown, and nothing went wrong"));
                    }
                }
                "held" => {
                    if dacc.refuses(&entry["measure"], at).is_none() {
                        self.violated(format!("{id} is held, and the server would take it"));
                    }
                    let since = entry["heldSince"].as_str().and_then(|day| day.parse::<Date>().ok());
                    if since.is_none_or(|since| since + 31.days() < clock::date(at)) {
                        self.violated(format!("{id} is held since {since:?}"));
                    }
                }
                "refused" => {
                    if entry["heldSince"].is_null() && !is_changing {
                        self.violated(format!("{id} is refused, and was never held"));
                    }
                }
                "cancelled" => {}
                state => self.violated(format!("{id} is {state} after a clean night")),
            }
            if let Some(other) = buckets.insert(bucket, id).filter(|_| !is_changing) {
                self.violated(format!("{id} and {other} are one contribution"));
            }
        }
        for bucket in dacc.accepted.keys() {
            if !buckets.contains_key(bucket) {
                self.violated(format!("accepted, and in no entry: {bucket:?}"));
            }
        }
    }
}

/// How many commands had changed the home when an entry was planned, or up to now.
pub fn changes(document: &Value) -> u64 {
    document["changes"].as_u64().unwrap_or(0)
}

/// Up to which day entries may be deleted.
fn settled_until(store: &Store) -> Option<Date> {
    text(store.get(LEDGER, "settled")?, "until").parse().ok()
}

/// The entries of the ledger, without the claims beside them.
fn entries(store: &Store) -> impl Iterator<Item = &Value> {
    store.documents(LEDGER).filter(|document| !document["state"].is_null())
}
