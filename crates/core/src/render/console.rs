//! Where a key, and the event of its last use, are in the AWS console.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::{
    kind::KeyResource,
    reading::{KeyReading, LastUse},
    service_credential::user_and_service,
};

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The page of a key in the console, or of its user. `None`: of what only the root user can
/// see, and in partitions whose console we do not know.
pub(crate) fn link(key: &KeyReading) -> Option<String> {
    match key.kind.resource() {
        KeyResource::KmsKey => {
            let region = key.region.as_ref()?;
            let domain = domain(region.partition())?;
            let id = escaped(&key.key_id);
            Some(format!(
                "https://{region}.{domain}/kms/home?region={region}#/kms/keys/{id}"
            ))
        }
        KeyResource::IamUser => {
            let partition = key.arn.split(':').nth(1)?;
            let region = iam_region(partition)?;
            let domain = domain(partition)?;
            let user = match user_and_service(&key.names, &key.arn) {
                Some((user, _)) => user,
                None => key.names.first()?,
            };
            let user = escaped(user);
            Some(format!(
                "https://{region}.{domain}/iam/home#/users/details/{user}?section=security_credentials"
            ))
        }
        KeyResource::RootUser => None,
        KeyResource::Secret => {
            let region = key.region.as_ref()?;
            let domain = domain(region.partition())?;
            let name = escaped(key.names.first()?);
            Some(format!(
                "https://{region}.{domain}/secretsmanager/secret?name={name}&region={region}"
            ))
        }
    }
}

/// The page of the event of a KMS key's last use in CloudTrail's event history, which has it for 90 days. `None`:
/// KMS names no event, and in partitions whose console we do not know.
pub(crate) fn last_use_link(key: &KeyReading, last_use: &LastUse) -> Option<String> {
    let region = key.region.as_ref()?;
    let domain = domain(region.partition())?;
    let event = escaped(last_use.cloudtrail_event_id.as_deref()?);
    Some(format!(
        "https://{region}.{domain}/cloudtrailv2/home?region={region}#/events/{event}"
    ))
}

/// The console's domain, below a Region's name
/// (<https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html>).
fn domain(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("console.aws.amazon.com"),
        "aws-us-gov" => Some("console.amazonaws-us-gov.com"),
        "aws-cn" => Some("console.amazonaws.cn"),
        _ => None,
    }
}

/// The Region whose console shows IAM.
fn iam_region(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("us-east-1"),
        "aws-us-gov" => Some("us-gov-west-1"),
        "aws-cn" => Some("cn-north-1"),
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::{last_use_link, link};
    use crate::{
        examples::{access_key, account, kms_key, root_key, secret},
        model::{reading::Usage, region::Region},
    };

    const USED: &str = "2026-06-11T02:00:07Z";

    #[test]
    fn a_kms_key_is_in_the_console_of_its_region_and_partition() {
        for (region, at) in [
            ("eu-west-1", Some("eu-west-1.console.aws.amazon.com")),
            (
                "us-gov-east-1",
                Some("us-gov-east-1.console.amazonaws-us-gov.com"),
            ),
            ("cn-north-1", Some("cn-north-1.console.amazonaws.cn")),
            ("us-iso-east-1", None),
        ] {
            let mut key = kms_key(&account(1, "a"), 1, USED);
            key.region = Region::parse(region);
            let expected = at.map(|host| {
                format!("https://{host}/kms/home?region={region}#/kms/keys/key-000001")
            });
            assert_eq!(link(&key), expected);
        }
    }

    #[test]
    fn the_event_of_a_last_use_is_in_the_event_history_of_the_keys_region() {
        let mut key = kms_key(&account(1, "a"), 1, USED);
        let Usage::Recorded(mut last) = key.usage.clone() else {
            panic!("a use is recorded: {key:?}");
        };
        assert_eq!(last_use_link(&key, &last), None);
        last.cloudtrail_event_id = Some("8f-1a/b".to_owned());
        assert_eq!(
            last_use_link(&key, &last).unwrap(),
            "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events/8f-1a%2Fb"
        );
        key.region = Region::parse("us-iso-east-1");
        assert_eq!(last_use_link(&key, &last), None);
    }

    #[test]
    fn an_access_key_is_on_its_users_page() {
        for (partition, host) in [
            ("aws", "us-east-1.console.aws.amazon.com"),
            ("aws-us-gov", "us-gov-west-1.console.amazonaws-us-gov.com"),
            ("aws-cn", "cn-north-1.console.amazonaws.cn"),
        ] {
            let mut key = access_key(&account(1, "a"), "a+b@example.com", 1, USED);
            key.arn = format!("arn:{partition}:iam::000000000001:user/a+b@example.com");
            assert_eq!(
                link(&key).unwrap(),
                format!(
                    "https://{host}/iam/home#/users/details/a%2Bb%40example.com?section=security_credentials"
                )
            );
        }
    }

    #[test]
    fn a_secret_is_in_the_console_of_its_region_by_its_name() {
        let secret = secret(&account(1, "a"), "prod/d&b", USED);
        assert_eq!(
            link(&secret).unwrap(),
            "https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fd%26b&region=eu-west-1"
        );
    }

    #[test]
    fn a_root_access_key_has_no_page_and_no_id_leaves_its_place() {
        assert_eq!(link(&root_key(&account(1, "a"), 1, USED)), None);
        let mut key = kms_key(&account(1, "a"), 1, USED);
        key.key_id = "\"><script>/../?#".to_owned();
        let link = link(&key).unwrap();
        assert!(link.ends_with("/kms/keys/%22%3E%3Cscript%3E%2F..%2F%3F%23"));
    }
}
