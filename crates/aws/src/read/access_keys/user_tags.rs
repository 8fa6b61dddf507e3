//! What the tags of an IAM user say of its keys and its password.

use keycensus_core::model::{gap::Gap, reading::KeyReading};

use crate::{
    deadline::unanswered::answer_or_log,
    read::{access_keys::context::IamContext, tags::first_of},
};

/// Owner and exemption of a user, or the gap that leaves them unknown.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserTags {
    owner: Option<String>,
    exemption: Option<String>,
    gap: Option<Gap>,
}

impl UserTags {
    /// Reads the tags of a user.
    pub(crate) async fn read(context: &IamContext<'_>, user: &str) -> Self {
        let tags = context.deadline.or(Box::pin(context.iam.tags(user))).await;
        let settings = context.settings;
        match answer_or_log(tags, "a user's tags could not be read") {
            Ok(tags) => {
                let tags = tags.iter().map(|tag| (tag.key(), tag.value()));
                Self {
                    owner: first_of(tags.clone(), &settings.owner_tags),
                    exemption: first_of(tags, std::slice::from_ref(&settings.exempt_tag)),
                    gap: None,
                }
            }
            Err(unknown) => Self {
                gap: Some(unknown.gap()),
                ..Self::default()
            },
        }
    }

    /// What was read of the user that `key` belongs to.
    pub(crate) fn of(key: &KeyReading) -> Self {
        Self {
            owner: key.owner.clone(),
            exemption: key.exemption.clone(),
            gap: key.tags_gap.clone(),
        }
    }

    /// Adds them to a key or password of the user.
    pub(crate) fn add_to(&self, key: &mut KeyReading) {
        key.owner.clone_from(&self.owner);
        key.exemption.clone_from(&self.exemption);
        key.tags_gap.clone_from(&self.gap);
    }
}
