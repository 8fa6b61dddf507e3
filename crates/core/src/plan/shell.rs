//! Text within shell scripts.

use crate::model::plain_text::one_line;

/// `text` as one word for the shell, whatever is in it. It cannot hold a NUL, which
/// no argument can.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as a comment of one line, whatever is in it.
pub(super) fn comment(text: &str) -> String {
    format!("# {}", one_line(text))
}

#[cfg(test)]
mod tests;
