//! The output of a command, and its exit code.

use std::process::{Command, Output};

#[derive(Debug)]
pub(crate) struct CommandOutput {
    /// What was run, for the message of a test that fails.
    #[expect(dead_code, reason = "read by Debug alone")]
    command: String,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

#[track_caller]
fn holds(output: &CommandOutput, does: bool, what: &str) {
    assert!(does, "not so: {what}\nof {output:#?}");
}

impl CommandOutput {
    /// Waits for the command to end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self::from(command, output)
    }

    pub(crate) fn from(command: &Command, output: Output) -> Self {
        Self {
            command: format!("{command:?}"),
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32) -> &Self {
        holds(self, self.code == code, &format!("exit code {code}"));
        self
    }

    /// It ended with this exit code, and nothing is on standard error.
    #[track_caller]
    pub(crate) fn ended_quietly(&self, code: i32) -> &Self {
        holds(self.ended(code), self.stderr.is_empty(), "no message");
        self
    }

    /// It ended with 2 and a message that begins so, and nothing is on standard output.
    #[track_caller]
    pub(crate) fn failed(&self, message: &str) -> &Self {
        holds(self, self.stderr.starts_with(message), message);
        holds(self.ended(2), self.stdout.is_empty(), "no output");
        self
    }

    /// Standard output has this.
    #[track_caller]
    pub(crate) fn printed(&self, text: &str) -> &Self {
        holds(self, self.stdout.contains(text), text);
        self
    }

    /// Standard error has this.
    #[track_caller]
    pub(crate) fn reported(&self, text: &str) -> &Self {
        holds(self, self.stderr.contains(text), text);
        self
    }

    /// This is neither on standard output nor on standard error.
    #[track_caller]
    pub(crate) fn omitted(&self, text: &str) -> &Self {
        let is_there = self.stdout.contains(text) || self.stderr.contains(text);
        holds(self, !is_there, &format!("without {text}"));
        self
    }
}
