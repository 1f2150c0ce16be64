//! What holds for every home, whatever is in it.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::compute::Aggregation;
use dacc_aggregator::{Options, Outcome, aggregate, aggregate_home};
use jiff::ToSpan;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::Value;

use crate::arbitrary::{identified, sample};
use crate::homes::{DAYS, Event, Sample};
use crate::rules;

/// How many homes a law is tried on; `PROPTEST_CASES` asks for more.
pub fn config() -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        default
    } else {
        ProptestConfig { cases: 48, ..default }
    }
}

fn of_home(home: &[u8], options: &Options) -> Outcome {
    aggregate_home(home, options).unwrap()
}

fn payloads(outcome: &Outcome) -> Vec<String> {
    outcome.measures.iter().map(|measure| measure.to_json()).collect()
}

/// Numbers in a fixed disorder, for shuffles that a failure can repeat.
fn disorder(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

fn shuffle<T>(items: &mut [T], next: &mut impl FnMut() -> u64) {
    for at in (1..items.len()).rev() {
        let other = usize::try_from(next() % (at as u64 + 1)).unwrap();
        items.swap(at, other);
    }
}

fn hundredths(payload: &str) -> i128 {
    rules::hundredths(rules::value_token(payload)).unwrap()
}

/// A document with its keys in disorder, spaces, and fields nobody reads.
fn noisy(document: &Value, next: &mut impl FnMut() -> u64) -> String {
    let Some(object) = document.as_object() else { return document.to_string() };
    let mut fields: Vec<(String, String)> = object
        .iter()
        .filter(|(name, _)| *name != "aggregated")
        .map(|(name, value)| (Value::from(name.as_str()).to_string(), value.to_string()))
        .collect();
    // The same text in another spelling is the same text.
    for (_, value) in fields.iter_mut().filter(|(_, value)| value.starts_with('"')) {
        if next().is_multiple_of(3) {
            *value = value.replacen('e', "\\u0065", 1).replacen("E0", "\\u00450", 1);
        }
    }
    fields.push((r#""cozyMetadata""#.into(), r#"{"type":"QuizEndEvent","n":[1,{"_id":"e"}]}"#.into()));
    fields.push((r#""Target""#.into(), r#""analysis""#.into()));
    fields.push((r#""aggregated""#.into(), ["true", "false", "null", "[]"][next() as usize % 4].into()));
    shuffle(&mut fields, next);
    let space = ["", " ", "\t", "\r"][next() as usize % 4];
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{space}{name}{space}:{space}{value}")).collect();
    format!("{{{}{space}}}", fields.join(","))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_documents_does_not_matter(sample in sample(), seed in any::<u64>()) {
        let options = sample.options();
        let mut next = disorder(seed);
        let mut shuffled = sample.clone();
        shuffle(&mut shuffled.events, &mut next);
        for (doctype, documents) in &mut shuffled.rest {
            // Of several profiles the first counts.
            if doctype != "com.grandlyon.ecolyo.profile" {
                shuffle(documents.as_array_mut().unwrap(), &mut next);
            }
        }
        prop_assert_eq!(of_home(&sample.home(), &options), of_home(&shuffled.home(), &options));
    }

    #[test]
    fn an_array_a_find_answer_and_lines_give_the_same(sample in sample(), crlf in any::<bool>()) {
        let options = sample.options();
        let mut lines: Vec<String> = sample.documents().iter().map(Value::to_string).collect();
        // Lines are told from an array by how the text begins.
        lines.insert(0, r#"{"type":"ProfileSetEvent"}"#.into());
        let array = format!("\u{feff}[{}]\n", lines.join(" ,\n"));
        let answer = format!(r#"{{"limit":100,"docs":[{}],"bookmark":"x","next":true}}"#, lines.join(","));
        let ndjson = lines.join(if crlf { "\r\n\r\n" } else { "\n" });
        let expected = aggregate(array.as_bytes(), &options).unwrap();
        prop_assert_eq!(&expected, &aggregate(answer.as_bytes(), &options).unwrap());
        prop_assert_eq!(&expected, &aggregate(ndjson.as_bytes(), &options).unwrap());
    }

    #[test]
    fn where_pieces_begin_and_end_and_what_is_expected_does_not_matter(sample in sample(), lines in any::<bool>(), seed in any::<u64>()) {
        let options = sample.options();
        let documents = sample.documents();
        // Lines are told from an array by how the text begins.
        let lines = lines.then(|| documents.iter().fold("{}\n".to_owned(), |text, document| format!("{text}{document}\n")));
        let text = lines.unwrap_or_else(|| serde_json::to_string(&documents).unwrap());
        let mut aggregation = Aggregation::new(options.clone()).unwrap();
        let mut next = disorder(seed);
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let length = usize::try_from(next() % 40).unwrap().min(rest.len());
            if length == 7 {
                aggregation.expect(usize::try_from(next()).unwrap());
            }
            let (piece, after) = rest.split_at(length);
            aggregation.feed(piece).unwrap();
            rest = after;
        }
        prop_assert_eq!(aggregate(text.as_bytes(), &options).unwrap(), aggregation.finish().unwrap());
    }

    #[test]
    fn a_home_gives_what_its_events_alone_give_and_more(sample in sample()) {
        let mut options = sample.options();
        options.months = None;
        let events = serde_json::to_vec(&sample.documents()).unwrap();
        let alone = payloads(&aggregate(&events, &options).unwrap());
        let mut bare = sample.clone();
        bare.rest.clear();
        prop_assert_eq!(alone, payloads(&of_home(&bare.home(), &options)));
    }

    #[test]
    fn reading_every_event_twice_changes_no_measure(sample in identified()) {
        let options = sample.options();
        let mut twice = sample.clone();
        twice.events.extend(sample.events.iter().cloned());
        prop_assert_eq!(of_home(&sample.home(), &options).measures, of_home(&twice.home(), &options).measures);
    }

    #[test]
    fn events_outside_consent_never_matter(sample in sample()) {
        let options = sample.options();
        let mut without = sample.clone();
        without.events.retain(|event| event.at.is_none_or(|at| sample.consented(at.day(sample.is_instant))));
        prop_assert_eq!(of_home(&sample.home(), &options).measures, of_home(&without.home(), &options).measures);
    }

    #[test]
    fn later_events_never_change_earlier_days(sample in sample(), last in 0..DAYS) {
        let last = sample.day(last);
        let mut options = sample.options();
        options.to = Some(last.to_string().parse().unwrap());
        let next_month = |month: &dacc_aggregator::calendar::Month| sample.months().iter()
            .find(|first| first.strftime("%Y-%m").to_string() == month.to_string())
            .map(|first| *first + 1.month());
        options.months.as_mut().unwrap().retain(|month| next_month(month).unwrap() <= last + 1.day());
        let mut earlier = sample.clone();
        earlier.events.retain(|event| event.at.is_none_or(|at| at.day(sample.is_instant) <= last));
        prop_assert_eq!(of_home(&sample.home(), &options).measures, of_home(&earlier.home(), &options).measures);
    }

    #[test]
    fn unknown_fields_key_order_spaces_and_aggregated_never_matter(sample in sample(), seed in any::<u64>()) {
        let options = sample.options();
        let mut next = disorder(seed);
        let plain = serde_json::to_vec(&sample.documents()).unwrap();
        let noisy: Vec<String> = sample.documents().iter().map(|document| noisy(document, &mut next)).collect();
        let noisy = format!(" [ {} ] ", noisy.join("\n,"));
        prop_assert_eq!(aggregate(&plain, &options).unwrap(), aggregate(noisy.as_bytes(), &options).unwrap());
    }

    #[test]
    fn days_one_by_one_give_the_same_as_together(sample in sample()) {
        let home = sample.home();
        let mut options = sample.options();
        options.months = None;
        let together = payloads(&of_home(&home, &options));
        let mut alone = Vec::new();
        // Days without an event have nothing but the latest's snapshot.
        let days: BTreeSet<_> = sample.visible().iter().map(|&(_, _, day)| day).chain([sample.last()]).collect();
        for day in days {
            if (sample.first..=sample.last()).contains(&day) {
                options.from = Some(day.to_string().parse().unwrap());
                options.to = options.from;
                alone.extend(payloads(&of_home(&home, &options)));
            }
        }
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn counts_of_a_day_add_up_over_their_groups(sample in sample()) {
        let outcome = payloads(&of_home(&sample.home(), &sample.options()));
        let is = |kinds: &'static [&'static str]| move |event: &Event| kinds.iter().any(|kind| event.is(kind));
        add_up(&sample, &outcome, "connection-count-daily", is(&["ConnectionEvent"]))?;
        add_up(&sample, &outcome, "navigation-count-daily", is(&["NavigationEvent"]))?;
        add_up(&sample, &outcome, "challenge-launch-daily", is(&["ChallengeLaunchEvent"]))?;
        let actions =
            &["ActionChangeEvent", "ConsumptionCompareEvent", "ConsumptionChangeTimeStepEvent", "ProfileSetEvent"];
        add_up(&sample, &outcome, "navigation-action-daily", is(actions))?;
        let konnectors = is(&["KonnectorConnectEvent", "KonnectorRefreshEvent"]);
        add_up(&sample, &outcome, "konnector-event-daily", |event| {
            konnectors(event) && matches!(event.text("result"), Some("success" | "error"))
        })?;
    }

    #[test]
    fn every_measure_keeps_the_strict_rules_and_its_cell_to_itself(sample in sample()) {
        let measures = of_home(&sample.home(), &sample.options()).measures;
        let mut cells = BTreeSet::new();
        let (first, last) = (sample.first.to_string(), sample.last().to_string());
        for measure in &measures {
            let payload = measure.to_json();
            prop_assert_eq!(rules::check(&payload), Ok(()));
            let date = measure.start_date().to_string();
            prop_assert!(first <= date && date <= last, "{}", payload);
            prop_assert!(!measure.name().ends_with("-daily") || sample.consented(date.parse().unwrap()));
            let groups: Vec<_> = measure.groups().iter().map(|g| g.value().to_owned()).collect();
            prop_assert!(cells.insert((measure.name().to_owned(), date, groups)), "twice: {}", payload);
        }
    }

    #[test]
    fn a_month_counts_the_distinct_days_with_a_connection(sample in sample()) {
        let outcome = payloads(&of_home(&sample.home(), &sample.options()));
        for month in sample.months() {
            let in_month = |day: jiff::civil::Date| day.first_of_month() == month;
            let days: BTreeSet<_> = sample.visible().into_iter()
                .filter(|(event, _, day)| event.is("ConnectionEvent") && in_month(*day))
                .map(|(_, _, day)| day)
                .collect();
            let is_consented = (0..31).map(|day| month + day.days()).any(|day| in_month(day) && sample.consented(day));
            let line = format!(
                r#"{{"createdBy":"ecolyo","measureName":"connection-count-monthly","startDate":"{month}","value":{}}}"#,
                days.len()
            );
            prop_assert_eq!(outcome.contains(&line), is_consented, "{}", line);
        }
    }
}

#[test]
fn the_homes_of_these_tests_reach_every_indicator() {
    // A law that holds for homes without measures would say nothing.
    let mut runner = TestRunner::deterministic();
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..48 {
        let sample = sample().new_tree(&mut runner).unwrap().current();
        for measure in of_home(&sample.home(), &sample.options()).measures {
            *reached.entry(measure.name().to_owned()).or_default() += 1;
        }
    }
    assert_eq!(reached.len(), 15, "{reached:?}");
    assert!(reached.values().all(|&measures| measures >= 5), "{reached:?}");
}

/// The values of a day's cells are together the events of the day, counted here.
fn add_up(
    sample: &Sample,
    outcome: &[String],
    measure: &str,
    counts: impl Fn(&Event) -> bool,
) -> Result<(), TestCaseError> {
    let mut expected: BTreeMap<String, i128> = BTreeMap::new();
    for (_, _, day) in sample.visible().into_iter().filter(|(event, ..)| counts(event)) {
        if (sample.first..=sample.last()).contains(&day) {
            *expected.entry(day.to_string()).or_default() += 100;
        }
    }
    let mut given: BTreeMap<String, i128> = BTreeMap::new();
    for payload in outcome.iter().filter(|payload| payload.contains(&format!(r#":"{measure}","#))) {
        let read: Value = serde_json::from_str(payload).unwrap();
        *given.entry(read["startDate"].as_str().unwrap().to_owned()).or_default() += hundredths(payload);
    }
    prop_assert_eq!(expected, given, "{}", measure);
    Ok(())
}
