//! What the person at the terminal sees.

use std::env;
use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub enum Colour {
    Bold,
    Green,
    Red,
    Yellow,
    Dim,
}

/// The text in a colour, where standard output is a terminal that wants it.
pub fn paint(colour: Colour, text: &str) -> String {
    static WANTED: OnceLock<bool> = OnceLock::new();
    let wanted = *WANTED.get_or_init(|| {
        io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    });
    if !wanted {
        return text.to_owned();
    }
    let code = match colour {
        Colour::Bold => "1",
        Colour::Green => "32",
        Colour::Red => "31",
        Colour::Yellow => "33",
        Colour::Dim => "2",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// A heading: something starts.
pub fn heading(text: &str) {
    println!("{}", paint(Colour::Bold, text));
}

/// One thing that was done, or is about to take a while.
pub fn step(what: &str, how: &str) {
    println!("  {what:<13} {how}");
}

pub fn error(sentence: &str) {
    let label = if io::stderr().is_terminal() { paint(Colour::Red, "error:") } else { "error:".to_owned() };
    eprintln!("{label} {sentence}");
}

/// A duration as a person says it: `0.4 s`, `12 s`, `2 min 5 s`.
pub fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

pub fn kilobytes(bytes: u64) -> String {
    format!("{} kB", bytes.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(430)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(12)), "12 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }
}
