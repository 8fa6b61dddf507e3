//! What is believed of IAM's answers: those about the account and user that were asked
//! about, which say what IAM always says and do not contradict themselves. A key that an
//! answer is not believed about is unreadable, never judged.

use aws_sdk_iam::{
    operation::{
        get_access_key_last_used::GetAccessKeyLastUsedOutput,
        get_credential_report::GetCredentialReportOutput,
    },
    types::{AccessKeyMetadata, ServiceSpecificCredentialMetadata, Tag, User},
};
use jiff::Timestamp;
use keycensus_core::model::{
    access_key::{none_recorded, tracked_since},
    account::AccountId,
    credential_report::CredentialReport,
    reading::{LastUse, Usage},
};

use crate::transport::{
    answer::Unreadable,
    timestamps::{is_long_before, moment, timestamp},
};

/// A user of `account`.
///
/// # Errors
/// It has no name, or its ARN is another's
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>).
pub(crate) fn user(
    user: User,
    account: Option<AccountId>,
) -> Result<(String, ListedUser), Unreadable> {
    let arn: Vec<&str> = user.arn.splitn(6, ':').collect();
    let is_it = match arn[..] {
        ["arn", _, "iam", "", id, resource] => {
            account.is_some_and(|account| account.to_string() == id)
                && resource.starts_with("user/")
                && resource.ends_with(&format!("/{}", user.user_name))
        }
        _ => false,
    };
    match is_it && !user.user_name.is_empty() {
        true => Ok((
            user.user_name,
            ListedUser {
                arn: user.arn,
                created_at: Timestamp::from_second(user.create_date.secs()).ok(),
            },
        )),
        false => Err(Unreadable("a user of another account or name is listed")),
    }
}

/// A user who may have access keys and a password.
#[derive(Debug)]
pub(crate) struct ListedUser {
    /// The user's ARN; empty where it is not known.
    pub(crate) arn: String,
    /// When it was created; `None` where ListUsers did not return it.
    pub(crate) created_at: Option<Timestamp>,
}

/// A service-specific credential as it is listed.
#[derive(Debug)]
pub(crate) struct ListedCredential {
    pub(crate) user: String,
    /// Such as `bedrock.amazonaws.com`.
    pub(crate) service: String,
    /// AWS's word for its status.
    pub(crate) status: String,
    pub(crate) created_at: Timestamp,
    /// `None`: it never expires.
    pub(crate) expires_at: Option<Timestamp>,
}

/// The status that the SDK gives a credential without one.
const NO_STATUS: &str = "no value was set";

/// A service-specific credential, with its ID, where those of `service` were asked for, or of every one.
///
/// # Errors
/// It lacks something that every one has, or is one for another service.
pub(crate) fn credential(
    listed: ServiceSpecificCredentialMetadata,
    service: Option<&str>,
    now: Timestamp,
) -> Result<(String, ListedCredential), Unreadable> {
    let ServiceSpecificCredentialMetadata {
        user_name: user,
        status,
        create_date,
        expiration_date,
        service_specific_credential_id: id,
        service_name,
        ..
    } = listed;
    let status = match status.as_str() {
        NO_STATUS => String::new(),
        status => status.to_owned(),
    };
    if [&id, &user, &service_name, &status]
        .iter()
        .any(|text| text.is_empty())
    {
        return Err(Unreadable(
            "a service-specific credential without ID, user, service or status is listed",
        ));
    }
    if service.is_some_and(|service| service != service_name) {
        return Err(Unreadable("a credential for another service is listed"));
    }
    // The SDK gives the time 0 for one that is missing.
    let created_at = Some(create_date).filter(|at| at.secs() != 0);
    let created_at = moment(created_at, now)?;
    let created_at = created_at.ok_or(Unreadable("when a credential was created is not said"))?;
    // It may lie far in the future.
    let expires_at = match expiration_date {
        Some(at) => Some(timestamp(at).ok_or(Unreadable("a time that cannot be"))?),
        None => None,
    };
    let credential = ListedCredential {
        user,
        service: service_name,
        status,
        created_at,
        expires_at,
    };
    Ok((id, credential))
}

/// An access key as ListAccessKeys returns it.
#[derive(Debug)]
pub(crate) struct ListedKey {
    pub(crate) key_id: String,
    /// IAM's word for its state.
    pub(crate) state: String,
    pub(crate) created_at: Timestamp,
}

/// An access key of the user `name`.
///
/// # Errors
/// It is another user's, or its ID, state or creation is not said.
pub(crate) fn listed_key(
    key: AccessKeyMetadata,
    name: &str,
    now: Timestamp,
) -> Result<ListedKey, Unreadable> {
    if key.user_name.as_deref() != Some(name) {
        return Err(OTHER_USER);
    }
    let created_at = moment(key.create_date, now)?;
    match (key.access_key_id, key.status, created_at) {
        (Some(key_id), Some(state), Some(created_at)) if !key_id.is_empty() => Ok(ListedKey {
            key_id,
            state: state.as_str().to_owned(),
            created_at,
        }),
        _ => Err(Unreadable(
            "an access key without ID, state or creation is listed",
        )),
    }
}

const OTHER_USER: Unreadable = Unreadable("the answer is about another user");

/// A key that was never used, or not since IAM began to record it, has no
/// `LastUsedDate`, and `N/A` for a service and a Region
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html>).
///
/// # Errors
/// The answer is about a key of another user than `name`, or contradicts itself.
pub(crate) fn parse_usage(
    answer: GetAccessKeyLastUsedOutput,
    name: &str,
    created_at: Timestamp,
    now: Timestamp,
) -> Result<Usage, Unreadable> {
    if answer.user_name.as_deref() != Some(name) {
        return Err(OTHER_USER);
    }
    let last_used = answer
        .access_key_last_used
        .ok_or(Unreadable("no AccessKeyLastUsed"))?;
    // The SDK takes what is not there for an empty text.
    if last_used.service_name.is_empty() || last_used.region.is_empty() {
        return Err(Unreadable("no service or Region"));
    }
    let said = |word: String| (word != NOT_APPLICABLE).then_some(word);
    let (service, region) = (said(last_used.service_name), said(last_used.region));
    match moment(last_used.last_used_date, now)? {
        Some(at) if is_long_before(at, created_at) => Err(Unreadable("used before it was created")),
        Some(at) => Ok(Usage::Recorded(LastUse {
            at,
            operation: None,
            service,
            region,
            cloudtrail_event_id: None,
            kms_request_id: None,
            tracked_since: Some(tracked_since(Some(created_at))),
        })),
        None if service.is_some() || region.is_some() => Err(Unreadable("a use without a time")),
        None => Ok(none_recorded(Some(created_at))),
    }
}

/// What IAM writes where it has nothing to say.
const NOT_APPLICABLE: &str = "N/A";

/// A tag of a user. Whether a key is exempt depends on it.
///
/// # Errors
/// It has no name.
pub(crate) fn tag(tag: Tag) -> Result<Tag, Unreadable> {
    match tag.key.is_empty() {
        true => Err(Unreadable("a tag without a name is listed")),
        false => Ok(tag),
    }
}

/// The credential report of `account`, and when it was generated.
///
/// # Errors
/// There is nothing in it, or it is another account's.
pub(crate) fn credential_report(
    answer: GetCredentialReportOutput,
    account: Option<AccountId>,
) -> Result<(CredentialReport, Timestamp), Unreadable> {
    let content = answer.content.ok_or(Unreadable("no Content"))?;
    let generated_at = answer.generated_time.and_then(timestamp);
    let generated_at = generated_at.ok_or(Unreadable("no GeneratedTime"))?;
    if content.as_ref().is_empty() {
        return Err(Unreadable("the credential report is empty"));
    }
    let report = CredentialReport::parse(content.as_ref());
    let own = account.map(|account| account.to_string());
    match report.accounts.iter().all(|id| Some(id) == own.as_ref()) {
        true => Ok((report, generated_at)),
        false => Err(Unreadable("the credential report is another account's")),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::{
        operation::get_access_key_last_used::GetAccessKeyLastUsedOutput,
        types::{AccessKeyLastUsed, AccessKeyMetadata, User},
    };
    use aws_smithy_types::DateTime;
    use jiff::Timestamp;
    use keycensus_core::model::{account::AccountId, reading::Usage};

    use super::{listed_key, parse_usage, user};
    use crate::transport::answer::Unreadable;

    const DAY: i64 = 86_400;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * DAY).unwrap()
    }

    /// What is read of the last use of anna's key, which was created on day 18,000.
    fn usage(
        user: Option<&str>,
        at: Option<i64>,
        service: &str,
        region: &str,
    ) -> Result<Usage, Unreadable> {
        let last_used = AccessKeyLastUsed::builder()
            .set_last_used_date(at.map(|day| DateTime::from_secs(day * DAY)))
            .service_name(service)
            .region(region)
            .build()
            .unwrap();
        let answer = GetAccessKeyLastUsedOutput::builder()
            .set_user_name(user.map(str::to_owned))
            .access_key_last_used(last_used)
            .build();
        parse_usage(answer, "anna", day(18_000), day(20_000))
    }

    #[test]
    fn a_last_use_is_believed_where_it_fits_together() {
        let none = usage(Some("anna"), None, "N/A", "N/A");
        assert!(matches!(none, Ok(Usage::NoneRecorded { .. })));
        for (service, region) in [("s3", "eu-west-1"), ("s3", "N/A"), ("N/A", "N/A")] {
            let used = usage(Some("anna"), Some(19_990), service, region);
            assert!(matches!(used, Ok(Usage::Recorded(_))), "{service}");
        }
        for (wrong, usage) in [
            ("a service", usage(Some("anna"), None, "s3", "N/A")),
            ("a Region", usage(Some("anna"), None, "N/A", "eu-west-1")),
            ("nothing at all", usage(Some("anna"), None, "", "")),
            ("no service", usage(Some("anna"), Some(19_990), "", "N/A")),
            ("another user", usage(Some("bert"), None, "N/A", "N/A")),
            ("no user", usage(None, None, "N/A", "N/A")),
            ("some day", usage(Some("anna"), Some(20_003), "s3", "N/A")),
            ("before", usage(Some("anna"), Some(17_000), "s3", "N/A")),
        ] {
            assert!(usage.is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_believed_with_its_user_its_id_its_state_and_its_creation() {
        let whole = || {
            AccessKeyMetadata::builder()
                .user_name("anna")
                .access_key_id("AKIA1")
                .status("Active".into())
                .create_date(DateTime::from_secs(18_000 * DAY))
        };
        let read = |key: AccessKeyMetadata| listed_key(key, "anna", day(20_000));
        assert!(read(whole().build()).is_ok());
        for key in [
            whole().user_name("bert"),
            whole().set_user_name(None),
            whole().set_access_key_id(None),
            whole().set_status(None),
            whole().set_create_date(None),
            whole().create_date(DateTime::from_secs(20_003 * DAY)),
        ] {
            assert!(read(key.build()).is_err());
        }
    }

    #[test]
    fn a_user_is_believed_with_its_own_arn() {
        for (name, arn, is_believed) in [
            ("anna", "arn:aws:iam::222222222222:user/anna", true),
            ("anna", "arn:aws:iam::222222222222:user/ops/eu/anna", true),
            ("anna", "arn:aws:iam::333333333333:user/anna", false),
            ("anna", "arn:aws:iam::222222222222:user/bert", false),
            ("anna", "arn:aws:iam::222222222222:role/anna", false),
            ("anna", "", false),
            ("", "arn:aws:iam::222222222222:user/", false),
        ] {
            let listed = User::builder()
                .path("/")
                .user_name(name)
                .user_id("AIDA")
                .arn(arn)
                .create_date(DateTime::from_secs(0))
                .build()
                .unwrap();
            let user = user(listed, AccountId::parse("222222222222"));
            assert_eq!(user.is_ok(), is_believed, "{name} {arn}");
        }
    }
}
