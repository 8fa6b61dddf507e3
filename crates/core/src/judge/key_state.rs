//! What AWS does with a key in its state.
//!
//! For KMS this is AWS's table of key states
//! (<https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>). Recommendations, plans and reports use it.

use crate::{judge::recommendation::Recommendation, model::reading::KeyKind};

/// Operations that change a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `kms:DisableKey`.
    DisableKey,
    /// `kms:EnableKey`.
    EnableKey,
    /// `kms:ScheduleKeyDeletion`.
    ScheduleKeyDeletion,
    /// `kms:CancelKeyDeletion`.
    CancelKeyDeletion,
    /// `iam:UpdateAccessKey` to `Inactive`.
    DeactivateAccessKey,
    /// `iam:DeleteAccessKey`.
    DeleteAccessKey,
}

/// What AWS does with an operation on a key in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It does it.
    Done,
    /// It accepts it, and the key is as it was: there is nothing to do.
    NothingToDo,
    /// It accepts it, and does it once the key's custom key store is connected again.
    DoneLater,
    /// It refuses it.
    Refused(Obstacle),
}

/// Why AWS refuses an operation, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The key has no key material.
    PendingImport,
    /// The key will be deleted.
    PendingDeletion,
    /// The key will not be deleted, so that there is nothing to cancel.
    NotPendingDeletion,
    /// KMS is replicating the key, or changing its primary Region. It takes seconds.
    Changing,
    /// The state is not known, or no state of AWS's table.
    UnknownState,
}

impl Operation {
    /// What `recommendation` comes to for a key of `kind`; `None` where it changes no key, depends
    /// on more than the state, or is about a password or secret, which has no state of its own.
    #[must_use]
    pub fn recommended(kind: KeyKind, recommendation: Recommendation) -> Option<Self> {
        match (kind, recommendation) {
            (KeyKind::KmsKey, Recommendation::DisableAndWatch) => Some(Self::DisableKey),
            (KeyKind::KmsKey, Recommendation::ScheduleDeletion) => Some(Self::ScheduleKeyDeletion),
            (KeyKind::KmsKey, Recommendation::EnableAgain) => Some(Self::EnableKey),
            (KeyKind::KmsKey, Recommendation::CancelDeletion) => Some(Self::CancelKeyDeletion),
            (KeyKind::IamAccessKey, Recommendation::Deactivate) => Some(Self::DeactivateAccessKey),
            (KeyKind::IamAccessKey, Recommendation::Delete) => Some(Self::DeleteAccessKey),
            (
                _,
                Recommendation::None
                | Recommendation::DisableAndWatch
                | Recommendation::CheckDependents
                | Recommendation::CheckByHand
                | Recommendation::ScheduleDeletion
                | Recommendation::EnableAgain
                | Recommendation::CancelDeletion
                | Recommendation::GrantAccess
                | Recommendation::Deactivate
                | Recommendation::Delete
                | Recommendation::Rotate
                | Recommendation::RemoveRootKey
                | Recommendation::RemovePassword
                | Recommendation::SetExpiry,
            ) => None,
        }
    }

    /// What AWS does with it where the key is in `state`, AWS's word for it.
    ///
    /// A state that is not in the table counts as refused. `Creating` and `Updating` pass within
    /// seconds, and the guide and the API reference differ about the first: both count as refused
    /// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html>).
    #[must_use]
    pub fn outcome(self, state: &str) -> Outcome {
        use Obstacle::{Changing, NotPendingDeletion, PendingDeletion, PendingImport};
        match (self, state) {
            (Self::DeactivateAccessKey, "Active")
            | (Self::DeleteAccessKey, "Active" | "Inactive") => Outcome::Done,
            (Self::DeactivateAccessKey, "Inactive") => Outcome::NothingToDo,
            (Self::DeactivateAccessKey | Self::DeleteAccessKey, _) => {
                Outcome::Refused(Obstacle::UnknownState)
            }

            (
                Self::DisableKey
                | Self::EnableKey
                | Self::ScheduleKeyDeletion
                | Self::CancelKeyDeletion,
                "Creating" | "Updating",
            ) => Outcome::Refused(Changing),

            (Self::DisableKey, "Enabled") | (Self::EnableKey, "Disabled") => Outcome::Done,
            (Self::DisableKey, "Disabled") | (Self::EnableKey, "Enabled") => Outcome::NothingToDo,
            (Self::DisableKey | Self::EnableKey, "Unavailable") => Outcome::DoneLater,
            (Self::DisableKey | Self::EnableKey, "PendingImport") => {
                Outcome::Refused(PendingImport)
            }
            (
                Self::ScheduleKeyDeletion,
                "Enabled" | "Disabled" | "PendingImport" | "Unavailable",
            )
            | (Self::CancelKeyDeletion, "PendingDeletion" | "PendingReplicaDeletion") => {
                Outcome::Done
            }
            (
                Self::DisableKey | Self::EnableKey | Self::ScheduleKeyDeletion,
                "PendingDeletion" | "PendingReplicaDeletion",
            ) => Outcome::Refused(PendingDeletion),
            (Self::CancelKeyDeletion, "Enabled" | "Disabled" | "PendingImport" | "Unavailable") => {
                Outcome::Refused(NotPendingDeletion)
            }

            (
                Self::DisableKey
                | Self::EnableKey
                | Self::ScheduleKeyDeletion
                | Self::CancelKeyDeletion,
                _,
            ) => Outcome::Refused(Obstacle::UnknownState),
        }
    }
}

/// What can be done about a key of `kind` in `state` for which `usual` is recommended
/// whatever its state: the same, or a look at it where AWS would refuse it.
#[must_use]
pub fn possible(kind: KeyKind, state: Option<&str>, usual: Recommendation) -> Recommendation {
    let operation = Operation::recommended(kind, usual);
    match operation.map(|operation| operation.outcome(state.unwrap_or_default())) {
        Some(Outcome::Refused(_)) => Recommendation::CheckByHand,
        Some(Outcome::Done | Outcome::NothingToDo | Outcome::DoneLater) | None => usual,
    }
}

/// Why a flagged key of `kind` in `state` is to be looked at by a person. `None`: it
/// can be switched off as usual. Has AWS's word for the state in it.
#[must_use]
pub fn why_by_hand(kind: KeyKind, state: Option<&str>) -> Option<String> {
    // One of these is what is usual for a kind that can be switched off.
    let mut usual = [Recommendation::DisableAndWatch, Recommendation::Deactivate].into_iter();
    let operation = usual.find_map(|usual| Operation::recommended(kind, usual))?;
    let Some(state) = state.filter(|state| !state.is_empty()) else {
        return Some("its state is not known: look at it by hand".to_owned());
    };
    match operation.outcome(state) {
        Outcome::Done | Outcome::NothingToDo | Outcome::DoneLater => None,
        Outcome::Refused(obstacle) => Some(format!("its state is {state}: {}", obstacle.advice())),
    }
}

impl Obstacle {
    /// What a person does about it.
    fn advice(self) -> &'static str {
        match self {
            Self::PendingImport => {
                "KMS refuses to disable it, and nothing can use it without key material; look at it by hand, and import \
                 the material again or schedule its deletion, which KMS accepts"
            }
            Self::PendingDeletion => "KMS will delete it",
            Self::NotPendingDeletion => "KMS will not delete it",
            Self::Changing => {
                "KMS is changing it, which takes seconds, and may refuse to disable it until then; take a new census, \
                 or look at it by hand"
            }
            Self::UnknownState => "a state that this version does not know; look at it by hand",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Obstacle,
        Operation::{self, CancelKeyDeletion, DisableKey, EnableKey, ScheduleKeyDeletion},
        Outcome::{self, Done, DoneLater, NothingToDo},
        possible, why_by_hand,
    };
    use crate::{judge::recommendation::Recommendation, model::reading::KeyKind};

    /// The states of AWS's table, and one that is not in it.
    const STATES: [&str; 9] = [
        "Enabled",
        "Disabled",
        "PendingDeletion",
        "PendingReplicaDeletion",
        "PendingImport",
        "Unavailable",
        "Creating",
        "Updating",
        "SomethingNew",
    ];

    #[test]
    fn kms_accepts_and_refuses_by_its_table_of_key_states() {
        let import = Outcome::Refused(Obstacle::PendingImport);
        let leaving = Outcome::Refused(Obstacle::PendingDeletion);
        let staying = Outcome::Refused(Obstacle::NotPendingDeletion);
        let changing = Outcome::Refused(Obstacle::Changing);
        let unknown = Outcome::Refused(Obstacle::UnknownState);
        let table: [(Operation, [Outcome; 9]); 4] = [
            (
                DisableKey,
                [
                    Done,
                    NothingToDo,
                    leaving,
                    leaving,
                    import,
                    DoneLater,
                    changing,
                    changing,
                    unknown,
                ],
            ),
            (
                EnableKey,
                [
                    NothingToDo,
                    Done,
                    leaving,
                    leaving,
                    import,
                    DoneLater,
                    changing,
                    changing,
                    unknown,
                ],
            ),
            (
                ScheduleKeyDeletion,
                [
                    Done, Done, leaving, leaving, Done, Done, changing, changing, unknown,
                ],
            ),
            (
                CancelKeyDeletion,
                [
                    staying, staying, Done, Done, staying, staying, changing, changing, unknown,
                ],
            ),
        ];
        for (operation, outcomes) in table {
            for (state, outcome) in STATES.into_iter().zip(outcomes) {
                assert_eq!(operation.outcome(state), outcome, "{operation:?} {state}");
            }
        }
    }

    #[test]
    fn what_aws_would_refuse_is_never_recommended_in_any_state() {
        for state in STATES.map(Some).into_iter().chain([None]) {
            for usual in Recommendation::ALL {
                for kind in KeyKind::ALL {
                    let recommended = possible(kind, state, usual);
                    let refused = Operation::recommended(kind, recommended)
                        .map(|operation| operation.outcome(state.unwrap_or_default()));
                    assert!(
                        !matches!(refused, Some(Outcome::Refused(_))),
                        "{state:?} {recommended:?}"
                    );
                    assert!(recommended == usual || recommended == Recommendation::CheckByHand);
                }
            }
        }
    }

    #[test]
    fn a_key_is_looked_at_by_hand_exactly_where_it_cannot_be_switched_off() {
        for (kind, usual) in [
            (KeyKind::KmsKey, Recommendation::DisableAndWatch),
            (KeyKind::IamAccessKey, Recommendation::Deactivate),
        ] {
            let states = STATES.into_iter().chain(["Active", "Inactive", "Expired"]);
            for state in states.map(Some).chain([None]) {
                let is_by_hand = possible(kind, state, usual) == Recommendation::CheckByHand;
                let why = why_by_hand(kind, state);
                assert_eq!(why.is_some(), is_by_hand, "{kind:?} {state:?} {why:?}");
            }
        }
    }
}
