//! What is consumed: electricity, water, gas.

use serde::{Deserialize, Serialize};

/// What is consumed and measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
