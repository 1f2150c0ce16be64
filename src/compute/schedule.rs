//! Which periods are computed: those asked for, or those that are due.

use crate::base::Set;
use crate::calendar::{Day, Month, Period};
use crate::consent::Consent;
use crate::diagnostics::{Code, Diagnostics};
use crate::fold::Inputs;
use crate::limits;
use crate::memory::Basis;
use crate::options::{MonthlyStartDate, Options, Settings};

/// The periods to compute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Periods {
    pub(crate) days: Vec<Day>,
    pub(crate) months: Vec<Month>,
    /// Asked for and not over yet.
    pub(crate) open: usize,
}

impl Options {
    /// The periods asked for; `None` when the nightly run decides.
    pub(crate) fn asked(&self, today: Day) -> Option<Periods> {
        if self.from.is_none() && self.to.is_none() && self.months.is_none() {
            return None;
        }
        let days = match (self.from, self.to) {
            (None, None) => None,
            (Some(from), None) => Some((from, today.previous().max(from))),
            (None, Some(to)) => Some((to, to)),
            (Some(from), Some(to)) => Some((from, to)),
        };
        let mut months = Set::new();
        for &month in self.months.iter().flatten() {
            months.insert(month);
        }
        let mut asked = Periods::default();
        if let Some((first, last)) = days {
            for day in first.through(last) {
                if day < today {
                    asked.days.push(day);
                } else {
                    asked.open += 1;
                }
            }
        }
        for &month in months.iter() {
            if month.last_day() < today {
                asked.months.push(month);
            } else {
                asked.open += 1;
            }
        }
        Some(asked)
    }

    /// The periods to compute: those asked for, or else those that are due.
    pub(crate) fn periods(&self, today: Day, due_day: Option<u8>) -> Periods {
        self.asked(today).unwrap_or_else(|| self.due(today, due_day))
    }

    /// What the nightly run computes: the open days, and the months due.
    pub(crate) fn due(&self, today: Day, due_day: Option<u8>) -> Periods {
        let yesterday = today.previous();
        let first_day = self.first_computed_day(today);
        let due_day = due_day.unwrap_or(limits::DEFAULT_DUE_DAY);
        let is_open = |day: &Day| {
            let computed = self.memory.as_ref().and_then(|memory| memory.days.get(day));
            computed.is_none_or(|computed| today <= computed.plus(limits::OPEN_AFTER_COMPUTED))
        };
        let is_due = |month: &Month| {
            let computed = self.memory.as_ref().is_some_and(|memory| memory.months.contains(month));
            !computed && month.next().day_clamped(due_day) <= today
        };
        let mut due = Periods::default();
        for day in first_day.max(today.plus(-limits::OPEN_DAYS)).through(yesterday) {
            if is_open(&day) {
                due.days.push(day);
            }
        }
        for back in (1..=limits::DUE_MONTHS).rev() {
            let month = today.month().plus(-back);
            if month >= first_day.month() && is_due(&month) {
                due.months.push(month);
            }
        }
        if self.monthly_start_date == MonthlyStartDate::RunDate {
            // All that are planned on one day carry one date: the others wait.
            due.months.truncate(1);
        }
        due
    }

    /// The first day whose events a run asks for: what earlier days hold is
    /// remembered. It asks for all days with consent where periods are asked
    /// for, where there is no memory, and where what is remembered was made
    /// under something else: another meaning of what is counted, other events,
    /// another reach of consent.
    pub(crate) fn first_asked_day(
        &self,
        settings: &Settings,
        consent: &Consent,
        periods: &Periods,
    ) -> Option<Day> {
        let first = consent.intervals().first()?.from;
        let read_until = self.memory.as_ref().filter(|_| self.asked(settings.today).is_none());
        let read_until = read_until.and_then(|memory| {
            let mut days = memory.days.keys().filter(|day| **day < settings.today);
            let read_until = *days.next_back()?;
            let basis = memory.basis.as_ref()?;
            let is_same = self.is_made_under(basis, settings, consent, read_until);
            let is_consented = memory.restricted(&settings.clock, &|day| consent.contains(day)) == *memory;
            (is_same && is_consented).then_some(read_until)
        });
        let Some(read_until) = read_until else { return Some(first) };
        let oldest = settings.today.plus(-limits::OPEN_DAYS).min(read_until.next());
        let month = periods.months.first().map(|month| month.first_day());
        Some(oldest.min(month.unwrap_or(oldest)).max(first))
    }

    /// What is remembered by a run under these options is made under this.
    pub(crate) fn basis(&self, settings: &Settings, consent: &Consent) -> Basis {
        Basis {
            rules: settings.catalog.remembered(),
            events: self.doctypes.events.clone(),
            consent: consent.within(None, settings.today.previous()),
        }
    }

    /// Whether what was remembered of the days up to this one is what a run
    /// under these options would remember of them.
    fn is_made_under(&self, basis: &Basis, settings: &Settings, consent: &Consent, until: Day) -> bool {
        let is_known = |(name, meaning): (&String, &String)| basis.rules.get(name) == Some(meaning);
        let earlier = Consent::new(basis.consent.clone()).unwrap_or_default();
        settings.catalog.remembered().iter().all(is_known)
            && basis.events == self.doctypes.events
            && earlier.covers(&consent.within(None, until))
    }

    /// The first day this home ever computed, or computes now. One that lies
    /// far ahead was remembered under a wrong clock; one that lies near is
    /// waited for, as this clock may be the wrong one.
    pub(crate) fn first_computed_day(&self, today: Day) -> Day {
        let memory = self.memory.as_ref();
        let first = memory
            .and_then(|memory| memory.first_day)
            .filter(|first| *first <= today.plus(limits::OPEN_DAYS));
        let first = first.or(self.first_day);
        let first = first.unwrap_or(today.previous());
        let closed = memory.and_then(|memory| memory.closed_until);
        closed.map_or(first, |closed| first.max(closed.next()))
    }
}

/// The periods asked for, or those that are due: days before months.
pub(crate) fn periods(
    options: &Options,
    settings: &Settings,
    inputs: Option<&dyn Inputs>,
    diagnostics: &mut Diagnostics,
) -> Vec<Period> {
    let due_day = inputs.and_then(Inputs::analysis_day);
    let periods = options.periods(settings.today, due_day);
    for _ in 0..periods.open {
        diagnostics.add(Code::PeriodOpen);
    }
    let days = periods.days.into_iter().map(Period::Day);
    days.chain(periods.months.into_iter().map(Period::Month)).collect()
}

#[cfg(test)]
mod tests {
    use super::Options;
    use crate::calendar::Day;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn options(json: &str) -> Options {
        Options::from_json(json).unwrap()
    }

    #[test]
    fn a_first_run_computes_yesterday_alone() {
        let due = options("{}").due(day("2024-04-10"), None);
        assert_eq!(due.days, [day("2024-04-09")]);
        assert!(due.months.is_empty());
    }

    #[test]
    fn a_change_over_opens_thirty_days_and_three_months() {
        let due = options(r#"{"firstDay":"2023-01-01"}"#).due(day("2024-04-10"), None);
        assert_eq!((due.days[0], due.days.len()), (day("2024-03-11"), 30));
        let months: Vec<_> = due.months.iter().map(ToString::to_string).collect();
        assert_eq!(months, ["2024-01", "2024-02", "2024-03"]);
    }

    #[test]
    fn a_month_is_due_on_its_day_clamped_to_the_month() {
        let options = options(r#"{"firstDay":"2024-03-31"}"#);
        let months = |today, due_day| options.due(day(today), due_day).months.len();
        assert_eq!(months("2024-04-29", Some(31)), 0);
        assert_eq!(months("2024-04-30", Some(31)), 1);
        assert_eq!(months("2024-04-02", None), 0);
        assert_eq!(months("2024-04-03", None), 1);
    }

    #[test]
    fn a_day_is_settled_a_week_after_it_was_computed_and_a_month_at_once() {
        let memory = r#"{"memory":{"firstDay":"2024-03-01","months":["2024-03"],
            "days":{"2024-04-01":"2024-04-02","2024-04-02":"2024-04-03"}}}"#;
        let due = options(memory).due(day("2024-04-10"), None);
        assert!(!due.days.contains(&day("2024-04-01")));
        assert!(due.days.contains(&day("2024-04-02")));
        assert!(due.days.contains(&day("2024-04-03")));
        assert!(due.months.is_empty());
    }

    #[test]
    fn what_is_asked_for_and_not_over_is_told() {
        let options =
            options(r#"{"from":"2024-04-08","to":"2024-04-11","months":["2024-04","2024-03","2024-03"]}"#);
        let asked = options.asked(day("2024-04-10")).unwrap();
        assert_eq!((asked.days.len(), asked.months.len(), asked.open), (2, 1, 3));
    }
}
