//! What to do about a finding, and where AWS describes it.

use super::finding_type::FindingType;
use crate::{
    judge::{judged_key::JudgedKey, recommendation::Recommendation, report::Report},
    model::{kind::KeyResource, reading::KeyKind},
    render::digest::{
        needed::what_to_run,
        wording::{by_hand_text, days},
    },
};

/// The steps to take.
pub(super) fn recommendation_text(
    report: &Report,
    judged: &JudgedKey,
    of_type: FindingType,
) -> String {
    match of_type {
        FindingType::Unused => unused(report, judged),
        FindingType::RootAccessKey => {
            "Remove it: a root access key gives access to everything in its account. Where something uses it, let \
             that use a role first."
                .to_owned()
        }
        FindingType::RootSignIn => {
            "Find out who signed in, and why. Nobody should sign in as a root user, but for the few tasks that need it."
                .to_owned()
        }
        FindingType::RefusedUse => format!("{}.", what_to_run(judged)),
    }
}

fn unused(report: &Report, judged: &JudgedKey) -> String {
    let watched = days(report.summary.watch_days.into());
    match judged.recommendation {
        Recommendation::DisableAndWatch => format!(
            "Disable the key, and watch for {watched} whether a request for it is refused, before you schedule its \
             deletion. A key that is disabled can be enabled again; one that is deleted is gone, and all it encrypts."
        ),
        Recommendation::ScheduleDeletion if judged.key.kind == KeyKind::Secret => {
            "Schedule its deletion with a recovery window, within which it can be restored."
                .to_owned()
        }
        Recommendation::ScheduleDeletion => format!(
            "Schedule its deletion: it has been disabled for {watched} or more, and nothing was found that depends on it."
        ),
        Recommendation::CheckDependents => {
            "Check what depends on it before you disable it: see the description.".to_owned()
        }
        Recommendation::CheckByHand => match by_hand_text(judged) {
            Some(why) => format!("Check it by hand: {why}."),
            None => "Check it by hand.".to_owned(),
        },
        Recommendation::Deactivate => {
            "Deactivate the access key, which can be undone, and delete it once nobody misses it."
                .to_owned()
        }
        Recommendation::Delete => "Delete the access key, which is inactive already.".to_owned(),
        Recommendation::RemovePassword => {
            "Delete the user's password: without one, the user cannot sign in to the console."
                .to_owned()
        }
        Recommendation::None
        | Recommendation::EnableAgain
        | Recommendation::CancelDeletion
        | Recommendation::GrantAccess
        | Recommendation::Rotate
        | Recommendation::RemoveRootKey
        | Recommendation::SetExpiry => {
            "Unused is not unneeded: disable or deactivate it and watch before you delete it."
                .to_owned()
        }
    }
}

/// AWS's page about it.
pub(super) fn recommendation_url(kind: KeyKind, of_type: FindingType) -> &'static str {
    match (of_type, kind.resource()) {
        (FindingType::RefusedUse, _) | (FindingType::Unused, KeyResource::KmsKey) => {
            "https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"
        }
        (FindingType::RootAccessKey | FindingType::RootSignIn, _) | (_, KeyResource::RootUser) => {
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
        }
        (FindingType::Unused, KeyResource::Secret) => {
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html"
        }
        (FindingType::Unused, KeyResource::IamUser) => {
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html"
        }
    }
}
