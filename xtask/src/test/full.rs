//! What `--full` adds: a client and a server that are too large to be
//! installed for every run, and a build from a clone.

use std::env;
use std::time::Duration;

use super::schedule::Outcome;
use super::stage::{PACKAGE, Stage};
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;
use crate::setup::postgres::{self, Server};
use crate::stamp::Stamp;

/// The client that apps use, as it was when the tests were written.
const CLIENT: &str = "cozy-client@60.14.0";
const INSTALL_LIMIT: Duration = Duration::from_secs(900);

const TESTS: [&str; 5] = [
    "tests/js/dev/cozy-client.test.ts",
    "tests/js/playground/newcomer.test.ts",
    "tests/js/stand-in/dacc-aggregate.test.ts",
    "tests/js/stand-in/dacc-measure.test.ts",
    "tests/js/stand-in/sql.test.ts",
];

pub const FULL: Stage = Stage {
    needs: PACKAGE,
    ..Stage::new(
        "full",
        "cozy-client and PostgreSQL against the local stack, a newcomer from the clone on (only with --full)",
        full,
    )
};

fn full(project: &Project, _: Option<&str>) -> Result<Outcome> {
    let client = client(project)?;
    let mut tests = project.node();
    tests.args(["--import", "tsx", "--test", "--test-reporter=spec"]).args(TESTS);
    tests.env("DACC_COZY_CLIENT", client).env("DACC_FROM_CLONE", "1");
    // A server that is there already is as good.
    let mut server = None;
    if env::var_os("DATABASE_URL").is_none() {
        match Server::start(project)? {
            Some(started) => {
                tests.env("DATABASE_URL", started.url());
                server = Some(started);
            }
            None => report::step("PostgreSQL", postgres::ADVICE),
        }
    }
    let outcome = process::run(&mut tests);
    drop(server);
    outcome.map(|()| Outcome::Passed)
}

/// Installs the client below the target folder, once.
fn client(project: &Project) -> Result<std::path::PathBuf> {
    let folder = project.target.join("cozy-client");
    let stamp = Stamp::new(folder.join(".installed"));
    if stamp.says(CLIENT) {
        return Ok(folder);
    }
    stamp.clear();
    let npm = process::find("npm")
        .ok_or_else(|| Error::new("`npm` is not on PATH: install it beside Node, then try again"))?;
    report::step("cozy-client", "installing it …");
    let mut install = process::command(npm);
    install.current_dir(&project.root).args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--ignore-scripts",
    ]);
    install.arg("--prefix").arg(&folder).arg(CLIENT);
    process::run_quietly(&mut install, &project.log("cozy-client"), INSTALL_LIMIT)?;
    stamp.write(CLIENT)?;
    Ok(folder)
}
