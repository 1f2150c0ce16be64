//! How large the modules are, as files and as they travel.

use std::path::Path;

use super::modules::{BUILDS, Build};
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

/// Node compresses as servers do: gzip at 9, brotli at 11.
const MEASURE: &str = "
const { readFileSync } = require('node:fs')
const { brotliCompressSync, gzipSync } = require('node:zlib')
for (const file of process.argv.slice(1)) {
  const bytes = readFileSync(file)
  console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length)
}";

struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// A line for each module.
pub fn print(project: &Project) -> Result<()> {
    for build in &BUILDS {
        print_one(project, build)?;
    }
    Ok(())
}

/// A line for each variant of a module; gives them.
fn print_one(project: &Project, build: &Build) -> Result<Vec<Size>> {
    let variants = build.variants.iter().map(|variant| {
        let size = size(project, &build.module(project, variant))?;
        let [raw, gzip, brotli] = [size.raw, size.gzip, size.brotli].map(report::kilobytes);
        let name = format!("{}, {}", build.name, variant.name);
        report::step("size", &format!("{name:<17} {raw:>8}, gzip {gzip:>7}, brotli {brotli:>7}"));
        Ok(size)
    });
    variants.collect()
}

/// Fails where a module has grown too large.
pub fn check(project: &Project) -> Result<()> {
    for build in &BUILDS {
        let Some(most) = build.most_gzip else { continue };
        let sizes = print_one(project, build)?;
        for (variant, Size { gzip, .. }) in build.variants.iter().zip(sizes) {
            if gzip > most {
                return Err(Error::new(format!(
                    "the module `{}` ({}) has {gzip} bytes of gzip, and {most} at most: \
                     find what grew, or what it holds that its hosts do not call",
                    build.name, variant.name
                )));
            }
        }
    }
    Ok(())
}

fn size(project: &Project, module: &Path) -> Result<Size> {
    let unreadable = || Error::new(format!("could not measure {}", module.display()));
    let printed = process::output(project.node().args(["-e", MEASURE]).arg(module)).ok_or_else(unreadable)?;
    let mut numbers = printed.split_whitespace().map(str::parse);
    let mut next = || numbers.next().and_then(std::result::Result::ok).ok_or_else(unreadable);
    Ok(Size { raw: next()?, gzip: next()?, brotli: next()? })
}
