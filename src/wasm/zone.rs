//! The offsets of a zone, from the host's own time-zone data (`Intl`).

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::base::json::Object;
use crate::calendar::{ClockKind, DateTime, Day, Transition};
use crate::ecolyo::DEFAULT_ZONE;
use crate::error::Error;
use crate::options::Options;

/// Between two probes this far apart no zone changes its offset twice: the
/// shortest known daylight-saving periods last weeks.
const PROBE_DAYS: f64 = 14.0;

const DAY_MILLIS: f64 = 86_400_000.0;

/// The options with the transitions of their zone, where they are needed and
/// not given.
pub(super) fn with_transitions(mut options: Options) -> Result<Options, Error> {
    let now = options.now.as_deref().and_then(DateTime::parse);
    let (Some(now), None) = (now, &options.transitions) else {
        return Ok(options);
    };
    // `Intl` takes eight megabytes, so it is asked only where a zone is named, which
    // may not exist.
    if options.zone.is_none() && options.clock == ClockKind::Wall && now.offset.is_none() {
        return Ok(options);
    }
    let now = millis(now.digits.seconds);
    let (start, end) = match options.clock {
        // Only `now` is brought into the zone.
        ClockKind::Wall => (now - PROBE_DAYS * DAY_MILLIS, now + PROBE_DAYS * DAY_MILLIS),
        ClockKind::Instant => (0.0, now + 366.0 * DAY_MILLIS),
    };
    let zone = options.zone.as_deref().unwrap_or(DEFAULT_ZONE);
    options.transitions = Some(transitions(zone, start, end)?);
    Ok(options)
}

/// The offsets of a zone at the time of a run; none if it is not known here.
#[cfg(feature = "run")]
pub(super) fn offsets(now: Option<&str>, zone: &str, clock: ClockKind) -> Vec<Transition> {
    let options =
        Options { now: now.map(str::to_owned), zone: Some(zone.to_owned()), clock, ..Options::default() };
    with_transitions(options).ok().and_then(|options| options.transitions).unwrap_or_default()
}

thread_local! {
    /// The transitions found last: a file of many homes asks for the same again
    /// and again, and `Intl` is slow.
    static LAST: RefCell<Option<CachedTransitions>> = const { RefCell::new(None) };
}

struct CachedTransitions {
    zone: String,
    start: f64,
    end: f64,
    transitions: Vec<Transition>,
}

fn transitions(zone: &str, start: f64, end: f64) -> Result<Vec<Transition>, Error> {
    let known = LAST.with_borrow(|last| {
        let same =
            |found: &&CachedTransitions| found.zone == zone && found.start == start && found.end == end;
        last.as_ref().filter(same).map(|found| found.transitions.clone())
    });
    if let Some(transitions) = known {
        return Ok(transitions);
    }
    let transitions = ZoneData::new(zone)?.transitions(start, end);
    let found = CachedTransitions { zone: zone.to_owned(), start, end, transitions: transitions.clone() };
    LAST.set(Some(found));
    Ok(transitions)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(text: &str) -> JsValue;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;

    /// Throws for a zone that is not known.
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> Result<DateTimeFormat, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, millis: f64) -> String;
}

struct ZoneData {
    format: DateTimeFormat,
}

impl ZoneData {
    fn new(zone: &str) -> Result<ZoneData, Error> {
        let mut text = String::new();
        let mut options = Object::begin(&mut text);
        options.text("timeZone", zone);
        options.text("hourCycle", "h23");
        for part in ["year", "month", "day", "hour", "minute", "second"] {
            options.text(part, "numeric");
        }
        options.end();
        let format = DateTimeFormat::new("en-US", &parse(&text));
        let format = format.map_err(|_| Error::option(format!("zone: {zone} is not known here")))?;
        Ok(ZoneData { format })
    }

    /// The offset at an instant, in seconds east of UTC.
    fn offset(&self, instant: f64) -> i32 {
        // As `3/10/2024, 02:00:00`.
        let text = self.format.format(instant);
        let written =
            text.as_bytes().split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty());
        let number =
            |digits: &[u8]| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        let mut numbers = written.map(number);
        let mut next = || numbers.next().unwrap_or(0);
        let [month, day, year, hour, minute, second] = std::array::from_fn(|_| next());
        let small = |number: i64| u8::try_from(number).unwrap_or(0);
        let year = i32::try_from(year).unwrap_or(0);
        let Some(day) = Day::new(year, small(month), small(day)) else { return 0 };
        let civil = day.start_seconds() + hour * 3600 + minute * 60 + second;
        i32::try_from(civil - seconds(instant)).unwrap_or(0)
    }

    fn transitions(&self, start: f64, end: f64) -> Vec<Transition> {
        let mut transitions = vec![Transition { at: None, offset: self.offset(start) }];
        let mut known = start;
        let mut offset = transitions[0].offset;
        while known < end {
            let probe = known + PROBE_DAYS * DAY_MILLIS;
            let later = self.offset(probe);
            if later != offset {
                transitions.push(Transition { at: Some(self.change(known, probe)), offset: later });
                offset = later;
            }
            known = probe;
        }
        transitions
    }

    /// The second at which the offset changes between two instants.
    fn change(&self, before: f64, after: f64) -> i64 {
        let (mut before, mut after) = (seconds(before), seconds(after));
        let old = self.offset(millis(before));
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.offset(millis(middle)) == old {
                before = middle;
            } else {
                after = middle;
            }
        }
        after
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a date's milliseconds are below 2^53")]
fn seconds(millis: f64) -> i64 {
    (millis / 1000.0).floor() as i64
}

#[expect(clippy::cast_precision_loss, reason = "a date's seconds are below 2^53")]
fn millis(seconds: i64) -> f64 {
    seconds as f64 * 1000.0
}
