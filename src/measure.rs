//! The measure: what leaves, checked before it can exist.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::SerializeMap;

use crate::base::decimal::Decimal;
use crate::base::json::Object;
use crate::calendar::Day;
use crate::limits;
use crate::scan::{self, Document, Field};

/// A measure's value: hundredths, at most 9 999 999 either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    hundredths: i64,
}

impl Value {
    /// `None` when it is beyond what may be sent.
    pub(crate) fn from_hundredths(hundredths: i64) -> Option<Value> {
        let most = limits::MAX_VALUE * 100;
        (-most..=most).contains(&hundredths).then_some(Value { hundredths })
    }

    /// At most 1e9 either way.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn hundredths(self) -> i64 {
        self.hundredths
    }

    pub(crate) fn from_count(count: u64) -> Option<Value> {
        i64::try_from(count).ok()?.checked_mul(100).and_then(Self::from_hundredths)
    }

    /// The mean of several numbers; `None` when it is beyond what may be sent.
    pub(crate) fn mean(numbers: impl Iterator<Item = Decimal>) -> Option<Value> {
        let (mut sum, mut count) = (Decimal::ZERO, 0);
        for number in numbers {
            sum = sum.add(&number)?;
            count += 1;
        }
        sum.hundredths_of_ratio(&Decimal::from(count)).and_then(Self::from_hundredths)
    }

    /// The mean of so many whole numbers with this sum.
    pub(crate) fn mean_of_whole(sum: u64, count: u64) -> Option<Value> {
        // floor((2n + d) / 2d) is n / d rounded half up.
        let hundredths = sum.checked_mul(200)?.checked_add(count)?.checked_div(2 * count)?;
        i64::try_from(hundredths).ok().and_then(Self::from_hundredths)
    }

    /// The value as a double: the nearest one to its two decimals.
    #[expect(clippy::cast_precision_loss, reason = "at most 1e9 hundredths are exact in a double")]
    pub fn as_f64(self) -> f64 {
        self.hundredths as f64 / 100.0
    }
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.hundredths % 100 == 0 {
            serializer.serialize_i64(self.hundredths / 100)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

/// The shortest decimal, which is JSON too.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.hundredths < 0 { "-" } else { "" };
        let (whole, part) = (self.hundredths.unsigned_abs() / 100, self.hundredths.unsigned_abs() % 100);
        write!(f, "{sign}{whole}")?;
        match part {
            0 => Ok(()),
            _ if part % 10 == 0 => write!(f, ".{}", part / 10),
            _ => write!(f, ".{}{}", part / 10, part % 10),
        }
    }
}

/// One group of a measure: exactly one key and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Group {
    /// The key that the definition names.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value: 1 … 100 bytes, no control characters.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// The names of a measure's groups in its payload.
const GROUPS: [&str; limits::MAX_GROUPS] = ["group1", "group2", "group3"];

impl Group {
    /// Writes the object that it is in a payload.
    pub(crate) fn write_json(&self, out: &mut String) {
        let mut written = Object::begin(out);
        written.text(&self.key, &self.value);
        written.end();
    }
}

impl Serialize for Group {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.key, &self.value)])
    }
}

/// An anonymous measure, as it is sent.
///
/// Only this crate makes one, from a catalog's definition or from one that it
/// made before, so that none can exist which the server would take and then lose. Serialized, it is the
/// payload: `createdBy`, `measureName`, `startDate`, `value`, `group1` …
/// `group3`, in this order, unused groups left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub(crate) created_by: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) start_date: Day,
    pub(crate) value: Value,
    /// The same for every measure of a cell's groups.
    pub(crate) groups: Arc<[Group]>,
}

impl Measure {
    /// Who counts: the app.
    pub fn created_by(&self) -> &str {
        &self.created_by
    }

    /// The indicator's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day, or the first day of the month, that was measured.
    pub fn start_date(&self) -> Day {
        self.start_date
    }

    /// What was measured.
    pub fn value(&self) -> Value {
        self.value
    }

    /// The groups, from the first.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Reads a payload again, as strictly as one is made; the order of its
    /// fields does not matter.
    pub(crate) fn read(payload: Document<'_>) -> Option<Measure> {
        let names = ["createdBy", "measureName", "startDate", "value", "group1", "group2", "group3"];
        let [created_by, name, start_date, value, groups @ ..] = scan::fields(payload, names)?;
        let text =
            |field: Option<Field<'_>>| Some(field?.text()?.into_owned()).filter(|text| is_sendable(text));
        let mut read = Vec::new();
        for (at, group) in groups.into_iter().enumerate() {
            let Some(group) = group else { continue };
            let [(key, value)] = &*scan::entries(group.document()?)? else { return None };
            // Groups fill from the first.
            if read.len() != at || !is_sendable(key) || !is_sendable(value) {
                return None;
            }
            read.push(Group { key: key.clone(), value: value.clone() });
        }
        let written = value?.number()?;
        let number = Decimal::parse(written)?;
        let value = number.hundredths_of_ratio(&Decimal::from(1)).and_then(Value::from_hundredths)?;
        // None that was made has more decimals, or a sign before 0.
        if Decimal::parse(&value.to_string())? != number || written.starts_with('-') != (value.hundredths < 0)
        {
            return None;
        }
        Some(Measure {
            created_by: text(created_by)?.into(),
            name: text(name)?.into(),
            start_date: text(start_date)?.parse().ok()?,
            value,
            groups: read.into(),
        })
    }

    /// The payload: the bytes that are sent, and that a preview shows.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    pub(crate) fn write_json(&self, out: &mut String) {
        let mut payload = Object::begin(out);
        payload.text("createdBy", &self.created_by);
        payload.text("measureName", &self.name);
        payload.text("startDate", &self.start_date.to_string());
        payload.plain("value", &self.value);
        for (name, group) in GROUPS.iter().zip(&*self.groups) {
            group.write_json(payload.key(name));
        }
        payload.end();
    }
}

impl Serialize for Measure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4 + self.groups.len()))?;
        map.serialize_entry("createdBy", &*self.created_by)?;
        map.serialize_entry("measureName", &*self.name)?;
        map.serialize_entry("startDate", &self.start_date)?;
        map.serialize_entry("value", &self.value)?;
        for (name, group) in ["group1", "group2", "group3"].iter().zip(&*self.groups) {
            map.serialize_entry(name, group)?;
        }
        map.end()
    }
}

/// Whether the server keeps a text as it is: 1 … 100 bytes, no control characters.
pub(crate) fn is_sendable(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (1..=limits::MAX_TEXT_BYTES).contains(&text.len()) && (is_plain || !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::{Decimal, Group, Measure, Value};
    use crate::scan::Document;

    #[test]
    fn the_payload_has_its_fields_in_order_and_nothing_unused() {
        let group = |key: &str, value: &str| Group { key: key.into(), value: value.into() };
        let measure = Measure {
            created_by: "ecolyo".into(),
            name: "konnector-event-daily".into(),
            start_date: "2024-03-09".parse().unwrap(),
            value: Value::from_count(2).unwrap(),
            groups: [group("slug", "en\"édis"), group("event_type", "connection")].into(),
        };
        assert_eq!(
            measure.to_json(),
            r#"{"createdBy":"ecolyo","measureName":"konnector-event-daily","startDate":"2024-03-09","value":2,"group1":{"slug":"en\"édis"},"group2":{"event_type":"connection"}}"#
        );
    }

    #[test]
    fn a_payload_is_read_again_as_strictly_as_it_was_made() {
        let read = |payload: &str| {
            let document = Document::parse(payload.as_bytes()).unwrap();
            Measure::read(document).map(|measure| measure.to_json())
        };
        let payload = r#"{"createdBy":"e","measureName":"m","startDate":"2024-03-09","value":12.34,"group1":{"k":"v"}}"#;
        assert_eq!(read(payload).as_deref(), Some(payload));
        let shuffled = r#"{"value":12.340,"group1":{"k":"v"},"measureName":"m","startDate":"2024-03-09","createdBy":"e"}"#;
        assert_eq!(read(shuffled).as_deref(), Some(payload));
        for (from, to) in [
            ("12.34", "\"12.34\""),
            ("12.34", "null"),
            ("12.34", "10000000"),
            ("12.34", "12.345"),
            ("12.34", "1.005"),
            ("12.34", "-0"),
            ("12.34", "-0.0"),
            ("03-09", "02-30"),
            (r#"{"k":"v"}"#, "{}"),
            (r#"{"k":"v"}"#, r#"{"k":"v","l":"w"}"#),
            (r#"{"k":"v"}"#, r#"{"k":1}"#),
            ("group1", "group2"),
            ("createdBy", "by"),
        ] {
            assert_eq!(read(&payload.replace(from, to)), None, "{to}");
        }
    }

    #[test]
    fn values_are_written_without_a_needless_point_and_bounded() {
        let written = |hundredths| {
            Value::from_hundredths(hundredths).map(|value| serde_json::to_string(&value).unwrap())
        };
        assert_eq!(written(-100).as_deref(), Some("-1"));
        assert_eq!(written(101).as_deref(), Some("1.01"));
        assert_eq!(written(-1).as_deref(), Some("-0.01"));
        assert_eq!(written(999_999_899).as_deref(), Some("9999998.99"));
        assert_eq!(written(999_999_900).as_deref(), Some("9999999"));
        assert_eq!(written(999_999_901), None);
        assert_eq!(Value::from_count(u64::MAX), None);
    }

    #[test]
    fn a_mean_is_exact() {
        let mean = |numbers: &[&str]| {
            let numbers: Vec<_> = numbers.iter().map(|n| Decimal::parse(n).unwrap()).collect();
            Value::mean(numbers.into_iter()).unwrap().to_string()
        };
        assert_eq!(mean(&["1", "2"]), "1.5");
        assert_eq!(mean(&["1.005"]), "1.01");
        assert_eq!(mean(&["0", "0", "1"]), "0.33");
        assert_eq!(mean(&["0.01", "0"]), "0.01"); // 0.005, half away from zero
    }
}
