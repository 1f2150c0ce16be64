//! Some indicators once more, written from the contract and not from the code:
//! plainly, slowly, in whole numbers.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::aggregate_home;
use dacc_aggregator::consent::Interval;
use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::arbitrary::{identified, sample};
use crate::homes::{DAYS, Event, Sample, Written};
use crate::laws::config;
use crate::rules::{hundredths, is_id, is_slug, value_token};

/// Cells by date and groups, with their value in hundredths.
type Cells = BTreeMap<(String, Vec<String>), i128>;

const LARGEST: i128 = 9_999_999;

/// The cells of a measure that the library gives, with the groups asked for.
fn given(sample: &Sample, name: &str, wanted: impl Fn(&[String]) -> bool) -> Cells {
    let measures = aggregate_home(&sample.home(), &sample.options()).unwrap().measures;
    let mut cells = Cells::new();
    for measure in measures.iter().filter(|measure| measure.name() == name) {
        let groups: Vec<String> = measure.groups().iter().map(|group| group.value().to_owned()).collect();
        if wanted(&groups) {
            let value = hundredths(value_token(&measure.to_json())).unwrap();
            cells.insert((measure.start_date().to_string(), groups), value);
        }
    }
    cells
}

/// Numerator over a positive denominator, in hundredths, half away from zero.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    let hundredfold = numerator.abs() * 100;
    let down = hundredfold / denominator;
    let is_half_or_more = 2 * (hundredfold % denominator) >= denominator;
    numerator.signum() * (down + i128::from(is_half_or_more))
}

/// The mean of each cell's seconds.
fn means(durations: BTreeMap<(String, Vec<String>), Vec<i128>>) -> Cells {
    let mean = |seconds: Vec<i128>| {
        let clipped: i128 = seconds.iter().map(|&seconds| seconds.min(LARGEST)).sum();
        rounded(clipped, i128::try_from(seconds.len()).unwrap())
    };
    durations.into_iter().map(|(cell, seconds)| (cell, mean(seconds))).collect()
}

fn is_asked(sample: &Sample, day: Date) -> bool {
    sample.first <= day && day <= sample.last()
}

fn sessions(sample: &Sample) -> Cells {
    let visible = sample.visible();
    let mut sessions = BTreeMap::<_, Vec<(i128, usize)>>::new();
    for (position, &(event, begins, day)) in visible.iter().enumerate() {
        if event.is("ConnectionEvent") && is_asked(sample, day) {
            let mut ends = begins;
            let mut pages = 0;
            for &(later, at, on) in &visible[position + 1..] {
                if later.is("ConnectionEvent") || on != day {
                    break;
                }
                ends = at;
                pages += usize::from(later.is("NavigationEvent"));
            }
            let kind = if event.text("result") == Some("firstConnection") { "first" } else { "any" };
            let cell = (day.to_string(), kind.to_owned());
            sessions.entry(cell).or_default().push(((ends - begins) / 1_000_000_000, pages));
        }
    }
    let durations = sessions.into_iter().map(|((day, kind), sessions)| {
        let (seconds, pages): (Vec<i128>, Vec<usize>) = sessions.into_iter().unzip();
        let (sum, count) = (pages.iter().sum::<usize>(), pages.len());
        let mean = sum / count + usize::from(2 * (sum % count) >= count);
        let bucket = match mean {
            0 => "0",
            1 => "1",
            2 => "2",
            3..=5 => "3-5",
            6..=10 => "6-10",
            11..=20 => "11-20",
            _ => "21+",
        };
        ((day, vec![bucket.to_owned(), kind]), seconds)
    });
    means(durations.collect())
}

fn duels(sample: &Sample) -> Cells {
    let visible = sample.visible();
    let mut durations = BTreeMap::<_, Vec<i128>>::new();
    for (position, &(end, ended, day)) in visible.iter().enumerate() {
        let Some(duel) = end.text("target").filter(|_| end.is("DuelEndEvent") && is_asked(sample, day))
        else {
            continue;
        };
        let is_launch = |event: &Event| event.is("DuelLaunchEvent") && event.text("target") == Some(duel);
        if let Some((_, began, _)) = visible[..position].iter().rev().find(|(event, ..)| is_launch(event)) {
            let target = if is_id(duel) { duel } else { "other" };
            let groups = ["duel-launch", "duel-end", target].map(str::to_owned).to_vec();
            durations.entry((day.to_string(), groups)).or_default().push((ended - began) / 1_000_000_000);
        }
    }
    means(durations)
}

fn attempts(sample: &Sample) -> Cells {
    let mut cells = Cells::new();
    // By slug: each attempt's month and whether it succeeded.
    let mut known: BTreeMap<String, Vec<(Date, bool)>> = BTreeMap::new();
    for (event, _, day) in sample.visible() {
        if event.is("KonnectorAttemptEvent") {
            let slug = event.text("target").filter(|slug| is_slug(slug)).unwrap_or("other");
            let succeeded = event.text("result") == Some("success");
            known.entry(slug.to_owned()).or_default().push((day.first_of_month(), succeeded));
        }
    }
    for (month, (slug, attempts)) in
        sample.months().iter().flat_map(|month| known.iter().map(move |k| (*month, k)))
    {
        let tried = attempts.iter().any(|(tried, _)| *tried == month);
        let succeeded_before = attempts.iter().any(|(tried, succeeded)| *tried < month && *succeeded);
        if tried && !succeeded_before {
            let so_far: Vec<_> = attempts.iter().filter(|(tried, _)| *tried <= month).collect();
            let success = so_far.iter().any(|(_, succeeded)| *succeeded).to_string();
            let count = i128::try_from(so_far.len()).unwrap();
            cells.insert((month.to_string(), vec![slug.clone(), success]), count * 100);
        }
    }
    cells
}

/// The greatest load of a month, in thousandths as the homes write them.
fn load(sample: &Sample, doctype: &str, month: Date) -> Option<i128> {
    let documents = sample.rest[doctype].as_array().unwrap().iter();
    let of_month = documents.filter(|document| {
        document["year"] == json!(month.year()) && document["month"] == json!(month.month())
    });
    of_month.filter_map(|document| thousandths(&document["load"])).max()
}

fn thousandths(load: &Value) -> Option<i128> {
    let written = load.is_number().then(|| load.to_string())?;
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    assert!(fraction.len() <= 3 && !written.contains('e'), "a home of these tests writes plain loads");
    format!("{whole}{fraction:0<3}").parse().ok()
}

fn variations(sample: &Sample) -> Cells {
    let profile = &sample.rest["com.grandlyon.ecolyo.profile"][0];
    let visible = sample.visible();
    let connections: Vec<Date> =
        visible.iter().filter(|(event, ..)| event.is("ConnectionEvent")).map(|&(_, _, day)| day).collect();
    let types = sample.rest["com.grandlyon.ecolyo.profiletype"].as_array().unwrap();
    let latest = types.iter().max_by_key(|housing| housing["updateDate"].as_str());
    let mut cells = Cells::new();
    for month in sample.months() {
        let Some(&earliest) = connections.iter().min() else { continue };
        if !connections.iter().any(|day| day.first_of_month() == month) {
            continue;
        }
        let first = match profile["firstConnectionDate"].as_str() {
            Some(written) => sample.day_of(written),
            None => earliest,
        };
        let until = first.until((Unit::Month, month + 1.month())).unwrap();
        let seniority = until.get_months().clamp(0, 60);
        let fluids = [("electricity", "enedis"), ("water", "egl"), ("gas", "grdf")];
        for (fluid, supplier) in fluids {
            let doctype = format!("com.grandlyon.{supplier}.month");
            let loads = (load(sample, &doctype, month), load(sample, &doctype, month - 1.month()));
            let (Some(now), Some(before @ 1..)) = loads else { continue };
            let value = rounded((now - before) * 100, before);
            if value.abs() <= LARGEST * 100 {
                let groups = vec![fluid.to_owned(), seniority.to_string(), usage(latest, fluid)];
                cells.insert((month.to_string(), groups), value);
            }
        }
    }
    cells
}

/// What a profile type uses a fluid for.
fn usage(profile_type: Option<&Value>, fluid: &str) -> String {
    let Some(profile_type) = profile_type else { return "unknown".to_owned() };
    let number = json!(["electricity", "water", "gas"].iter().position(|name| *name == fluid));
    let uses = [("warmingFluid", "heating"), ("hotWaterFluid", "hot_water"), ("cookingFluid", "cooking")];
    let names = |field: &str| {
        let used = &profile_type[field];
        *used == number || used.as_str().is_some_and(|name| name.to_lowercase() == fluid)
    };
    let named: Vec<_> = uses.iter().filter(|(field, _)| names(field)).map(|(_, name)| *name).collect();
    if named.is_empty() { "none".to_owned() } else { named.join(":") }
}

/// A document of the terms, and the steps in it: when, and whether it withdraws.
fn terms() -> impl Strategy<Value = Vec<(u8, i32, i32)>> {
    vec((0..6_u8, -40..DAYS, 0..86_400_i32), 0..6)
}

fn accepted(sample: &Sample, terms: &[(u8, i32, i32)]) -> (Vec<Value>, Vec<(Written, bool)>) {
    let mut steps = Vec::new();
    let documents = terms.iter().map(|&(kind, day, second)| {
        let at = Written::on(sample.day(day), second);
        let revoked = Written::on(sample.day(day + second % 9), second);
        let (version, accepts) = [("1.0.0", true), ("v1.10", true), ("0.9.12", true), ("1.0.0", false)]
            .get(usize::from(kind))
            .copied()
            .unwrap_or(("2", true));
        let mut document = json!({"version": version, "accepted": accepts, "date": at.text()});
        if version != "0.9.12" {
            steps.push((at, !accepts));
        }
        if kind == 5 {
            document["revokedAt"] = json!(revoked.text());
            steps.push((revoked, true));
        }
        document
    });
    (documents.collect(), steps)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sessions_last_as_the_contract_says(sample in sample()) {
        prop_assert_eq!(given(&sample, "session-duration", |_| true), sessions(&sample));
    }

    #[test]
    fn duels_begin_at_their_latest_launch(sample in sample()) {
        prop_assert_eq!(given(&sample, "event-duration", |groups| groups[0] == "duel-launch"), duels(&sample));
    }

    #[test]
    fn attempts_count_until_the_month_of_success(sample in sample()) {
        prop_assert_eq!(given(&sample, "konnector-attempts-monthly", |_| true), attempts(&sample));
    }

    #[test]
    fn variations_are_exact(sample in identified()) {
        prop_assert_eq!(given(&sample, "consumption-variation-monthly", |_| true), variations(&sample));
    }

    #[test]
    fn terms_give_the_days_on_whose_end_consent_stands(sample in sample(), terms in terms()) {
        let (documents, mut steps) = accepted(&sample, &terms);
        steps.sort_by_key(|&(at, withdraws)| (at.nanos(sample.is_instant), withdraws));
        let stands = |day: Date| {
            let latest = steps.iter().rfind(|(at, _)| at.day(sample.is_instant) <= day);
            latest.is_some_and(|(_, withdraws)| !withdraws)
        };
        let days: BTreeSet<Date> = (-50..DAYS + 3).map(|day| sample.day(day)).filter(|&day| stands(day)).collect();
        let interval = |day: &Date| Interval {
            from: day.to_string().parse().unwrap(),
            to: Some(day.tomorrow().unwrap().to_string().parse().unwrap()),
        };
        let mut options = sample.options();
        options.consent = Some(days.iter().map(interval).collect());
        let expected = aggregate_home(&sample.home(), &options).unwrap().measures;
        options.consent = None;
        let mut with_terms = sample.clone();
        with_terms.rest.insert("com.grandlyon.ecolyo.term".into(), documents.into());
        let given = aggregate_home(&with_terms.home(), &options).unwrap().measures;
        // A withdrawal whose date is still to come counts today.
        let is_given = (DAYS..DAYS + 10).all(|day| stands(sample.day(day)));
        let expected = if is_given { expected } else { Vec::new() };
        prop_assert_eq!(given, expected);
    }
}
