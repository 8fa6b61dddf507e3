//! The password of an IAM user or root user, by the credential report of its account.

use std::collections::BTreeMap;

use keycensus_core::{
    explain::{Explanation, requested_key::PasswordArn},
    model::{access_key::ROOT_USER, gap::Gap, reading::Usage},
};

use super::{Inside, unless_listed, without_event};
use crate::{
    explain::ExplainError,
    read::access_keys::{cell::list_users, credential_report::credential_report, passwords},
    services::iam::GET_CREDENTIAL_REPORT,
};

pub(super) async fn explain(
    inside: &Inside<'_>,
    arn: &PasswordArn,
) -> Result<Explanation, ExplainError> {
    let context = inside.iam();
    let generated = credential_report(&context.iam).await;
    let generated = generated.map_err(|error| ExplainError::Unreadable { gap: error.gap() })?;
    let mut users = BTreeMap::new();
    if let Some(name) = &arn.user {
        let listing = list_users(&context, &mut users).await;
        users.retain(|user, _| user == name);
        if users.is_empty() {
            return Err(unless_listed(inside, "user", listing));
        }
    }
    let found = passwords::read(&context, &generated, &users, [].iter()).await;
    let name = arn.user.as_deref().unwrap_or(ROOT_USER);
    let mut keys = found.keys.into_iter();
    let Some(key) = keys.find(|key| key.key_id == name) else {
        if found.created_since > 0 {
            let reason = "its user was created after the credential report: ask again in 4 hours";
            return Err(inside.not_found("password that is known", reason));
        }
        if !found.unknown.is_empty() || generated.report.root_password.is_err() {
            let gap = Gap::unreadable_answer(GET_CREDENTIAL_REPORT);
            return Err(ExplainError::Unreadable { gap });
        }
        return Err(inside.not_found("password", "its user has none, by the credential report"));
    };
    let mut explanation = inside.judged(key);
    if let Usage::Recorded(last) = &explanation.key.key.usage {
        explanation.last_users = without_event(last.at, inside.now);
    }
    Ok(explanation)
}
