use serde::Serialize;

use crate::decode::string_enum;

/// What a field holds; anything else is as if it were not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A string.
    Text,
    /// A number, also in a string.
    Number,
    /// A string or a number.
    Scalar,
    /// A string that is a date-time as RFC 3339 has it.
    Date,
}

string_enum!(Kind { "text" => Text, "number" => Number, "scalar" => Scalar, "date" => Date, });

impl Kind {
    /// Whether a number is taken as such.
    pub(crate) fn takes_numbers(self) -> bool {
        matches!(self, Kind::Number | Kind::Scalar)
    }
}
