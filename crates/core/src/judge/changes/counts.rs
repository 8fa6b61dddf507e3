//! What differs, in numbers.

use serde::Serialize;

use super::ComparedWith;
use crate::judge::{history::Change, judged_account::JudgedAccount, last_run::NoLastRun};

/// What differs from the last run, in numbers: keys by their `change` in `changes.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChangeCounts {
    /// The date of the run that was compared with. `null` in the first census, and where the last
    /// report has no key, and so no date.
    pub compared_with: Option<String>,
    /// Why there was nothing to compare with, so that this is the first census;
    /// `null` where there was.
    pub first_census: Option<String>,
    /// The same in one word; `null` where there was something to compare with.
    pub first_census_cause: Option<&'static str>,
    /// Keys that the last run did not have.
    pub new: u64,
    /// Known keys that are flagged and were not.
    pub newly_flagged: u64,
    /// Keys whose use somebody was refused, and had not been.
    pub needed_again: u64,
    /// Keys that were unused and are in use.
    pub used_again: u64,
    /// Keys whose state differs.
    pub state_changed: u64,
    /// Keys that are not there any more.
    pub gone: u64,
    /// Unseen keys of earlier reports; they do not count as differences.
    pub unseen: u64,
}

impl ChangeCounts {
    /// Without an account yet.
    #[must_use]
    pub fn new(compared_with: ComparedWith) -> Self {
        let why_first = match compared_with {
            ComparedWith::Nothing(why) => Some(why),
            ComparedWith::LastRun(_) => None,
        };
        Self {
            compared_with: compared_with.date().map(|date| date.to_string()),
            first_census: why_first.map(|why| why.to_string()),
            first_census_cause: why_first.map(NoLastRun::as_str),
            ..Self::default()
        }
    }

    /// Counts the keys of an account that differ.
    pub fn add(&mut self, account: &JudgedAccount) {
        self.gone += account.gone.len() as u64;
        self.unseen += account.unseen.len() as u64;
        for judged in &account.keys {
            match judged.history.change {
                Some(Change::New) => self.new += 1,
                Some(Change::NewlyFlagged) => self.newly_flagged += 1,
                Some(Change::NeededAgain) => self.needed_again += 1,
                Some(Change::UsedAgain) => self.used_again += 1,
                Some(Change::StateChanged) => self.state_changed += 1,
                Some(Change::Same) | None => {}
            }
        }
    }

    /// How many keys differ.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.new
            + self.newly_flagged
            + self.needed_again
            + self.used_again
            + self.state_changed
            + self.gone
    }
}
