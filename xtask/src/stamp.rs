//! Stamps: what a step was last made from, so that it is not made again.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

use crate::error::{Context as _, Result};

/// A fingerprint of everything a step reads.
#[derive(Default)]
pub struct Inputs(DefaultHasher);

impl Inputs {
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.0.write(text.as_bytes());
        self.0.write_u8(0xff);
        self
    }

    /// A file's name and content; that a file is missing counts too.
    pub fn file(&mut self, path: &Path) -> &mut Self {
        self.text(&path.to_string_lossy());
        match fs::read(path) {
            Ok(content) => {
                self.0.write_usize(content.len());
                self.0.write(&content);
            }
            Err(_) => self.0.write_u8(0),
        }
        self
    }

    pub fn finish(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

/// Where a step notes what it was made from.
pub struct Stamp(PathBuf);

impl Stamp {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn says(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|noted| noted == fingerprint)
    }

    /// Before the step: it counts as not done until it is done.
    pub fn clear(&self) {
        // A stamp that is not there is as good as one that was removed.
        let _ = fs::remove_file(&self.0);
    }

    pub fn write(&self, fingerprint: &str) -> Result<()> {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder).doing(|| format!("create {}", folder.display()))?;
        }
        fs::write(&self.0, fingerprint).doing(|| format!("write {}", self.0.display()))
    }
}

/// Every file below a folder that `keep` wants, sorted; none if it is missing.
pub fn files_below(folder: &Path, keep: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if keep(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_text_ends_counts() {
        let one = Inputs::default().text("ab").text("c").finish();
        let other = Inputs::default().text("a").text("bc").finish();
        assert_ne!(one, other);
    }

    #[test]
    fn a_missing_file_is_not_an_empty_file() {
        let missing = Path::new("no/such/file");
        let inputs = Inputs::default().file(missing).finish();
        let empty = Inputs::default().text("no/such/file").finish();
        assert_ne!(inputs, empty);
    }
}
