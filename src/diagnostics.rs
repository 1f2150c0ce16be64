//! What a run noticed and did not stop for: counts by stable code.

use serde::{Deserialize, Serialize};

use crate::base::json::Object;

macro_rules! codes {
    ($($variant:ident $code:literal $sentence:literal)*) => {
        /// A stable code for something noticed in the input.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $sentence] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the enum.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as it stands in results and logs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// One sentence for a person.
            pub const fn sentence(self) -> &'static str {
                match self { $(Code::$variant => $sentence,)* }
            }
        }
    };
}

codes! {
    CellLost "cell-lost"
        "A measure that waited falls into a cell that another measure of the home is in; it was refused."
    CellTaken "cell-taken"
        "An earlier measure of the home is in the cell that this one falls into; it was not planned."
    ConsentMissing "consent-missing"
        "No consent stands today, so nothing was read beyond the terms and nothing was computed."
    DocumentMalformed "document-malformed"
        "A document other than an event is not an object or lacks what makes it usable; it was skipped."
    DocumentNotTheApps "document-not-the-apps"
        "A document is CouchDB's own or was deleted, so it is none of the app's; it was left out."
    EventDateInvalid "event-date-invalid"
        "The event's date is missing or not RFC 3339; the event was skipped."
    EventDuplicate "event-duplicate"
        "An event with the same _id was read before; the first stands."
    EventInFuture "event-in-future"
        "The event's date is later than now; the event was skipped."
    EventMalformed "event-malformed"
        "The event is not a JSON object; it was skipped."
    EventOutsideConsent "event-outside-consent"
        "The event's day is not consented; the event is invisible to every indicator."
    EventTypeUnknown "event-type-unknown"
        "The event's type is missing or unknown; the event was skipped."
    GroupOther "group-other"
        "A group's value is not in its list or pattern; the definition's other value was used."
    LateCellKept "late-cell-kept"
        "A late event would change a cell that is planned or sent already; the cell stays as it is."
    PeriodOpen "period-open"
        "A day or month that was asked for is not over yet; it was not computed."
    PeriodSettled "period-settled"
        "Entries of its period, or of its date, were kept long enough and deleted; the measure may have been sent, so it was not planned."
    ResultInvalid "result-invalid"
        "An event's result or field cannot be used by an indicator; that indicator left the event out."
    SettingsOfHome "settings-of-home"
        "The home lives under another clock, zone, createdBy, monthlyStartDate or ledger than is configured; the home's were taken."
    SpanNegative "span-negative"
        "A span ends before it starts; it gave no measure."
    SpanStartMissing "span-start-missing"
        "A span's start is missing or malformed; it gave no measure."
    SpanTooLong "span-too-long"
        "A span is longer than 3660 days; it gave no measure."
    TermsMalformed "terms-malformed"
        "A document of the terms has a date or answer that cannot be read; it never gives consent."
    ValueClipped "value-clipped"
        "A duration was clipped to 9 999 999 seconds."
    ValueOutOfRange "value-out-of-range"
        "A value is beyond 9 999 999; the measure is not sent."
}

/// Counts by [`Code`]; a code never noticed is absent.
///
/// ```
/// use dacc_aggregator::diagnostics::{Code, Diagnostics};
///
/// let mut diagnostics = Diagnostics::default();
/// diagnostics.add(Code::EventDuplicate);
/// diagnostics.add(Code::EventDuplicate);
/// assert_eq!(diagnostics.get(Code::EventDuplicate), 2);
/// assert_eq!(serde_json::to_string(&diagnostics).unwrap(), r#"{"event-duplicate":2}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics([u64; Code::ALL.len()]);

impl Diagnostics {
    /// Counts one more of `code`.
    pub fn add(&mut self, code: Code) {
        self.add_times(code, 1);
    }

    pub(crate) fn add_times(&mut self, code: Code, times: u64) {
        self.0[code as usize] += times;
    }

    /// How often `code` was noticed.
    pub fn get(&self, code: Code) -> u64 {
        self.0[code as usize]
    }

    /// The codes noticed, with their counts, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (Code, u64)> + '_ {
        Code::ALL.iter().copied().zip(self.0).filter(|&(_, count)| count > 0)
    }

    /// Adds the counts of `other` to these.
    pub fn merge(&mut self, other: &Diagnostics) {
        for (code, count) in other.iter() {
            self.add_times(code, count);
        }
    }
}

impl Diagnostics {
    pub(crate) fn write_json(&self, out: &mut String) {
        let mut counts = Object::begin(out);
        for (code, count) in self.iter() {
            counts.plain(code.as_str(), &count);
        }
        counts.end();
    }
}

impl Serialize for Diagnostics {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(code, count)| (code.as_str(), count)))
    }
}

impl<'de> Deserialize<'de> for Diagnostics {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = std::collections::BTreeMap::<String, u64>::deserialize(deserializer)?;
        let known = |name: &str| Code::ALL.iter().copied().find(|code| code.as_str() == name);
        let mut diagnostics = Diagnostics::default();
        for (name, &count) in &counts {
            if let Some(code) = known(name) {
                diagnostics.add_times(code, count);
            }
        }
        Ok(diagnostics)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_stand_in_alphabetical_order() {
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(codes.is_sorted());
    }
}
