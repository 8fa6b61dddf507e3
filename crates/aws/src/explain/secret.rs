//! A secret of Secrets Manager.

use keycensus_core::{
    explain::{Explanation, requested_key::SecretArn},
    model::{
        reading::Usage,
        secret::{end_of_day, id_of_arn},
    },
};

use super::{Inside, unless_listed, without_event};
use crate::{
    explain::ExplainError,
    read::secrets::{self, SecretsContext},
    services::secrets_manager::SecretsManager,
};

pub(super) async fn explain(
    inside: &Inside<'_>,
    arn: &SecretArn,
) -> Result<Explanation, ExplainError> {
    let secrets_manager = SecretsManager::new(inside.aws, &inside.session, &arn.region);
    let context = SecretsContext {
        secrets_manager,
        account: &inside.session.account,
        region: &arn.region,
        settings: &inside.settings,
        progress: &inside.progress,
        deadline: &inside.deadline,
        now: inside.now,
    };
    let (keys, listing) = secrets::list(&context).await;
    let mut keys = keys.into_iter();
    let key = keys.find(|key| Some(key.key_id.as_str()) == id_of_arn(&arn.text));
    let key = key.ok_or_else(|| unless_listed(inside, "secret", listing))?;
    let mut explanation = inside.judged(key);
    if let Usage::Recorded(last) = &explanation.key.key.usage {
        explanation.last_users = without_event(end_of_day(last.at), inside.now);
    }
    Ok(explanation)
}
