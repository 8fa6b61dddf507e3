//! How many findings a report has, counted while it is made.

use super::finding_type::{RecordState, of_key, of_known};
use crate::judge::judged_account::JudgedAccount;

/// How many findings there are to import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DueFindings {
    /// Of what was found.
    pub active: u64,
    /// Of what was found before, and does not hold any more.
    pub archived: u64,
}

impl DueFindings {
    /// Adds those of an account.
    pub fn add(&mut self, account: &JudgedAccount) {
        for (_, state) in account.keys.iter().flat_map(of_key) {
            match state {
                RecordState::Active => self.active += 1,
                RecordState::Archived => self.archived += 1,
            }
        }
        let gone = account.gone.iter().flat_map(|gone| of_known(&gone.key));
        self.archived += gone.count() as u64;
    }

    /// Both together.
    #[must_use]
    pub fn all(self) -> u64 {
        self.active + self.archived
    }
}
