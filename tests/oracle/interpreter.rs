//! The catalog's rules once more, as the contract and the catalog's schema say
//! them: one indicator after the other, one period after the other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::dates::{Day, Month, Time};
use crate::decimal::{Decimal, hundredths, written};
use crate::pattern;
use crate::reading::{
    self, ACCOUNTS, Asked, Event, FLUIDS, Fields, HALF_HOURS, Home, PROFILE, PROFILE_TYPE, TRIGGERS,
};

const LONGEST_SPAN: i64 = 3_660 * 86_400;
const LARGEST: i128 = 9_999_999;

/// One measure: its name, its date, its value in hundredths, its groups.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measure {
    pub name: String,
    pub date: String,
    pub value: i128,
    pub groups: Vec<(String, String)>,
    /// The event of an observation that is sent by itself.
    pub event: Option<String>,
}

impl Measure {
    pub fn payload(&self, created_by: &str) -> String {
        let mut payload = format!(
            r#"{{"createdBy":{},"measureName":{},"startDate":"{}","value":{}"#,
            Value::from(created_by),
            Value::from(self.name.as_str()),
            self.date,
            written(self.value)
        );
        for (at, (key, value)) in self.groups.iter().enumerate() {
            payload += &format!(
                r#","group{}":{{{}:{}}}"#,
                at + 1,
                Value::from(key.as_str()),
                Value::from(value.as_str())
            );
        }
        payload + "}"
    }
}

/// A period of an indicator.
#[derive(Debug, Clone, Copy)]
enum Period {
    Day(Day),
    Month(Month),
}

impl Period {
    fn contains(self, day: Day) -> bool {
        match self {
            Period::Day(only) => only == day,
            Period::Month(month) => month.contains(day),
        }
    }
}

struct Interpreter<'a> {
    home: &'a Home,
    asked: &'a Asked,
    /// The visible events, in order.
    events: Vec<Event>,
    has_home: bool,
}

/// What a home's measures have to be, in no order that matters.
pub fn measures(home: &Home, options: &Value) -> Vec<Measure> {
    measures_of(home, &Asked::read(options, home), true)
}

/// The same of the events alone, without the rest of a home.
pub fn measures_of_events(home: &Home, options: &Value) -> Vec<Measure> {
    measures_of(home, &Asked::read(options, home), false)
}

/// The same of what is asked, days and months told one by one.
pub fn measures_of(home: &Home, asked: &Asked, has_home: bool) -> Vec<Measure> {
    let mut measures = Vec::new();
    if !asked.consent.stands_today() {
        return measures;
    }
    let mut events = reading::events(home, &asked.app, &asked.clock);
    events.retain(|event| event.time <= asked.now && asked.consent.contains(event.day));
    let interpreter = Interpreter { home, asked, events, has_home };
    for definition in &asked.definitions {
        match definition["period"].as_str().unwrap() {
            "day" => {
                for &day in asked.days.iter().filter(|day| asked.consent.contains(**day)) {
                    interpreter.indicator(definition, Period::Day(day), &mut measures);
                }
            }
            _ => {
                for &month in asked.months.iter().filter(|month| asked.consent.touches(**month)) {
                    interpreter.indicator(definition, Period::Month(month), &mut measures);
                }
            }
        }
    }
    measures.sort();
    measures
}

/// An event that an indicator reads, with the selector that took it.
struct Taken<'a> {
    position: usize,
    event: &'a Event,
    selector: &'a Value,
}

/// Adds a measure: its groups, its value, and the event that it is of by itself.
type Add<'a> = &'a mut dyn FnMut(&[String], Option<i128>, Option<&Event>);

/// A group's value, or nothing that can be used.
type Given = Option<String>;
type Groups = Vec<String>;
/// How long a session lasts, the event that it begins with, and those inside.
type Session<'a> = (Decimal, &'a Event, Vec<&'a Event>);

fn is_sendable(text: &str) -> bool {
    (1..=100).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn holds(condition: &Value, event: &Event) -> bool {
    event.text(condition["field"].as_str().unwrap()).as_deref() == condition["is"].as_str()
}

/// What a source lets pass of a text that it found.
fn admitted(source: &Value, found: Option<String>) -> Given {
    let fits = |text: &String| {
        let is_listed = source["values"].as_array().is_none_or(|values| values.iter().any(|v| v == text));
        is_sendable(text) && is_listed && source["pattern"].as_str().is_none_or(|p| pattern::fits(p, text))
    };
    found.filter(fits).or_else(|| source["other"].as_str().map(str::to_owned))
}

/// A group's value of an event.
fn of_event(source: &Value, event: &Event) -> Given {
    if let Some(parts) = source["join"]["parts"].as_array() {
        let parts: Option<Vec<String>> = parts.iter().map(|part| of_event(part, event)).collect();
        return parts
            .map(|parts| parts.join(source["join"]["with"].as_str().unwrap()))
            .filter(|text| is_sendable(text));
    }
    let found = if let Some(field) = source["field"].as_str() {
        let text = event.text(field);
        if source["lowercase"] == true { text.map(|text| text.to_ascii_lowercase()) } else { text }
    } else if let Some(field) = source["device"].as_str() {
        event.text(field).map(|browser| device(&browser).to_owned())
    } else if source["when"].is_object() {
        let when = &source["when"];
        let side = if holds(when, event) { "then" } else { "else" };
        Some(when[side].as_str().unwrap().to_owned())
    } else {
        source["constant"].as_str().map(str::to_owned)
    };
    admitted(source, found)
}

/// Of the browsers that these homes write; each device there is has its own tests.
fn device(browser: &str) -> &'static str {
    match browser {
        "mobile" | "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1" => "mobile",
        _ => "desktop",
    }
}

fn groups_of(definition: &Value) -> &[Value] {
    definition["groups"].as_array().map_or(&[], Vec::as_slice)
}

/// The source of a group for what a selector took.
fn source<'a>(group: &'a Value, selector: &'a Value) -> &'a Value {
    let own = &selector["groups"][group["key"].as_str().unwrap()];
    if own.is_object() { own } else { &group["source"] }
}

impl Interpreter<'_> {
    /// The events that an indicator reads; of several selectors the first that
    /// fits decides.
    fn taken<'a>(&'a self, definition: &'a Value) -> Vec<Taken<'a>> {
        let selectors = definition["events"].as_array().map_or(&[][..], Vec::as_slice);
        let mut seen = BTreeSet::new();
        let mut taken = Vec::new();
        for (position, event) in self.events.iter().enumerate() {
            let is_first = seen.insert(event.kind.as_str());
            let fits = |selector: &&Value| {
                selector["type"] == event.kind
                    && (!selector["where"].is_object() || holds(&selector["where"], event))
                    && (selector["first"] != true || is_first)
            };
            if let Some(selector) = selectors.iter().find(fits) {
                taken.push(Taken { position, event, selector });
            }
        }
        taken
    }

    /// The groups' values of an event; `None` if one cannot be used. What is
    /// not of the event is left empty.
    fn groups(&self, definition: &Value, taken: &Taken<'_>) -> Option<Groups> {
        let value = |group: &Value| {
            let source = source(group, taken.selector);
            let is_later = source["reached"] == true || source["inside"].is_string();
            if is_later { Some(String::new()) } else { of_event(source, taken.event) }
        };
        groups_of(definition).iter().map(value).collect()
    }

    fn indicator(&self, definition: &Value, period: Period, measures: &mut Vec<Measure>) {
        let mut add = |groups: &[String], value: Option<i128>, event: Option<&Event>| {
            let Some(value) = value else { return };
            let keys = groups_of(definition).iter().map(|group| group["key"].as_str().unwrap().to_owned());
            measures.push(Measure {
                name: definition["name"].as_str().unwrap().to_owned(),
                date: crate::dates::text(match period {
                    Period::Day(day) => day,
                    Period::Month(_) if self.asked.is_run_date => self.asked.today,
                    Period::Month(month) => month.first,
                }),
                value,
                groups: keys.zip(groups.iter().cloned()).collect(),
                event: event.and_then(|event| event.id.clone()),
            });
        };
        let rule = &definition["value"];
        match rule["kind"].as_str().unwrap() {
            "count" if rule["until"].is_object() => self.until(definition, period, &mut add),
            "count" => {
                let mut cells: BTreeMap<Groups, i128> = BTreeMap::new();
                for taken in self.taken(definition).iter().filter(|taken| period.contains(taken.event.day)) {
                    if let Some(groups) = self.groups(definition, taken) {
                        *cells.entry(groups).or_default() += 1;
                    }
                }
                cells.iter().for_each(|(groups, count)| add(groups, hundredths(*count, 1), None));
            }
            "distinct-days" => {
                let mut cells: BTreeMap<Groups, BTreeSet<Day>> = BTreeMap::new();
                if rule["zero"] == true {
                    cells.insert(Vec::new(), BTreeSet::new());
                }
                for taken in self.taken(definition).iter().filter(|taken| period.contains(taken.event.day)) {
                    if let Some(groups) = self.groups(definition, taken) {
                        cells.entry(groups).or_default().insert(taken.event.day);
                    }
                }
                for (groups, days) in &cells {
                    add(groups, hundredths(days.len() as i128, 1), None);
                }
            }
            "session" => self.sessions(definition, period, &mut add),
            "span" => {
                let mut cells: BTreeMap<Groups, Vec<(Decimal, &Event)>> = BTreeMap::new();
                for taken in self.taken(definition).iter().filter(|taken| period.contains(taken.event.day)) {
                    let seconds = self.start(taken).and_then(|start| lasted(&start, &taken.event.time));
                    if let (Some(groups), Some(seconds)) = (self.groups(definition, taken), seconds) {
                        cells.entry(groups).or_default().push((seconds, taken.event));
                    }
                }
                contributed(definition, &cells, &mut add);
            }
            "observation" => {
                let mut cells: BTreeMap<Groups, Vec<(Decimal, &Event)>> = BTreeMap::new();
                for taken in self.taken(definition).iter().filter(|taken| period.contains(taken.event.day)) {
                    let number = observed(rule, taken.event);
                    if let (Some(groups), Some(number)) = (self.groups(definition, taken), number) {
                        cells.entry(groups).or_default().push((number, taken.event));
                    }
                }
                contributed(definition, &cells, &mut add);
            }
            "snapshot" if self.has_home => self.snapshot(definition, period, &mut add),
            _ => {}
        }
    }

    fn until(&self, definition: &Value, period: Period, add: Add<'_>) {
        let Period::Month(month) = period else { panic!("a count with until is monthly") };
        // By groups: each event's day, and whether it reached what is waited for.
        let mut cells: BTreeMap<Groups, Vec<(Day, bool)>> = BTreeMap::new();
        for taken in &self.taken(definition) {
            if let Some(groups) = self.groups(definition, taken) {
                let reached = holds(&definition["value"]["until"], taken.event);
                cells.entry(groups).or_default().push((taken.event.day, reached));
            }
        }
        for (groups, events) in &cells {
            let is_over = events.iter().any(|(day, reached)| *day < month.first && *reached);
            if is_over || !events.iter().any(|(day, _)| month.contains(*day)) {
                continue;
            }
            let so_far: Vec<_> = events.iter().filter(|(day, _)| *day < month.next().first).collect();
            let reached = so_far.iter().any(|(_, reached)| *reached);
            let told = groups_of(definition).iter().zip(groups).map(|(group, value)| {
                if group["source"]["reached"] == true {
                    admitted(&group["source"], Some(reached.to_string()))
                } else {
                    Some(value.clone())
                }
            });
            if let Some(told) = told.collect::<Option<Groups>>() {
                add(&told, hundredths(so_far.len() as i128, 1), None);
            }
        }
    }

    fn sessions(&self, definition: &Value, period: Period, add: Add<'_>) {
        let taken = self.taken(definition);
        let begins: BTreeSet<usize> = taken.iter().map(|taken| taken.position).collect();
        // By groups: each session's duration, and the events that it holds.
        let mut cells: BTreeMap<Groups, Vec<Session<'_>>> = BTreeMap::new();
        for taken in taken.iter().filter(|taken| period.contains(taken.event.day)) {
            let mut inside = Vec::new();
            for (position, event) in self.events.iter().enumerate().skip(taken.position + 1) {
                if begins.contains(&position) || event.day != taken.event.day {
                    break;
                }
                inside.push(event);
            }
            let last = inside.last().copied().unwrap_or(taken.event);
            let seconds = last.time.since(&taken.event.time).unwrap();
            if let Some(groups) = self.groups(definition, taken) {
                cells.entry(groups).or_default().push((clipped(seconds), taken.event, inside));
            }
        }
        for (groups, sessions) in &cells {
            let told = |sessions: &[Session<'_>]| -> Groups {
                let told = groups_of(definition).iter().zip(groups).map(|(group, value)| {
                    let source = &group["source"];
                    let Some(kind) = source["inside"].as_str() else { return value.clone() };
                    let inside = sessions.iter().flat_map(|(.., inside)| inside);
                    bucket(source, inside.filter(|event| event.kind == kind).count(), sessions.len())
                });
                told.collect()
            };
            let parts = if definition["contribution"] == "each" { 1 } else { sessions.len() };
            for sessions in sessions.chunks(parts) {
                let seconds = sessions.iter().map(|(seconds, event, _)| (*seconds, *event)).collect();
                contributed(definition, &BTreeMap::from([(told(sessions), seconds)]), add);
            }
        }
    }

    /// When a span starts that an event ends.
    fn start(&self, taken: &Taken<'_>) -> Option<Time> {
        let start = &taken.selector["start"];
        if let Some(field) = start["field"].as_str() {
            return self.asked.clock.read(&taken.event.text(field)?).map(|(time, _)| time);
        }
        if let Some(kind) = start["first"].as_str() {
            if kind == "ConnectionEvent"
                && let Some((time, _)) = self.first_connection_of_the_profile()
            {
                return Some(time);
            }
            return self.events.iter().find(|event| event.kind == kind).map(|event| event.time.clone());
        }
        let kind = start["latest"].as_str().unwrap();
        let target = taken.event.text("target")?;
        let is_its = |event: &&Event| event.kind == kind && event.text("target").as_ref() == Some(&target);
        self.events[..taken.position].iter().rev().find(is_its).map(|event| event.time.clone())
    }

    fn profile(&self) -> Option<Fields> {
        if self.has_home { reading::documents(self.home, PROFILE).into_iter().next() } else { None }
    }

    fn first_connection_of_the_profile(&self) -> Option<(Time, Day)> {
        self.asked.clock.read(&reading::text(&self.profile()?, "firstConnectionDate")?)
    }

    fn snapshot(&self, definition: &Value, period: Period, add: Add<'_>) {
        let has_seen = self.taken(definition).iter().any(|taken| period.contains(taken.event.day));
        let mut tell = |parts: &dyn Fn(&str) -> Option<String>, value: Option<i128>| {
            let groups = groups_of(definition).iter().map(|group| {
                let source = &group["source"];
                let found = if let Some(part) = source["snapshot"].as_str() {
                    parts(part)
                } else if source["seen"].is_object() {
                    let side = if has_seen { "then" } else { "else" };
                    source["seen"][side].as_str().map(str::to_owned)
                } else {
                    source["constant"].as_str().map(str::to_owned)
                };
                admitted(source, found)
            });
            if let Some(groups) = groups.collect::<Option<Groups>>() {
                add(&groups, value, None);
            }
        };
        match (definition["value"]["of"].as_str().unwrap(), period) {
            ("connected-fluids", Period::Day(day)) => {
                let fluids = self.connected();
                if day == self.asked.today - 1 && !fluids.is_empty() {
                    let parts = |part: &str| (part == "fluids").then(|| fluids.join(":"));
                    tell(&parts, hundredths(1, 1));
                }
            }
            ("consumption-variation", Period::Month(month)) if has_seen => {
                for (fluid, doctype, _) in FLUIDS {
                    let loads = (self.load(doctype, month), self.load(doctype, month.previous()));
                    let (Some(now), Some(before)) = loads else { continue };
                    let scale = now.scale.max(before.scale);
                    let (now, before) = (now.at(scale), before.at(scale));
                    if before > 0 {
                        let parts = |part: &str| self.part(part, fluid, month);
                        tell(&parts, hundredths((now - before) * 100, before));
                    }
                }
            }
            ("summary-subscription", Period::Month(_)) => {
                let flag = self.profile().and_then(|p| reading::boolean(&p, "sendAnalysisNotification"));
                if let Some(flag) = flag {
                    tell(&|_| None, hundredths(flag.into(), 1));
                }
            }
            ("half-hour-data", Period::Month(month)) => {
                let has_data = self.load(HALF_HOURS, month).is_some();
                let parts = |part: &str| (part == "fluid").then(|| "electricity".to_owned());
                tell(&parts, hundredths(has_data.into(), 1));
            }
            _ => {}
        }
    }

    /// A part of a variation.
    fn part(&self, part: &str, fluid: &str, month: Month) -> Option<String> {
        match part {
            "fluid" => Some(fluid.to_owned()),
            "seniority" => {
                let earliest = self.events.iter().find(|event| event.kind == "ConnectionEvent");
                let first = self.first_connection_of_the_profile().map(|(_, day)| day);
                let (year, start, day) = crate::dates::civil(first.or(earliest.map(|event| event.day))?);
                let (end_year, end) = month.next().number();
                let months = (end_year * 12 + end) - (year * 12 + start) - i64::from(day > 1);
                Some(months.clamp(0, 60).to_string())
            }
            "fluid-usage" => {
                let types = reading::documents(self.home, PROFILE_TYPE);
                let time = |t: &Fields| {
                    let date = reading::text(t, "updateDate").and_then(|date| self.asked.clock.read(&date));
                    date.map(|(time, _)| time)
                };
                let latest = types.iter().max_by_key(|t| time(t))?;
                let number = FLUIDS.iter().position(|(name, ..)| *name == fluid).unwrap();
                let names = |field: &&(&str, &str)| {
                    let named = reading::text(latest, field.0).map(|name| name.to_lowercase() == fluid);
                    let numbered = reading::number(latest, field.0).and_then(Decimal::whole);
                    named == Some(true) || numbered == Some(number as i128)
                };
                let fields = [
                    ("warmingFluid", "heating"),
                    ("hotWaterFluid", "hot_water"),
                    ("cookingFluid", "cooking"),
                ];
                let usages: Vec<&str> = fields.iter().filter(names).map(|(_, usage)| *usage).collect();
                Some(if usages.is_empty() { "none".to_owned() } else { usages.join(":") })
            }
            _ => None,
        }
    }

    /// The greatest load that a month's documents tell.
    fn load(&self, doctype: &str, month: Month) -> Option<Decimal> {
        let (year, number) = month.number();
        let is_of = |document: &Fields, name: &str, wanted: i64| {
            let given = reading::number(document, name).and_then(Decimal::whole);
            given == Some(wanted.into())
        };
        let documents = reading::documents(self.home, doctype);
        let of_month = documents.iter().filter(|d| is_of(d, "year", year) && is_of(d, "month", number));
        of_month.filter_map(|d| reading::number(d, "load")).max_by_key(|load| load.at(12))
    }

    fn connected(&self) -> Vec<&'static str> {
        let triggers = reading::documents(self.home, TRIGGERS);
        let inner = |fields: &Fields, name: &str| -> Fields {
            fields.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
        };
        let is_errored = |id: &str| {
            triggers.iter().any(|trigger| {
                let state = reading::text(&inner(trigger, "current_state"), "status");
                let account = reading::text(&inner(trigger, "message"), "account");
                account.as_deref() == Some(id) && state.as_deref() == Some("errored")
            })
        };
        let accounts = reading::documents(self.home, ACCOUNTS);
        let is_connected = |name: &str| {
            accounts.iter().any(|account| {
                let is_its = reading::text(account, "account_type").as_deref() == Some(name);
                is_its && !reading::text(account, "_id").is_some_and(|id| is_errored(&id))
            })
        };
        FLUIDS.iter().filter(|(.., name)| is_connected(name)).map(|(fluid, ..)| *fluid).collect()
    }
}

/// The text of the bucket into which a mean falls, rounded half up.
fn bucket(source: &Value, sum: usize, count: usize) -> String {
    let mean = (2 * sum + count) / (2 * count);
    let buckets = source["buckets"].as_array().unwrap();
    let at = buckets.iter().rposition(|least| least.as_u64().unwrap() <= mean as u64).unwrap();
    source["values"][at].as_str().unwrap().to_owned()
}

/// A duration as it counts.
fn clipped(seconds: i64) -> Decimal {
    Decimal { digits: i128::from(seconds).min(LARGEST), scale: 0 }
}

/// How long a span lasts, if it is one.
fn lasted(start: &Time, end: &Time) -> Option<Decimal> {
    let seconds = end.since(start)?;
    let is_longer = seconds > LONGEST_SPAN || seconds == LONGEST_SPAN && end.fraction != start.fraction;
    (!is_longer).then(|| clipped(seconds))
}

/// The number that an event holds, if it can be used.
fn observed(rule: &Value, event: &Event) -> Option<Decimal> {
    let field = rule["of"].as_str().unwrap();
    let number = event.number(field);
    let written = event.text(field);
    if let Some(range) = rule["integers"].as_array() {
        let digit = written.filter(|text| text.len() == 1).and_then(|text| Decimal::parse(&text));
        let whole = number.or(digit)?.whole()?;
        let bounds = i128::from(range[0].as_i64().unwrap())..=i128::from(range[1].as_i64().unwrap());
        return bounds.contains(&whole).then_some(Decimal { digits: whole, scale: 0 });
    }
    let number = number.or_else(|| Decimal::parse(&written?))?;
    (!number.is_beyond(1_000_000_000_000_000)).then_some(number)
}

/// What a home contributes to each cell: the mean of what fell into it, or each.
fn contributed(definition: &Value, cells: &BTreeMap<Groups, Vec<(Decimal, &Event)>>, add: Add<'_>) {
    for (groups, numbers) in cells {
        if definition["contribution"] == "each" {
            for (number, event) in numbers {
                add(groups, hundredths(number.digits, 10_i128.pow(number.scale)), Some(event));
            }
            continue;
        }
        let scale = numbers.iter().map(|(number, _)| number.scale).max().unwrap_or(0);
        let sum: i128 = numbers.iter().map(|(number, _)| number.at(scale)).sum();
        add(groups, hundredths(sum, 10_i128.pow(scale) * numbers.len() as i128), None);
    }
}
