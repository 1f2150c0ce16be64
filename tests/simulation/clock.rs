//! Times of the virtual world, in milliseconds since 1970, and how they are
//! written in Paris.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dacc_aggregator::Options;
use dacc_aggregator::calendar::{ClockKind, Transition};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

static PARIS: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Paris").unwrap());

/// The zones that a home is ever configured with, each with its offsets.
static TRANSITIONS: LazyLock<BTreeMap<&str, Vec<Transition>>> = LazyLock::new(|| {
    let zones = ["Europe/Paris", "Pacific/Kiritimati", "America/Sao_Paulo"];
    zones.into_iter().map(|zone| (zone, transitions(&TimeZone::get(zone).unwrap()))).collect()
});

fn transitions(zone: &TimeZone) -> Vec<Transition> {
    let (start, end) = (Timestamp::UNIX_EPOCH, "2062-01-01T00:00:00Z".parse().unwrap());
    let initial = Transition { at: None, offset: zone.to_offset(start).seconds() };
    let later =
        zone.following(start).take_while(|transition| transition.timestamp() < end).map(|transition| {
            Transition { at: Some(transition.timestamp().as_second()), offset: transition.offset().seconds() }
        });
    std::iter::once(initial).chain(later).collect()
}

fn timestamp(at: u64) -> Timestamp {
    Timestamp::from_millisecond(i64::try_from(at).unwrap()).unwrap()
}

/// The instant as a host passes it and as a right app writes it.
pub fn instant(at: u64) -> String {
    timestamp(at).to_string()
}

/// The day on the wall in Paris.
pub fn date(at: u64) -> Date {
    timestamp(at).to_zoned(PARIS.clone()).date()
}

/// What the app writes: the wall clock labelled as UTC, or the instant.
pub fn written(clock: ClockKind, at: u64) -> String {
    match clock {
        ClockKind::Instant => instant(at),
        ClockKind::Wall => {
            format!("{}Z", timestamp(at).to_zoned(PARIS.clone()).datetime())
        }
    }
}

/// A number that orders times as what is written of them does.
pub fn order(clock: ClockKind, at: u64) -> i64 {
    match clock {
        ClockKind::Instant => i64::try_from(at).unwrap(),
        ClockKind::Wall => {
            let digits = timestamp(at).to_zoned(PARIS.clone()).datetime();
            TimeZone::UTC.to_timestamp(digits).unwrap().as_millisecond()
        }
    }
}

/// The instant at which a day of Paris has this hour.
pub fn at(day: Date, hour: i8, minute: i8) -> u64 {
    let zoned = PARIS.to_zoned(day.at(hour, minute, 0, 0)).unwrap();
    u64::try_from(zoned.timestamp().as_millisecond()).unwrap()
}

/// The offsets that a host passes for a zone.
pub fn offsets(zone: &str) -> Vec<Transition> {
    TRANSITIONS[zone].clone()
}

/// The options of a home in a zone.
pub fn options_in(zone: &str) -> Options {
    Options { zone: Some(zone.to_owned()), transitions: Some(offsets(zone)), ..Options::default() }
}

/// The day of a date-time that was written by [`written`].
pub fn day_of(clock: ClockKind, text: &str) -> Option<Date> {
    match clock {
        ClockKind::Instant => Some(text.parse::<Timestamp>().ok()?.to_zoned(PARIS.clone()).date()),
        ClockKind::Wall => text.get(..10)?.parse().ok(),
    }
}

/// Whether the clocks of Paris change on this day.
pub fn changes_clocks(day: Date) -> bool {
    at(day.tomorrow().unwrap(), 0, 0) - at(day, 0, 0) != DAY
}
