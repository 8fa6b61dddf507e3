//! What the commands print.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use keycensus_core::model::plain_text::one_line;

/// Prints lines to standard output. Untrusted names, tags and files are among
/// them: what a terminal would take for a command is replaced.
///
/// # Errors
/// Standard output takes no more, unless its reader has just gone: a person who pipes
/// into `head` has seen what they want.
pub(crate) fn print(lines: &str) -> io::Result<()> {
    let plain: Vec<String> = lines.split('\n').map(one_line).collect();
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(plain.join("\n").as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// How many bytes are printed at a time, where lines are many.
const PRINTED_AT_ONCE: usize = 1 << 16;

/// As [`print`], of lines that are too many to be put together, each with its line break.
///
/// # Errors
/// As [`print`], or a line cannot be had.
pub(crate) fn print_lines(lines: impl IntoIterator<Item = io::Result<String>>) -> io::Result<()> {
    let mut together = String::new();
    for line in lines {
        together.push_str(&line?);
        if together.len() >= PRINTED_AT_ONCE {
            print(&together)?;
            together.clear();
        }
    }
    print(&together)
}

/// Tells on standard error what happens next.
#[expect(clippy::print_stderr, reason = "notes go to standard error")]
pub(crate) fn note(line: &str) {
    eprintln!("{line}");
}

/// Tells an error on standard error: each of its lines on one, those after the first
/// further to the right.
#[expect(clippy::print_stderr, reason = "errors go to standard error")]
pub(crate) fn error(error: &impl Display) {
    let text = error.to_string();
    let lines: Vec<String> = text.lines().map(|line| one_line(line.trim())).collect();
    eprintln!("error: {}", lines.join("\n  "));
}
