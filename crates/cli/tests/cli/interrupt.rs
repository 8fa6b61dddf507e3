//! Signals that end a scan, and the scan that goes on.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{command_output::CommandOutput, desk::Desk};

const LAST_USAGE: &str = "kms:GetKeyLastUsage";
const ENDING: &str = "ending: what is begun is read to its end and kept";
/// At 5 a second it takes longer to read them than to end what is begun.
const KEYS: usize = 40;

fn desk() -> Desk {
    let keys: String = (0..KEYS)
        .map(|_| "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"1h\"\n")
        .collect();
    Desk::with(&[&keys])
}

/// A scan that is under way.
struct Scan {
    command: Command,
    process: Child,
}

impl Scan {
    /// Begins one, and waits until it has asked about so many keys.
    fn begin(desk: &Desk, line: &str, keys: u64) -> Self {
        let mut command = desk.command(line);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let process = command.spawn().unwrap();
        while desk.aws.calls().sent(LAST_USAGE) < keys {
            thread::sleep(Duration::from_millis(20));
        }
        Self { command, process }
    }

    /// Sends a signal.
    fn send(&self, signal: &str) {
        let process = self.process.id().to_string();
        let status = Command::new("kill").args([signal, &process]).status();
        assert!(status.unwrap().success());
    }

    /// Waits until it says that it ends.
    fn says_that_it_ends(&mut self) {
        let mut line = String::new();
        let mut stderr = BufReader::with_capacity(1, self.process.stderr.as_mut().unwrap());
        while !line.contains(ENDING) {
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "{line}");
        }
    }

    fn end(self) -> CommandOutput {
        CommandOutput::from(&self.command, self.process.wait_with_output().unwrap())
    }
}

#[test]
fn what_was_read_before_a_signal_is_kept_and_the_next_scan_asks_about_the_others_only() {
    for (signal, code, line, next) in [
        ("-INT", 130, "scan --out out", "scan --out out"),
        (
            "-TERM",
            143,
            "scan --report-bucket keycensus-reports",
            "scan --report-bucket keycensus-reports --resume",
        ),
    ] {
        let desk = desk();
        let mut scan = Scan::begin(&desk, line, 3);
        scan.send(signal);
        scan.says_that_it_ends();
        let output = scan.end();
        output.ended(code);
        output.reported("goes on with it within 6 hours of its beginning\n");
        let read = desk.aws.calls().sent(LAST_USAGE);
        assert!(read < KEYS as u64, "{read}");

        let resumed = desk.run(next);
        resumed.ended(0);
        resumed.printed(&format!("  kept from before      {read:>14}"));
        // The last use of each is known, so none was asked about twice.
        assert_eq!(desk.aws.calls().sent(LAST_USAGE), KEYS as u64);
    }
}

#[test]
fn a_second_signal_ends_a_scan_at_once() {
    let desk = desk();
    let mut scan = Scan::begin(&desk, "scan --out out", 1);
    scan.send("-INT");
    scan.says_that_it_ends();
    scan.send("-INT");
    let output = scan.end();
    output.ended(130);
    output.omitted("the scan was interrupted");
}
