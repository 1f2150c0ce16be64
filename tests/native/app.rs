//! Events of apps that the engine has never heard of: each expected measure is
//! counted by hand.

use dacc_aggregator::catalog::{Catalog, Description};
use dacc_aggregator::{Options, aggregate};
use serde_json::{Value, json};

fn options(app: &Value) -> Options {
    let options = json!({
        "app": app,
        "now": "2024-03-10T02:00:00",
        "from": "2024-03-08",
        "months": ["2024-02"],
        "consent": [{"from": "2024-01-01"}],
    });
    serde_json::from_value(options).unwrap()
}

fn measures(app: &Value, events: &Value) -> Vec<Value> {
    let outcome = aggregate(events.to_string().as_bytes(), &options(app)).unwrap();
    outcome.measures.iter().map(|measure| serde_json::from_str(&measure.to_json()).unwrap()).collect()
}

fn refusal(app: &Value) -> String {
    let app: Description = serde_json::from_value(app.clone()).unwrap();
    Catalog::of_app(&app).unwrap_err().to_string()
}

/// An app for reading books: fields under other names than its own, and one type.
pub fn books() -> Value {
    json!({
        "app": "books",
        "sources": [{
            "name": "readings",
            "doctype": "org.example.readings",
            "types": ["reading"],
            "date": "closedAt",
            "fields": [
                {"name": "shelf", "path": "shelfName", "kind": "text"},
                {"name": "pages", "path": "pageCount", "kind": "number"},
                {"name": "opened", "path": "openedAt", "kind": "date"},
            ],
        }],
        "indicators": [
            {
                "name": "reading-count-daily", "period": "day", "description": "Readings.", "purpose": "Use.",
                "events": [{"type": "reading"}],
                "value": {"kind": "count"},
                "groups": [{"key": "shelf", "source": {"field": "shelf", "values": ["novels", "maps"], "other": "other"}}],
            },
            {
                "name": "pages-daily", "period": "day", "description": "Pages.", "purpose": "Use.",
                "events": [{"type": "reading"}],
                "value": {"kind": "observation", "of": "pages"},
            },
            {
                "name": "reading-duration", "period": "day", "description": "Seconds.", "purpose": "Use.",
                "events": [{"type": "reading", "start": {"field": "opened"}}],
                "value": {"kind": "span"},
            },
            {
                "name": "reading-days-monthly", "period": "month", "description": "Days.", "purpose": "Use.",
                "events": [{"type": "reading"}],
                "value": {"kind": "distinct-days"},
            },
        ],
    })
}

#[test]
fn an_app_of_one_type_is_measured_by_its_own_names() {
    let events = json!([
        {"_id": "a", "closedAt": "2024-03-08T10:00:00Z", "openedAt": "2024-03-08T09:00:00Z",
            "shelfName": "novels", "pageCount": 30},
        {"_id": "b", "closedAt": "2024-03-08T12:00:00Z", "openedAt": "2024-03-08T11:59:00Z",
            "shelfName": "recipes", "pageCount": "1.5"},
        // Its own names are no paths, and `type` is no field.
        {"_id": "c", "type": "other", "closedAt": "2024-03-08T13:00:00Z", "shelf": "novels", "pages": 900},
        {"_id": "d", "closedAt": "2024-02-02T13:00:00Z"},
        {"_id": "e", "closedAt": "2024-02-02T23:59:59Z"},
        {"_id": "f", "closedAt": "2024-02-29T00:00:00Z"},
        {"_id": "a", "closedAt": "2024-03-09T10:00:00Z"},
    ]);
    let measure = |name: &str, date: &str, value: f64| json!({"createdBy": "books", "measureName": name, "startDate": date, "value": value});
    let count = |shelf: &str, value: u32| {
        json!({"createdBy": "books", "measureName": "reading-count-daily", "startDate": "2024-03-08",
            "value": value, "group1": {"shelf": shelf}})
    };
    let numbers = |measures: Vec<Value>| -> Vec<Value> {
        let as_double = |mut measure: Value| {
            measure["value"] = json!(measure["value"].as_f64().unwrap());
            measure
        };
        measures.into_iter().map(as_double).collect()
    };
    let expected = vec![
        count("novels", 1),
        // One is of another shelf, and one of none that can be read.
        count("other", 2),
        // (30 + 1.5) / 2 = 15.75
        measure("pages-daily", "2024-03-08", 15.75),
        // (3600 + 60) / 2
        measure("reading-duration", "2024-03-08", 1_830.0),
        measure("reading-days-monthly", "2024-02-01", 2.0),
    ];
    assert_eq!(numbers(measures(&books(), &events)), numbers(expected));
}

/// An app of one type with six texts, each of which decides.
pub fn six() -> Value {
    let names = ["a", "b", "c", "d", "e", "f"];
    let indicator = |name: &str| {
        json!({
            "name": format!("count-{name}"), "period": "day", "description": "d", "purpose": "p",
            "events": [{"type": "t"}],
            "value": {"kind": "count"},
            "groups": [{"key": "k", "source": {"field": name, "values": ["x", "xx", "y"], "other": "other"}}],
        })
    };
    json!({
        "app": "six",
        "sources": [{
            "name": "s", "doctype": "d", "types": ["t"], "date": "at",
            "fields": names.map(|name| json!({"name": name, "kind": "text"})),
        }],
        "indicators": names.map(indicator),
    })
}

#[test]
fn texts_that_are_the_same_together_are_told_apart_by_where_they_end() {
    // In each pair the texts, one after the other, are the same.
    let pairs = [
        (json!({"a": "x", "b": "xx"}), json!({"a": "xx", "b": "x"})),
        (json!({"a": "x"}), json!({"b": "x"})),
        (json!({"e": "x", "f": "xy"}), json!({"e": "xx", "f": "y"})),
        (json!({"a": "", "f": "y"}), json!({"f": "y"})),
    ];
    for (first, second) in pairs {
        let mut events = Vec::new();
        for (at, fields) in [&first, &second, &first, &second].into_iter().enumerate() {
            let mut event = fields.clone();
            event["at"] = json!(format!("2024-03-09T10:00:0{at}Z"));
            events.push(event);
        }
        let of_both = measures(&six(), &json!(events));
        for name in ["a", "b", "c", "d", "e", "f"] {
            let value = |event: &Value| match event.get(name).and_then(Value::as_str) {
                Some(text @ ("x" | "xx" | "y")) => text.to_owned(),
                _ => "other".to_owned(),
            };
            for text in ["x", "xx", "y", "other"] {
                let count = events.iter().filter(|event| value(event) == text).count();
                let found = of_both.iter().find(|measure| {
                    measure["measureName"] == format!("count-{name}") && measure["group1"]["k"] == text
                });
                let found = found.map_or(0, |measure| measure["value"].as_u64().unwrap());
                assert_eq!(found, count as u64, "{name} {text} of {first} and {second}");
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_description_is_named() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut app = books();
        change(&mut app);
        refusal(&app)
    };
    let source =
        |name: &'static str, value: Value| move |app: &mut Value| app["sources"][0][name] = value.clone();
    for (found, expected) in [
        (
            with(&|app| app["sources"] = json!([])),
            "app: one source of events is needed, and no more are read so far",
        ),
        (with(&source("types", json!([]))), "app: readings: types: there are 1 to 64, each once"),
        (with(&source("types", json!(["a", "a"]))), "app: readings: types: there are 1 to 64, each once"),
        (with(&source("types", json!([""]))), "app: readings: types: a name has 1 to 100 bytes"),
        (
            with(&source("types", json!(["reading", "b"]))),
            "app: readings: typeField: several types are told apart by one",
        ),
        (
            with(&source("date", json!("meta[].at"))),
            "app: readings: path meta[].at: a path is 1 to 6 keys joined by dots, each in quotes if it holds one",
        ),
        (
            with(&source("date", json!("a.b.c.d.e.f.g"))),
            "app: readings: path a.b.c.d.e.f.g: a path is 1 to 6 keys joined by dots, each in quotes if it holds one",
        ),
        (
            with(&source("fields", json!([{"name": "a", "kind": "text"}, {"name": "a", "kind": "text"}]))),
            "app: readings: fields: there are at most 32, each once",
        ),
        (
            with(&|app| app["indicators"][0]["events"][0]["type"] = json!("QuizEndEvent")),
            "catalog: reading-count-daily: there is no event type QuizEndEvent",
        ),
        (
            with(&|app| app["indicators"][1]["value"]["of"] = json!("result")),
            "catalog: pages-daily: there is no field result",
        ),
        (with(&|app| app["app"] = json!("")), "app: a slug has 1 to 100 bytes and no control characters"),
        (with(&source("name", json!(""))), "app: a source has a name and a doctype"),
        (with(&source("doctype", json!(""))), "app: readings: a source has a name and a doctype"),
    ] {
        assert_eq!(found, expected);
    }
    let unknown = json!({"app": "a", "sources": [], "indicators": [], "colour": 1});
    let error = serde_json::from_value::<Description>(unknown).unwrap_err().to_string();
    assert!(error.starts_with("unknown field `colour`"), "{error}");
}

#[test]
fn a_field_serves_as_what_it_holds() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut app = books();
        change(&mut app);
        refusal(&app)
    };
    let no_text = "the field pages holds no text";
    let group =
        |source: Value| move |app: &mut Value| app["indicators"][0]["groups"][0]["source"] = source.clone();
    let selector = |name: &'static str, value: Value| {
        move |app: &mut Value| app["indicators"][0]["events"][0][name] = value.clone()
    };
    for (found, expected) in [
        (
            with(&|app| app["indicators"][1]["value"]["of"] = json!("opened")),
            "catalog: pages-daily: the field opened holds no number".to_owned(),
        ),
        (
            with(&|app| app["indicators"][2]["events"][0]["start"]["field"] = json!("pages")),
            "catalog: reading-duration: the field pages holds no date".to_owned(),
        ),
        (
            with(&selector("where", json!({"field": "pages", "is": "5"}))),
            format!("catalog: reading-count-daily: {no_text}"),
        ),
        (
            with(&group(json!({"field": "pages", "values": ["5"], "other": "other"}))),
            format!("catalog: reading-count-daily: group shelf: {no_text}"),
        ),
        (
            with(&group(json!({"when": {"field": "pages", "is": "5", "then": "a", "else": "b"}}))),
            format!("catalog: reading-count-daily: group shelf: {no_text}"),
        ),
        // A span finds the event that it starts at by the field `target` of both.
        (
            with(&|app| app["indicators"][2]["events"][0]["start"] = json!({"latest": "reading"})),
            "catalog: reading-duration: there is no field target".to_owned(),
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_mark_is_set_only_on_documents_of_the_app_and_over_nothing_that_is_read() {
    let with = |is_owned: bool, flag: &str| {
        let mut app = books();
        app["sources"][0]["fields"][1]["path"] = json!("meta.pageCount");
        app["sources"][0]["fields"][2]["path"] = json!("pageCount");
        app["sources"][0]["owned"] = json!(is_owned);
        app["sources"][0]["flag"] = json!(flag);
        app
    };
    let taken = "app: readings: flag: it is one key of documents that are owned, where nothing else is read";
    assert_eq!(refusal(&with(false, "counted")), taken);
    for read in ["closedAt", "_id", "_rev", "_deleted", "pageCount", "meta", "marks.counted"] {
        assert_eq!(refusal(&with(true, read)), taken, "{read}");
    }
    let app: Description = serde_json::from_value(with(true, "counted")).unwrap();
    assert!(Catalog::of_app(&app).is_ok());
}

/// An app of one type with so many dates, at each of which a span starts.
pub fn starts(count: usize) -> Value {
    let indicator = |name: &String| {
        json!({
            "name": format!("since-{name}"), "period": "day", "description": "d", "purpose": "p",
            "events": [{"type": "t", "start": {"field": name}}],
            "value": {"kind": "span"},
        })
    };
    let names: Vec<String> = (0..count).map(|number| format!("s{number}")).collect();
    json!({
        "app": "starts",
        "sources": [{
            "name": "s", "doctype": "d", "types": ["t"], "date": "at",
            "fields": names.iter().map(|name| json!({"name": name, "kind": "date"})).collect::<Vec<_>>(),
        }],
        "indicators": names.iter().map(indicator).collect::<Vec<_>>(),
    })
}

#[test]
fn spans_start_at_as_many_fields_of_a_type_as_there_is_room_for() {
    let mut event = json!({"_id": "a", "at": "2024-03-09T10:00:00Z"});
    for number in 0..8 {
        event[format!("s{number}")] = json!(format!("2024-03-09T09:59:5{number}Z"));
    }
    let values = |measures: Vec<Value>| -> Vec<u64> {
        measures.iter().map(|measure| measure["value"].as_u64().unwrap()).collect()
    };
    assert_eq!(values(measures(&starts(8), &json!([event]))), [10, 9, 8, 7, 6, 5, 4, 3]);
    assert_eq!(refusal(&starts(9)), "catalog: t: spans of events of one type start at 8 fields at most");
}

/// The blocks of JSON in a page, in their order.
fn blocks(page: &str) -> Vec<Value> {
    let after = page.split("```json\n").skip(1);
    after.map(|after| serde_json::from_str(after.split_once("```").unwrap().0).unwrap()).collect()
}

#[test]
fn the_first_app_of_the_book_gives_the_measures_that_the_book_tells() {
    let page = include_str!("../../docs/app.md");
    let [app, events, expected] = &blocks(page.split_once("## The file").unwrap().0)[..] else {
        panic!("an app, its documents and their measures are told");
    };
    let options = json!({
        "app": app, "now": "2025-06-01T02:00:00", "from": "2025-05-01", "to": "2025-05-01",
        "consent": [{"from": "2025-01-01"}],
    });
    let options: Options = serde_json::from_value(options).unwrap();
    let outcome = aggregate(events.to_string().as_bytes(), &options).unwrap();
    let measures = outcome.measures.iter().map(|measure| serde_json::from_str(&measure.to_json()).unwrap());
    assert_eq!(&Value::from(measures.collect::<Vec<Value>>()), expected);
    assert_eq!(serde_json::to_value(&outcome.diagnostics).unwrap(), json!({"group-other": 1}));
}

#[test]
fn the_home_of_another_app_is_refused_before_anything_is_read() {
    let mut options = options(&books());
    options.consent = None;
    let error = dacc_aggregator::aggregate_home(b"{}", &options).unwrap_err();
    assert_eq!(error.to_string(), "app: of books events alone can be computed so far, and no home");
}

/// Trips, of which some numbers lie deep in a document.
pub fn trips() -> Value {
    json!({
        "app": "trips",
        "sources": [{
            "name": "trips",
            "doctype": "io.cozy.timeseries.geojson",
            "types": ["trip"],
            "date": "meta.ended at",
            "fields": [
                {"name": "purpose", "path": "aggregation.purpose", "kind": "text"},
                {"name": "co2", "path": "aggregation.totalCO2", "kind": "number"},
                {"name": "account", "path": "cozyMetadata.\"source.account\".id", "kind": "text"},
                {"name": "shared", "path": "meta.shared", "kind": "boolean"},
                {"name": "started", "path": "meta.started", "kind": "date"},
            ],
        }],
        "indicators": [
            {
                "name": "trip-count-daily", "period": "day", "description": "Trips.", "purpose": "Use.",
                "events": [{"type": "trip", "where": {"field": "shared", "is": "true"}}],
                "value": {"kind": "count"},
                "groups": [
                    {"key": "purpose", "source": {"field": "purpose", "values": ["COMMUTE", "HOME"], "other": "other"}},
                    {"key": "account", "source": {"field": "account", "pattern": "[a-z]{1,9}", "other": "none"}},
                ],
            },
            {
                "name": "trip-co2-daily", "period": "day", "description": "Grams.", "purpose": "Use.",
                "events": [{"type": "trip"}],
                "value": {"kind": "observation", "of": "co2"},
            },
            {
                "name": "trip-duration-daily", "period": "day", "description": "Seconds.", "purpose": "Use.",
                "events": [{"type": "trip", "start": {"field": "started"}}],
                "value": {"kind": "span"},
            },
        ],
    })
}

#[test]
fn what_lies_deep_in_a_document_is_read_there() {
    let trip = |id: &str, rest: Value| {
        // Before and behind what is wanted lies much that is not.
        let series = json!([{"features": [{"geometry": {"coordinates": vec![[4.85, 45.75]; 200]}}]}]);
        let mut trip = json!({"_id": id, "aggregation_": {"purpose": "HOME"}, "series": series});
        trip.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        trip["zeries"] = trip["series"].clone();
        trip
    };
    let meta = |shared: Value| json!({"ended at": "2024-03-09T08:30:00Z", "started": "2024-03-09T08:00:00Z", "shared": shared});
    let events = json!([
        trip(
            "a",
            json!({"meta": meta(json!(true)), "aggregation": {"purpose": "COMMUTE", "totalCO2": 12.5},
            "cozyMetadata": {"source.account": {"id": "main"}, "source": {"account": {"id": "wrong"}}}})
        ),
        trip(
            "b",
            json!({"meta": meta(json!(true)), "aggregation": {"purpose": {"text": "HOME"}, "totalCO2": "7"}})
        ),
        // What is said in words is no boolean.
        trip("c", json!({"meta": meta(json!("true")), "aggregation": null})),
        trip("d", json!({"meta": meta(json!(false)), "aggregation": [{"purpose": "HOME", "totalCO2": 1}]})),
        // The date is not where it should be.
        trip("e", json!({"ended at": "2024-03-09T08:30:00Z", "meta.ended at": "2024-03-09T08:30:00Z"})),
    ]);
    let outcome = aggregate(events.to_string().as_bytes(), &options(&trips())).unwrap();
    let found: Vec<String> = outcome
        .measures
        .iter()
        .map(|measure| {
            let groups: Vec<_> = measure.groups().iter().map(|group| group.value().to_owned()).collect();
            format!("{} {} {}", measure.name(), groups.join(","), measure.value())
        })
        .collect();
    assert_eq!(
        found,
        [
            "trip-count-daily COMMUTE,main 1",
            // A purpose that is no text is none: the `other` value.
            "trip-count-daily other,none 1",
            // (12.5 + 7) / 2 = 9.75
            "trip-co2-daily  9.75",
            "trip-duration-daily  1800",
        ]
    );
    let diagnostics = outcome.diagnostics;
    let count = |code| diagnostics.get(code);
    assert_eq!(count(dacc_aggregator::diagnostics::Code::EventDateInvalid), 1);
    assert_eq!(count(dacc_aggregator::diagnostics::Code::ResultInvalid), 2);
}
