//! What an invocation came to, and how a test looks at it.

use std::collections::BTreeMap;

use keycensus_sim::{Message, Simulator};
use serde_json::Value;

use crate::BUCKET;

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

    /// The rows of `keys.csv` or `coverage.csv`, by column.
    #[must_use]
    pub fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        let text = self.latest(file);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().filter_map(Result::ok).collect()
    }

    /// The row of the key with this ID.
    ///
    /// # Panics
    /// There is not exactly one.
    #[must_use]
    pub fn key(&self, id: &str) -> BTreeMap<String, String> {
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
    pub fn cell(&self, account: &str, region: &str) -> BTreeMap<String, String> {
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
}
