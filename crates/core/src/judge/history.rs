//! What became of one key since the last run.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{
    judge::{
        flagged::AssessedKey, known_keys::LastRecord, recommendation::Recommendation,
        verdict::Verdict,
    },
    model::{
        plain_text::line_breaks_as_spaces,
        reading::{DISABLED, KeyKind, KeyReading},
        words::words,
    },
};

/// What became of a key since the last run. The first that applies counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// The last run did not have it.
    New,
    /// It is flagged, and was not.
    NewlyFlagged,
    /// Somebody was refused its use, and had not been.
    NeededAgain,
    /// It was unused and is in use.
    UsedAgain,
    /// Its state differs.
    StateChanged,
    /// None of these.
    Same,
}

words!(Change {
    New = "new",
    NewlyFlagged = "newly_flagged",
    NeededAgain = "needed_again",
    UsedAgain = "used_again",
    StateChanged = "state_changed",
    Same = "same",
});

/// What earlier runs add to a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// What became of it since the last run; `None` in the first census.
    pub change: Option<Change>,
    /// Since when it has been flagged without a break, as far as it could be read.
    pub first_flagged_on: Option<Date>,
    /// Since when KMS has called it `Disabled` without a break, as far as it could be read: the
    /// date of the first census that saw it so. `None` for any other key.
    pub disabled_since: Option<Date>,
    /// Its verdict and state in the last run, where something changed.
    pub previous: Option<Box<Previous>>,
    /// What the last run found of it; `None` where the last run did not have it, or is not known.
    pub last: Option<LastFound>,
}

/// What the last run found of a key, whether or not that still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastFound {
    /// Its verdict.
    pub verdict: Verdict,
    /// Since when it had been flagged, as far as it could be read.
    pub first_flagged_on: Option<Date>,
    /// Whether somebody had been refused its use, so that it was to be brought back.
    pub was_needed: bool,
}

/// Verdict and state of a key in an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// The verdict.
    pub verdict: Verdict,
    /// AWS's word for its state; empty where it was not known.
    pub state: Arc<str>,
}

impl History {
    /// The history of a key when there is no earlier run to compare with.
    pub(crate) fn begun(assessed: &AssessedKey<'_>, today: Date) -> Self {
        Self {
            change: None,
            first_flagged_on: assessed.is_flagged().then_some(today),
            disabled_since: disabled_since(None, assessed.key, today),
            previous: None,
            last: None,
        }
    }

    /// The history of a key with the last run's record of it; `None`: the last run did not have it. `way_back`
    /// is what brings it back, where somebody was refused its use.
    pub(crate) fn since(
        last: Option<LastRecord<'_>>,
        assessed: &AssessedKey<'_>,
        way_back: Option<Recommendation>,
        today: Date,
    ) -> Self {
        let change = change(last, assessed, way_back);
        let flagged_before = last.and_then(|last| last.first_flagged_on);
        let first_flagged_on = if assessed.is_flagged() {
            Some(flagged_before.unwrap_or(today))
        } else if assessed.judgement.verdict == Verdict::Unreadable {
            // It may be unused as before, or not: that was not read.
            flagged_before
        } else {
            None
        };
        let previous = last.filter(|_| change != Change::Same).map(|last| {
            Box::new(Previous {
                verdict: last.verdict,
                state: last.state.into(),
            })
        });
        Self {
            change: Some(change),
            first_flagged_on,
            disabled_since: disabled_since(last, assessed.key, today),
            previous,
            last: last.map(|last| LastFound {
                verdict: last.verdict,
                first_flagged_on: last.first_flagged_on,
                was_needed: last.was_needed,
            }),
        }
    }
}

fn disabled_since(last: Option<LastRecord<'_>>, key: &KeyReading, today: Date) -> Option<Date> {
    if key.kind != KeyKind::KmsKey {
        return None;
    }
    let before = last.and_then(|last| last.disabled_since);
    match key.state.as_deref() {
        Some(DISABLED) => Some(before.unwrap_or(today)),
        // It may be disabled as before, or not: that was not read.
        None => before,
        Some(_) => None,
    }
}

fn change(
    last: Option<LastRecord<'_>>,
    assessed: &AssessedKey<'_>,
    way_back: Option<Recommendation>,
) -> Change {
    let Some(last) = last else {
        return Change::New;
    };
    // A key that could not be read the last time is known to have been unused by
    // the day since when it has been flagged.
    let was_unused = last.verdict.means_unused() || last.first_flagged_on.is_some();
    let state = line_breaks_as_spaces(assessed.key.state.as_deref().unwrap_or_default());
    if assessed.is_flagged() && last.first_flagged_on.is_none() {
        Change::NewlyFlagged
    } else if way_back.is_some() && !last.was_needed {
        Change::NeededAgain
    } else if was_unused && assessed.judgement.verdict == Verdict::InUse {
        Change::UsedAgain
    } else if ![last.state, &state].contains(&"") && last.state != state {
        Change::StateChanged
    } else {
        Change::Same
    }
}

#[cfg(test)]
mod tests;
