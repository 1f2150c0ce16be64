//! What a query reads beyond the days it is made for.

use dacc_aggregator::aggregate_home;
use dacc_aggregator::explain::{Explanation, Verdict, explain_home};
use serde_json::{Value, json};

use crate::nights::Nights;
use crate::zone::with_zone;

fn home(connection: &str) -> Value {
    json!({
        "com.grandlyon.ecolyo.term":
            [{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}],
        "com.grandlyon.ecolyo.usageevents":
            [{"_id": "c", "type": "ConnectionEvent", "eventDate": connection, "aggregated": false}],
    })
}

/// The days of connections of March that a home with this one sends in two nights.
fn connections(zone: &str, connection: &str, nights: [&str; 2]) -> (Nights, Value) {
    let mut home = Nights::of(&home(connection));
    for now in nights {
        home.night(&json!({"now": now, "clock": "instant", "zone": zone}));
    }
    let event = home.store.get("com.grandlyon.ecolyo.usageevents", "c").unwrap()["aggregated"].clone();
    (home, event)
}

#[test]
fn no_event_of_a_day_asked_for_is_missed_in_any_zone() {
    // The first of March in the zone, under the digits of two days before, of
    // the day before, of the day after and of two days after.
    for (zone, connection) in [
        ("Pacific/Apia", "2024-02-28T23:30:00-12:00"),
        ("Pacific/Kiritimati", "2024-02-28T23:59:59-23:59"),
        ("Pacific/Apia", "2024-02-29T23:30:00Z"),
        ("Europe/Paris", "2024-03-01T12:00:00Z"),
        ("Pacific/Pago_Pago", "2024-03-02T10:30:00Z"),
        ("Pacific/Pago_Pago", "2024-03-03T10:30:00+23:59"),
    ] {
        let (home, aggregated) =
            connections(zone, connection, ["2024-03-02T02:00:00", "2024-04-03T02:00:00"]);
        let one = |date: &str| vec![(date.to_owned(), "1".to_owned())];
        assert_eq!(home.values("connection-count-daily"), one("2024-03-01"), "{zone} {connection}");
        assert_eq!(home.values("connection-count-monthly"), one("2024-03-01"), "{zone} {connection}");
        assert_eq!(aggregated, true, "{zone} {connection}");
    }
}

/// What is read of days before those that are asked for is as if it were not
/// there: an attempt that comes after the 30 days in which it could be seen
/// counts for nothing, wherever the query begins.
#[test]
fn what_is_read_beyond_the_days_asked_for_never_counts() {
    // 13 March is the first day that the night of 12 April asks for. The digits
    // of the day before may be those of the 13th and later.
    for (zone, late) in [
        ("Europe/Paris", "2024-03-11T12:00:00Z"),
        ("Europe/Paris", "2024-03-12T12:00:00Z"),
        ("Pacific/Pago_Pago", "2024-03-13T10:30:00Z"),
    ] {
        let options = |now: &str| json!({"now": now, "clock": "instant", "zone": zone});
        let attempt = |id: &str, date: &str, result: &str| {
            json!({"_id": id, "type": "KonnectorAttemptEvent", "target": "enedis", "result": result,
                   "eventDate": date, "aggregated": false})
        };
        let mut nights = Nights::of(&home("2024-04-01T12:00:00Z"));
        let events = "com.grandlyon.ecolyo.usageevents";
        nights.store.put(events, "a", attempt("a", "2024-04-05T12:00:00Z", "success"));
        for day in 3..=11 {
            nights.night(&options(&format!("2024-04-{day:02}T02:00:00")));
        }
        nights.store.put(events, "late", attempt("late", late, "error"));
        let file = |nights: &Nights| {
            let all = ["term", "usageevents", "dacc.measures", "dacc.memory"].map(|name| {
                let doctype = format!("com.grandlyon.ecolyo.{name}");
                let documents: Value = nights.store.documents(&doctype).cloned().collect();
                (doctype, documents)
            });
            Value::from_iter(all).to_string()
        };
        let night = options("2024-04-12T02:00:00");
        let explanation: Explanation =
            explain_home(file(&nights).as_bytes(), &with_zone(&night.to_string())).unwrap();
        let verdict = explanation.events.last().unwrap().verdict;
        assert_eq!(verdict, Verdict::ReadBefore, "{late}");
        let shown = aggregate_home(file(&nights).as_bytes(), &with_zone(&night.to_string())).unwrap();
        let before = nights.sent.len();
        nights.night(&night);
        let shown: Vec<_> = shown.measures.iter().map(|measure| measure.to_json()).collect();
        assert_eq!(nights.sent[before..], shown, "{late}");
        nights.night(&options("2024-05-03T02:00:00"));
        let april = ("2024-04-01".to_owned(), "1".to_owned());
        assert_eq!(nights.values("konnector-attempts-monthly"), [april], "{late}");
    }
}
