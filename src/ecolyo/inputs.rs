//! What a computation reads of a home beside its events and terms.

use super::Fluid;
use crate::base::decimal::Decimal;
use crate::calendar::{Clock, Day, Moment, Month};
use crate::couch::is_of_app;
use crate::diagnostics::{Code, Diagnostics};

use crate::base::{Map, Set};

use crate::scan::{self, Document, Field};

/// What is read of a home beside its events and its terms.
#[derive(Debug, Clone, Default)]
pub(crate) struct HomeInputs {
    pub(crate) profile: Profile,
    /// The fluid of each use in the latest profile type, if there is one.
    uses: Option<[Option<Fluid>; USES.len()]>,
    loads: Map<(Fluid, Month), Decimal>,
    half_hours: Set<(Fluid, Month)>,
    pub(crate) connected: Set<Fluid>,
}

/// What a profile type can use a fluid for: its field, and the name in a group.
const USES: [(&str, &str); 3] =
    [("warmingFluid", "heating"), ("hotWaterFluid", "hot_water"), ("cookingFluid", "cooking")];

/// The parts of a profile that indicators and their schedule need.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    /// The day of the month of `monthlyAnalysisDate`: a date-time, a day, or
    /// the bare number.
    pub(crate) analysis_day: Option<u8>,
    /// `sendAnalysisNotification`
    pub(crate) wants_summary: Option<bool>,
    /// `firstConnectionDate`
    pub(crate) first_connection: Option<Moment>,
}

/// Reads the documents of a home, whichever host they come through.
#[derive(Debug)]
pub(crate) struct HomeInputsReader<'a> {
    clock: &'a Clock,
    konnectors: Map<String, Fluid>,
    home: HomeInputs,
    diagnostics: Diagnostics,
}

impl<'a> HomeInputsReader<'a> {
    pub(crate) fn new(clock: &'a Clock, konnectors: Map<String, Fluid>) -> Self {
        HomeInputsReader {
            clock,
            konnectors,
            home: HomeInputs::default(),
            diagnostics: Diagnostics::default(),
        }
    }

    pub(crate) fn finish(self) -> (HomeInputs, Diagnostics) {
        (self.home, self.diagnostics)
    }

    /// The first profile counts.
    pub(crate) fn profiles(&mut self, documents: &[Document<'_>]) {
        let names =
            ["_id", "_deleted", "monthlyAnalysisDate", "sendAnalysisNotification", "firstConnectionDate"];
        let Some([_, _, analysis, summary, first]) = self.objects(documents, names).into_iter().next() else {
            return;
        };
        self.home.profile = Profile {
            analysis_day: analysis.and_then(|field| self.day_of_month(field)),
            wants_summary: summary.and_then(Field::boolean),
            first_connection: self.moment(first),
        };
    }

    /// The latest by `updateDate` counts; one without a date is older than any.
    pub(crate) fn profile_types(&mut self, documents: &[Document<'_>]) {
        let [(warming, _), (hot_water, _), (cooking, _)] = USES;
        let mut latest: Option<Option<Moment>> = None;
        let names = ["_id", "_deleted", "updateDate", warming, hot_water, cooking];
        for [_, _, updated, uses @ ..] in self.objects(documents, names) {
            let updated = self.moment(updated);
            if latest.is_none_or(|known| updated > known) {
                latest = Some(updated);
                self.home.uses = Some(uses.map(|field| field.and_then(fluid)));
            }
        }
    }

    /// The greatest load of a month counts.
    pub(crate) fn monthly_loads(&mut self, fluid: Fluid, documents: &[Document<'_>]) {
        for fields in self.objects(documents, LOAD_FIELDS) {
            if let Some((month, load)) = loaded(fields) {
                let greatest = self.home.loads.or_insert((fluid, month), || load.clone());
                if load > *greatest {
                    *greatest = load;
                }
            }
        }
    }

    /// A numeric load, also 0, shows that its month has half-hour data. Tells
    /// whether one of these documents has such a load.
    pub(crate) fn half_hour_loads(&mut self, fluid: Fluid, documents: &[Document<'_>]) -> bool {
        let objects = self.objects(documents, LOAD_FIELDS).into_iter();
        let mut months = objects.filter_map(loaded).map(|(month, _)| (fluid, month)).peekable();
        let any = months.peek().is_some();
        self.home.half_hours.extend(months);
        any
    }

    /// The day of the month on which the home's monthly indicators are due.
    pub(crate) fn analysis_day(&self) -> Option<u8> {
        self.home.profile.analysis_day
    }

    /// An account connects its fluid unless its trigger is in error.
    pub(crate) fn accounts(&mut self, accounts: &[Document<'_>], triggers: &[Document<'_>]) {
        let mut errored = Set::new();
        let part = |field: Option<Field<'_>>, name| {
            let [value] = scan::fields(field?.document()?, [name])?;
            value?.text().map(|text| text.into_owned())
        };
        let names = ["_id", "_deleted", "attributes", "message", "current_state"];
        for [_, _, attributes, message, state] in self.objects(triggers, names) {
            // A resource of JSON:API, as the stack gives it, or a document.
            let in_attributes = attributes.and_then(Field::document);
            let [message, state] = in_attributes
                .and_then(|attributes| scan::fields(attributes, ["message", "current_state"]))
                .unwrap_or([message, state]);
            if let Some(account) = part(message, "account")
                && part(state, "status").as_deref() == Some("errored")
            {
                errored.insert(account);
            }
        }
        for [id, _, account_type] in self.objects(accounts, ["_id", "_deleted", "account_type"]) {
            let fluid = account_type.and_then(Field::text).and_then(|name| self.konnectors.get(&*name));
            let is_errored = id.and_then(Field::text).is_some_and(|id| errored.contains(&*id));
            if let (Some(&fluid), false) = (fluid, is_errored) {
                self.home.connected.insert(fluid);
            }
        }
    }

    /// The fields of these names in each object that is the app's; the first
    /// two names are those that tell whether it is.
    fn objects<'d, const N: usize>(
        &mut self,
        documents: &[Document<'d>],
        names: [&str; N],
    ) -> Vec<[Option<Field<'d>>; N]> {
        debug_assert_eq!(names[..2], ["_id", "_deleted"]);
        let mut objects = Vec::with_capacity(documents.len());
        for &document in documents {
            match scan::fields(document, names) {
                Some(fields) if is_of_app(fields[0], fields[1]) => objects.push(fields),
                Some(_) => self.diagnostics.add(Code::DocumentNotTheApps),
                None => self.diagnostics.add(Code::DocumentMalformed),
            }
        }
        objects
    }

    fn day_of_month(&self, field: Field<'_>) -> Option<u8> {
        if let Some(number) = number(field) {
            return number.small_integer(31).filter(|day| *day > 0);
        }
        let written = field.text()?.parse::<Day>().ok();
        let day = written.or_else(|| self.moment(Some(field)).map(|moment| self.clock.day(moment)));
        day.map(Day::day_of_month)
    }

    fn moment(&self, field: Option<Field<'_>>) -> Option<Moment> {
        self.clock.read(&field?.text()?)
    }
}

/// A fluid by its name, in any case, or by its number.
fn fluid(field: Field<'_>) -> Option<Fluid> {
    if let Some(number) = number(field) {
        return Fluid::ALL.get(usize::from(number.small_integer(2)?)).copied();
    }
    let name = field.text()?;
    Fluid::ALL.into_iter().find(|fluid| name.eq_ignore_ascii_case(fluid.as_str()))
}

/// A number as it stands in a field: as such, or as a string that is one.
fn number(field: Field<'_>) -> Option<Decimal> {
    match field.number() {
        Some(digits) => Decimal::parse(digits),
        None => Decimal::parse(&field.text()?),
    }
}

/// What is read of a load, after what tells whether it is the app's.
pub(crate) const LOAD_FIELDS: [&str; 5] = ["_id", "_deleted", "load", "year", "month"];

fn loaded([_, _, load, year, month]: [Option<Field<'_>>; 5]) -> Option<(Month, Decimal)> {
    let whole = |field: Field<'_>| Decimal::parse(field.number()?)?.whole();
    let month = Month::new(whole(year?)?, u8::try_from(whole(month?)?).ok()?)?;
    Some((month, Decimal::parse(load?.number()?)?))
}

impl HomeInputs {
    /// The load of a month as far as it is known.
    pub(crate) fn load(&self, fluid: Fluid, month: Month) -> Option<&Decimal> {
        self.loads.get(&(fluid, month))
    }

    /// What the profile type uses a fluid for; `None` without a profile type.
    pub(crate) fn usage(&self, fluid: Fluid) -> Option<String> {
        let uses = self.uses.as_ref()?.iter().zip(USES);
        let names: Vec<&str> =
            uses.filter(|(used, _)| **used == Some(fluid)).map(|(_, (_, name))| name).collect();
        Some(if names.is_empty() { "none".to_owned() } else { names.join(":") })
    }

    /// Whether there is half-hour data of a month.
    pub(crate) fn has_half_hours(&self, fluid: Fluid, month: Month) -> bool {
        self.half_hours.contains(&(fluid, month))
    }
}
