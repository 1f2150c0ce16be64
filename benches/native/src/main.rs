//! What the benchmarks need natively: their input, two peers, and the work
//! whose instructions are counted.

mod count;
mod events;
mod input;
mod json;
mod mix;
mod peer;
mod work;

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use input::Shape;

const HELP: &str = "\
dacc-bench generate EVENTS SHAPE array|lines FILE   write an input file
dacc-bench peer ours|memcpy                         take commands, one a line
dacc-bench count EVENTS SHAPE                       the work, once, under callgrind
";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["generate", count, shape, framing, file] => {
            let mut file = BufWriter::new(File::create(file)?);
            input::write(count.parse()?, named(shape)?, framing == "lines", &mut file)?;
            Ok(file.flush()?)
        }
        ["peer", "ours"] => peer::serve(false),
        ["peer", "memcpy"] => peer::serve(true),
        ["count", count, shape] => count::count(count.parse()?, named(shape)?),
        _ => Err(HELP.into()),
    }
}

fn named(shape: &str) -> Result<Shape, Box<dyn Error>> {
    Shape::from_name(shape).ok_or_else(|| format!("`{shape}` is no shape of input").into())
}
