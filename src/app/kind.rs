use serde::Serialize;

use crate::decode::string_enum;
use crate::scan::ValueKinds;

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
    /// A string; where a date is needed, one that is a date-time as RFC 3339 has it.
    Date,
    /// `true` or `false`, which decide as these texts.
    Boolean,
}

string_enum!(Kind { "text" => Text, "number" => Number, "scalar" => Scalar, "date" => Date, "boolean" => Boolean, });

impl Kind {
    /// As what a value of it can be written.
    pub(crate) fn written(self) -> ValueKinds {
        match self {
            Kind::Text | Kind::Date => ValueKinds::TEXT,
            Kind::Number | Kind::Scalar => ValueKinds::TEXT_OR_NUMBER,
            Kind::Boolean => ValueKinds::BOOLEAN,
        }
    }
}
