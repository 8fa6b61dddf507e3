//! A builder for the digest's text. It counts its bytes against SNS's limit, so that lists can be
//! cut to fit.

use super::wording::grouped;
use crate::model::layout::ReportFile;

/// Text with the size it takes inside a JSON string.
#[derive(Default)]
pub(super) struct Page {
    pub(super) text: String,
    json_bytes: usize,
}

impl Page {
    pub(super) fn line(&mut self, line: &str) {
        self.json_bytes += json_bytes(line);
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(super) fn heading(&mut self, heading: &str) {
        self.line("");
        self.line(heading);
    }

    pub(super) fn has_room_for(&self, lines: &[String], limit: usize) -> bool {
        let more: usize = lines.iter().map(|line| json_bytes(line)).sum();
        self.json_bytes + more <= limit
    }

    /// Writes entries of one line as [`Page::list`] does, and how many of `all` were left out, with
    /// the file that has them all.
    pub(super) fn list_or_count(
        &mut self,
        entries: impl Iterator<Item = String>,
        all: u64,
        at_most: usize,
        limit: usize,
        file: ReportFile,
    ) {
        let more = all - self.list(entries, at_most, limit) as u64;
        if more > 0 {
            let file = file.name();
            let more = grouped(more);
            self.line(&format!("- and {more} more; {file} has every one"));
        }
    }

    /// Writes entries of one line while they fit, `at_most` of them, and returns how many it wrote.
    pub(super) fn list(
        &mut self,
        entries: impl IntoIterator<Item = String>,
        at_most: usize,
        limit: usize,
    ) -> usize {
        let mut listed = 0;
        for entry in entries.into_iter().take(at_most) {
            if !self.has_room_for(std::slice::from_ref(&entry), limit) {
                break;
            }
            self.line(&entry);
            listed += 1;
        }
        listed
    }
}

/// The bytes of a line and its line break inside a JSON string.
pub(super) fn json_bytes(line: &str) -> usize {
    let escapes = line.bytes().filter(|b| matches!(b, b'"' | b'\\')).count();
    line.len() + escapes + r"\n".len()
}
