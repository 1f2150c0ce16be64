//! The demonstration: a local stack, a dozen homes, the real service.

use std::process::ExitCode;

use crate::build;
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::setup;

const SCRIPT: &str = "target/js/demo.mjs";

/// Runs it and passes its exit status on.
pub fn demo(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    let tools = setup::setup(project, false)?;
    build::build(project, &tools.rust, &tools.bindgen, false)?;
    if !project.root.join(SCRIPT).is_file() {
        return Err(Error::new(format!(
            "the build made no {SCRIPT}: its source, js/demo/main.ts, is missing"
        )));
    }
    let status = process::status(project.node().arg(SCRIPT).args(arguments))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
