//! Secrets Manager in one account and Region: the listing of secrets, which has no value of any.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::types::SecretListEntry;
use jiff::Timestamp;
use keycensus_core::model::{
    reading::{Manager, Usage},
    region::Region,
    secret::{id_of_arn, none_recorded, recorded},
};

use crate::{
    services::aws::Aws,
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite},
        pages::{self, Page},
        priority_semaphore::Urgency,
        requests::Requests,
        session::{Session, as_account, request},
        timestamps::moment,
    },
};

const LIST_SECRETS: &str = "secretsmanager:ListSecrets";

/// The largest page of ListSecrets. AWS allows 100 requests a second in an account and Region, and
/// pages are asked for one after the other
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>,
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>).
const PAGE: i32 = 100;

/// Secrets Manager in one account and Region.
#[derive(Debug)]
pub(crate) struct SecretsManager<'a> {
    requests: Requests<'a>,
    client: aws_sdk_secretsmanager::Client,
}

/// A secret as ListSecrets returns it.
#[derive(Debug)]
pub(crate) struct ListedSecret {
    /// The name with the characters that AWS adds.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) manager: Manager,
    pub(crate) is_rotated: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) usage: Usage,
    /// Of a replica the Region of its primary secret; a primary secret may have its own.
    pub(crate) primary_region: Option<String>,
}

impl<'a> SecretsManager<'a> {
    /// Secrets Manager in the account of `session`.
    pub(crate) fn new(aws: &'a Aws, session: &'a Session, region: &Region) -> Self {
        let (client, endpoint) = aws.secrets_manager(region);
        Self {
            requests: Requests::new(aws, session, endpoint, region),
            client,
        }
    }

    /// Adds every secret to `secrets`, by ID, or as many as can be listed, in a run that began at
    /// `now`. Those that are marked for deletion are not listed.
    pub(crate) async fn list(
        &self,
        secrets: &mut BTreeMap<String, ListedSecret>,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let site = self.requests.site();
        let page = |token: Option<String>| {
            let request = request!(
                aws_sdk_secretsmanager,
                self.client,
                list_secrets(max_results = PAGE, set_next_token = token.clone())
            );
            self.requests
                .call(LIST_SECRETS, Urgency::FIRST, request, |page| {
                    Page::with_token(page.secret_list, page.next_token)?
                        .read(|secret| listed_secret(secret, site, now))
                })
        };
        pages::each(LIST_SECRETS, site, page, |page| {
            secrets.extend(page.into_iter().map(|secret| (secret.id.clone(), secret)));
        })
        .await
    }
}

/// A secret as it is listed.
///
/// # Errors
/// It is one of another account, Region or name, or not all of name, ARN and creation is said.
fn listed_secret(
    secret: SecretListEntry,
    site: &CallSite,
    now: Timestamp,
) -> Result<ListedSecret, Unreadable> {
    let (Some(arn), Some(name)) = (secret.arn, secret.name) else {
        return Err(Unreadable("a secret without ARN or name is listed"));
    };
    let id = id_of_secret(&arn, &name, site)
        .ok_or(Unreadable("a secret of another account or name is listed"))?;
    let created_at = moment(secret.created_date, now)?;
    let created_at = created_at.ok_or(Unreadable("when the secret was created is not said"))?;
    let usage = match moment(secret.last_accessed_date, now)? {
        Some(day) => recorded(day),
        None => none_recorded(created_at),
    };
    let tags = secret.tags.into_iter().flatten();
    Ok(ListedSecret {
        id: id.to_owned(),
        name,
        tags: tags
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect(),
        manager: match secret.owning_service {
            Some(_) => Manager::Aws,
            None => Manager::Customer,
        },
        is_rotated: secret.rotation_enabled == Some(true),
        created_at,
        usage,
        primary_region: secret.primary_region,
        arn,
    })
}

/// The ID in the ARN of a secret of this name, account and Region
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>).
fn id_of_secret<'a>(arn: &'a str, name: &str, site: &CallSite) -> Option<&'a str> {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let ["arn", _, "secretsmanager", region, account, "secret", _] = parts[..] else {
        return None;
    };
    let is_here =
        region == site.region.as_str() && site.account.is_some_and(|id| id.as_str() == account);
    let id = id_of_arn(arn)?;
    let is_named = id.strip_prefix(name)?.starts_with('-');
    (is_here && is_named).then_some(id)
}
