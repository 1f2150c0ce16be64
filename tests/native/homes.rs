//! A home of the laws: its documents, and what is known of them apart from
//! their text.

use std::fmt::Write;
use std::sync::LazyLock;

use dacc_aggregator::Options;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ToSpan};
use serde_json::{Map, Value, json};

use crate::zone::with_zone;

/// Days that a home's events spread over.
pub const DAYS: i32 = 92;

static PARIS: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Paris").unwrap());
static TRANSITIONS: LazyLock<Options> = LazyLock::new(|| with_zone("{}"));

/// A date-time as written, known apart from its text.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    pub digits: DateTime,
    pub offset_minutes: i32,
    /// `T`, `t` or a space; `Z`, `z` or digits for an offset of 0.
    pub style: u8,
}

impl Written {
    /// A time of a day, written with an offset of 0.
    pub fn on(day: Date, second: i32) -> Written {
        let time = Time::midnight() + SignedDuration::from_secs(second.into());
        Written { digits: day.to_datetime(time), offset_minutes: 0, style: 0 }
    }

    pub fn text(self) -> String {
        let Written { digits, offset_minutes, style } = self;
        let mut text = format!("{}{}", digits.date(), ["T", "t", " "][usize::from(style % 3)]);
        let _ = write!(text, "{:02}:{:02}:{:02}", digits.hour(), digits.minute(), digits.second());
        if digits.subsec_nanosecond() > 0 || style % 2 == 0 {
            let _ = write!(text, ".{:09}", digits.subsec_nanosecond());
            while text.ends_with("00") {
                text.pop();
            }
        }
        let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
        match (offset_minutes, style % 4) {
            (0, 0 | 1) => text.push('Z'),
            (0, 2) => text.push('z'),
            (offset, _) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let _ = write!(text, "{sign}{hours:02}:{minutes:02}");
            }
        }
        text
    }

    /// Nanoseconds on the clock's own line of time.
    pub fn nanos(self, is_instant: bool) -> i128 {
        let offset = if is_instant { self.offset_minutes } else { 0 };
        let offset = Offset::from_seconds(offset * 60).unwrap();
        offset.to_timestamp(self.digits).unwrap().as_nanosecond()
    }

    pub fn day(self, is_instant: bool) -> Date {
        if !is_instant {
            return self.digits.date();
        }
        let offset = Offset::from_seconds(self.offset_minutes * 60).unwrap();
        offset.to_timestamp(self.digits).unwrap().to_zoned(PARIS.clone()).date()
    }
}

/// A document of usage events; `at` is known where type and date are usable.
#[derive(Debug, Clone)]
pub struct Event {
    pub document: Value,
    pub at: Option<Written>,
}

impl Event {
    pub fn text(&self, field: &str) -> Option<&str> {
        self.document.get(field)?.as_str()
    }

    pub fn is(&self, kind: &str) -> bool {
        self.at.is_some() && self.text("type") == Some(kind)
    }
}

/// A home and what is asked of it.
#[derive(Debug, Clone)]
pub struct Sample {
    pub is_instant: bool,
    pub first: Date,
    pub events: Vec<Event>,
    /// Days with consent, the last without an end or not: `[from, to)`.
    pub consent: Vec<(Date, Option<Date>)>,
    /// Every other doctype.
    pub rest: Map<String, Value>,
}

impl Sample {
    pub fn day(&self, offset: i32) -> Date {
        self.first + offset.days()
    }

    pub fn last(&self) -> Date {
        self.day(DAYS - 1)
    }

    pub fn months(&self) -> Vec<Date> {
        (0..3).map(|month| self.first + month.months()).collect()
    }

    pub fn options(&self) -> Options {
        let months: Vec<String> =
            self.months().iter().map(|month| month.strftime("%Y-%m").to_string()).collect();
        let consent: Vec<Value> = self
            .consent
            .iter()
            .map(|(from, to)| json!({"from": from.to_string(), "to": to.map(|to| to.to_string())}))
            .collect();
        let options = json!({
            "now": format!("{}T02:00:00", self.day(DAYS)),
            "from": self.first.to_string(),
            "to": self.last().to_string(),
            "months": months,
            "clock": if self.is_instant { "instant" } else { "wall" },
            "consent": consent,
        });
        let mut options: Options = serde_json::from_value(options).unwrap();
        options.transitions = TRANSITIONS.transitions.clone();
        options
    }

    /// The day of a date-time of the rest of the home.
    pub fn day_of(&self, written: &str) -> Date {
        let text = written.to_uppercase().replace(' ', "T");
        if self.is_instant {
            text.parse::<jiff::Timestamp>().unwrap().to_zoned(PARIS.clone()).date()
        } else {
            text[..10].parse().unwrap()
        }
    }

    pub fn consented(&self, day: Date) -> bool {
        self.consent.iter().any(|(from, to)| *from <= day && to.is_none_or(|to| day < to))
    }

    /// The valid events of consented days that are not in the future, in
    /// order, each with its time and day.
    pub fn visible(&self) -> Vec<(&Event, i128, Date)> {
        let now = Written::on(self.day(DAYS), 2 * 3600);
        let now = if self.is_instant {
            PARIS.to_zoned(now.digits).unwrap().timestamp().as_nanosecond()
        } else {
            now.nanos(false)
        };
        let mut visible: Vec<_> = self
            .events
            .iter()
            .filter_map(|event| {
                Some((event, event.at?.nanos(self.is_instant), event.at?.day(self.is_instant)))
            })
            .filter(|&(_, at, day)| at <= now && self.consented(day))
            .collect();
        visible.sort_by_key(|&(event, at, _)| (at, event.text("_id").unwrap_or("")));
        visible
    }

    pub fn documents(&self) -> Vec<Value> {
        self.events.iter().map(|event| event.document.clone()).collect()
    }

    pub fn home(&self) -> Vec<u8> {
        let mut home = self.rest.clone();
        home.insert("com.grandlyon.ecolyo.usageevents".into(), self.documents().into());
        serde_json::to_vec(&home).unwrap()
    }
}
