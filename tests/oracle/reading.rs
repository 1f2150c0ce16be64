//! What a home and what is asked of it say, read plainly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::dates::{self, Clock, Day, Month, Time};
use crate::decimal::Decimal;

/// A document's fields, each as it is written.
pub type Fields = BTreeMap<String, Box<RawValue>>;

pub const EVENTS: &str = "com.grandlyon.ecolyo.usageevents";
pub const TERMS: &str = "com.grandlyon.ecolyo.term";
pub const PROFILE: &str = "com.grandlyon.ecolyo.profile";
pub const PROFILE_TYPE: &str = "com.grandlyon.ecolyo.profiletype";
pub const ACCOUNTS: &str = "io.cozy.accounts";
pub const TRIGGERS: &str = "io.cozy.triggers";

/// Each fluid with its monthly loads and the account that connects it.
pub const FLUIDS: [(&str, &str, &str); 3] = [
    ("electricity", "com.grandlyon.enedis.month", "enedisgrandlyon"),
    ("water", "com.grandlyon.egl.month", "eglgrandlyon"),
    ("gas", "com.grandlyon.grdf.month", "grdfgrandlyon"),
];
pub const HALF_HOURS: &str = "com.grandlyon.enedis.minute";

pub const KINDS: [&str; 17] = [
    "ConnectionEvent",
    "NavigationEvent",
    "KonnectorConnectEvent",
    "KonnectorRefreshEvent",
    "KonnectorAttemptEvent",
    "ConsumptionCompareEvent",
    "ConsumptionChangeTimeStepEvent",
    "ChallengeLaunchEvent",
    "ChallengeEndEvent",
    "DuelLaunchEvent",
    "DuelEndEvent",
    "QuizEndEvent",
    "ExplorationEndEvent",
    "ActionChangeEvent",
    "ActionEndEvent",
    "ProfileSetEvent",
    "ReportFromEvent",
];

/// A home: the texts of its documents by doctype.
pub type Home = BTreeMap<String, Vec<String>>;

/// A string; anything else counts as absent.
pub fn text(fields: &Fields, name: &str) -> Option<String> {
    string(fields.get(name)?)
}

fn string(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok().or_else(|| {
        // With half a pair it is a string that equals nothing anybody writes.
        value.get().starts_with('"').then(|| "\u{fffd}".into())
    })
}

/// A JSON number as it is written.
pub fn number(fields: &Fields, name: &str) -> Option<Decimal> {
    Decimal::parse(fields.get(name)?.get())
}

pub fn boolean(fields: &Fields, name: &str) -> Option<bool> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

/// The app's own objects of a doctype.
pub fn documents(home: &Home, doctype: &str) -> Vec<Fields> {
    let texts = home.get(doctype).map_or(&[][..], Vec::as_slice);
    let objects = texts.iter().filter_map(|text| serde_json::from_str::<Fields>(text).ok());
    objects.filter(is_the_apps).collect()
}

/// CouchDB's own documents and deleted ones are nobody's.
fn is_the_apps(fields: &Fields) -> bool {
    let id = text(fields, "_id").unwrap_or_default();
    let is_couch = ["_design/", "_local/"].iter().any(|prefix| id.starts_with(prefix));
    !is_couch && boolean(fields, "_deleted") != Some(true)
}

/// What a description says of an app.
#[derive(Debug)]
pub struct App {
    pub slug: String,
    pub doctype: String,
    type_field: Option<String>,
    types: Vec<String>,
    date: String,
    fields: Vec<Field>,
    indicators: Vec<Value>,
}

#[derive(Debug)]
struct Field {
    name: String,
    path: String,
    kind: String,
}

impl App {
    fn read(description: &Value) -> App {
        let source = &description["sources"][0];
        let texts = |list: &Value| -> Vec<String> {
            let texts = list.as_array().into_iter().flatten();
            texts.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let own = |object: &Value, name: &str| object[name].as_str().map(str::to_owned);
        let field = |field: &Value| {
            let name = own(field, "name").unwrap();
            Field {
                path: own(field, "path").unwrap_or_else(|| name.clone()),
                kind: own(field, "kind").unwrap(),
                name,
            }
        };
        App {
            slug: own(description, "app").unwrap(),
            doctype: own(source, "doctype").unwrap(),
            type_field: own(source, "typeField"),
            types: texts(&source["types"]),
            date: own(source, "date").unwrap(),
            fields: source["fields"].as_array().into_iter().flatten().map(field).collect(),
            indicators: description["indicators"].as_array().unwrap().clone(),
        }
    }

    /// The app that options name, or else Ecolyo.
    pub fn of(options: &Value) -> Arc<App> {
        options.get("app").map_or_else(|| ECOLYO.clone(), |app| Arc::new(App::read(app)))
    }

    /// The type of an event, if it is one that there is.
    fn kind(&self, document: &Fields) -> Option<String> {
        match &self.type_field {
            Some(path) => string(&at(document, path)?).filter(|kind| self.types.contains(kind)),
            None => self.types.first().cloned(),
        }
    }

    fn when(&self, document: &Fields, clock: &Clock) -> Option<(Time, Day)> {
        clock.read(&string(&at(document, &self.date)?)?)
    }

    /// The app's fields of a document, by their names; those that are not of
    /// their kind are not there.
    fn fields(&self, document: &Fields) -> Fields {
        let of_kind = |Field { name, path, kind }: &Field| {
            let value = at(document, path)?;
            let (text, number) = (string(&value), Decimal::parse(value.get()));
            let is_its = match kind.as_str() {
                "text" | "date" => text.is_some(),
                "number" => number.is_some() || text.is_some_and(|text| Decimal::parse(&text).is_some()),
                "scalar" => text.is_some() || number.is_some(),
                "boolean" => ["true", "false"].contains(&value.get()),
                other => panic!("{other}"),
            };
            is_its.then(|| (name.clone(), value))
        };
        self.fields.iter().filter_map(of_kind).collect()
    }
}

/// What stands at a path: keys with dots between them, each plain or in quotes.
fn at(document: &Fields, path: &str) -> Option<Box<RawValue>> {
    let mut keys = vec![String::new()];
    let mut is_quoted = false;
    for character in path.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => keys.push(String::new()),
            other => keys.last_mut()?.push(other),
        }
    }
    let (first, deeper) = keys.split_first()?;
    let mut value = document.get(first)?.clone();
    for key in deeper {
        value = serde_json::from_str::<Fields>(value.get()).ok()?.remove(key)?;
    }
    Some(value)
}

static ECOLYO: LazyLock<Arc<App>> = LazyLock::new(|| {
    let description = serde_json::from_str(include_str!("../../apps/ecolyo/app.json")).unwrap();
    Arc::new(App::read(&description))
});

/// A valid event.
#[derive(Debug)]
pub struct Event {
    pub kind: String,
    pub id: Option<String>,
    pub time: Time,
    pub day: Day,
    /// By the names that the description gives them.
    pub fields: Fields,
}

impl Event {
    /// A string; `true` and `false` decide as these words.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.fields.get(name)?;
        let word = Some(value.get()).filter(|word| ["true", "false"].contains(word));
        word.map(str::to_owned).or_else(|| string(value))
    }

    pub fn number(&self, name: &str) -> Option<Decimal> {
        number(&self.fields, name)
    }
}

/// The valid events of an app, each once, in order.
pub fn events(home: &Home, app: &App, clock: &Clock) -> Vec<Event> {
    let mut events = Vec::new();
    let mut ids = BTreeSet::new();
    for document in documents(home, &app.doctype) {
        let (Some(kind), Some((time, day))) = (app.kind(&document), app.when(&document, clock)) else {
            continue;
        };
        let id = text(&document, "_id");
        if id.clone().is_none_or(|id| ids.insert(id)) {
            events.push(Event { kind, id, time, day, fields: app.fields(&document) });
        }
    }
    events.sort_by_key(|event| (event.time.clone(), event.id.clone().unwrap_or_default()));
    events
}

/// What is asked, as the options say it.
pub struct Asked {
    pub app: Arc<App>,
    pub clock: Clock,
    pub now: Time,
    pub today: Day,
    pub days: Vec<Day>,
    pub months: Vec<Month>,
    pub definitions: Vec<Value>,
    /// Whether monthly measures carry the day of the run.
    pub is_run_date: bool,
    pub consent: Consent,
}

fn option<'a>(options: &'a Value, name: &str) -> Option<&'a str> {
    options.get(name).and_then(Value::as_str)
}

impl Asked {
    pub fn read(options: &Value, home: &Home) -> Asked {
        let zone = TimeZone::get(option(options, "zone").unwrap_or("Europe/Paris")).unwrap();
        let clock = Clock { is_instant: option(options, "clock") == Some("instant"), zone };
        let (now, today) = clock.now(option(options, "now").unwrap());
        let is_run_date = option(options, "monthlyStartDate") == Some("run-date");
        let (from, to) = (option(options, "from").map(dates::day), option(options, "to").map(dates::day));
        let asked_months = options.get("months").and_then(Value::as_array);
        let (days, mut months): (Vec<Day>, Vec<Month>) =
            if from.is_none() && to.is_none() && asked_months.is_none() {
                due(options, home, &clock, today)
            } else {
                let days = match (from, to) {
                    (None, None) => 0..0,
                    (Some(from), None) => from..today,
                    (None, Some(to)) => to..to + 1,
                    (Some(from), Some(to)) => from..to + 1,
                };
                let months = asked_months.into_iter().flatten();
                (days.collect(), months.map(|month| Month::parse(month.as_str().unwrap())).collect())
            };
        months.sort_unstable();
        months.dedup();
        if is_run_date {
            months.truncate(1);
        }
        let app = App::of(options);
        Asked {
            days: days.into_iter().filter(|day| *day < today).collect(),
            months: months.into_iter().filter(|month| month.next().first <= today).collect(),
            definitions: definitions(&app, options.get("catalog")),
            app,
            is_run_date,
            consent: Consent::read(options, home, &clock, (&now, today)),
            clock,
            now,
            today,
        }
    }
}

/// The nightly run's days and months, where nothing is remembered.
fn due(options: &Value, home: &Home, clock: &Clock, today: Day) -> (Vec<Day>, Vec<Month>) {
    let first = option(options, "firstDay").map_or(today - 1, dates::day);
    ((first.max(today - 30)..today).collect(), due_months(home, clock, today, first))
}

/// The months due on a day, of a home whose first computed day is `first`.
pub fn due_months(home: &Home, clock: &Clock, today: Day, first: Day) -> Vec<Month> {
    let profile = documents(home, PROFILE).into_iter().next().unwrap_or_default();
    let due_day = number(&profile, "monthlyAnalysisDate")
        .and_then(Decimal::whole)
        .and_then(|day| i64::try_from(day).ok())
        .or_else(|| {
            let written = text(&profile, "monthlyAnalysisDate")?;
            let day = if written.len() == 10 { dates::day(&written) } else { clock.read(&written)?.1 };
            Some(dates::civil(day).2)
        })
        .filter(|day| (1..=31).contains(day))
        .unwrap_or(3);
    let mut months = Vec::new();
    let mut month = Month::of(today);
    for _ in 0..3 {
        let next = month;
        month = month.previous();
        let length = next.next().first - next.first;
        if month >= Month::of(first) && next.first + due_day.min(length) - 1 <= today {
            months.push(month);
        }
    }
    months
}

fn definitions(app: &App, catalog: Option<&Value>) -> Vec<Value> {
    let Some(catalog) = catalog else { return app.indicators.clone() };
    let mut all = if catalog["extends"] == true { app.indicators.clone() } else { Vec::new() };
    all.extend(catalog["indicators"].as_array().unwrap().iter().cloned());
    all
}

/// The days that may be seen.
pub enum Consent {
    /// Given by the caller: from a day on, up to before another.
    Given(Vec<(Day, Option<Day>)>),
    /// As the terms tell it: when, on which day, and whether it is withdrawn.
    Told { steps: Vec<(Time, Day, bool)>, stands_today: bool },
}

impl Consent {
    fn read(options: &Value, home: &Home, clock: &Clock, (now, today): (&Time, Day)) -> Consent {
        if let Some(intervals) = options.get("consent").and_then(Value::as_array) {
            let end = |interval: &Value| option(interval, "to").map(dates::day);
            let interval = |interval: &Value| (dates::day(option(interval, "from").unwrap()), end(interval));
            return Consent::Given(intervals.iter().map(interval).collect());
        }
        let least = option(options, "consentVersion").unwrap_or("1.0.0");
        let mut steps = Vec::new();
        let mut is_withdrawn_for_good = false;
        for document in documents(home, TERMS) {
            let date = text(&document, "date").or_else(|| text(&document, "acceptedAt"));
            let at = date.and_then(|date| clock.read(&date));
            let has_clause = text(&document, "version").is_some_and(|version| is_at_least(&version, least));
            match (boolean(&document, "accepted"), &at) {
                (Some(true), Some((time, day))) if has_clause => steps.push((time.clone(), *day, false)),
                (Some(false), Some((time, day))) => steps.push((time.clone(), *day, true)),
                (Some(false), None) => is_withdrawn_for_good = true,
                _ => {}
            }
            // A revocation that cannot be read is one all the same.
            let is_revoked = document.get("revokedAt").is_some_and(|written| written.get() != "null");
            let revoked = text(&document, "revokedAt").and_then(|date| clock.read(&date));
            is_withdrawn_for_good |= is_revoked && revoked.is_none();
            if let Some((time, day)) = revoked
                && at.is_none_or(|(at, _)| at <= time)
            {
                steps.push((time, day, true));
            }
        }
        // An acceptance counts when its time has come; at one moment the
        // withdrawal comes last, and stands.
        steps.retain(|(time, _, withdraws)| *withdraws || time <= now);
        steps.sort();
        let is_withdrawn_ahead = steps.iter().any(|(time, _, withdraws)| *withdraws && time > now);
        let stands_today = !is_withdrawn_ahead && !is_withdrawn_for_good && stands(&steps, today);
        Consent::Told { steps, stands_today }
    }

    pub fn stands_today(&self) -> bool {
        match self {
            Consent::Given(_) => true,
            Consent::Told { stands_today, .. } => *stands_today,
        }
    }

    pub fn contains(&self, day: Day) -> bool {
        match self {
            Consent::Given(intervals) => {
                intervals.iter().any(|(from, to)| *from <= day && to.is_none_or(|to| day < to))
            }
            Consent::Told { steps, .. } => stands(steps, day),
        }
    }

    pub fn touches(&self, month: Month) -> bool {
        month.days().any(|day| self.contains(day))
    }
}

/// Whether consent stands at the end of a day.
fn stands(steps: &[(Time, Day, bool)], day: Day) -> bool {
    let latest = steps.iter().rfind(|(_, at, _)| *at <= day);
    latest.is_some_and(|(.., withdraws)| !withdraws)
}

/// Whether a version is one with the clause; what cannot be read is none.
fn is_at_least(version: &str, least: &str) -> bool {
    let parts = |text: &str| -> Option<Vec<String>> {
        let parts = text.strip_prefix('v').unwrap_or(text).split('.');
        parts
            .map(|part| {
                let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
                is_number.then(|| part.trim_start_matches('0').to_owned())
            })
            .collect()
    };
    let (Some(mut version), Some(mut least)) = (parts(version), parts(least)) else { return false };
    let length = version.len().max(least.len());
    version.resize(length, String::new());
    least.resize(length, String::new());
    // Without zeros before them, the longer number is the greater.
    let order = |parts: &[String]| parts.iter().map(|part| (part.len(), part.clone())).collect::<Vec<_>>();
    order(&version) >= order(&least)
}
