//! What there is a finding for, and whether there is one.

use crate::{
    judge::{
        judged_key::JudgedKey, known_keys::KnownKey, refused_uses::is_stopped, verdict::Verdict,
    },
    model::reading::KeyKind,
};

/// What there is a finding for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FindingType {
    /// The key is flagged.
    Unused,
    /// The root user has an access key, used or not.
    RootAccessKey,
    /// The root user signed in less than T ago.
    RootSignIn,
    /// Somebody was refused the use of the key, which is disabled or pending deletion.
    RefusedUse,
}

impl FindingType {
    const ALL: [Self; 4] = [
        Self::Unused,
        Self::RootAccessKey,
        Self::RootSignIn,
        Self::RefusedUse,
    ];

    /// The word for it in findings.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::RootAccessKey => "root_access_key",
            Self::RootSignIn => "root_sign_in",
            Self::RefusedUse => "refused_use",
        }
    }
}

/// AWS's `RecordState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordState {
    /// What was found holds.
    Active,
    /// It held in the last run, and holds no more.
    Archived,
}

impl RecordState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
        }
    }
}

/// The findings of a key, each with its state.
pub(super) fn of_key(
    judged: &JudgedKey,
) -> impl Iterator<Item = (FindingType, RecordState)> + use<> {
    let states = FindingType::ALL.map(|of_type| Some((of_type, state(judged, of_type)?)));
    states.into_iter().flatten()
}

/// The findings that there were of a key in the last run.
pub(super) fn of_known(known: &KnownKey) -> impl Iterator<Item = FindingType> + use<> {
    let were = FindingType::ALL.map(|of_type| {
        let was = match of_type {
            FindingType::Unused => {
                known.first_flagged_on.is_some() && known.kind != KeyKind::RootAccessKey
            }
            FindingType::RootAccessKey => known.kind == KeyKind::RootAccessKey,
            FindingType::RootSignIn => was_root_sign_in(known.kind, known.verdict),
            FindingType::RefusedUse => known.was_needed,
        };
        was.then_some(of_type)
    });
    were.into_iter().flatten()
}

/// The state of a finding of this type; `None` where there is none, where there was none, or where it
/// is not known whether what was found still holds.
fn state(judged: &JudgedKey, of_type: FindingType) -> Option<RecordState> {
    let kind = judged.key.kind;
    let verdict = judged.judgement.verdict;
    let last = judged.history.last;
    let (is, was, is_known) = match of_type {
        // Of a root access key there is the other finding.
        FindingType::Unused if kind == KeyKind::RootAccessKey => return None,
        FindingType::Unused => (
            judged.is_flagged(),
            last.is_some_and(|last| last.first_flagged_on.is_some()),
            verdict != Verdict::Unreadable,
        ),
        FindingType::RootAccessKey => (kind == KeyKind::RootAccessKey, false, true),
        FindingType::RootSignIn => (
            was_root_sign_in(kind, verdict),
            last.is_some_and(|last| was_root_sign_in(kind, last.verdict)),
            verdict != Verdict::Unreadable,
        ),
        FindingType::RefusedUse => (
            judged.is_needed(),
            last.is_some_and(|last| last.was_needed),
            are_refused_uses_known(judged),
        ),
    };
    match (is, was && is_known) {
        (true, _) => Some(RecordState::Active),
        (false, true) => Some(RecordState::Archived),
        (false, false) => None,
    }
}

fn was_root_sign_in(kind: KeyKind, verdict: Verdict) -> bool {
    kind == KeyKind::RootPassword && verdict == Verdict::InUse
}

/// Whether it is known that nobody was refused the use of a key that is not needed.
fn are_refused_uses_known(judged: &JudgedKey) -> bool {
    let key = &judged.key;
    match key.state.as_deref() {
        None => false,
        Some(state) if is_stopped(state) => {
            key.refused_uses().is_some_and(|found| found.gap.is_none())
        }
        Some(_) => true,
    }
}
