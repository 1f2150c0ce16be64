//! What must hold, whatever went wrong.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::{Options, aggregate_home};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::clock::SECOND;
use crate::dacc::{Bucket, Dacc};
use crate::life::{HOME, Life, PROFILE, Step};
use crate::process::Process;
use crate::statistics::Statistics;
use crate::store::{Store, text};

pub const LEDGER: &str = "com.grandlyon.ecolyo.dacc.measures";
pub const MEMORY: &str = "com.grandlyon.ecolyo.dacc.memory";

/// How long after a withdrawal is stored a send may still begin.
const PROMISED: u64 = 10 * SECOND;

#[derive(Debug, Default)]
pub struct Oracle {
    pub violations: Vec<String>,
    /// The terms as they stood from a time on.
    terms: Vec<(u64, Vec<Step>)>,
    /// Entries whose fate may be unknown: something went wrong around their send.
    excused: BTreeSet<String>,
    first_day: Option<Date>,
    /// The yesterday of the first run that got to work.
    begun: Option<Date>,
    /// On which day each day was first computed.
    days: BTreeMap<Date, Date>,
    /// The months computed, by their first days.
    months: BTreeSet<Date>,
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

impl Oracle {
    pub fn violated(&mut self, what: String) {
        self.violations.push(what);
    }

    pub fn terms_change(&mut self, at: u64, steps: Vec<Step>) {
        self.terms.push((at, steps));
    }

    /// The terms now in force and those that were less than the promise ago.
    fn terms_of_late(&self, at: u64) -> impl Iterator<Item = &[Step]> {
        let from = self.terms.iter().rposition(|(since, _)| *since + PROMISED <= at).unwrap_or(0);
        self.terms[from..].iter().map(|(_, steps)| steps.as_slice())
    }

    pub fn consents(&self, day: Date) -> bool {
        self.terms.last().is_some_and(|(_, steps)| is_consented(steps, day))
    }

    pub fn excuse(&mut self, id: String) {
        self.excused.insert(id);
    }

    /// A process begins to send.
    pub fn send_begins(&mut self, at: u64, process: &Process, measure: &Value, is_clock_set: bool) {
        let bucket = Bucket::of(measure);
        let from: Date = bucket.start_date.parse().unwrap();
        let may =
            |terms: &[Step]| is_consented(terms, process.today) && touches(terms, from, bucket.is_monthly());
        if !self.terms_of_late(at).any(may) {
            self.violated(format!("a send begins without consent: {measure}"));
        }
        // The margin of 15 s is for what follows the last send.
        let left =
            process.plan.limit.map(|limit| (process.started + (limit + 5) * SECOND).saturating_sub(at));
        if left.is_some_and(|left| left < 15 * SECOND) {
            self.violated(format!("a send begins {} ms before the limit", left.unwrap_or(0)));
        }
        let is_given = |terms: &[Step]| terms.iter().max().is_some_and(|step| !step.is_withdrawal);
        if !self.terms_of_late(at).any(is_given) {
            self.violated(format!(
                "a send begins after a withdrawal dated later than the run's day: {measure}"
            ));
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

    /// An entry of the ledger was written.
    pub fn entry_changes(&mut self, old: Option<&Value>, new: &Value, dacc: &Dacc) {
        let from = old.map_or("nothing", |old| text(old, "state"));
        let to = text(new, "state");
        let is_legal = match from {
            "nothing" => to == "planned",
            "planned" => matches!(to, "sending" | "cancelled" | "refused" | "held"),
            "held" => matches!(to, "sending" | "cancelled" | "refused"),
            "sending" => matches!(to, "sent" | "refused" | "unknown" | "planned" | "held"),
            _ => false,
        };
        let id = text(new, "_id");
        if !is_legal {
            self.violated(format!("{id} goes from {from} to {to}"));
        }
        let times = dacc.times(&Bucket::of(&new["measure"]));
        let wanted = match to {
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
        if old.is_some_and(|old| old["measure"] != new["measure"]) {
            self.violated(format!("{id} holds another measure than before"));
        }
        if new["waits"] != Value::Bool(matches!(to, "planned" | "sending" | "held")) {
            self.violated(format!("{id} becomes {to}, and does not say rightly whether it waits"));
        }
    }

    /// An entry is cancelled by a run: consent has to be gone, of its period or today.
    pub fn is_cancelled(&mut self, at: u64, process: &Process, entry: &Value) {
        let bucket = Bucket::of(&entry["measure"]);
        let from: Date = bucket.start_date.parse().unwrap();
        // A run may have read consent a while ago.
        let since = self.terms.iter().rposition(|(since, _)| *since <= process.started).unwrap_or(0);
        let is_gone = self.terms[since..].iter().filter(|(since, _)| *since <= at).any(|(_, terms)| {
            // A withdrawal counts at once, also where it is dated later than the run's day.
            terms.iter().max().is_none_or(|step| step.is_withdrawal)
                || !is_consented(terms, process.today)
                || !touches(terms, from, bucket.is_monthly())
        });
        if is_gone && !self.terms.iter().any(|(_, terms)| terms.iter().any(|step| step.is_withdrawal)) {
            self.violated(format!("{} is cancelled though consent was never withdrawn", text(entry, "_id")));
        }
        if !is_gone && !self.terms.is_empty() {
            self.violated(format!("{} is cancelled though consent stands", text(entry, "_id")));
        }
    }

    /// A run has consent and takes the lease.
    pub fn is_begun(&mut self, process: &Process) {
        self.begun.get_or_insert(process.today.yesterday().unwrap());
    }

    /// A run has planned and remembers what it computed: every cell due is in the ledger.
    pub fn is_planned(
        &mut self,
        process: &Process,
        life: &Life,
        store: &Store,
        options: &Options,
        statistics: &mut Statistics,
    ) {
        let today = process.today;
        let yesterday = today.yesterday().unwrap();
        // What lies more than a month ahead is of a clock that was wrong.
        let is_near = |day: &Date| *day <= today + 30.days();
        let (known, begun) = (self.first_day.filter(is_near), self.begun.filter(is_near));
        let first = known.or(life.first_day).or(begun).unwrap_or(yesterday);
        let remembered = &store.get(MEMORY, "memory").unwrap()["memory"]["firstDay"];
        if remembered.as_str() != Some(&first.to_string()) {
            self.violated(format!("the first day is {first}, and {remembered} is remembered"));
        }
        // Told once is enough.
        let first = remembered.as_str().map_or(first, |day| day.parse().unwrap());
        let mut days = Vec::new();
        let mut day = first.max(today - 30.days());
        while day <= yesterday {
            if self.days.get(&day).is_none_or(|computed| today <= *computed + 7.days()) {
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
            .filter(|month| *month >= first.first_of_month() && !self.months.contains(month))
            .filter(|month| {
                let next = *month + 1.month();
                next + (due_day.min(next.days_in_month()) - 1).days() <= today
            })
            .collect();
        if !months.is_empty() {
            statistics.reach("a month is planned");
        }
        if days.iter().any(|day| *day < yesterday && !self.days.contains_key(day)) {
            statistics.reach("a day is caught up");
        }
        if !process.is_overtaken {
            self.all_cells_are_there((&days, &months), process, life, store, options);
        }
        self.first_day = Some(first);
        for day in days {
            // Forgotten by a clock that was ahead, a day is computed first again.
            let computed = self.days.entry(day).or_insert(today);
            *computed = today.min(*computed);
        }
        self.months.extend(months);
    }

    fn all_cells_are_there(
        &mut self,
        (days, months): (&[Date], &[Date]),
        process: &Process,
        life: &Life,
        store: &Store,
        options: &Options,
    ) {
        let mut options = options.clone();
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
            entries(store).map(|entry| (Bucket::of(&entry["measure"]), entry)).collect();
        let mut missing = Vec::new();
        for measure in &outcome.measures {
            let json: Value = serde_json::from_str(&measure.to_json()).unwrap();
            let bucket = Bucket::of(&json);
            let date: Date = bucket.start_date.parse().unwrap();
            let is_due = bucket.is_monthly() || days.contains(&date);
            // What looks back further than a run reads is its memory's to know.
            let looks_back = matches!(bucket.name.as_str(), "event-duration" | "konnector-attempts-monthly");
            if !is_due || (looks_back && !life.is_plain) {
                continue;
            }
            match ledger.get(&bucket) {
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

    /// After the last fault and one clean night.
    pub fn ends(&mut self, store: &Store, dacc: &Dacc, is_without_fault: bool) {
        for (bucket, payloads) in &dacc.accepted {
            if payloads.len() > 1 {
                self.violated(format!("accepted {} times: {bucket:?}", payloads.len()));
            }
        }
        let mut buckets = BTreeMap::new();
        for entry in entries(store) {
            let (id, state) = (text(entry, "_id"), text(entry, "state"));
            let bucket = Bucket::of(&entry["measure"]);
            let payloads = dacc.accepted.get(&bucket).map_or(&[][..], Vec::as_slice);
            match state {
                "sent" => {
                    if payloads != [entry["measure"].clone()] {
                        self.violated(format!("{id} is sent, and accepted was {payloads:?}"));
                    }
                }
                "unknown" => {
                    if !self.excused.contains(id) || is_without_fault {
                        self.violated(format!("{id} is unknown, and nothing went wrong"));
                    }
                }
                "held" | "refused" => {
                    if !dacc.unregistered.contains(&bucket.name) {
                        self.violated(format!("{id} is refused, and the server would take it"));
                    }
                }
                "cancelled" => {}
                state => self.violated(format!("{id} is {state} after a clean night")),
            }
            if let Some(other) = buckets.insert(bucket, id) {
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

/// The entries of the ledger, without the claims beside them.
fn entries(store: &Store) -> impl Iterator<Item = &Value> {
    store.documents(LEDGER).filter(|document| !document["state"].is_null())
}
