//! The summary: how each job ended, and what it cost.

use std::time::Duration;

use super::schedule::Outcome;
use crate::cost::Cost;
use crate::report::{self, Colour};

pub struct Row {
    pub name: String,
    pub outcome: Outcome,
    pub wall: Duration,
    /// Unknown where the system does not tell, and for what did not run.
    pub processor: Option<Duration>,
    pub builds: Cost,
}

/// What all rows cost together; `wall` is what one waited for them.
pub struct Total {
    pub wall: Duration,
    pub lanes: usize,
}

pub fn print(rows: &[Row], total: &Total) {
    report::heading("summary");
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default().max("together".len());
    let head = format!("  {:<width$} {:<7} {:>11} {:>11} {:>11}", "", "", "time", "processors", "in builds");
    println!("{}", report::paint(Colour::Dim, &head));
    for row in rows {
        let (colour, word, note) = match &row.outcome {
            Outcome::Passed => (Colour::Green, "ok", String::new()),
            Outcome::Skipped(why) => (Colour::Yellow, "skipped", shortened(why)),
            Outcome::Failed(why) => (Colour::Red, "failed", shortened(why)),
        };
        let word = report::paint(colour, &format!("{word:<7}"));
        let costs = report::paint(Colour::Dim, &costs(row.wall, row.processor, row.builds.processor));
        println!("  {:<width$} {word} {costs}  {note}", row.name);
    }
    let processor = rows.iter().filter_map(|row| row.processor).reduce(|one, other| one + other);
    let builds = rows.iter().map(|row| row.builds).fold(Cost::default(), |one, other| one + other);
    println!("  {:<width$} {:<7} {}", "together", "", costs(total.wall, processor, builds.processor));
    if let Some(processor) = processor.filter(|time| !time.is_zero()) {
        let percent = |part: Duration, whole: Duration| 100.0 * part.as_secs_f64() / whole.as_secs_f64();
        println!(
            "  builds: {:.0} % of the processors' time; at most {} at the same time",
            percent(builds.processor, processor),
            match total.lanes {
                1 => "one job".to_owned(),
                lanes => format!("{lanes} jobs"),
            }
        );
    }
}

fn costs(wall: Duration, processor: Option<Duration>, builds: Duration) -> String {
    let unless_none = |time: Duration| if time.is_zero() { String::new() } else { report::seconds(time) };
    let processor = processor.map(report::seconds).unwrap_or_default();
    format!("{:>11} {processor:>11} {:>11}", report::seconds(wall), unless_none(builds))
}

/// Enough of a sentence to find the whole of it above.
fn shortened(text: &str) -> String {
    const WIDTH: usize = 80;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(WIDTH) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_stand_in_columns() {
        let (wall, builds) = (Duration::from_secs(150), Duration::from_millis(9_400));
        assert_eq!(costs(wall, Some(wall * 2), builds), " 2 min 30 s   5 min 0 s       9.4 s");
        assert_eq!(costs(wall, None, Duration::ZERO).trim(), "2 min 30 s");
    }

    #[test]
    fn a_note_is_one_line() {
        assert_eq!(shortened("first\nsecond"), "first");
        assert_eq!(shortened(&"é".repeat(100)).chars().count(), 81);
    }
}
