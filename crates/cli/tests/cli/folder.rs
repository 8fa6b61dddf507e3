//! Where a command runs: a folder of one test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

/// An empty folder, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("folder-{n}"));
        // What a run of the tests that was cut off has left, or one for all of them.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// `keycensus` in this folder, with no environment: no credentials, no Region. Blanks
    /// are between the arguments of a line; `''` is an empty one.
    pub(crate) fn keycensus(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keycensus"));
        command
            .args(line.split_whitespace().map(|word| word.trim_matches('\'')))
            .current_dir(&self.0)
            .env_clear()
            .env("HOME", &self.0);
        command
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
