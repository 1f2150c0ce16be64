//! What is consumed: electricity, water, gas.

use serde::Serialize;

use crate::decode::{Key, Refusal, string_enum};

/// What is consumed and measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fluid {
    /// Electricity
    Electricity,
    /// Water
    Water,
    /// Gas
    Gas,
}

impl Fluid {
    /// Every fluid, in the order in which measures name them.
    pub const ALL: [Fluid; 3] = [Fluid::Electricity, Fluid::Water, Fluid::Gas];

    /// The fluid's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Fluid::Electricity => "electricity",
            Fluid::Water => "water",
            Fluid::Gas => "gas",
        }
    }
}

string_enum!(Fluid { "electricity" => Electricity, "water" => Water, "gas" => Gas, });

impl Key for Fluid {
    fn key(text: &str) -> Result<Self, Refusal> {
        let known = Fluid::ALL.iter().find(|fluid| fluid.as_str() == text);
        known.copied().ok_or_else(|| Refusal::new(format!("`{text}` is no fluid")))
    }
}
