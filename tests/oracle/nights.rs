//! Sixty nights of a home, with the real run: each night is to send what the
//! oracle expects of that night's knowledge and consent, once, and nothing else;
//! and the preview of each night has to show what it sends.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dacc_aggregator::aggregate_home;
use dacc_aggregator::effect::End;
use serde_json::{Value, json};

use crate::arbitrary::{self, Document, Vocabulary};
use crate::dates::{self, Day, Month};
use crate::interpreter::{self, Measure};
use crate::preview::HOME;
use crate::random::Random;
use crate::reading::{self, ACCOUNTS, Asked, EVENTS, KINDS, TERMS};
use crate::store::Store;
use crate::{Found, difference, found, home, number, options, shrink, written};

/// So many homes are lived with wherever the tests run.
const LIVES: u64 = 24;
const NIGHTS: usize = 60;
/// What a home's runs keep in it.
const LEDGER: &str = "com.grandlyon.ecolyo.dacc.measures";
const MEMORY: &str = "com.grandlyon.ecolyo.dacc.memory";
/// What comes later than a run looks back counts for nothing; these homes stay
/// within that.
const LATEST: u64 = 12;
const LONGEST_GAP: Day = 14;

#[derive(Debug, Clone)]
struct Life {
    options: Value,
    /// From which night on the catalog has more in it.
    later: Option<(usize, Value)>,
    /// The day of the first night.
    first: Day,
    /// Which nights have a run.
    runs: Vec<bool>,
    writes: Vec<Change>,
}

/// A document that is written before a night.
#[derive(Debug, Clone)]
struct Change {
    night: usize,
    doctype: String,
    id: String,
    document: Document,
}

fn life(seed: u64) -> Life {
    let random = &mut Random::new(seed);
    let (zone, turns) = random.pick(&arbitrary::PLACES);
    let first = dates::day(random.pick(turns)) - 30;
    let mut options = json!({"zone": zone, "clock": random.pick(&["wall", "instant"])});
    if random.chance(200) {
        options["firstDay"] = dates::text(first - random.pick(&[1, 5, 40])).into();
    }
    let mut kinds = vec!["ConnectionEvent"];
    for _ in 0..random.between(1, 5) {
        kinds.push(random.pick(&KINDS));
    }
    match arbitrary::catalog(random, &Vocabulary::of_ecolyo(&kinds)) {
        None => kinds = KINDS.to_vec(),
        Some(catalog) => options["catalog"] = catalog,
    }
    let later = options["catalog"].is_object() && random.chance(300);
    let later = later.then(|| {
        let mut catalog = options["catalog"].clone();
        let all = catalog["indicators"].as_array_mut().unwrap();
        // Mostly one that asks for more of earlier days than a run reads.
        let wants_more = random.chance(700);
        let looks_back = |new: &Value| new["value"]["until"].is_object();
        let mut new = arbitrary::definition(random, 9, &Vocabulary::of_ecolyo(&kinds));
        while new["value"]["kind"] == "snapshot" || wants_more && !looks_back(&new) {
            new = arbitrary::definition(random, 9, &Vocabulary::of_ecolyo(&kinds));
        }
        all.push(new);
        (usize::try_from(random.between(25, NIGHTS as u64)).unwrap(), catalog)
    });
    let missed = random.pick(&[0, 0, 100, 400]);
    let runs = (0..NIGHTS).map(|_| !random.chance(missed)).collect();
    let mut writes = Vec::new();
    let mut write = |night: usize, doctype: &str, id: String, document: Document| {
        writes.push(Change { night, doctype: doctype.to_owned(), id, document });
    };
    let late = random.pick(&[0, 100, 400]);
    let active = random.pick(&[200, 500, 900]);
    for night in 0..NIGHTS {
        let yesterday = first + Day::try_from(night).unwrap() - 1;
        for at in 0..random.below(5) {
            if random.chance(active) {
                let back = if random.chance(late) { random.below(LATEST) } else { 0 };
                let day = yesterday - Day::try_from(back).unwrap();
                // In no order of their times.
                let id = format!("e{:03}-{night}-{at}", random.below(1_000));
                write(night, EVENTS, id, arbitrary::event(random, day, &kinds, 1));
            }
        }
        // Now and then the rest of the home is another.
        if night == 0 || random.chance(80) {
            for (doctype, documents) in arbitrary::rest(random, yesterday) {
                for (at, document) in documents.into_iter().enumerate() {
                    let own = serde_json::from_str::<Value>(&document.text()).unwrap();
                    let id = own["_id"].as_str().filter(|_| doctype == ACCOUNTS);
                    let id = id.map_or_else(|| format!("d{at}"), str::to_owned);
                    write(night, &doctype, id, document);
                }
            }
        }
    }
    consent(random, first, &mut write);
    writes.sort_by_key(|change| change.night);
    Life { options, later, first, runs, writes }
}

/// Consent that comes and goes, never for long.
fn consent(random: &mut Random, first: Day, write: &mut dyn FnMut(usize, &str, String, Document)) {
    let mut tell = |random: &mut Random, night: usize, accepted: bool, back: Day| {
        let day = first + Day::try_from(night).unwrap() - 1 - back;
        let document =
            json!({"accepted": accepted, "version": "1.0.0", "date": arbitrary::date_time(random, day)});
        write(night, TERMS, format!("t{night}-{accepted}"), Document::Text(document.to_string()));
    };
    if random.chance(200) {
        // The days before the first acceptance turn out to be consented, longer
        // ago than a run reads.
        tell(random, 20, true, 0);
        return tell(random, 55, true, 54);
    }
    let mut night = usize::try_from(random.pick(&[0, 0, 0, 3])).unwrap();
    tell(random, night, true, random.clone().pick(&[0, 30]));
    while random.chance(600) {
        night += usize::try_from(random.between(2, 25)).unwrap();
        let back = night + usize::try_from(random.between(1, 9)).unwrap();
        if back >= NIGHTS {
            return;
        }
        tell(random, night, false, 0);
        // An acceptance may be known late.
        let late = random.pick(&[0, 0, 1, 4]);
        tell(random, back, true, late);
        night = back;
    }
}

/// What of a home's nights decides what is due, and what was planned.
#[derive(Default)]
struct Planned {
    first_day: Option<Day>,
    /// On which day each day was first computed.
    days: BTreeMap<Day, Day>,
    months: BTreeSet<Month>,
    contributions: BTreeSet<(String, String, Vec<String>)>,
    worked: Option<Day>,
}

impl Planned {
    /// What a night has to send; `None` if it comes after too long a gap.
    fn expected(&mut self, store: &Store, options: &Value) -> Option<Vec<Measure>> {
        let home = home::read(store, &HOME);
        let mut asked = Asked::read(options, &home);
        if !asked.consent.stands_today() {
            return Some(Vec::new());
        }
        let today = asked.today;
        if self.worked.is_some_and(|worked| worked + LONGEST_GAP < today) {
            return None;
        }
        self.worked = Some(today);
        let configured = options["firstDay"].as_str().map(dates::day);
        let first = *self.first_day.get_or_insert(configured.unwrap_or(today - 1));
        let is_open = |day: &Day| self.days.get(day).is_none_or(|computed| today <= computed + 7);
        asked.days = (first.max(today - 30)..today).filter(is_open).collect();
        asked.months = reading::due_months(&home, &asked.clock, today, first);
        asked.months.retain(|month| !self.months.contains(month));
        asked.months.sort_unstable();
        for &day in &asked.days {
            self.days.entry(day).or_insert(today);
        }
        self.months.extend(asked.months.iter().copied());
        let mut measures = interpreter::measures_of(&home, &asked, true);
        let identity = |measure: &Measure| {
            let definition = asked.definitions.iter().find(|definition| definition["name"] == *measure.name);
            let identity = definition.unwrap()["identity"].as_array().cloned();
            let identifies = |key: &str| identity.as_ref().is_none_or(|keys| keys.iter().any(|k| k == key));
            let groups = measure.groups.iter().filter(|(key, _)| identifies(key));
            let values = groups.map(|(_, value)| value.clone()).chain(measure.event.clone());
            (measure.name.clone(), measure.date.clone(), values.collect())
        };
        measures.retain(|measure| self.contributions.insert(identity(measure)));
        Some(measures)
    }
}

/// The first night that sends something else than it has to, and the difference.
fn broken(life: &Life, measures: &mut u64) -> Option<String> {
    options(
        &json!({"now": "2024-03-10T04:30:00", "zone": life.options["zone"], "clock": life.options["clock"],
        "catalog": life.options.get("catalog")}),
    )?;
    let mut store = Store::default();
    let mut planned = Planned::default();
    for (night, is_run) in life.runs.iter().enumerate() {
        for change in life.writes.iter().filter(|change| change.night == night) {
            if let Some(document) = home::storable(&change.document, &change.id) {
                store.put(&change.doctype, &change.id, document);
            }
        }
        if !is_run {
            continue;
        }
        let today = dates::text(life.first + Day::try_from(night).unwrap());
        let mut asked = life.options.clone();
        asked["now"] = format!("{today}T04:30:00").into();
        if let Some((_, catalog)) = life.later.as_ref().filter(|(from, _)| *from <= night) {
            asked["catalog"] = catalog.clone();
        }
        let wanted = planned.expected(&store, &asked)?;
        let mut wanted: Vec<String> = wanted.iter().map(|measure| measure.payload("ecolyo")).collect();
        wanted.sort();
        let kept = HOME.into_iter().chain([LEDGER, MEMORY]).collect::<Vec<_>>();
        let shown = aggregate_home(home::text(&store, &kept).as_bytes(), &options(&asked)?).ok()?;
        let shown = written(&shown.measures);
        let given = home::night(&mut store, options(&asked)?);
        if shown != given.sent {
            let what = "is sent otherwise than the preview shows (right)";
            return Some(format!("  night {night}, {today}, {what}\n{}", difference(&given.sent, &shown)));
        }
        *measures += given.sent.len() as u64;
        if given.sent != wanted || !matches!(given.report.end, End::Complete | End::NoConsent) {
            let end = given.report.end;
            return Some(format!(
                "  night {night}, {today}, ends {end:?}\n{}",
                difference(&given.sent, &wanted)
            ));
        }
    }
    None
}

fn smaller(life: &Life) -> Vec<Life> {
    let mut smaller = Vec::new();
    let mut size = life.writes.len() / 2;
    while size > 0 {
        for start in (0..life.writes.len()).step_by(size) {
            let mut without = life.clone();
            without.writes.drain(start..(start + size).min(life.writes.len()));
            smaller.push(without);
        }
        size /= 2;
    }
    for options in shrink::smaller_values(&life.options) {
        smaller.push(Life { options, ..life.clone() });
    }
    if life.later.is_some() {
        smaller.push(Life { later: None, ..life.clone() });
    }
    for night in 0..life.runs.len() {
        let mut without = life.clone();
        if std::mem::take(&mut without.runs[night]) {
            smaller.push(without);
        }
    }
    smaller
}

fn told(mut life: Life) -> String {
    let fails = |life: &Life| broken(life, &mut 0).is_some();
    while let Some(smaller) = smaller(&life).into_iter().find(fails) {
        life = smaller;
    }
    let mut text = format!("  options {}\n", life.options);
    if let Some((night, catalog)) = &life.later {
        let _ = writeln!(text, "  from night {night} on catalog {catalog}");
    }
    for Change { night, doctype, id, document } in &life.writes {
        let _ = writeln!(text, "  before night {night}: {doctype} {id} {}", document.text());
    }
    let runs = life.runs.iter().enumerate().filter(|(_, is_run)| **is_run);
    let runs: Vec<String> = runs.map(|(night, _)| night.to_string()).collect();
    let _ = writeln!(text, "  runs in nights {} from {}", runs.join(" "), dates::text(life.first));
    text + &broken(&life, &mut 0).unwrap()
}

#[test]
fn nights_send_what_each_night_s_knowledge_and_consent_give() {
    found("nights", number("NIGHTS", LIVES), &|seed, found: &mut Found| {
        let life = life(seed);
        let mut measures = 0;
        if broken(&life, &mut measures).is_some() {
            found.broken.push((seed, told(life)));
        }
        found.refused += u64::from(measures == 0);
        found.measures += measures;
    });
}
