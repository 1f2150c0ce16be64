//! `cargo xtask COMMAND`: everything a developer runs.

mod bench;
mod build;
mod cost;
mod demo;
mod error;
mod mutants;
mod process;
mod project;
mod report;
mod setup;
mod simulate;
mod stamp;
mod test;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use crate::error::{Error, Result};
use crate::project::Project;

const HELP: &str = "\
cargo xtask COMMAND

Commands
  setup            fetch what is missing: wasm target, wasm-bindgen, npm packages
    --browser      and Chromium with its driver, for the browser tests
  build            build pkg/: the wasm module, its glue and the JavaScript bundles
    --force        do every step again, changed or not
  test             setup, build, then every test; a table says how it went
    --only A,B     only these stages, and what they need
    --jobs N       so many at the same time (default: one for each processor, up to 4)
    --full         and cozy-client and PostgreSQL against the local stack, a build from a clone
    --list         name the stages and stop
  demo [ARGS]      setup, build, then a local stack, a dozen homes and the service
  simulate         try to break the delivery of measures, in a world of its own
    --seeds N      in so many schedules (default: 100000)
    --from S       from this one on (default: 0)
  oracle           put homes, catalogs, apps and nights to the program and to an oracle
    --cases N      so many homes, and fewer previews and nights (default: 200000)
    --from S       from this one on (default: 0)
  mutants          break one rule after the other, and see that a test notices
    --only NAME    only breaks with this in their name
    --list         name them and stop
  bench            measure speed and size beside other ways to do the work; writes docs/speed.md
    --quick        with few rounds, to steer by; writes to target/bench/results/
    --only A,B     only these parts: speed, large, scaling, cold, sizes, loading, night
    --bless        count the native core's instructions, and keep them for the tests

Every command sets up what it needs first, and skips what is there.

Environment
  CI=true                    a missing browser fails the tests instead of skipping them
  CARGO_TARGET_DIR           where cargo builds, as usual (default: target)
  XDG_CACHE_HOME             where tools are kept for every clone (default: ~/.cache)
  DATABASE_URL               the PostgreSQL server of --full (default: one of its own)
  CHROMEDRIVER               the driver to use (default: the one on PATH)
  DACC_WASM_TOOLCHAIN=debian build the wasm with Debian's toolchain, even if rustup's can
  NO_COLOR                   no colours
";

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            report::error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Vec<String>) -> Result<ExitCode> {
    if arguments.is_empty() {
        print!("{HELP}");
        return Ok(ExitCode::from(2));
    }
    let command = arguments.remove(0);
    let asks_help = |argument: &String| argument == "--help" || argument == "-h";
    if command == "help" || asks_help(&command) || arguments.iter().any(asks_help) {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let project = Project::find()?;
    match command.as_str() {
        "setup" => {
            let browser = take_flag(&mut arguments, "--browser");
            nothing_left(&command, &arguments)?;
            setup::setup(&project, browser)?;
            Ok(ExitCode::SUCCESS)
        }
        "build" => {
            let force = take_flag(&mut arguments, "--force");
            // The default, and the only profile that is shipped.
            take_flag(&mut arguments, "--release");
            nothing_left(&command, &arguments)?;
            let tools = setup::setup(&project, false)?;
            build::build(&project, &tools.rust, &tools.bindgen, force)?;
            Ok(ExitCode::SUCCESS)
        }
        "test" => {
            if take_flag(&mut arguments, "--list") {
                nothing_left(&command, &arguments)?;
                test::list();
                return Ok(ExitCode::SUCCESS);
            }
            let only = take_value(&mut arguments, "--only")?;
            let jobs = take_value(&mut arguments, "--jobs")?;
            let full = take_flag(&mut arguments, "--full");
            nothing_left(&command, &arguments)?;
            test::test(&project, only.as_deref(), full, jobs.as_deref())
        }
        // One job of `test`, in a process of its own: only `test` asks for it.
        "job" => {
            let [name, told] = arguments.as_slice() else {
                return Err(Error::new("`cargo xtask job` is for `cargo xtask test`"));
            };
            test::job(&project, name, Path::new(told))
        }
        "demo" => demo::demo(&project, &arguments),
        "bench" => {
            if take_flag(&mut arguments, "--bless") {
                nothing_left(&command, &arguments)?;
                bench::instructions::bless(&project)?;
                return Ok(ExitCode::SUCCESS);
            }
            bench::bench(&project, &arguments)
        }
        "simulate" => {
            let seeds = take_value(&mut arguments, "--seeds")?;
            let from = take_value(&mut arguments, "--from")?;
            nothing_left(&command, &arguments)?;
            simulate::simulate(&project, seeds.as_deref(), from.as_deref())
        }
        "oracle" => {
            let cases = take_value(&mut arguments, "--cases")?;
            let from = take_value(&mut arguments, "--from")?;
            nothing_left(&command, &arguments)?;
            simulate::oracle(&project, cases.as_deref(), from.as_deref())
        }
        "mutants" => {
            let only = take_value(&mut arguments, "--only")?;
            let is_list = take_flag(&mut arguments, "--list");
            nothing_left(&command, &arguments)?;
            mutants::mutants(&project, only.as_deref(), is_list)
        }
        other => Err(Error::new(format!("`{other}` is not a command; `cargo xtask --help` lists them"))),
    }
}

/// Takes `flag` out of the arguments and says whether it was there.
fn take_flag(arguments: &mut Vec<String>, flag: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| argument != flag);
    arguments.len() < before
}

/// Takes `flag VALUE` or `flag=VALUE` out of the arguments.
fn take_value(arguments: &mut Vec<String>, flag: &str) -> Result<Option<String>> {
    let with_value = format!("{flag}=");
    let Some(at) =
        arguments.iter().position(|argument| argument == flag || argument.starts_with(&with_value))
    else {
        return Ok(None);
    };
    let argument = arguments.remove(at);
    if let Some(value) = argument.strip_prefix(&with_value) {
        return Ok(Some(value.to_owned()));
    }
    if at == arguments.len() {
        return Err(Error::new(format!("`{flag}` wants a value")));
    }
    Ok(Some(arguments.remove(at)))
}

fn nothing_left(command: &str, arguments: &[String]) -> Result<()> {
    match arguments.first() {
        None => Ok(()),
        Some(first) => Err(Error::new(format!(
            "`cargo xtask {command}` has no option `{first}`; `cargo xtask --help` lists them"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(list: &[&str]) -> Vec<String> {
        list.iter().map(|argument| (*argument).to_owned()).collect()
    }

    #[test]
    fn a_value_is_taken_in_both_spellings() {
        for spelling in [&["--only", "js"][..], &["--only=js"]] {
            let mut given = arguments(spelling);
            let value = take_value(&mut given, "--only").unwrap();
            assert_eq!(value.as_deref(), Some("js"));
            assert!(given.is_empty());
        }
    }

    #[test]
    fn a_flag_without_its_value_is_refused() {
        assert!(take_value(&mut arguments(&["--only"]), "--only").is_err());
    }

    #[test]
    fn an_unknown_option_is_named() {
        let error = nothing_left("build", &arguments(&["--fast"])).unwrap_err();
        assert!(error.to_string().contains("--fast"));
    }
}
