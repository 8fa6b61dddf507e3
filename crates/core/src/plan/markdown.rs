//! Untrusted text within Markdown.

use crate::model::plain_text::one_line;

/// `free` as code, in which nothing has a meaning: no links, no HTML, no mentions
/// (<https://spec.commonmark.org/0.31.2/#code-spans>). Not for tables.
pub(super) fn code(free: &str) -> String {
    let line = one_line(free);
    if line.trim().is_empty() {
        return "(none)".to_owned();
    }
    let runs = line.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    // A space at both ends is taken off again.
    let space = match line.starts_with(['`', ' ']) || line.ends_with(['`', ' ']) {
        true => " ",
        false => "",
    };
    format!("{fence}{space}{line}{space}{fence}")
}

#[cfg(test)]
mod tests;
