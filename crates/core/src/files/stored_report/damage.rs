//! What is wrong with a stored file.

use thiserror::Error;

use crate::{files::report_place::ReportPlace, model::layout::ReportFile};

/// What is wrong with a stored file, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{}: {problem}", file.name(), line_told(*line))]
pub struct Damage {
    /// The file.
    pub file: ReportFile,
    /// The line, from 1; `None` where it is no line's fault.
    pub line: Option<u64>,
    /// What is wrong with it. Strangers' text in it is quoted, as Rust does.
    pub problem: String,
}

impl Damage {
    /// The same with the file's whole location.
    #[must_use]
    pub fn at(&self, place: &ReportPlace) -> String {
        let location = place.location(self.file);
        format!("{location}{}: {}", line_told(self.line), self.problem)
    }
}

fn line_told(line: Option<u64>) -> String {
    line.map(|line| format!(", line {line}"))
        .unwrap_or_default()
}
