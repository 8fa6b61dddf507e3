//! What is missing from a page, and why.

use super::{Explanation, HistoryRead, LastUsers};
use crate::{
    judge::verdict::Verdict,
    model::{
        cause::{Cause, Refusal},
        gap::Gap,
        reading::{KeyKind, Manager, Usage},
    },
};

/// How to allow a call that only `explain` makes.
const LOOKUP_REMEDY: &str =
    "; Explain=on in the stack of member-role.yaml allows cloudtrail:LookupEvents";

impl Explanation {
    /// What is missing and why, one line each, without untrusted text.
    pub(super) fn unseen(&self) -> Vec<String> {
        let mut unseen = self.unseen_of_key();
        match &self.last_users {
            LastUsers::Unanswered(gap) => {
                unseen.push(format!("who used it last: {}", lookup_text(gap)));
            }
            LastUsers::Found(events) if events.iter().any(|event| event.record.is_none()) => {
                unseen.push("who used it last: a CloudTrail event cannot be read".to_owned());
            }
            LastUsers::Found(_)
            | LastUsers::NoUse
            | LastUsers::NotFound
            | LastUsers::TooOld
            | LastUsers::NotReported => {}
        }
        match self.refused.as_ref().map(|refused| &refused.history_read) {
            Some(HistoryRead::Latest(events)) => unseen.push(format!(
                "all refused attempts: it has more than {events} events in CloudTrail's history; only the latest were read"
            )),
            Some(HistoryRead::Unanswered(gap)) => {
                unseen.push(format!("all refused attempts: {}", lookup_text(gap)));
            }
            Some(HistoryRead::Complete) | None => {}
        }
        unseen
    }

    fn unseen_of_key(&self) -> Vec<String> {
        let key = &self.key.key;
        let mut unseen = Vec::new();
        let mut is_unseen = |what: &str, gap: &dyn std::fmt::Display| {
            unseen.push(format!("{what}: {gap}"));
        };
        if let Usage::Unreadable(gap) = &key.usage {
            is_unseen("when it was used last", gap);
        }
        if let Some(gap) = &self.names_gap {
            is_unseen("its aliases", gap);
        }
        if let Some(gap) = &key.tags_gap {
            is_unseen("its owner, and whether it is exempt", gap);
        }
        for gap in key.dependents().into_iter().flat_map(|found| &found.gaps) {
            is_unseen("everything that depends on it", gap);
        }
        let is_customers = key.kind == KeyKind::KmsKey && key.manager == Some(Manager::Customer);
        if is_customers && key.guard().is_none() {
            is_unseen(
                "how its key policy guards it",
                &"kms:GetKeyPolicy did not return a policy that can be evaluated; Explain=on in the stack of member-role.yaml allows it",
            );
        }
        let is_paid_for = is_customers && self.key.judgement.verdict != Verdict::PendingDeletion;
        if is_paid_for && key.rotations.is_none() {
            is_unseen(
                "what its rotations cost",
                &"kms:ListKeyRotations did not return them",
            );
        }
        unseen
    }
}

fn lookup_text(gap: &Gap) -> String {
    match gap.cause() {
        Cause::Refused(Refusal::NotAllowed) => format!("{gap}{LOOKUP_REMEDY}"),
        // A policy that denies it is named, and overrides whatever allows it.
        Cause::Refused(Refusal::ExplicitDeny(_))
        | Cause::Throttled
        | Cause::OutOfTime
        | Cause::NotAnswering
        | Cause::UnreadableAnswer
        | Cause::Gone
        | Cause::Fault => gap.to_string(),
    }
}
