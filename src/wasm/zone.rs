//! The offsets of a zone, from the host's own time-zone data (`Intl`).

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::calendar::{ClockKind, DateTime, Transition};
use crate::options::{DEFAULT_ZONE, Options};
use crate::{Day, Error};

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
    // `Intl` takes eight megabytes. Who names a zone is told if there is none.
    if options.zone.is_none() && options.clock == ClockKind::Wall && now.offset.is_none() {
        return Ok(options);
    }
    let now = Date::new(&JsValue::from_str(&now.digits.to_string())).get_time();
    let (start, end) = match options.clock {
        // Only `now` is brought into the zone.
        ClockKind::Wall => (now - PROBE_DAYS * DAY_MILLIS, now + PROBE_DAYS * DAY_MILLIS),
        ClockKind::Instant => (0.0, now + 366.0 * DAY_MILLIS),
    };
    let zone = options.zone.as_deref().unwrap_or(DEFAULT_ZONE);
    options.transitions = Some(transitions(zone, start, end)?);
    Ok(options)
}

thread_local! {
    /// The transitions found last: a file of many homes asks for the same again
    /// and again, and `Intl` is slow.
    static LAST: RefCell<Option<Found>> = const { RefCell::new(None) };
}

struct Found {
    zone: String,
    start: f64,
    end: f64,
    transitions: Vec<Transition>,
}

fn transitions(zone: &str, start: f64, end: f64) -> Result<Vec<Transition>, Error> {
    let known = LAST.with_borrow(|last| {
        let same = |found: &&Found| found.zone == zone && found.start == start && found.end == end;
        last.as_ref().filter(same).map(|found| found.transitions.clone())
    });
    if let Some(transitions) = known {
        return Ok(transitions);
    }
    let transitions = ZoneData::new(zone)?.transitions(start, end);
    let found = Found { zone: zone.to_owned(), start, end, transitions: transitions.clone() };
    LAST.set(Some(found));
    Ok(transitions)
}

struct ZoneData {
    format: Intl::DateTimeFormat,
}

impl ZoneData {
    fn new(zone: &str) -> Result<ZoneData, Error> {
        let options = Object::new();
        let set = |key: &str, value: &str| Reflect::set(&options, &key.into(), &value.into());
        let numeric = ["year", "month", "day", "hour", "minute", "second"];
        let is_set = set("timeZone", zone)
            .and_then(|_| set("hourCycle", "h23"))
            .and_then(|_| numeric.iter().try_for_each(|part| set(part, "numeric").map(drop)));
        let unknown = || Error::option(format!("zone: {zone} is not known here"));
        is_set.map_err(|_| unknown())?;
        // `Intl.DateTimeFormat` throws for a zone that is not known; only
        // through `Reflect` does that come back as an error.
        let constructor = Reflect::get(&js_sys::global(), &"Intl".into())
            .and_then(|intl| Reflect::get(&intl, &"DateTimeFormat".into()))
            .and_then(|constructor| constructor.dyn_into::<Function>())
            .map_err(|_| unknown())?;
        let arguments = Array::of2(&"en-US".into(), &options);
        let format = Reflect::construct(&constructor, &arguments).map_err(|_| unknown())?;
        Ok(ZoneData { format: format.unchecked_into() })
    }

    /// The offset at an instant, in seconds east of UTC.
    fn offset(&self, millis: f64) -> i32 {
        let parts = self.format.format_to_parts(&Date::new(&millis.into()));
        let part = |wanted: &str| {
            let text = |part: &JsValue, key: &str| Reflect::get(part, &key.into()).ok()?.as_string();
            let found = parts.iter().find(|part| text(part, "type").as_deref() == Some(wanted))?;
            text(&found, "value")?.parse::<i32>().ok()
        };
        let parts = ["year", "month", "day", "hour", "minute", "second"].map(part);
        let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = parts else {
            return 0;
        };
        let number = |number: i32| u8::try_from(number).unwrap_or(0);
        let Some(day) = Day::new(year, number(month), number(day)) else { return 0 };
        let civil = day.start_seconds() + i64::from(hour * 3600 + minute * 60 + second);
        i32::try_from(civil - seconds(millis)).unwrap_or(0)
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
