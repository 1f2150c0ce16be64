//! Chromium and its driver, for the tests that run in a browser.

use std::env;
use std::path::PathBuf;

use super::{Done, debian};
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

#[derive(Debug, Clone)]
pub struct Browser {
    pub driver: PathBuf,
}

pub fn provide(project: &Project) -> Result<(Browser, Done)> {
    if let Some(browser) = find() {
        return Ok((browser, Done::Found("Chromium".to_owned())));
    }
    let advice = "install Chromium and the chromedriver of its version \
                  (Debian: `apt-get install chromium chromium-driver`), so that both are on PATH";
    debian::apt_get_allowed()
        .map_err(|error| Error::new(format!("no browser to test in, and {error}: {advice}")))?;
    report::step("browser", "installing Chromium …");
    debian::apt_get(project, &["chromium".to_owned(), "chromium-driver".to_owned()])?;
    let browser = find()
        .ok_or_else(|| Error::new(format!("apt-get installed Chromium, but it is not on PATH: {advice}")))?;
    Ok((browser, Done::Got("apt-get installed Chromium".to_owned())))
}

fn find() -> Option<Browser> {
    BROWSERS.iter().find_map(|name| process::find(name))?;
    let driver = env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .filter(|driver| driver.is_file())
        .or_else(|| process::find("chromedriver"))?;
    Some(Browser { driver })
}
