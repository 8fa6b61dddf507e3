//! The steps for one key, in the order in which a person takes them.

use super::{
    DELETION_WINDOW_DAYS, SECRET_WINDOW_DAYS, WATCH_DAYS,
    command::{self, Command},
    decision::still_needed,
    target::Target,
};
use crate::judge::{judged_key::JudgedKey, key_state::Outcome};

/// A key with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task<'a> {
    pub(super) row: &'a JudgedKey,
    pub(super) target: Target<'a>,
    /// What AWS does when it is disabled or deactivated.
    pub(super) switch_off: Outcome,
    pub(super) deletion: Deletion,
    /// Whether its key policy denies step 1 and step 3 to some principals.
    pub(super) may_be_refused: bool,
}

/// Whether and when to delete a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deletion {
    /// Once it was watched for long enough.
    AfterWatching,
    /// It was: a census has seen it disabled for long enough.
    Due,
    /// Not by this plan: what depends on it is not known.
    DependentsNotChecked,
    /// Not by this plan: somebody was refused its use.
    StillNeeded,
}

/// One step. It contains no untrusted text.
pub(super) struct Step {
    /// What to do, in one paragraph.
    pub(super) text: String,
    /// In the order in which they run.
    pub(super) commands: Vec<Command>,
}

impl Task<'_> {
    /// The three steps.
    pub(super) fn steps(&self) -> [Step; 3] {
        [self.switch_off(), self.watch(), self.delete()]
    }

    fn switch_off(&self) -> Step {
        let is_off = self.switch_off == Outcome::NothingToDo;
        let text = match (&self.target, self.switch_off) {
            (Target::Password { .. }, _) => {
                "Ask its user and owner. IAM cannot switch a password off: it is deleted in step 3."
            }
            (Target::ServiceCredential { .. }, Outcome::NothingToDo) => {
                "It is inactive already. Activating it again:"
            }
            (Target::ServiceCredential { .. }, _) => {
                "AWS does not record whether it is used: ask its owner. If it is needed, give its user a new one that \
                 expires, and have everything use that. Then deactivate this one: requests with it fail from then on; \
                 activating it ends that at once."
            }
            (Target::Secret { .. }, _) => {
                "Ask its owner. A secret cannot be switched off: while its deletion is scheduled, in step 3, nothing can \
                 retrieve it, and it can be restored."
            }
            (Target::KmsKey { .. }, Outcome::NothingToDo) => {
                "It is disabled already. Enabling it again:"
            }
            (Target::KmsKey { .. }, Outcome::DoneLater) => {
                "Disable it. Its custom key store is disconnected, so that nothing can use it now; KMS accepts this, \
                 and disables it once the key store is connected again. Step 3 waits for that."
            }
            (Target::KmsKey { .. }, Outcome::Done | Outcome::Refused(_)) => {
                "Disable it. Requests that need it fail from then on; enabling it ends that at once."
            }
            (Target::AccessKey { .. }, Outcome::NothingToDo) => {
                "It is inactive already. Activating it again:"
            }
            (
                Target::AccessKey { .. },
                Outcome::Done | Outcome::DoneLater | Outcome::Refused(_),
            ) => {
                "Deactivate it. Requests that are signed with it fail from then on; activating it ends that at once."
            }
        };
        let undo = command::switch_on(&self.target);
        let mut text = text.to_owned();
        if self.deletion == Deletion::DependentsNotChecked {
            text = format!("Dependents not checked: look for what may need it first. {text}");
        }
        if self.may_be_refused {
            text = format!("Its key policy denies step 1 and step 3 to some. {text}");
        }
        Step {
            text,
            commands: match is_off {
                false => command::switch_off(&self.target)
                    .into_iter()
                    .chain(undo)
                    .collect(),
                true => undo.into_iter().collect(),
            },
        }
    }

    fn watch(&self) -> Step {
        let text = match &self.target {
            Target::KmsKey { .. } => format!(
                "Watch for {WATCH_DAYS} days or more, and longer than the rarest job that may need it: requests that \
                 KMS refused because it is disabled."
            ),
            Target::AccessKey { .. } => format!(
                "Watch for {WATCH_DAYS} days or more, and longer than the rarest job that may use it. Do not count on \
                 CloudTrail for requests that are signed with an inactive key: ask its owner, and look at the logs of \
                 what runs as this user. The last use must not change:"
            ),
            Target::ServiceCredential { .. } => format!(
                "Wait for {WATCH_DAYS} days or more, and longer than the rarest job that may use it. AWS does not record \
                 what is refused: look at the logs of what uses the service. It must still be inactive:"
            ),
            Target::Secret { .. } => {
                "See that it was not retrieved since the census. The day of its last retrieval must not be later than above:"
                    .to_owned()
            }
            Target::Password { .. } => {
                "See that it was not used since the census. The last use must not be later than above:".to_owned()
            }
        };
        Step {
            text,
            commands: vec![command::watch(&self.target)],
        }
    }

    fn delete(&self) -> Step {
        let text = match (self.deletion, &self.target) {
            (Deletion::DependentsNotChecked, _) => {
                return Step {
                    text: "Not planned: dependents not checked. What is not known is no reason to delete a key."
                        .to_owned(),
                    commands: Vec::new(),
                };
            }
            (Deletion::StillNeeded, _) => {
                return Step {
                    text: format!("Not planned: {}.", still_needed(self.row).unwrap_or_default()),
                    commands: Vec::new(),
                };
            }
            (Deletion::Due, Target::KmsKey { .. }) => format!(
                "Schedule its deletion: censuses have seen it disabled for long enough. KMS waits \
                 {DELETION_WINDOW_DAYS} days, in which it can be cancelled, which leaves the key disabled; after that \
                 nothing brings it back."
            ),
            (_, Target::KmsKey { .. }) => format!(
                "If nothing has failed without it, schedule its deletion. KMS waits {DELETION_WINDOW_DAYS} days, in which it \
                 can be cancelled, which leaves the key disabled; after that nothing brings it back."
            ),
            (_, Target::AccessKey { .. } | Target::ServiceCredential { .. }) => {
                "If nothing has failed without it, delete it. Nothing brings it back.".to_owned()
            }
            (_, Target::Secret { .. }) => format!(
                "If nobody needs it, schedule its deletion. Secrets Manager waits {SECRET_WINDOW_DAYS} days, in which nothing \
                 can retrieve it, and it can be restored; after that nothing brings it back."
            ),
            (_, Target::Password { .. }) => {
                "If nobody needs it, delete it. The user cannot sign in to the console from then on, and keeps its access \
                 keys; `aws iam create-login-profile` gives it a new password."
                    .to_owned()
            }
        };
        Step {
            text,
            commands: command::delete(&self.target),
        }
    }
}
