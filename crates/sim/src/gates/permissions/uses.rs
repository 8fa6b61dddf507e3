//! Which permissions were used, and which were missing.

use std::{collections::BTreeMap, sync::Mutex};

use super::needs::Need;
use crate::{lock::lock, policy::Because, state::sessions::Holder};

/// How a permission of a role was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The role.
    pub holder: Holder,
    /// `service:Action`.
    pub action: String,
    /// How often the role had it.
    pub allowed: u64,
    /// How often the role lacked it.
    pub refused: u64,
    /// The first resource for which the role lacked it, and why.
    pub first_refused: Option<(String, Because)>,
}

#[derive(Debug, Default)]
struct Tally {
    allowed: u64,
    refused: u64,
    first_refused: Option<(String, Because)>,
}

/// All uses of permissions in one simulation.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<BTreeMap<(Holder, &'static str), Tally>>);

impl Uses {
    pub(super) fn record(&self, holder: Holder, need: &Need<'_>, decision: Result<(), Because>) {
        let mut tallies = lock(&self.0);
        let tally = tallies.entry((holder, need.action)).or_default();
        match decision {
            Ok(()) => tally.allowed += 1,
            Err(because) => {
                tally.refused += 1;
                tally
                    .first_refused
                    .get_or_insert_with(|| (need.resource.clone().into_owned(), because));
            }
        }
    }

    /// The uses so far, by holder and action.
    pub(crate) fn snapshot(&self) -> Vec<Use> {
        let to_use = |((holder, action), tally): (&(Holder, &'static str), &Tally)| Use {
            holder: *holder,
            action: (*action).to_owned(),
            allowed: tally.allowed,
            refused: tally.refused,
            first_refused: tally.first_refused.clone(),
        };
        lock(&self.0).iter().map(to_use).collect()
    }
}
