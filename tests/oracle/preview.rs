//! What a preview shows of a home is what a first run sends from a Cozy with
//! that home, under every option that both take.

use dacc_aggregator::aggregate_home;
use dacc_aggregator::effect::End;

use serde_json::{Value, json};

use crate::arbitrary::{self, Case, Document};
use crate::random::Random;
use crate::reading::{ACCOUNTS, EVENTS, FLUIDS, HALF_HOURS, PROFILE, PROFILE_TYPE, TERMS, TRIGGERS};
use crate::store::Store;
use crate::{Both, home, number, options, searched, written};

/// So many homes are tried wherever the tests run.
const HOMES: u64 = 600;

pub const HOME: [&str; 10] = [
    EVENTS,
    TERMS,
    PROFILE,
    PROFILE_TYPE,
    FLUIDS[0].1,
    FLUIDS[1].1,
    FLUIDS[2].1,
    HALF_HOURS,
    ACCOUNTS,
    TRIGGERS,
];

/// A case that a Cozy can be asked: what consent there is, its terms tell.
fn case(seed: u64) -> Case {
    let mut case = arbitrary::case(seed);
    let options = case.options.as_object_mut().unwrap();
    let is_given = options.remove("consent").is_some();
    let random = &mut Random::new(!seed);
    if is_given {
        let accepted = r#"{"accepted":true,"version":"1.0.0","date":"1990-01-01T12:00:00Z"}"#;
        case.home.push((TERMS.to_owned(), vec![Document::Text(accepted.into())]));
    }
    if random.chance(200) {
        options.insert("konnectors".into(), json!({"bank": "gas", "eglgrandlyon": "water"}));
    }
    if random.chance(200) {
        // Under names of its own.
        let mut doctypes = serde_json::Map::new();
        let mut rename = |random: &mut Random, doctype: &str| {
            let own = format!("org.example.{}", doctype.rsplit('.').next().unwrap());
            // Of two with one end each keeps its own.
            let own = if FLUIDS.iter().any(|(_, load, _)| *load == doctype) {
                format!("{own}.{doctype}")
            } else {
                own
            };
            let is_renamed = random.chance(500);
            for (known, _) in case.home.iter_mut().filter(|(known, _)| is_renamed && known == doctype) {
                known.clone_from(&own);
            }
            if is_renamed { own } else { doctype.to_owned() }
        };
        let names = [
            ("events", EVENTS),
            ("terms", TERMS),
            ("profile", PROFILE),
            ("profileType", PROFILE_TYPE),
            ("accounts", ACCOUNTS),
        ];
        for (name, doctype) in names {
            doctypes.insert(name.into(), rename(random, doctype).into());
        }
        let loads =
            FLUIDS.map(|(fluid, doctype, _)| (fluid.to_owned(), Value::from(rename(random, doctype))));
        doctypes.insert("monthlyLoads".into(), loads.into_iter().collect());
        let half_hours = json!({"electricity": rename(random, HALF_HOURS)});
        doctypes.insert("halfHourLoads".into(), half_hours);
        options.insert("doctypes".into(), doctypes.into());
    }
    case
}

/// What a preview shows, and what a first run sends; `None` where the options
/// are refused.
fn both(case: &Case) -> Option<Both> {
    let options = options(&case.options)?;
    let mut store = Store::default();
    for (doctype, documents) in &case.home {
        for (at, document) in documents.iter().enumerate() {
            // Accounts are told from triggers by their own ids.
            let own = serde_json::from_str::<Value>(&document.text()).ok()?;
            let id = own["_id"].as_str().filter(|_| doctype.ends_with("accounts"));
            let id = id.map_or_else(|| format!("d{at:03}"), str::to_owned);
            if let Some(document) = home::storable(document, &id) {
                store.put(doctype, &id, document);
            }
        }
    }
    let doctypes: Vec<&str> = case.home.iter().map(|(doctype, _)| doctype.as_str()).collect();
    let text = home::text(&store, &doctypes);
    let shown = aggregate_home(text.as_bytes(), &options).ok()?;
    let night = home::night(&mut store, options);
    let is_refused = night.report.end == End::Stopped && night.sent.is_empty();
    (!is_refused).then(|| (night.sent, written(&shown.measures)))
}

#[test]
fn a_preview_shows_what_a_first_run_sends() {
    searched("preview", number("PREVIEW", HOMES), &case, &[both]);
}
