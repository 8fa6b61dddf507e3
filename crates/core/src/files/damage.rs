//! What is wrong with a stored file.

use std::path::Path;

use thiserror::Error;

use crate::{files::report_location::ReportLocation, model::layout::ReportFile};

/// What is wrong with a stored file, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{}", file.name(), self.in_line())]
pub struct Damage {
    /// The file.
    pub file: ReportFile,
    /// The line, from 1; `None` where no single line is damaged.
    pub line: Option<u64>,
    /// What is wrong with it. Untrusted text in it is quoted, as Rust does.
    pub problem: String,
}

impl Damage {
    /// What is wrong with a file, in no line of it.
    pub(crate) fn of(file: ReportFile, problem: String) -> Self {
        Self {
            file,
            line: None,
            problem,
        }
    }

    /// The same with the file's whole location.
    #[must_use]
    pub fn at(&self, location: &ReportLocation) -> String {
        format!("{}{}", location.location(self.file), self.in_line())
    }

    /// The same with the file's path.
    #[must_use]
    pub fn at_path(&self, path: &Path) -> String {
        format!("{}{}", path.display(), self.in_line())
    }

    fn in_line(&self) -> String {
        match self.line {
            Some(line) => format!(", line {line}: {}", self.problem),
            None => format!(": {}", self.problem),
        }
    }
}
