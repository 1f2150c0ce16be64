//! Random homes, catalogs and questions, made to meet: few texts, few types, a
//! few days around a change of the clocks.

use serde_json::{Value, json};

use crate::dates::{self, Day};
use crate::random::Random;
use crate::reading::{ACCOUNTS, EVENTS, FLUIDS, HALF_HOURS, KINDS, PROFILE, PROFILE_TYPE, TERMS, TRIGGERS};

/// A document, as fields that a shrinker can take away, or as a text that is
/// none. A field's name is as JSON writes it, without the quotes.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    Fields(Vec<(String, String)>),
    Text(String),
}

impl Document {
    pub fn text(&self) -> String {
        match self {
            Document::Text(text) => text.clone(),
            Document::Fields(fields) => {
                let field = |(name, value): &(String, String)| format!("\"{name}\":{value}");
                format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// What is asked of a home.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Documents by doctype, in order.
    pub home: Vec<(String, Vec<Document>)>,
    pub options: Value,
}

/// Zones, each with days around which its clocks change or are odd.
pub const PLACES: [(&str, &[&str]); 11] = [
    ("Europe/Paris", &["2024-03-31", "2023-10-29", "2024-12-31", "2024-02-29"]),
    ("UTC", &["2024-03-01", "2023-12-31"]),
    // The clocks change at midnight, so that a day begins at one.
    ("America/Sao_Paulo", &["2018-11-04", "2018-02-18"]),
    ("America/Havana", &["2024-03-10", "2024-11-03"]),
    ("Asia/Beirut", &["2022-03-27", "2023-03-30"]),
    // By half an hour, by two hours, and never.
    ("Australia/Lord_Howe", &["2024-04-07", "2024-10-06"]),
    ("Antarctica/Troll", &["2024-03-31", "2024-10-27"]),
    ("Asia/Kathmandu", &["2024-03-31", "2024-02-29"]),
    ("America/St_Johns", &["2011-03-13", "2024-11-03"]),
    // On either side of the date line; Apia had no 30 December.
    ("Pacific/Apia", &["2011-12-30", "2011-09-24", "2024-03-01"]),
    ("Pacific/Kiritimati", &["2024-03-01", "1994-12-31"]),
];

const TEXTS: [&str; 19] = [
    "a",
    "b",
    "ab",
    "A1",
    "B_2",
    "success",
    "error",
    "firstConnection",
    "analysis",
    "enedis",
    "CHALLENGE0001",
    "mobile",
    "desktop",
    "HalfHour",
    "5",
    "3.50",
    "1e2",
    "03",
    "Été",
];
const PATTERNS: [&str; 8] = [
    "[a-z]+",
    "[A-Z][A-Z0-9_]{0,29}",
    "[a-z0-9][a-z0-9_-]{0,49}",
    "a?b*",
    "[A-Ca-c]{1,2}",
    "[0-9]+",
    "a[ab]?",
    "[a-zA-Z]{2,20}",
];
const FIELDS: [&str; 3] = ["target", "context", "result"];

/// What a catalog can name of an app: types of events, and fields by what can
/// be asked of them.
#[derive(Debug, Clone)]
pub struct Vocabulary<'a> {
    pub kinds: Vec<&'a str>,
    pub texts: Vec<&'a str>,
    pub numbers: Vec<&'a str>,
    pub dates: Vec<&'a str>,
}

impl Vocabulary<'static> {
    /// Ecolyo's, of which these types alone are named.
    pub fn of_ecolyo(kinds: &[&'static str]) -> Vocabulary<'static> {
        Vocabulary {
            kinds: kinds.to_vec(),
            texts: FIELDS.to_vec(),
            numbers: vec!["result", "result", "target"],
            dates: vec!["startDate", "startDate", "startDate", "startDate", "context"],
        }
    }
}

pub fn word(random: &mut Random) -> Value {
    random.pick(&TEXTS).into()
}

/// A JSON value as a field of an event may have it.
pub fn field_value(random: &mut Random) -> String {
    match random.below(24) {
        0 => "null".into(),
        1 => random.pick(&["true", "{}", "[1]"]).into(),
        2 => "\"\"".into(),
        3 => Value::from("x".repeat(120)).to_string(),
        4 => Value::from("a\u{1}b").to_string(),
        5..8 => random
            .pick(&[
                "0",
                "5",
                "5.0",
                "-0.005",
                "1.005",
                "2.675",
                "1e3",
                "12.345e-2",
                "9999999.004",
                "10000000",
                "1000000000000000",
                "1000000000000001",
                "-7",
                "4",
            ])
            .into(),
        8 => Value::from("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1").to_string(),
        _ => word(random).to_string(),
    }
}

/// A date-time near a day, as something writes it.
pub fn date_time(random: &mut Random, day: Day) -> String {
    let mark = random.pick(&["T", "T", "T", "t", " "]);
    let (hour, minute) = match random.below(4) {
        0 => (random.below(4), random.below(60)),
        1 => (random.between(22, 23), random.below(60)),
        2 => (12, 0),
        _ => (random.below(24), random.below(60)),
    };
    let second = random.pick(&[0, 0, 1, 30, 59, 60]);
    let fractions = ["", "", "", ".5", ".123", ".50", ".999999999", ".0000000001", ".00000000011"];
    let fraction = random.pick(&fractions);
    let offset =
        random.pick(&["Z", "Z", "Z", "z", "+00:00", "+02:00", "-03:30", "+05:45", "+14:00", "-12:00"]);
    format!("{}{mark}{hour:02}:{minute:02}:{second:02}{fraction}{offset}", dates::text(day))
}

pub fn date(random: &mut Random, day: Day) -> String {
    match random.below(40) {
        0 => "null".into(),
        1 => "\"yesterday\"".into(),
        2 => "1700000000".into(),
        3 => format!(
            "\"{}\"",
            random.pick(&[
                "2024-02-30T10:00:00Z",
                "2024-03-09T10:00:00",
                "2024-03-09T24:00:00Z",
                "2024-03-09"
            ])
        ),
        _ => format!("\"{}\"", date_time(random, day)),
    }
}

pub fn put(fields: &mut Vec<(String, String)>, name: &str, value: impl Into<String>) {
    fields.push((name.into(), value.into()));
}

/// A day near the middle of a window that ends with `last`.
pub fn near(random: &mut Random, last: Day) -> Day {
    let back = match random.below(8) {
        0..4 => random.below(4),
        4..6 => random.below(12),
        6 => random.below(80),
        _ => return last + i64::try_from(random.below(3)).unwrap(),
    };
    last - i64::try_from(back).unwrap()
}

pub fn event(random: &mut Random, day: Day, kinds: &[&str], number: usize) -> Document {
    match random.below(60) {
        0 => return Document::Text("[\"no object\"]".into()),
        1 => return Document::Text("7".into()),
        _ => {}
    }
    let mut fields = Vec::new();
    // A few twice; the order by `_id` is not the one read.
    let id = (number * 7_919 + 13) % 101;
    match random.below(30) {
        0 => put(&mut fields, "_id", "\"e1\""),
        1 => put(&mut fields, "_id", "\"_design/e\""),
        2 => put(&mut fields, "_deleted", "true"),
        _ => put(&mut fields, "_id", format!("\"e{id}\"")),
    }
    let kind = if random.chance(20) { "PageEvent" } else { random.pick(kinds) };
    put(&mut fields, "type", format!("\"{kind}\""));
    put(&mut fields, "eventDate", date(random, day));
    for field in FIELDS {
        if random.chance(700) {
            put(&mut fields, field, field_value(random));
        }
    }
    if random.chance(500) {
        let back = random.pick(&[0, 0, 1, 2, 40, 130, 3_661]);
        put(&mut fields, "startDate", date(random, day - back));
    }
    Document::Fields(fields)
}

/// The documents of a home beside events.
pub fn rest(random: &mut Random, last: Day) -> Vec<(String, Vec<Document>)> {
    let mut home = Vec::new();
    let some =
        |random: &mut Random, make: &mut dyn FnMut(&mut Random) -> Vec<(String, String)>, most: u64| {
            let mut documents = Vec::new();
            for _ in 0..random.below(most + 1) {
                if random.chance(30) {
                    documents.push(Document::Text("null".into()));
                }
                let mut fields = make(random);
                if random.chance(30) {
                    put(&mut fields, "_id", "\"_design/x\"");
                }
                documents.push(Document::Fields(fields));
            }
            documents
        };
    let profile = &mut |random: &mut Random| {
        let mut fields = Vec::new();
        if random.chance(600) {
            let day = last - i64::try_from(random.below(900)).unwrap();
            put(&mut fields, "firstConnectionDate", date(random, day));
        }
        if random.chance(800) {
            put(&mut fields, "sendAnalysisNotification", random.pick(&["true", "false", "\"yes\"", "null"]));
        }
        let due = ["1", "5.0", "31", "28", "\"2020-01-15\"", "\"2020-01-30T12:00:00Z\"", "null"];
        put(&mut fields, "monthlyAnalysisDate", random.pick(&due));
        fields
    };
    home.push((PROFILE.to_owned(), some(random, profile, 2)));
    let types = &mut |random: &mut Random| {
        let mut fields = Vec::new();
        let day = last - i64::try_from(random.below(300)).unwrap();
        put(&mut fields, "updateDate", format!("\"{}T{:02}:00:00Z\"", dates::text(day), random.below(24)));
        put(
            &mut fields,
            "housingType",
            random.pick(&["\"apartment\"", "\"individual_house\"", "\"castle\""]),
        );
        for field in ["warmingFluid", "hotWaterFluid", "cookingFluid"] {
            let fluids = ["\"electricity\"", "\"GAS\"", "0", "1", "2", "2.0", "\"wood\"", "null", "7"];
            put(&mut fields, field, random.pick(&fluids));
        }
        fields
    };
    home.push((PROFILE_TYPE.to_owned(), some(random, types, 2)));
    let loads = &mut |random: &mut Random| {
        let month = dates::Month::of(last - i64::try_from(random.below(100)).unwrap());
        let (year, month) = month.number();
        let load =
            ["0", "0.001", "200", "200.01", "199.995", "12.5", "\"7\"", "null", "1e3", "9999999", "333.333"];
        let mut fields = Vec::new();
        put(&mut fields, "load", random.pick(&load));
        put(&mut fields, "year", if random.chance(30) { format!("\"{year}\"") } else { year.to_string() });
        put(&mut fields, "month", if random.chance(30) { format!("{month}.0") } else { month.to_string() });
        fields
    };
    for (_, doctype, _) in FLUIDS {
        home.push((doctype.to_owned(), some(random, loads, 6)));
    }
    home.push((HALF_HOURS.to_owned(), some(random, loads, 2)));
    let mut accounts = Vec::new();
    let mut triggers = Vec::new();
    for at in 0..random.below(4) {
        let name = random.pick(&["enedisgrandlyon", "eglgrandlyon", "grdfgrandlyon", "bank"]);
        accounts.push(Document::Text(json!({"_id": format!("a{at}"), "account_type": name}).to_string()));
        if random.chance(600) {
            let status = random.pick(&["errored", "done", "queued"]);
            let trigger =
                json!({"message": {"account": format!("a{at}")}, "current_state": {"status": status}});
            triggers.push(Document::Text(trigger.to_string()));
        }
    }
    home.push((ACCOUNTS.to_owned(), accounts));
    home.push((TRIGGERS.to_owned(), triggers));
    home
}

fn terms(random: &mut Random, last: Day) -> Vec<Document> {
    let mut documents = Vec::new();
    for _ in 0..random.below(5) {
        let mut fields = Vec::new();
        let day = last - i64::try_from(random.below(60)).unwrap();
        put(&mut fields, "accepted", random.pick(&["true", "true", "true", "false", "\"true\""]));
        let versions = [
            "\"1.0.0\"",
            "\"1\"",
            "\"v1.2\"",
            "\"1.10\"",
            "\"0.9\"",
            "\"V1\"",
            "\"1.x\"",
            "1",
            "\"99999999999999999999.0\"",
        ];
        put(&mut fields, "version", random.pick(&versions));
        let name = random.pick(&["date", "date", "acceptedAt"]);
        put(&mut fields, name, format!("\"{}\"", date_time(random, day)));
        if random.chance(200) {
            let later = day + i64::try_from(random.below(30)).unwrap() - 3;
            put(&mut fields, "revokedAt", format!("\"{}\"", date_time(random, later)));
        }
        documents.push(Document::Fields(fields));
    }
    let day = last - i64::try_from(random.below(90)).unwrap();
    documents.push(Document::Text(
        json!({"accepted": true, "version": "1.0.0", "date": date_time(random, day)}).to_string(),
    ));
    documents
}

fn condition(random: &mut Random, words: &Vocabulary<'_>) -> Value {
    json!({"field": random.pick(&words.texts), "is": word(random)})
}

fn texts(random: &mut Random) -> Vec<Value> {
    let mut texts: Vec<Value> = (0..random.between(1, 4)).map(|_| word(random)).collect();
    texts.dedup();
    texts
}

/// A list or a pattern, mostly with something that stands for the rest.
fn closed(random: &mut Random, source: &mut Value) {
    if random.chance(500) {
        source["values"] = texts(random).into();
    } else {
        source["pattern"] = random.pick(&PATTERNS).into();
    }
    if random.chance(600) {
        source["other"] = match source["values"].as_array() {
            Some(values) if random.chance(300) => values[0].clone(),
            _ => "other".into(),
        };
    }
}

fn source_of_an_event(random: &mut Random, words: &Vocabulary<'_>, may_join: bool) -> Value {
    let mut source = json!({});
    if words.texts.is_empty() {
        return json!({"constant": word(random)});
    }
    match random.below(if may_join { 10 } else { 8 }) {
        0 => source["constant"] = word(random),
        1 => {
            source["device"] = random.pick(&words.texts).into();
            if random.chance(500) {
                source["other"] = random.pick(&["desktop", "mobile", "none"]).into();
            }
        }
        2 => {
            source["when"] = json!({"field": random.pick(&words.texts), "is": word(random), "then": word(random), "else": word(random)});
        }
        8.. => {
            let parts: Vec<Value> =
                (0..random.between(1, 3)).map(|_| source_of_an_event(random, words, false)).collect();
            source["join"] = json!({"parts": parts, "with": random.pick(&["-", ":", ""])});
        }
        _ => {
            source["field"] = random.pick(&words.texts).into();
            if random.chance(200) {
                source["lowercase"] = true.into();
            }
            closed(random, &mut source);
        }
    }
    source
}

fn groups(random: &mut Random, words: &Vocabulary<'_>, is_until: bool) -> Vec<Value> {
    let mut groups = Vec::new();
    for key in ["one", "two", "three"].iter().take(usize::try_from(random.below(4)).unwrap()) {
        groups.push(json!({"key": key, "source": source_of_an_event(random, words, true)}));
    }
    if is_until && groups.len() < 3 && random.chance(600) {
        let mut source = json!({"reached": true});
        if random.chance(400) {
            source["values"] = json!(["true", "false"]);
        }
        groups.push(json!({"key": "success", "source": source}));
    }
    groups
}

fn selector(random: &mut Random, words: &Vocabulary<'_>, is_span: bool, groups: &[Value]) -> Value {
    let mut selector = json!({"type": random.pick(&words.kinds)});
    if !words.texts.is_empty() && random.chance(300) {
        selector["where"] = condition(random, words);
    } else if is_span && random.chance(300) {
        selector["first"] = true.into();
    }
    if is_span {
        selector["start"] = match random.below(4) {
            1 if words.texts.contains(&"target") => json!({"latest": random.pick(&words.kinds)}),
            2.. if !words.dates.is_empty() => json!({"field": random.pick(&words.dates)}),
            _ => json!({"first": random.pick(&words.kinds)}),
        };
    }
    for group in groups {
        let is_of_events = group["source"]["reached"] != true && !group["source"]["inside"].is_string();
        if is_of_events && random.chance(200) {
            let own = if random.chance(500) {
                json!({"constant": word(random)})
            } else {
                source_of_an_event(random, words, true)
            };
            selector["groups"][group["key"].as_str().unwrap()] = own;
        }
    }
    selector
}

fn snapshot(random: &mut Random, number: usize, words: &Vocabulary<'_>) -> Value {
    let (of, period) = random.pick(&[
        ("connected-fluids", "day"),
        ("consumption-variation", "month"),
        ("summary-subscription", "month"),
        ("half-hour-data", "month"),
    ]);
    let mut groups = Vec::new();
    if of == "consumption-variation" || of == "half-hour-data" && random.chance(500) {
        groups.push(json!({"key": "fluid", "source": {"snapshot": "fluid"}}));
    }
    if of == "consumption-variation" && random.chance(500) {
        groups.push(json!({"key": "since", "source": {"snapshot": "seniority", "pattern": "[0-9]{1,2}"}}));
    }
    if of == "consumption-variation" && random.chance(300) {
        let usages = json!(["heating", "cooking", "heating:hot_water", "none"]);
        groups.push(json!({"key": "usage", "source": {"snapshot": "fluid-usage", "values": usages, "other": "other"}}));
    }
    if of == "connected-fluids" && random.chance(700) {
        groups.push(json!({"key": "fluids", "source": {"snapshot": "fluids", "values": ["electricity", "water", "electricity:water", "gas"], "other": "other"}}));
    }
    let mut events = Vec::new();
    if groups.len() < 3 && random.chance(500) {
        events.push(selector(random, words, false, &[]));
        groups.push(json!({"key": "seen", "source": {"seen": {"then": "yes", "else": "no"}}}));
    } else if of == "consumption-variation" {
        events.push(selector(random, words, false, &[]));
    }
    json!({
        "name": format!("snapshot-{number}"), "period": period, "description": "d", "purpose": "p",
        "events": events, "value": {"kind": "snapshot", "of": of}, "groups": groups,
    })
}

pub fn definition(random: &mut Random, number: usize, words: &Vocabulary<'_>) -> Value {
    if random.chance(120) { snapshot(random, number, words) } else { of_events(random, number, words) }
}

/// A definition whose measures are made of events.
pub fn of_events(random: &mut Random, number: usize, words: &Vocabulary<'_>) -> Value {
    let mut period = random.pick(&["day", "day", "month"]);
    let mut is_averaged = false;
    let (value, is_span, is_until) = match random.below(8) {
        0 | 1 => (json!({"kind": "count"}), false, false),
        2 if !words.texts.is_empty() => {
            period = "month";
            (json!({"kind": "count", "until": condition(random, words)}), false, true)
        }
        4 | 5 => {
            is_averaged = true;
            (json!({"kind": "session"}), false, false)
        }
        6 => {
            is_averaged = true;
            (json!({"kind": "span"}), true, false)
        }
        7 if !words.numbers.is_empty() => {
            is_averaged = true;
            let mut value = json!({"kind": "observation", "of": random.pick(&words.numbers)});
            if random.chance(400) {
                value["integers"] =
                    random.pick(&[json_range(0, 5), json_range(1, 3), json_range(0, 9)]).to_vec().into();
            }
            (value, false, false)
        }
        _ => (json!({"kind": "distinct-days"}), false, false),
    };
    let mut groups = groups(random, words, is_until);
    let mut identity = None;
    if value["kind"] == "session" && groups.len() < 3 && random.chance(500) {
        identity = Some(groups.iter().map(|group| group["key"].clone()).collect::<Value>());
        let bounds = random.pick(&[["0", "1", "3"], ["0", "2", "4"]]);
        let buckets: Vec<u64> = bounds.iter().map(|bound| bound.parse().unwrap()).collect();
        let source = json!({"inside": random.pick(&words.kinds), "buckets": buckets, "values": ["few", "some", "many"]});
        groups.push(json!({"key": "pages", "source": source}));
    }
    let mut definition = json!({
        "name": format!("indicator-{number}"), "period": period, "description": "d", "purpose": "p", "value": value,
    });
    if value_is_zero(random, &definition) {
        definition["value"]["zero"] = true.into();
        groups.clear();
    }
    let selectors: Vec<Value> =
        (0..random.between(1, 3)).map(|_| selector(random, words, is_span, &groups)).collect();
    definition["events"] = selectors.into();
    if !groups.is_empty() {
        definition["groups"] = groups.into();
    }
    if let Some(identity) = identity {
        definition["identity"] = identity;
    }
    if is_averaged && random.chance(300) {
        definition["contribution"] = "each".into();
    }
    definition
}

fn json_range(least: u8, most: u8) -> [u8; 2] {
    [least, most]
}

fn value_is_zero(random: &mut Random, definition: &Value) -> bool {
    definition["value"]["kind"] == "distinct-days" && random.chance(300)
}

/// A catalog of a user's, mostly; else the built-in one.
pub fn catalog(random: &mut Random, words: &Vocabulary<'_>) -> Option<Value> {
    let choice = random.below(4);
    if choice == 0 {
        return None;
    }
    let count = usize::try_from(random.between(1, 4)).unwrap();
    let definitions: Vec<Value> = (0..count).map(|at| definition(random, at, words)).collect();
    let mut catalog = json!({"indicators": definitions});
    if choice == 1 {
        catalog["extends"] = true.into();
    }
    Some(catalog)
}

fn window(random: &mut Random, options: &mut Value, last: Day, today: Day) {
    let day = |offset: u64| dates::text(last - i64::try_from(offset).unwrap());
    match random.below(8) {
        // What a first run computes.
        0 => {
            if random.chance(500) {
                options["firstDay"] = day(random.below(70)).into();
            }
        }
        1 => options["to"] = day(random.below(5)).into(),
        2 => options["from"] = day(random.below(10)).into(),
        _ => {
            let length = random.pick(&[0, 2, 6, 20, 62]);
            options["from"] = day(length + random.below(3)).into();
            options["to"] = dates::text(last + random.pick(&[0, 0, 0, -1, 3])).into();
        }
    }
    if random.chance(700) && (options.get("from").is_some() || random.chance(300)) {
        let mut months = Vec::new();
        let mut month = dates::Month::of(today);
        for _ in 0..4 {
            if random.chance(500) {
                months.push(Value::from(month.text()));
            }
            month = month.previous();
        }
        if options["monthlyStartDate"] == "run-date" {
            months.truncate(1);
        }
        options["months"] = months.into();
    }
}

/// When and for when a run is asked; and a last day around which there is
/// something to find.
pub fn question(random: &mut Random) -> (Value, Day) {
    let (zone, turns) = random.pick(&PLACES);
    let turn = dates::day(random.pick(turns));
    let last = turn + i64::try_from(random.below(4)).unwrap() - 1;
    let today = last + 1 + random.pick(&[0, 0, 0, 0, 3, 30]);
    // Noon in the zone, or an instant of that day in every zone but the odd ones.
    let now = match random.below(4) {
        0 => format!("{}T11:30:00Z", dates::text(today)),
        _ => format!("{}T{:02}:30:00", dates::text(today), random.pick(&[4, 12, 23])),
    };
    let mut options =
        json!({"now": now, "zone": zone, "clock": random.pick(&["wall", "instant", "instant"])});
    if random.chance(150) {
        options["monthlyStartDate"] = "run-date".into();
    }
    if random.chance(100) {
        options["createdBy"] = "someone \"else\"".into();
    }
    window(random, &mut options, last, today);
    (options, last)
}

/// Consent as a caller gives it.
pub fn given(random: &mut Random, last: Day) -> Value {
    let begins = last - i64::try_from(random.below(60)).unwrap();
    let gap = begins + i64::try_from(random.below(60)).unwrap();
    if random.chance(500) {
        return json!([{"from": dates::text(begins)}]);
    }
    let again = gap + 1 + random.pick(&[1, 4]);
    json!([{"from": dates::text(begins), "to": dates::text(gap + 1)}, {"from": dates::text(again)}])
}

pub fn case(seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let (mut options, last) = question(random);
    let mut kinds = vec!["ConnectionEvent"];
    for _ in 0..random.between(1, 5) {
        kinds.push(random.pick(&KINDS));
    }
    let mut home = Vec::new();
    if random.chance(500) {
        options["consent"] = given(random, last);
    } else {
        home.push((TERMS.to_owned(), terms(random, last)));
        if random.chance(200) {
            options["consentVersion"] = random.pick(&["0.9", "1.1", "v1.0.0"]).into();
        }
    }
    match random.below(4) {
        0 => {}
        choice => {
            let definitions: Vec<Value> = (0..usize::try_from(random.between(1, 4)).unwrap())
                .map(|at| definition(random, at, &Vocabulary::of_ecolyo(&kinds)))
                .collect();
            options["catalog"] = json!({"indicators": definitions});
            if choice == 1 {
                options["catalog"]["extends"] = true.into();
            }
        }
    }
    if options.get("catalog").is_none() || random.chance(200) {
        kinds = KINDS.to_vec();
    }
    let count = random.pick(&[2, 5, 10, 20, 40]);
    let events = (0..usize::try_from(random.below(count)).unwrap()).map(|at| {
        let day = near(random, last);
        event(random, day, &kinds, at)
    });
    home.push((EVENTS.to_owned(), events.collect()));
    home.extend(rest(random, last));
    Case { home, options }
}
