//! What a run logs, at our finest level, and what no log may ever have in it. Every
//! run of every scenario is looked through.

use std::{cell::RefCell, io, sync::Once};

use keycensus_lambda::logs::subscriber;
use keycensus_sim::Simulator;
use serde_json::Value;

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where the function's own logs go: one test has one thread.
struct Logged;

impl io::Write for Logged {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Collects from now on what is logged, as the function writes it.
pub(crate) fn collect() {
    static COLLECTS: Once = Once::new();
    COLLECTS.call_once(|| {
        // A program that has a subscriber keeps it.
        let _ = tracing::subscriber::set_global_default(subscriber(Some("trace"), || Logged));
    });
}

/// What this thread has logged since it was last asked.
pub(crate) fn collected() -> String {
    let logged = LOGGED.with_borrow_mut(std::mem::take);
    String::from_utf8_lossy(&logged).into_owned()
}

/// Looks through the logs of a run.
///
/// # Panics
/// A line is no object of JSON, or has in it what no log may have.
pub(crate) fn look_through(logs: &str, aws: &Simulator) {
    if logs.is_empty() {
        return;
    }
    let secrets = aws.secrets();
    for line in logs.lines() {
        let found = leaks(line, &secrets);
        assert!(found.is_empty(), "{found:?} in a line of the log:\n{line}");
    }
}

/// Beginnings of what is sent to AWS and of what AWS answers.
const RAW: [&str; 11] = [
    "AWS4-HMAC-SHA256",
    "x-amz-security-token",
    "SdkBody",
    "__type",
    "<?xml",
    "<ErrorResponse",
    "<RequestId",
    "<html",
    "xmlns",
    "Statement",
    "user,arn,user_creation_time",
];

/// What is wrong with one line.
fn leaks(line: &str, secrets: &[String]) -> Vec<String> {
    let mut found: Vec<String> = secrets
        .iter()
        .map(String::as_str)
        .chain(RAW)
        .filter(|secret| line.contains(secret))
        .map(str::to_owned)
        .collect();
    if !matches!(serde_json::from_str(line), Ok(Value::Object(_))) {
        found.push("no object of JSON".to_owned());
    }
    let words = line.split(|c: char| !c.is_ascii_alphanumeric());
    let ids = words.filter(|word| {
        let is_of_a_key = ["AKIA", "ASIA"].iter().any(|kind| word.contains(kind));
        is_of_a_key && word.len() >= 16
    });
    found.extend(ids.map(str::to_owned));
    let hidden = line.chars().filter(|c| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    });
    found.extend(hidden.map(|c| c.escape_unicode().to_string()));
    found
}

#[cfg(test)]
mod tests {
    use super::leaks;

    #[test]
    fn what_no_log_may_have_is_found() {
        let secrets = ["sim-token-1".to_owned()];
        let of = |message: &str| leaks(&format!(r#"{{"message":"{message}"}}"#), &secrets);
        assert_eq!(of("census finished, key …MPLE"), [""; 0]);
        for (message, found) in [
            ("token sim-token-1", "sim-token-1"),
            ("key (AKIAIOSFODNN7EXAMPLE)", "AKIAIOSFODNN7EXAMPLE"),
            ("{\\\"__type\\\": \\\"X\\\"}", "__type"),
            ("{\\\"Statement\\\": []}", "Statement"),
            ("<ErrorResponse>", "<ErrorResponse"),
            ("a\u{202e}b", "\\u{202e}"),
            ("\u{9b}2J", "\\u{9b}"),
        ] {
            assert_eq!(of(message), [found], "{message}");
        }
        assert_eq!(leaks("thread panicked", &secrets), ["no object of JSON"]);
    }
}
