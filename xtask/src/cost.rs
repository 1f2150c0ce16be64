//! What work costs: how long one waits for it, and how long processors worked.

use std::fs;
use std::ops::{Add, AddAssign, Sub};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The unit of times in `/proc`, which Linux never changed for programs.
const TICKS_PER_SECOND: u32 = 100;

/// The time of processors that this process took, and those took that it
/// started and that ended; nothing where the system does not tell.
pub fn processor() -> Option<Duration> {
    read(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// User and system time of a process, and of its children that were waited for.
fn read(stat: &str) -> Option<Duration> {
    // The second field is the program's name, which may have spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = fields.get(11..15)?.iter().map(|field| field.parse::<u32>().ok()).sum::<Option<u32>>()?;
    Some(Duration::from_secs(1) * ticks / TICKS_PER_SECOND)
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub wall: Duration,
    pub processor: Duration,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, processor: self.processor + other.processor }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            wall: self.wall.saturating_sub(other.wall),
            processor: self.processor.saturating_sub(other.processor),
        }
    }
}

/// Measures from its making on.
pub struct Meter {
    started: Instant,
    processor: Duration,
}

impl Meter {
    pub fn start() -> Self {
        Self { started: Instant::now(), processor: processor().unwrap_or_default() }
    }

    pub fn read(&self) -> Cost {
        let processor = processor().unwrap_or_default().saturating_sub(self.processor);
        Cost { wall: self.started.elapsed(), processor }
    }
}

/// What this process spent on builds so far.
static BUILDS: Mutex<Cost> = Mutex::new(Cost { wall: Duration::ZERO, processor: Duration::ZERO });

/// Does something that counts as building: compiling, linking, bundling.
pub fn building<T>(work: impl FnOnce() -> T) -> T {
    let meter = Meter::start();
    let done = work();
    if let Ok(mut builds) = BUILDS.lock() {
        *builds += meter.read();
    }
    done
}

pub fn builds() -> Cost {
    BUILDS.lock().map(|builds| *builds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_s_time_is_read_whatever_its_name() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 1 2 3 4 100 50 20 30 20 0 1 0 42 8 9";
        assert_eq!(read(stat), Some(Duration::from_secs(2)));
        assert_eq!(read("7 (cut) S 1"), None);
    }

    #[test]
    fn what_is_built_is_counted() {
        let before = builds();
        assert_eq!(building(|| 7), 7);
        building(|| std::thread::sleep(Duration::from_millis(20)));
        assert!((builds() - before).wall >= Duration::from_millis(20));
    }
}
