//! Random homes as a person's Cozy might hold them, usable and not.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::homes::{DAYS, Event, Sample, Written};

/// A first day, and how many days later the clocks change.
const SPRING: (&str, i32) = ("2024-02-01", 59);
const AUTUMN: (&str, i32) = ("2024-09-01", 56);

fn one_of(values: &[Value]) -> BoxedStrategy<Value> {
    prop::sample::select(values.to_vec()).boxed()
}

/// Mostly a usable value, now and then what no indicator can use.
fn mostly(usable: &[Value]) -> BoxedStrategy<Value> {
    let unusable = [
        json!(null),
        json!(7),
        json!(true),
        json!(["enedis"]),
        json!(""),
        json!("Ünknown ‹value›"),
        json!("a\u{0}b"),
        json!("x".repeat(120)),
    ];
    prop_oneof![6 => one_of(usable), 1 => one_of(&unusable)].boxed()
}

fn texts(texts: &[&str]) -> BoxedStrategy<Value> {
    mostly(&texts.iter().map(|text| json!(text)).collect::<Vec<_>>())
}

const KINDS: [&str; 17] = [
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

/// Target, context and result as the type has them.
fn fields(kind: &str) -> (BoxedStrategy<Value>, BoxedStrategy<Value>, BoxedStrategy<Value>) {
    let none = || Just(json!(null)).boxed();
    let ids = || texts(&["CHALLENGE0001", "CHALLENGE0002", "lower0001"]);
    let steps = || texts(&["day", "HalfHour", "month", "decade"]);
    let fluids = || texts(&["electricity", "GAS", "multifluid", "oil"]);
    let slugs = || texts(&["enedis", "grdf-2", "egl_x", "Enedis", "-no"]);
    match kind {
        "ConnectionEvent" => {
            let first = prop_oneof![1 => Just(json!("firstConnection")), 3 => none()].boxed();
            (none(), texts(&["desktop", "mobile", "Firefox", "Mozilla/5.0 (iPad; CPU OS 7_0)"]), first)
        }
        "NavigationEvent" => (texts(&["consumption", "analysis", "legalNotice", "kitchen"]), none(), none()),
        "KonnectorConnectEvent" | "KonnectorRefreshEvent" | "KonnectorAttemptEvent" => {
            (slugs(), none(), texts(&["success", "error", "error", "later"]))
        }
        "ConsumptionCompareEvent" | "ConsumptionChangeTimeStepEvent" => (steps(), fluids(), none()),
        "DuelLaunchEvent" | "DuelEndEvent" => {
            (texts(&["DUEL001", "DUEL002", "duel"]), ids(), texts(&["win", "loss"]))
        }
        "QuizEndEvent" => {
            let stars =
                [json!(0), json!(5), json!(3), json!("4"), json!(5.0), json!(2.5), json!("6"), json!(-1)];
            (texts(&["QUIZ001", "QUIZ002"]), ids(), mostly(&stars))
        }
        "ReportFromEvent" => (none(), texts(&["analysis", "mail"]), Just(json!(1)).boxed()),
        "ProfileSetEvent" => (none(), none(), none()),
        _ => (ids(), ids(), none()),
    }
}

fn written(first: Date, night: i32) -> impl Strategy<Value = Written> {
    let day = prop_oneof![3 => night - 1..night + 2, 2 => 0..4, 3 => -3..DAYS + 3];
    // A few moments are often met, so that there `_id` decides the order.
    let busy = prop::sample::select(vec![9_000, 36_000]);
    let second = prop_oneof![2 => 0..4 * 3600, 1 => 82_800..86_400, 3 => 0..86_400, 3 => busy];
    let milli = prop_oneof![3 => Just(0), 1 => Just(1), 1 => Just(500), 1 => Just(999)];
    let offset = prop_oneof![5 => Just(0), 1 => Just(60), 2 => Just(120), 1 => Just(-330), 1 => Just(845)];
    (day, second, milli, offset, any::<u8>()).prop_map(move |(day, second, milli, offset_minutes, style)| {
        let whole = Written::on(first + day.days(), second);
        let digits = whole.digits + SignedDuration::from_millis(milli);
        Written { digits, offset_minutes, style }
    })
}

fn start(first: Date, night: i32) -> impl Strategy<Value = Value> {
    let text = |text: &str| Just(json!(text));
    prop_oneof![
        6 => written(first, night).prop_map(|at| json!(at.text())),
        1 => text("2013-01-01T00:00:00Z"),
        1 => text("yesterday"),
        1 => Just(json!(null)),
        1 => Just(json!(1_700_000_000)),
    ]
}

fn event(first: Date, night: i32) -> impl Strategy<Value = Event> {
    let kind = prop_oneof![3 => Just("ConnectionEvent"), 9 => prop::sample::select(KINDS.to_vec())];
    let whole = kind.prop_flat_map(move |kind| {
        (Just(kind), fields(kind), written(first, night), start(first, night), any::<u8>())
    });
    whole.prop_map(|(kind, (target, context, result), at, start, flaw)| {
        let mut document = json!({"type": kind, "eventDate": at.text(), "aggregated": flaw % 2 == 0});
        for (name, value) in
            [("target", target), ("context", context), ("result", result), ("startDate", start)]
        {
            if !value.is_null() || flaw % 3 == 0 {
                document[name] = value;
            }
        }
        match flaw {
            0 => document["type"] = json!("PageEvent"),
            1 => document["type"] = json!(null),
            2 => document["eventDate"] = json!("2024-02-30T10:00:00Z"),
            3 => document["eventDate"] = json!("2024-03-09T10:00:00"),
            4 => document["eventDate"] = json!(1_710_000_000),
            5 => document = json!(["not an object"]),
            _ => return Event { document, at: Some(at) },
        }
        Event { document, at: None }
    })
}

/// Gives each event an `_id`; with `anonymous`, some have none and a moment of
/// their own, since of two at one moment the order read would decide.
fn name(events: &mut [Event], anonymous: bool) {
    for (at, event) in events.iter_mut().enumerate() {
        // Not in the order read: the order by `_id` has to be its own.
        let id = (at * 7919 + 13) % 10_007;
        match &mut event.at {
            _ if !event.document.is_object() => {}
            Some(written) if anonymous && id % 4 == 0 => {
                let nanos = 1 + i64::try_from(at).unwrap();
                written.digits += SignedDuration::from_nanos(nanos);
                event.document["eventDate"] = json!(written.text());
            }
            _ => event.document["_id"] = json!(format!("e{id:05}")),
        }
    }
}

fn loads(first: Date) -> impl Strategy<Value = Vec<Value>> {
    let load = prop_oneof![
        8 => (0..400_000_i32).prop_map(|thousandths| json!(f64::from(thousandths) / 1000.0)),
        1 => Just(json!(0)),
        1 => Just(json!("12.5")),
        1 => Just(json!(null)),
        1 => Just(json!(0.001)),
        1 => Just(json!(9_999_999)),
    ];
    vec((-2..3_i32, load), 0..8).prop_map(move |loads| {
        let document = |(month, load): (i32, Value)| {
            let month = first + month.months();
            json!({"load": load, "year": month.year(), "month": month.month(), "day": 1})
        };
        loads.into_iter().map(document).collect()
    })
}

fn rest(first: Date, night: i32) -> impl Strategy<Value = Map<String, Value>> {
    let profile = (prop::option::of(written(first, night)), any::<u8>()).prop_map(|(connection, bits)| {
        let connection =
            connection.map(|at| if bits > 200 { "2017-05-05T10:00:00Z".into() } else { at.text() });
        let wants = [json!(true), json!(false), json!("yes")][usize::from(bits % 3)].clone();
        json!({"firstConnectionDate": connection, "sendAnalysisNotification": wants})
    });
    let fluids =
        vec![json!(0), json!(1), json!(2), json!(3), json!("Electricity"), json!("gas"), json!(null)];
    let fluid = || prop::sample::select(fluids.clone());
    let types = vec((fluid(), fluid(), fluid()), 0..3).prop_map(move |types| {
        let document = |(at, (warming, hot_water, cooking)): (usize, (Value, Value, Value))| {
            let updated = first + i32::try_from(at * 5).unwrap().days();
            json!({
                "warmingFluid": warming, "hotWaterFluid": hot_water, "cookingFluid": cooking,
                "updateDate": format!("{updated}T10:00:00Z"),
            })
        };
        types.into_iter().enumerate().map(document).collect::<Vec<_>>()
    });
    let accounts = vec((0..4_usize, any::<bool>()), 0..4).prop_map(|accounts| {
        let names = ["enedisgrandlyon", "eglgrandlyon", "grdfgrandlyon", "bank"];
        let account = |(at, &(name, _)): (usize, &(usize, bool))| json!({"_id": format!("a{at}"), "account_type": names[name]});
        let trigger = |(at, &(_, errored)): (usize, &(usize, bool))| {
            json!({"message": {"account": format!("a{at}")}, "current_state": {"status": if errored { "errored" } else { "done" }}})
        };
        let triggers: Vec<Value> = accounts.iter().enumerate().map(trigger).collect();
        (accounts.iter().enumerate().map(account).collect::<Vec<_>>(), triggers)
    });
    let half_hours = loads(first);
    (profile, types, accounts, [loads(first), loads(first), loads(first)], half_hours).prop_map(
        |(profile, types, (accounts, triggers), [electricity, water, gas], half_hours)| {
            let entries = [
                ("com.grandlyon.ecolyo.profile", vec![profile]),
                ("com.grandlyon.ecolyo.profiletype", types),
                ("com.grandlyon.enedis.month", electricity),
                ("com.grandlyon.egl.month", water),
                ("com.grandlyon.grdf.month", gas),
                ("com.grandlyon.enedis.minute", half_hours),
                ("io.cozy.accounts", accounts),
                ("io.cozy.triggers", triggers),
            ];
            entries.into_iter().map(|(doctype, documents)| (doctype.to_owned(), documents.into())).collect()
        },
    )
}

fn sample_with(anonymous: bool) -> impl Strategy<Value = Sample> {
    (prop::sample::select(vec![SPRING, AUTUMN]), any::<bool>()).prop_flat_map(
        move |((first, night), is_instant)| {
            let first: Date = first.parse().unwrap();
            let gap = prop_oneof![3 => Just(None), 2 => (-5..DAYS, 1..20_i32).prop_map(Some)];
            let begins = prop_oneof![3 => -30..0_i32, 1 => 0..20];
            (vec(event(first, night), 0..45), rest(first, night), begins, gap).prop_map(
                move |(mut events, rest, begins, gap): (_, _, i32, _)| {
                    name(&mut events, anonymous);
                    let begins = first + begins.days();
                    let mut consent = vec![(begins, None)];
                    if let Some((at, length)) = gap {
                        let ends = begins + at.max(1).days();
                        consent = vec![(begins, Some(ends)), (ends + length.days(), None)];
                    }
                    Sample { is_instant, first, events, consent, rest }
                },
            )
        },
    )
}

/// Homes of which some events have no `_id`.
pub fn sample() -> impl Strategy<Value = Sample> {
    sample_with(true)
}

/// Homes whose every event has an `_id`.
pub fn identified() -> impl Strategy<Value = Sample> {
    sample_with(false)
}
