//! What an invocation came to, and how a test looks at it.

use std::{collections::BTreeMap, ops::Deref};

use keycensus_sim::{Message, Simulator};
use serde_json::Value;

use crate::BUCKET;

/// A row of a CSV file, by column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(BTreeMap<String, String>);

impl Deref for Row {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Row {
    /// What is in these columns.
    #[must_use]
    pub fn values<const N: usize>(&self, columns: [&str; N]) -> [&str; N] {
        columns.map(|column| self[column].as_str())
    }
}

/// What an invocation came to.
pub struct Run {
    /// The summary, or `errorType` and `errorMessage`.
    pub outcome: Result<Value, (String, String)>,
    /// The embedded AWS, as the run left it.
    pub aws: Simulator,
    /// What was logged, all of ours: one object of JSON a line. Of runs side by side
    /// on one thread, all lines are with the first to end.
    pub logs: String,
}

/// Checks that two runs have the same report, line by line, in all that depends on nothing but what
/// was read.
///
/// # Panics
/// They have not.
pub fn same_report(run: &Run, other: &Run) {
    for file in [
        "keys.csv",
        "coverage.csv",
        "changes.csv",
        "unseen.csv",
        "report.html",
    ] {
        let (ours, others) = (run.latest(file), other.latest(file));
        for (ours, other) in ours.lines().zip(others.lines()) {
            assert_eq!(ours, other, "{file}");
        }
        assert_eq!(ours, others, "{file}");
    }
}

impl Run {
    /// The summary.
    ///
    /// # Panics
    /// The invocation failed.
    #[must_use]
    pub fn summary(&self) -> &Value {
        match &self.outcome {
            Ok(summary) => summary,
            Err((kind, message)) => panic!("{kind}: {message}"),
        }
    }

    /// `errorType` and `errorMessage`.
    ///
    /// # Panics
    /// The invocation succeeded.
    #[must_use]
    pub fn error(&self) -> (&str, &str) {
        match &self.outcome {
            Ok(summary) => panic!("succeeded: {summary}"),
            Err((kind, message)) => (kind, message),
        }
    }

    /// One of the latest files, as text.
    ///
    /// # Panics
    /// There is no such file.
    #[must_use]
    pub fn latest(&self, file: &str) -> String {
        let bytes = self.aws.object(BUCKET, &format!("keycensus/latest/{file}"));
        String::from_utf8(bytes.unwrap_or_else(|| panic!("there is a latest {file}")))
            .unwrap_or_default()
    }

    /// The keys of all objects of reports, sorted: not those that say which runs
    /// there were.
    #[must_use]
    pub fn reports(&self) -> Vec<String> {
        let mut keys = self.aws.objects(BUCKET);
        keys.retain(|key| !key.contains("/runs/"));
        keys
    }

    /// The rows of one of the latest CSV files.
    #[must_use]
    pub fn rows(&self, file: &str) -> Vec<Row> {
        let text = self.latest(file);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.deserialize().filter_map(Result::ok);
        rows.map(Row).collect()
    }

    /// One column of one of the latest CSV files, row by row.
    #[must_use]
    pub fn column(&self, file: &str, column: &str) -> Vec<String> {
        let rows = self.rows(file).into_iter();
        rows.map(|row| row[column].clone()).collect()
    }

    /// How often an operation was called, by all runs in this world.
    #[must_use]
    pub fn sent(&self, operation: &str) -> u64 {
        self.aws.calls().sent(operation)
    }

    /// When an operation was called, in milliseconds from the beginning of the world on.
    #[must_use]
    pub fn sent_at_ms(&self, operation: &str) -> Vec<u64> {
        let mut log = self.aws.log();
        log.retain(|call| call.operation == operation);
        log.iter().map(|call| call.at_ms).collect()
    }

    /// Whether the summary says that everything was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.summary()["coverage"]["complete"] == true
    }

    /// The row of the key with this ID.
    ///
    /// # Panics
    /// There is not exactly one.
    #[must_use]
    pub fn key(&self, id: &str) -> Row {
        let mut rows = self.rows("keys.csv");
        rows.retain(|row| row["key_id"] == id);
        assert_eq!(rows.len(), 1, "rows of key {id}");
        rows.remove(0)
    }

    /// The coverage row of an account and Region.
    ///
    /// # Panics
    /// There is not exactly one.
    #[must_use]
    pub fn cell(&self, account: &str, region: &str) -> Row {
        let mut rows = self.rows("coverage.csv");
        rows.retain(|row| row["account_id"] == account && row["region"] == region);
        assert_eq!(rows.len(), 1, "coverage rows of {account} {region}");
        rows.remove(0)
    }

    /// The one digest that was sent.
    ///
    /// # Panics
    /// There is not exactly one.
    #[must_use]
    pub fn digest(&self) -> Message {
        let mut messages = self.aws.messages();
        assert_eq!(messages.len(), 1, "digests sent");
        messages.remove(0)
    }

    /// The one digest that was sent has these lines, and its subject says that not all
    /// could be read.
    ///
    /// # Panics
    /// One is not there.
    pub fn digest_of_gaps_has(&self, lines: &[&str]) {
        let (subject, text) = (self.digest().subject, self.digest().text());
        assert!(subject.ends_with("; not all could be read"), "{subject}");
        for line in lines {
            assert!(text.lines().any(|other| other == *line), "{line}\n{text}");
        }
    }
}
