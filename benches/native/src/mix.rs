//! Events that nobody shaped: what follows what is left to chance.
//!
//! A home's own events come in sessions, and so mostly alike after each other.
//! Here each event's type, id and texts are drawn by themselves, fields hold
//! `null` and a text in turn, the metadata is flat, and one text has accents.

use std::sync::LazyLock;

use dacc_aggregator::catalog::Catalog;
use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _};
use time::{Date, Duration, PrimitiveDateTime, Time};

use crate::events::{LAST_DAY, written};
use crate::json::Json;

const TARGETS: [&str; 6] =
    ["consumption", "ecogestures", "CHALLENGE0001", "ECOGESTURE0012", "enedisgrandlyon", "month"];
const CONTEXTS: [&str; 4] =
    ["electricity", "CHALLENGE0002", "Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0", "home"];
const RESULTS: [&str; 3] = ["success", "error", "win"];
/// With a letter beyond Latin-1, as `’` is, an engine keeps two bytes a character.
const NOTE: &str = "Économies d’énergie";

/// The days before the last that events are spread over: as many as have ten
/// each, and no more than a year.
const EVENTS_A_DAY: usize = 10;
const MOST_DAYS: usize = 365;

/// What is other in one mix than in the next.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    /// How many texts a target may be; 0 stands for a few.
    pub targets: u32,
    /// With `_rev` and metadata.
    pub is_full: bool,
}

/// The types of the built-in app.
static TYPES: LazyLock<Vec<String>> =
    LazyLock::new(|| Catalog::built_in().shape().types().map(str::to_owned).collect());

/// So many events, in the order of time.
pub fn documents(count: usize, mix: Mix, random: &mut impl Rng) -> impl Iterator<Item = Json> {
    let (year, month, day) = LAST_DAY;
    let last = Date::from_calendar_date(year, month, day).unwrap_or(Date::MIN);
    let days = i64::try_from((count / EVENTS_A_DAY).clamp(1, MOST_DAYS)).unwrap_or(1);
    let begin = PrimitiveDateTime::new(last, Time::MIDNIGHT) - Duration::days(days - 1);
    let total = days * 86_400_000;
    let step = total / i64::try_from(count.max(1)).unwrap_or(1);
    (0..count).map(move |index| {
        let start = step * i64::try_from(index).unwrap_or(0);
        let at = begin + Duration::milliseconds(start + random.random_range(0..step));
        document(index, at, mix, random)
    })
}

fn document(index: usize, at: PrimitiveDateTime, mix: Mix, random: &mut impl Rng) -> Json {
    let text =
        |choices: &[&str], random: &mut _| choices.choose(random).map_or(Json::Null, |text| Json::text(text));
    let mut fields = vec![("_id", Json::Text(format!("{:032x}", random.random::<u128>())))];
    if mix.is_full {
        fields.push(("_rev", Json::Text(format!("1-{:032x}", random.random::<u128>()))));
    }
    fields.push(("type", TYPES.choose(random).map_or(Json::Null, |kind| Json::text(kind))));
    fields.push((
        "target",
        match mix.targets {
            0 if index.is_multiple_of(2) => Json::Null,
            0 => text(&TARGETS, random),
            targets => Json::Text(format!("TARGET_{}", random.random_range(0..targets))),
        },
    ));
    fields.push(("context", if index.is_multiple_of(3) { text(&CONTEXTS, random) } else { Json::Null }));
    fields.push((
        "result",
        match index % 4 {
            0 => text(&RESULTS, random),
            1 => Json::Number(random.random_range(0..=5)),
            _ => Json::Null,
        },
    ));
    if random.random_range(0..4) == 0 {
        fields
            .push(("startDate", Json::Text(written(at - Duration::seconds(random.random_range(0..86_400))))));
    }
    fields.extend([("eventDate", Json::Text(written(at))), ("aggregated", Json::Boolean(false))]);
    fields.push(("note", Json::text(NOTE)));
    if mix.is_full {
        let saved = Json::Text(written(at + Duration::milliseconds(random.random_range(5..400))));
        fields.extend([
            ("doctypeVersion", Json::Number(1)),
            ("createdAt", saved.clone()),
            ("createdByApp", Json::text("ecolyo")),
            ("updatedAt", saved),
            ("updatedByApp", Json::text("ecolyo")),
        ]);
    }
    Json::Object(fields)
}

/// So many trips: documents of 20 to 200 kB, of which a few fields at the
/// beginning and the end are read. Between them lies the way, point by point.
pub fn trips(count: usize, random: &mut impl Rng) -> impl Iterator<Item = Json> {
    let mix = Mix { targets: 0, is_full: false };
    let events: Vec<Json> = documents(count, mix, random).collect();
    events.into_iter().map(move |event| {
        let Json::Object(mut fields) = event else { return event };
        let series = (0..random.random_range(2..12)).map(|_| section(random)).collect();
        fields.insert(2, ("series", Json::Array(series)));
        Json::Object(fields)
    })
}

/// A part of a trip: places as longitude and latitude, and when each was passed.
fn section(random: &mut impl Rng) -> Json {
    let points = random.random_range(150..400);
    let (mut longitude, mut latitude) = (random.random_range(4.7..5.0), random.random_range(45.6..45.9));
    let mut seconds = random.random_range(0..86_400_u32);
    let (mut places, mut times) = (Vec::new(), Vec::new());
    for _ in 0..points {
        longitude += random.random_range(-0.001..0.001);
        latitude += random.random_range(-0.001..0.001);
        seconds += random.random_range(1..30);
        places.push(Json::Array(vec![Json::Decimal(longitude), Json::Decimal(latitude)]));
        times.push(Json::Number(seconds));
    }
    Json::Object(vec![
        ("type", Json::text("Feature")),
        (
            "geometry",
            Json::Object(vec![("type", Json::text("LineString")), ("coordinates", Json::Array(places))]),
        ),
        (
            "properties",
            Json::Object(vec![
                ("mode", Json::text("BICYCLING")),
                ("timestamps", Json::Array(times)),
                (
                    "speeds",
                    Json::Array((0..points).map(|_| Json::Decimal(random.random_range(0.0..12.0))).collect()),
                ),
                ("manual", Json::Null),
                ("confirmed", Json::Boolean(true)),
            ]),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_xorshift::XorShiftRng;
    use serde_json::Value;

    use super::{Mix, TYPES, documents, trips};

    fn values(documents: impl Iterator<Item = crate::json::Json>) -> Vec<Value> {
        documents.map(|document| serde_json::to_value(document).unwrap()).collect()
    }

    #[test]
    fn a_mix_leaves_to_chance_what_it_says() {
        let mut random = XorShiftRng::seed_from_u64(7);
        let events = values(documents(3_000, Mix { targets: 0, is_full: true }, &mut random));
        for kind in TYPES.iter() {
            assert!(events.iter().any(|event| event["type"] == **kind), "{kind}");
        }
        let dates: Vec<&str> = events.iter().filter_map(|event| event["eventDate"].as_str()).collect();
        assert!(dates.is_sorted() && dates.len() == 3_000);
        assert_eq!((&dates[0][..10], &dates[2_999][..10]), ("2025-03-07", "2025-12-31"));
        assert!(events.iter().step_by(2).all(|event| event["target"].is_null()));
        assert!(events.iter().all(|event| event["note"].as_str().is_some_and(|note| !note.is_ascii())));
        assert!(events.iter().all(|event| event["createdAt"].is_string()));
    }

    #[test]
    fn targets_are_as_many_as_asked_for() {
        let mut random = XorShiftRng::seed_from_u64(7);
        let events = values(documents(20_000, Mix { targets: 50, is_full: false }, &mut random));
        let mut targets: Vec<_> = events.iter().filter_map(|event| event["target"].as_str()).collect();
        targets.sort_unstable();
        targets.dedup();
        assert_eq!(targets.len(), 50);
    }

    #[test]
    fn a_trip_has_20_to_200_kilobytes() {
        let mut random = XorShiftRng::seed_from_u64(7);
        for trip in trips(40, &mut random) {
            let length = serde_json::to_string(&trip).unwrap().len();
            assert!((10_000..200_000).contains(&length), "{length}");
        }
    }
}
