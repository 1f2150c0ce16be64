//! What a home would contribute, before the ledger is asked.

use super::Contribution;
use crate::compute::ComputeInput;
use crate::consent::Consent;
use crate::diagnostics::Diagnostics;
use crate::facts::Facts;
use crate::fold::Inputs;
use crate::options::{Options, Settings};
use crate::timeline::Timeline;

/// What was computed, before its contributions are looked up in the ledger.
#[derive(Debug)]
pub(crate) struct Computation {
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) facts: Facts,
    pub(crate) diagnostics: Diagnostics,
}

/// Computes the contributions of the periods asked for, or of those that are due.
pub(crate) fn compute(
    options: &Options,
    settings: &Settings,
    consent: &Consent,
    timeline: &Timeline,
    inputs: Option<&dyn Inputs>,
    mut diagnostics: Diagnostics,
) -> Computation {
    let mut contributions: Vec<Contribution> = Vec::new();
    let input = ComputeInput { options, settings, consent, timeline, inputs };
    let facts = input.fold(&mut diagnostics, &mut |fold, measure, event| {
        let contribution = Contribution::after(&contributions, fold, measure, event);
        contributions.push(contribution);
    });
    Computation { contributions, facts, diagnostics }
}
