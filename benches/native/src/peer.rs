//! A peer: takes one command a line, answers one line; see `benches/README.md`.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::{self, BufRead as _, Write as _};
use std::time::Instant;

use dacc_aggregator::{Options, Outcome};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::work::aggregate;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Command {
    Load { file: String, options: Value },
    Run { times: u32 },
    Cells,
}

#[derive(Default)]
struct Input {
    bytes: Vec<u8>,
    copy: Vec<u8>,
    options: Options,
}

/// Answers until there are no more commands.
pub fn serve(is_memcpy: bool) -> Result<(), Box<dyn Error>> {
    let mut input = Input::default();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?)? {
            Command::Load { file, options } => {
                let bytes = fs::read(file)?;
                let options = Options::from_json(&options.to_string())?;
                input = Input { copy: vec![0; bytes.len()], bytes, options };
                json!({})
            }
            Command::Run { times } => {
                let cpu = cpu_millis();
                let started = Instant::now();
                for _ in 0..times {
                    if is_memcpy {
                        input.copy.copy_from_slice(black_box(&input.bytes));
                        black_box(&input.copy);
                    } else {
                        black_box(aggregate(black_box(&input.bytes), &input.options)?);
                    }
                }
                let millis = started.elapsed().as_secs_f64() * 1000.0;
                json!({ "millis": millis, "cpu": cpu.zip(cpu_millis()).map(|(from, to)| to - from) })
            }
            Command::Cells => json!({ "cells": cells(&aggregate(&input.bytes, &input.options)?)? }),
        };
        println!("{answer}");
        io::stdout().flush()?;
    }
    Ok(())
}

/// How long this thread, the only one, had a processor: unlike a clock, it does
/// not see what else the machine does.
fn cpu_millis() -> Option<f64> {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(statistics.split_once(' ')?.0.parse::<f64>().ok()? / 1e6)
}

/// `[name, date, groups, value]` of each measure.
fn cells(outcome: &Outcome) -> Result<Vec<Value>, serde_json::Error> {
    let cell = |measure: Value| {
        let groups = ["group1", "group2", "group3"].iter().filter_map(|group| measure[group].as_object());
        let groups: Vec<&Value> = groups.flat_map(|group| group.values()).collect();
        json!([measure["measureName"], measure["startDate"], groups, measure["value"]])
    };
    outcome.measures.iter().map(|measure| Ok(cell(serde_json::to_value(measure)?))).collect()
}
