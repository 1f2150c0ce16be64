use std::fmt;

use serde::Serialize;

use super::{Day, Month};
use crate::decode::string_enum;

/// A day or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodKind {
    /// A civil day.
    Day,
    /// A civil month.
    Month,
}

string_enum!(PeriodKind { "day" => Day, "month" => Month, });

/// A day or a month that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Period {
    Day(Day),
    Month(Month),
}

impl Period {
    pub(crate) fn kind(self) -> PeriodKind {
        match self {
            Period::Day(_) => PeriodKind::Day,
            Period::Month(_) => PeriodKind::Month,
        }
    }

    /// `2024-03-09` or `2024-03`.
    pub(crate) fn parse(text: &str) -> Option<Period> {
        let day = text.parse().map(Period::Day);
        day.or_else(|_| text.parse().map(Period::Month)).ok()
    }

    /// The period of a kind that a day lies in.
    pub(crate) fn around(day: Day, kind: PeriodKind) -> Period {
        match kind {
            PeriodKind::Day => Period::Day(day),
            PeriodKind::Month => Period::Month(day.month()),
        }
    }

    pub(crate) fn first_day(self) -> Day {
        match self {
            Period::Day(day) => day,
            Period::Month(month) => month.first_day(),
        }
    }

    pub(crate) fn last_day(self) -> Day {
        match self {
            Period::Day(day) => day,
            Period::Month(month) => month.last_day(),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::Day(day) => day.fmt(f),
            Period::Month(month) => month.fmt(f),
        }
    }
}
